use crate::{Checks, world::Why};
pub async fn prove(_: &mut Checks, _: usize, _: usize) -> Result<(), Why> {
    Ok(())
}
