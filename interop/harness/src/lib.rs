//! sse-proto against software that others wrote. `interop/run.sh` installs that software and starts this.
//!
//! | file | job |
//! |---|---|
//! | `cases`, `shapes`, `random` | what is sent, and what the standard makes of it |
//! | `readers`, `server`, `lines` | our encoder, read by others |
//! | `writers` | our decoder, reading others |
//! | `bin`, `peer` | the readers and writers that are Rust |
//! | `compare`, `faults` | case by case; what the other side is known to do otherwise |
//! | `sdks`, `llm`, `mcp_server`, `mcp_client` | answers of language models and of MCP, and their SDKs |
//! | `surroundings` | what comes where an event stream should be |
//! | `recipes` | the cookbook's programs |
//! | `replay`, `cutting` | server and readers killed, connections cut |
//! | `software`, `nginx`, `process` | software of others, started and ended |
//! | `outcome`, `section` | what went wrong, and a section of RESULTS.md |
//!
//! A new reader or writer is a program in `interop/readers` or `interop/writers` (or in `bin`), and a
//! line in the table of `readers` or `writers`.

pub mod cases;
pub mod compare;
pub mod cutting;
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
