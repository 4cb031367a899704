//! With LLVM's tools: `mj as -c` objects linked by lld run, clang's assembly text gives GNU as's objects, and the macros of the
//! exported header give clang's and gcc's code the same bytes. What is not installed is skipped, with a message.

mod common;
#[path = "common/object.rs"]
mod object;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{header, mj, root, scratch, stderr, stdout, tool, words};
use goblin::elf::Elf;
use isa_spec::Isa;
use object::Object;

const LLD: &str = "ld.lld";
const CLANG: &str = "clang";
const TARGET: &str = "--target=riscv64-linux-gnu";
const GCC: &str = "riscv64-linux-gnu-gcc";
const AS: &str = "riscv64-linux-gnu-as";

/// The beginning of a program that is linked without a compiler's start files, of which lld takes no relaxable ones before version 15.
const START: &str = "\
        .globl _start
_start: mv      a5, a0
        ld      a1, 0(sp)
        addi    a2, sp, 8
        lla     a0, main
        li      a3, 0
        li      a4, 0
        mv      a6, sp
        andi    sp, sp, -16
        call    __libc_start_main@plt
        ebreak
";

/// Runs a command that must succeed.
#[track_caller]
fn run(command: &mut Command, what: &Path) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{}: {command:?}: {}", what.display(), stderr(&out));
    stdout(&out)
}

/// Our object of an assembly file, without what only a linker that relaxes can do.
fn assemble(source: &Path, dir: &Path) -> PathBuf {
    let object = dir.join(source.file_stem().expect("a name")).with_extension("o");
    let include = root().join("test-programs/asm");
    run(
        mj().args(["as", "-c", "-g", "-mno-relax", "-I"]).arg(include).arg("-o").args([&object, source]),
        source,
    );
    object
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let dir = root().join(folder);
    let mut list: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("the folder").flatten().map(|e| e.path()).collect();
    list.retain(|p| p.extension().is_some_and(|e| e == extension));
    list.sort();
    list
}

#[test]
fn lld_links_assembly_programs() {
    if tool(&[LLD]).is_none() {
        return;
    }
    let dir = scratch("lld-asm");
    let sources = files("test-programs/asm/rv64", "s");
    assert!(sources.len() > 3, "only {} programs", sources.len());
    for source in sources {
        let (object, program) = (assemble(&source, &dir), dir.join(source.file_stem().expect("a name")));
        run(Command::new(LLD).arg("-o").args([&program, &object]), &source);
        let text = std::fs::read_to_string(&source).expect("readable");
        let of = |key: &str| {
            text.lines().find_map(|l| l.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": "))
        };
        let out = mj().arg("run").arg(&program).output().expect("mj starts");
        let status = of("status").map_or(0, |s| s.parse().expect("a status"));
        assert_eq!(common::status(&out), Some(status), "{}: {}", source.display(), stderr(&out));
        assert_eq!(
            stdout(&out),
            of("stdout").map_or(String::new(), |s| format!("{s}\n")),
            "{}",
            source.display()
        );
    }
}

/// Dynamically linked, because static libraries may be relaxable.
#[test]
fn lld_links_compiled_programs() {
    if tool(&[LLD]).is_none() || tool(&[GCC]).is_none() {
        return;
    }
    let dir = scratch("lld-c");
    run(mj().args(["spec", "export", "--format", "c-header", "-o"]).arg(dir.join("mj.h")), &dir);
    let library = run(Command::new(GCC).arg("-print-file-name=libc.so.6"), &dir);
    let lib = Path::new(library.trim())
        .parent()
        .expect("a folder")
        .canonicalize()
        .expect("the libraries are there");
    let start = dir.join("start.s");
    std::fs::write(&start, START).expect("writable");
    let start = assemble(&start, &dir);
    for source in files("test-programs/c", "c") {
        let (text, program) = (dir.join("program.s"), dir.join(source.file_stem().expect("a name")));
        run(
            Command::new(GCC).args(["-O2", "-w", "-S", "-I"]).arg(&dir).arg("-o").args([&text, &source]),
            &source,
        );
        let object = assemble(&text, &dir);
        let mut link = Command::new(LLD);
        link.args(["-dynamic-linker", "/lib/ld-linux-riscv64-lp64d.so.1", "-o"])
            .args([&program, &start, &object]);
        let libraries = ["libc.so.6", "libm.so.6", "libatomic.so.1", "ld-linux-riscv64-lp64d.so.1"];
        link.args(libraries.map(|name| lib.join(name)));
        run(&mut link, &source);
        let text = std::fs::read_to_string(&source).expect("readable");
        let expected = std::fs::read_to_string(source.with_extension("expected")).expect("an .expected file");
        let args = words(header(&text, "run").unwrap_or(""));
        let root = lib.parent().expect("the system's root");
        let out = mj().args(["run", "-L"]).arg(root).arg(&program).args(&args).output().expect("mj starts");
        assert_eq!(stdout(&out), expected, "{}: {}", source.display(), stderr(&out));
    }
}

