//! Generates instruction encoders from the specification, for the back end:
//! `include!(concat!(env!("OUT_DIR"), "/encoders.rs"))`.

use std::{env, fs, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let source = isa_spec::codegen::encoders(isa_spec::Isa::builtin());
    fs::write(Path::new(&out).join("encoders.rs"), source)?;
    Ok(())
}
