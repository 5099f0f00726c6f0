//! sse-proto against software that others wrote. `interop/run.sh` installs that software and starts this.
//!
//! A new reader or writer is a program in `interop/readers` or `interop/writers` (or in `bin`), and a
//! line in the table of `readers`, `writers`, `sdks` or `mcp_client`.

pub mod cases;
pub mod compare;
pub mod cutting;
#[path = "../../../tests/drive/mod.rs"]
pub mod drive;
pub mod faults;
pub mod lines;
pub mod llm;
pub mod mcp_client;
pub mod mcp_server;
#[path = "../../../tests/model.rs"]
pub mod model;
pub mod nginx;
pub mod outcome;
pub mod peer;
pub mod process;
pub mod random;
pub mod readers;
pub mod recipes;
pub mod replay;
pub mod sdks;
pub mod section;
pub mod server;
pub mod shapes;
pub mod software;
pub mod surroundings;
pub mod writers;