#[test]
fn clangs_assembly_text_gives_the_objects_of_gnu_as() {
    if tool(&[CLANG]).is_none() || tool(&[AS]).is_none() {
        return;
    }
    let dir = scratch("clang-text");
    run(mj().args(["spec", "export", "--format", "c-header", "-o"]).arg(dir.join("mj.h")), &dir);
    let sources = [files("test-programs/c", "c"), files("test-programs/c/workloads", "c")].concat();
    let mut compared = 0;
    for (source, flags) in
        sources.iter().flat_map(|s| [(s, &["-O2"][..]), (s, &["-O1", "-gdwarf-4", "-fPIC"])])
    {
        let (text, ours, theirs) = (dir.join("t.s"), dir.join("mj.o"), dir.join("gnu.o"));
        let mut compile = Command::new(CLANG);
        compile
            .args([TARGET, "-w", "-fno-addrsig", "-S", "-I"])
            .arg(&dir)
            .args(flags)
            .arg("-o")
            .args([&text, source]);
        if !compile.output().is_ok_and(|out| out.status.success()) {
            eprintln!("skipped: clang does not compile {}", source.display());
            continue;
        }
        // It names the architecture of its own, which older versions do not write as the file's.
        let arch = ["-march=rv64gc", "-misa-spec=2.2"];
        let gnu =
            Command::new(AS).args(arch).arg("-o").args([&theirs, &text]).output().expect("GNU as starts");
        if !gnu.status.success() {
            eprintln!("skipped: GNU as does not take clang's text of {}", source.display());
            continue;
        }
        run(mj().args(["as", "-c"]).args(arch).arg("-o").args([&ours, &text]), source);
        let read = |p: &Path| Object::parse(&std::fs::read(p).expect("an object"));
        let differences = read(&ours).differences(&read(&theirs));
        assert!(differences.is_empty(), "{} {flags:?}:\n{}", source.display(), differences.join("\n"));
        compared += 1;
    }
    assert!(compared > 10, "only {compared} files were compared");
}

/// A function for each instruction that is called with registers and returns the result.
fn functions(isa: &Isa) -> String {
    let mut out = String::from("#include \"mj.h\"\n");
    for insn in isa.insns.iter().filter(|i| i.extension.starts_with("Xm") && !i.compressed()) {
        let name = insn.name.replace('.', "_");
        let (mut params, mut args) = (Vec::new(), Vec::new());
        for field in insn.template.fields().iter().map(|n| &insn.fields[*n]) {
            match field.name.as_str() {
                "xd" | "fd" => {}
                register if field.is_reg() => {
                    params.push(format!("unsigned long {register}"));
                    args.push(register.to_string());
                }
                _ => args.push((field.max() - (5 << field.left_shift)).to_string()),
            }
        }
        let result = match (insn.field("xd"), insn.field("fd")) {
            (Some(_), _) => "unsigned long",
            (_, Some(_)) => "double",
            _ => "void",
        };
        let statement = if result == "void" { "" } else { "return " };
        let (params, args) = (params.join(", "), args.join(", "));
        out += &format!("{result} f_{name}({params}) {{ {statement}{name}({args}); }}\n");
        if insn.guard.is_some() {
            let (first, value) = if result == "void" { ("", "0") } else { ("out, ", "out") };
            let out_type = if result == "void" { "unsigned long" } else { result };
            let comma = if args.is_empty() { "" } else { ", " };
            out += &format!(
                "{out_type} g_{name}({params}) {{ {out_type} out; (void)&out; {name}_or({first}{args}{comma}fail); return {value}; fail: return 1; }}\n"
            );
        }
    }
    out
}

