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

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Failure> {
    println!("cargo::rerun-if-changed=spec");
    println!("cargo::rerun-if-changed=src");
    let files = files()?;
    let given: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let isa = match model::Isa::from_sources(&given) {
        Ok(isa) => isa,
        Err(errors) => {
            for e in errors {
                eprintln!("{e}");
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("builtin.bin"), postcard::to_stdvec(&(&isa.insns, &isa.csrs))?)?;
    let mut list = String::from("&[\n");
    for (name, _) in &files {
        writeln!(list, "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{name}\"))),")?;
    }
    list.push_str("]\n");
    std::fs::write(out.join("builtin_files.rs"), list)?;
    Ok(ExitCode::SUCCESS)
}

/// The files of `spec`, by name from the package's folder and with their text, in the order of instruction ids: that of extensions
/// in ISA strings.
fn files() -> Result<Vec<(String, String)>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir("spec")? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "yaml") {
            let stem = path.file_stem().and_then(|n| n.to_str()).ok_or("a file name that is not UTF-8")?;
            names.push(stem.to_string());
        }
    }
    names.sort_by_key(|name| order(name));
    let read = |stem: String| {
        let name = format!("spec/{stem}.yaml");
        let text = std::fs::read_to_string(&name)?;
        Ok((name, text))
    };
    names.into_iter().map(read).collect()
}

/// Place of an extension: single letters first, then Z by the letter that follows, then the rest (unprivileged manual,
/// "ISA Extension Naming Conventions").
fn order(name: &str) -> (usize, usize, String) {
    let place = |c: Option<char>| c.and_then(|c| "imafdqcbv".find(c)).unwrap_or(usize::MAX);
    let mut chars = name.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (_, None) => (0, place(first), name.to_string()),
        (Some('z'), _) => (1, place(second), name.to_string()),
        _ => (2, 0, name.to_string()),
    }
}
