//! The parts that the fuzz targets share: their bodies, and the oracle and the driver of the tests.
//!
//! The bodies know nothing of libFuzzer, so that `cargo test` runs them too, on every
//! file of `corpus/`.

#[path = "../checks/mod.rs"]
pub mod checks;
#[path = "../../tests/drive/mod.rs"]
mod drive;
#[path = "../../tests/model.rs"]
mod model;