/// The custom instructions of each function of an object.
fn words_of(isa: &Isa, object: &Path) -> BTreeMap<String, Vec<u32>> {
    let bytes = std::fs::read(object).expect("an object");
    let elf = Elf::parse(&bytes).expect("an ELF file");
    let mut out = BTreeMap::new();
    for s in elf.syms.iter().filter(|s| s.is_function()) {
        let section = &elf.section_headers[s.st_shndx];
        let from = (section.sh_offset + s.st_value) as usize;
        let code = &bytes[from..from + s.st_size as usize];
        let mut at = 0;
        let mut list = Vec::new();
        while at + 2 <= code.len() {
            let wide = code[at] & 3 == 3;
            if wide {
                let word = u32::from_le_bytes([code[at], code[at + 1], code[at + 2], code[at + 3]]);
                list.extend(
                    isa.decode(word).filter(|i| isa.insn(i.id).extension.starts_with("Xm")).map(|_| word),
                );
            }
            at += if wide { 4 } else { 2 };
        }
        out.insert(elf.strtab.get_at(s.st_name).unwrap_or("").to_string(), list);
    }
    out
}

#[test]
fn the_headers_macros_are_the_same_bytes_in_clang_and_gcc() {
    if tool(&[CLANG]).is_none() || tool(&[GCC]).is_none() {
        return;
    }
    let dir = scratch("clang-header");
    let examples = files("isa-spec/examples", "yaml");
    let names: Vec<String> = examples.iter().map(|f| f.display().to_string()).collect();
    let texts: Vec<String> = examples.iter().map(|f| std::fs::read_to_string(f).expect("readable")).collect();
    let given: Vec<(&str, &str)> = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let isa = Isa::builtin().extended(&given).unwrap_or_else(|e| panic!("{}", e[0]));
    let mut export = mj();
    export.args(["spec", "export", "--format", "c-header", "-o"]).arg(dir.join("mj.h"));
    export.args(names.iter().map(|f| format!("--isa-file={f}")));
    run(&mut export, &dir);
    let (source, a, b) = (dir.join("f.c"), dir.join("clang.o"), dir.join("gcc.o"));
    std::fs::write(&source, functions(&isa)).expect("writable");
    for level in ["-O1", "-O2"] {
        let flags =
            [level, "-Wall", "-Wextra", "-Werror", "-Wno-unused-value", "-Wno-uninitialized", "-c", "-I"];
        run(Command::new(CLANG).arg(TARGET).args(flags).arg(&dir).arg("-o").args([&a, &source]), &source);
        run(Command::new(GCC).args(flags).arg(&dir).arg("-o").args([&b, &source]), &source);
        let (clang, gcc) = (words_of(&isa, &a), words_of(&isa, &b));
        assert!(clang.len() > 30 && clang.values().all(|w| w.len() == 1), "{clang:x?}");
        assert_eq!(clang, gcc, "{level}");
    }
}

/// The example of the header runs compiled by clang, with what gcc's program writes.
#[test]
fn clang_compiles_programs_with_the_header() {
    if tool(&[CLANG]).is_none() || tool(&[GCC]).is_none() {
        return;
    }
    let dir = scratch("clang-programs");
    run(mj().args(["spec", "export", "--format", "c-header", "-o"]).arg(dir.join("mj.h")), &dir);
    let source = root().join("test-programs/c/inline_cache.c");
    let (object, program) = (dir.join("object.o"), dir.join("program"));
    run(
        Command::new(CLANG).args([TARGET, "-O2", "-c", "-I"]).arg(&dir).arg("-o").args([&object, &source]),
        &source,
    );
    run(Command::new(GCC).args(["-static", "-o"]).args([&program, &object]).arg("-lm"), &source);
    let expected = std::fs::read_to_string(source.with_extension("expected")).expect("an .expected file");
    let out = mj().arg("run").arg(&program).output().expect("mj starts");
    assert_eq!(stdout(&out), expected, "{}", stderr(&out));
}
