//! Compiles the programs of `test-programs/c` with the machine's cross compiler and runs them in the emulator.

mod common;

use std::path::Path;
use std::process::Command;

use common::{header, mj, root, scratch, stderr, stdout, tool, words};

fn run(source: &Path, compiler: &str, dir: &Path) {
    let name = source.display();
    let program = dir.join(source.file_stem().expect("a name"));
    let out = Command::new(compiler)
        .args(["-O2", "-pthread", "-static", "-I"])
        .arg(dir)
        .arg("-o")
        .arg(&program)
        .arg(source)
        .arg("-lm")
        .output()
        .expect("the compiler starts");
    assert!(out.status.success(), "{name}: {}", stderr(&out));
    let text = std::fs::read_to_string(source).expect("a readable program");
    let expected = std::fs::read_to_string(source.with_extension("expected")).expect("an .expected file");
    let args = words(header(&text, "run").unwrap_or(""));
    let status: i32 = header(&text, "status").map_or(0, |s| s.parse().expect("a status"));
    let out = mj().arg("run").arg(&program).args(&args).output().expect("mj starts");
    assert_eq!(stdout(&out), expected, "{name}: {}", stderr(&out));
    assert_eq!(common::status(&out), Some(status), "{name}: {}", stderr(&out));
    if let Some(part) = header(&text, "stderr") {
        assert!(stderr(&out).contains(part), "{name}: {} lacks {part}", stderr(&out));
    }
}

/// Writes `mj.h`, the macros of the custom instructions.
fn export_header(dir: &Path) {
    let header = dir.join("mj.h");
    let out =
        mj().args(["spec", "export", "--format", "c-header", "-o"]).arg(header).output().expect("mj starts");
    assert!(out.status.success(), "{}", stderr(&out));
}

fn run_all(extension: &str, compiler: &str) {
    if tool(&[compiler]).is_none() {
        return;
    }
    let dir = scratch(&format!("c-programs-{extension}"));
    export_header(&dir);
    let folder = root().join("test-programs/c");
    let mut sources: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder is there").flatten().map(|e| e.path()).collect();
    sources.retain(|p| p.extension().is_some_and(|e| e == extension));
    sources.sort();
    assert!(!sources.is_empty(), "no programs in {}", folder.display());
    for source in &sources {
        run(source, compiler, &dir);
    }
}

#[test]
fn c_programs() {
    run_all("c", "riscv64-linux-gnu-gcc");
}

#[test]
fn cpp_programs() {
    run_all("cc", "riscv64-linux-gnu-g++");
}

/// The inline cache with guards executes fewer instructions than the one in software: a null check, a load of the class,
/// a constant and a compare less for each object that hits.
#[test]
fn an_inline_cache_is_cheaper_with_guards() {
    const COMPILER: &str = "riscv64-linux-gnu-gcc";
    if tool(&[COMPILER]).is_none() {
        return;
    }
    let dir = scratch("inline-cache");
    export_header(&dir);
    let program = dir.join("inline_cache");
    let source = root().join("test-programs/c/inline_cache.c");
    let out = Command::new(COMPILER)
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-static", "-I"])
        .arg(&dir)
        .arg(source)
        .arg("-o")
        .arg(&program)
        .output()
        .expect("the compiler starts");
    assert!(out.status.success(), "{}", stderr(&out));
    let report = dir.join("report.json");
    let out = mj()
        .args(["run", "--deterministic", "--stats=json", "--stats-file"])
        .arg(&report)
        .arg(&program)
        .output()
        .expect("mj starts");
    assert!(out.status.success(), "{}", stderr(&out));
    let text = std::fs::read_to_string(&report).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let phase = |n: u64| {
        let phases = report["phases"].as_array().expect("phases");
        phases.iter().find(|p| p["phase"] == n).expect("the phase ran").clone()
    };
    let (software, guards) = (phase(3), phase(4));
    let guard = &guards["guards"]["mj.cld"];
    // 1000 objects, 100 rounds; 14 of them are null or circles.
    assert_eq!(guard["executed"], 100_000);
    assert_eq!(guard["failed"], 1_400);
    let count = |p: &serde_json::Value| p["instructions"].as_u64().expect("a count");
    let saved = count(&software) - count(&guards);
    assert!(saved > 200_000, "software {}, guards {}", count(&software), count(&guards));
}

/// Every macro of the header gives the word that the encoder gives, with constants and registers of the compiler's
/// choice.
#[test]
fn the_header_compiles_to_the_instructions_it_names() {
    const COMPILER: &str = "riscv64-linux-gnu-gcc";
    if tool(&[COMPILER]).is_none() {
        return;
    }
    let dir = scratch("c-header");
    export_header(&dir);
    let isa = isa_spec::Isa::builtin();
    let mut source =
        String::from("#include \"mj.h\"\nvoid f(unsigned long a, unsigned long b, double *d) {\n");
    let mut expected = Vec::new();
    for insn in isa.insns.iter().filter(|i| i.extension.starts_with("Xmj")) {
        let mut args = Vec::new();
        let mut constants = Vec::new();
        for n in insn.template.fields() {
            let field = &insn.fields[n];
            match field.name.as_str() {
                "xd" | "fd" => {}
                "xs1" => args.push("a".to_string()),
                "xs2" => args.push("b".to_string()),
                _ => {
                    let value = field.max() - (3 << field.left_shift);
                    constants.push((n, value));
                    args.push(value.to_string());
                }
            }
        }
        let call = format!("{}({})", insn.name.replace('.', "_"), args.join(", "));
        let result = if insn.field("fd").is_some() { "*d = " } else { "" };
        source += &format!("  {result}{call};\n");
        expected.push((insn, constants));
    }
    source.push_str("}\n");
    let (file, object, code) = (dir.join("f.c"), dir.join("f.o"), dir.join("f.bin"));
    std::fs::write(&file, source).expect("writable");
    for flags in [["-O0", "-std=gnu99"], ["-O2", "-std=gnu17"]] {
        let out = Command::new(COMPILER)
            .args(flags)
            .args(["-Wall", "-Wextra", "-Wno-unused-value", "-Werror", "-c", "-I"])
            .arg(&dir)
            .arg(&file)
            .arg("-o")
            .arg(&object)
            .output()
            .expect("the compiler starts");
        assert!(out.status.success(), "{}", stderr(&out));
        let out = Command::new("riscv64-linux-gnu-objcopy")
            .args(["-O", "binary", "-j", ".text"])
            .args([&object, &code])
            .output()
            .expect("objcopy starts");
        assert!(out.status.success(), "{}", stderr(&out));
        let bytes = std::fs::read(&code).expect("readable");
        let mut at = 0;
        let mut found = Vec::new();
        while at + 2 <= bytes.len() {
            let low = u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
            let wide = low & 3 == 3 && at + 4 <= bytes.len();
            let word = if wide {
                low | u32::from(bytes[at + 2]) << 16 | u32::from(bytes[at + 3]) << 24
            } else {
                low
            };
            at += if wide { 4 } else { 2 };
            found.extend(isa.decode(word).filter(|i| isa.insn(i.id).extension.starts_with("Xmj")));
        }
        assert_eq!(found.len(), expected.len(), "{flags:?}");
        for (inst, (insn, constants)) in found.iter().zip(&expected) {
            assert_eq!(isa.insn(inst.id).name, insn.name, "{flags:?}");
            for (n, value) in constants {
                assert_eq!(inst.values[*n], *value, "{} {}", insn.name, insn.fields[*n].name);
            }
        }
    }
}
