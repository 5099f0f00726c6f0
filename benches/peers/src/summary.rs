//! The ratios of all shapes side by side: one table for each way to read a stream.

use crate::corpora;
use crate::feed::SHAPES;
use crate::modes::{DECODING_RATIOS, Outcome};
use crate::report::{Table, ratio};

/// A table for each ratio, with a line per corpus and a column per shape that was measured.
pub fn tables(outcomes: &[Outcome]) -> Vec<Table> {
    let of_shape = |name: &str| outcomes.iter().find(|outcome| outcome.mode == name);
    let shapes = || SHAPES.iter().filter(|shape| of_shape(shape.name).is_some());
    if shapes().next().is_none() {
        return Vec::new();
    }
    let table = |head: &'static str| {
        let mut table =
            Table::new(head, "The same figures as above, all shapes beside each other.");
        table.head(["corpus"].into_iter().chain(shapes().map(|shape| shape.title)));
        for corpus in corpora::names() {
            let cell = |shape: &str| {
                let row = of_shape(shape)?.rows.iter().find(|row| row.corpus == corpus)?;
                row.ratios.iter().find(|(name, _)| *name == head)?.1
            };
            let cells: Vec<Option<f64>> = shapes().map(|shape| cell(shape.name)).collect();
            if cells.iter().any(Option::is_some) {
                let cells = cells.into_iter().map(ratio);
                table.row(std::iter::once(corpus.to_owned()).chain(cells).collect());
            }
        }
        table
    };
    DECODING_RATIOS.iter().map(|ratio| table(ratio.head)).collect()
}
