//! Reads and checks the specification files, and stores what they say where `src/builtin.rs` includes it.
//!
//! It is made of the library's own modules, so that there is one reader.

#![allow(dead_code, unused_imports)]

#[path = "src/decode.rs"]
mod decode;
#[path = "src/diag.rs"]
mod diag;
#[path = "src/disasm.rs"]
mod disasm;
#[path = "src/idl/mod.rs"]
mod idl;
#[path = "src/model.rs"]
mod model;
#[path = "src/reader/mod.rs"]
mod reader;
#[path = "src/sem.rs"]
mod sem;
#[path = "src/yaml.rs"]
mod yaml;

use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=spec");
    println!("cargo::rerun-if-changed=src");
    let isa = match model::Isa::from_sources(&reader::BUILTIN) {
        Ok(isa) => isa,
        Err(errors) => {
            for e in errors {
                eprintln!("{e}");
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("builtin.bin"), postcard::to_stdvec(&(&isa.insns, &isa.csrs))?)?;
    Ok(ExitCode::SUCCESS)
}
