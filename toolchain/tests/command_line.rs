//! The commands as a person uses them: results, exit statuses, and what they say about bad input.

mod common;

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{mj, root, scratch, stderr, stdout};

const HELLO: &str = "\t.globl _start\n_start:\tli a0, 1\n\tla a1, text\n\tli a2, 6\n\tli a7, 64\n\tecall\n\
                     \tli a0, 3\n\tli a7, 93\n\tecall\n\t.section .rodata\ntext:\t.ascii \"hello\\n\"\n";

fn run(args: &[&str]) -> Output {
    mj().args(args).output().expect("mj starts")
}

fn write(dir: &Path, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = dir.join(name);
    std::fs::write(&path, contents).expect("a writable scratch directory");
    path.display().to_string()
}

/// Assembles `text` and returns the program's path.
fn program(dir: &Path, name: &str, text: &str) -> String {
    let source = write(dir, &format!("{name}.s"), text);
    let out_file = dir.join(name).display().to_string();
    let out = run(&["as", &source, "-o", &out_file]);
    assert!(out.status.success(), "{}", stderr(&out));
    out_file
}

/// A failure that is reported properly: this status, this text, and no panic.
fn fails(out: &Output, status: i32, part: &str) {
    let said = stderr(out);
    assert_eq!(out.status.code(), Some(status), "{said}");
    assert!(said.contains(part), "`{said}` lacks `{part}`");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn assemble_and_run() {
    let dir = scratch("cli-run");
    let hello = program(&dir, "hello", HELLO);
    let out = run(&["run", &hello]);
    assert_eq!((stdout(&out).as_str(), out.status.code()), ("hello\n", Some(3)));
    assert_eq!(stderr(&out), "");
}

#[test]
fn statistics() {
    let dir = scratch("cli-stats");
    let hello = program(&dir, "hello", HELLO);
    let text = run(&["run", "--stats", &hello]);
    assert!(stderr(&text).contains("9 instructions"), "{}", stderr(&text));
    assert_eq!(stdout(&text), "hello\n");
    let json = run(&["run", "--stats=json", &hello]);
    let report: serde_json::Value = serde_json::from_str(&stderr(&json)).expect("JSON on standard error");
    assert_eq!(report["instructions"], 9);
    assert_eq!(report["by_mnemonic"]["ecall"], 2);
    let file = dir.join("stats.json");
    let out =
        run(&["run", "--stats=json", "--pc-counts", "--stats-file", &file.display().to_string(), &hello]);
    assert_eq!(stderr(&out), "");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).expect("the report")).expect("JSON");
    assert_eq!(report["pc_counts"].as_array().map(Vec::len), Some(9));
}

/// Prints its arguments and environment, each on a line.
const ARGUMENTS: &str = "
_start: addi    s0, sp, 8
        li      s1, 2           # two lists: arguments, environment
1:      ld      s2, 0(s0)
        addi    s0, s0, 8
        beqz    s2, 3f
        li      a2, 0
2:      add     a3, s2, a2
        lbu     a3, 0(a3)
        addi    a2, a2, 1
        bnez    a3, 2b
        addi    a2, a2, -1
        mv      a1, s2
        call    write
        la      a1, newline
        li      a2, 1
        call    write
        j       1b
3:      addi    s1, s1, -1
        bnez    s1, 1b
        li      a0, 0
        li      a7, 93
        ecall
write:  li      a0, 1
        li      a7, 64
        ecall
        ret
newline: .byte 10
";

#[test]
fn arguments_and_environment() {
    let dir = scratch("cli-args");
    let print = program(&dir, "print", ARGUMENTS);
    let out = mj()
        .env_clear()
        .env("KEPT", "1")
        .env("GONE", "2")
        .args(["run", "-E", "ADDED=a=b", "-U", "GONE", "-0", "zero", &print, "--stats", "-x", ""])
        .output()
        .expect("mj starts");
    assert_eq!(stdout(&out), "zero\n--stats\n-x\n\nKEPT=1\nADDED=a=b\n");
    // Deterministic: nothing from outside.
    let out = mj().env("KEPT", "1").args(["run", "--deterministic", "-E", "A=1", "-0", "p", &print]).output();
    assert_eq!(stdout(&out.expect("mj starts")), "p\nA=1\n");
}

#[test]
fn killed_programs() {
    let dir = scratch("cli-killed");
    let text = "_start: nop\nbad: ld a0, 8(x0)\n";
    // The signal that ends the program ends mj, so that a parent sees the same.
    let killed = |out: &Output, signal: i32, words: &str| {
        assert_eq!(out.status.signal(), Some(signal), "{}", stderr(out));
        assert!(stderr(out).contains(words), "{}", stderr(out));
    };
    let out = run(&["run", &program(&dir, "segv", text)]);
    killed(&out, 11, "SIGSEGV");
    assert!(stderr(&out).contains("<bad"), "{}", stderr(&out));
    killed(&run(&["run", &program(&dir, "ill", "_start: unimp\n")]), 4, "SIGILL");
    let out = run(&["run", "--max-instructions", "1000", &program(&dir, "loop", "_start: j _start\n")]);
    fails(&out, 124, "limit");
}

#[test]
fn hardware_parameters() {
    let dir = scratch("cli-hw");
    let bridge = root().join("test-programs/asm/guard/bridge.s");
    let out_file = dir.join("bridge").display().to_string();
    let include = root().join("test-programs/asm").display().to_string();
    let out = run(&["as", "-I", &include, &bridge.display().to_string(), "-o", &out_file]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(run(&["run", &out_file]).status.code(), Some(0));
    // With a smaller table the program, which expects 64 entries, says so.
    let small = write(&dir, "small.toml", "[bridge_table]\nentries = 2\n");
    assert_eq!(run(&["run", "--hw", &small, &out_file]).status.code(), Some(1));
    let bad = write(&dir, "bad.toml", "[bridge_table]\nentry = 2\n");
    fails(&run(&["run", "--hw", &bad, &out_file]), 125, "bad.toml:2:1: ");
    fails(&run(&["run", "--hw", "/nonexistent.toml", &out_file]), 125, "/nonexistent.toml: ");
}

#[test]
fn bad_programs_to_run() {
    let dir = scratch("cli-bad");
    let hello = program(&dir, "hello", HELLO);
    let image = std::fs::read(&hello).expect("the program");
    fails(&run(&["run", "/nonexistent"]), 125, "/nonexistent: ");
    fails(&run(&["run", "/"]), 125, "/: ");
    fails(&run(&["run", &write(&dir, "empty", b"")]), 125, "empty: ");
    fails(&run(&["run", &write(&dir, "text", b"not a program\n")]), 125, "text: ");
    fails(&run(&["run", env!("CARGO_BIN_EXE_mj")]), 125, "mj: ");
    for length in [1, 16, 40, 63, 64, 100, 200, 288, 300, 4096] {
        let file = write(&dir, "truncated", &image[..length]);
        fails(&run(&["run", &file]), 125, "truncated: ");
        fails(&run(&["objdump", "-d", &file]), 1, "truncated: ");
    }
    fails(&run(&["objdump", "-d", &write(&dir, "text", b"not a program\n")]), 1, "text: not an ELF file");
    let mut foreign = image.clone();
    foreign[18] = 62; // x86-64
    fails(&run(&["run", &write(&dir, "foreign", &foreign)]), 125, "foreign: ");
    fails(&run(&["objdump", "-d", &write(&dir, "foreign", &foreign)]), 1, "X86_64");
    let mut big = image.clone();
    big[5] = 2; // big-endian
    fails(&run(&["run", &write(&dir, "big", &big)]), 125, "big: ");
    fails(&run(&["objdump", "-d", &write(&dir, "big", &big)]), 1, "big: ");
    let mut narrow = image;
    narrow[4] = 1; // 32-bit
    fails(&run(&["run", &write(&dir, "narrow", &narrow)]), 125, "narrow: ");
}

/// Every byte of the headers changed: an error or a run, never a panic of mj.
#[test]
fn damaged_headers() {
    let dir = scratch("cli-damaged");
    let image = std::fs::read(program(&dir, "hello", HELLO)).expect("the program");
    let isa = isa_spec::Isa::builtin();
    for at in 0..288 {
        for value in [0, 0x7f, 0xff] {
            let mut damaged = image.clone();
            damaged[at] = value;
            // Either result is right; reaching the next round is the test.
            let _ = toolchain::objdump::disassemble(isa, "damaged", &damaged, &Default::default());
        }
        if at % 8 == 0 {
            let mut damaged = image.clone();
            damaged[at..at + 8].fill(0xff);
            let file = write(&dir, "damaged", &damaged);
            let out = run(&["run", "--max-instructions", "100000", &file]);
            assert!(
                out.status.code().is_some() && !stderr(&out).contains("panicked"),
                "{at}: {}",
                stderr(&out)
            );
        }
    }
}

#[test]
fn assembler_errors() {
    let dir = scratch("cli-as");
    let source = write(&dir, "bad.s", "_start:\n\tadi a0, a0, 1\n\tlw a0, 4(a1\n");
    let out_file = dir.join("bad");
    let _ = std::fs::remove_file(&out_file);
    let out = run(&["as", &source, "-o", &out_file.display().to_string()]);
    fails(
        &out,
        1,
        "bad.s:2:2: error: unknown instruction `adi`; did you mean `add`?\n    \tadi a0, a0, 1\n    \t^",
    );
    fails(&out, 1, "bad.s:3:13: error: ");
    fails(&out, 1, "2 errors");
    assert!(!out_file.exists(), "a program was written in spite of errors");
    fails(&run(&["as", "/nonexistent.s"]), 1, "/nonexistent.s: error: cannot read");
    fails(&run(&["as", &write(&dir, "binary.s", [0xff, 0xfe, 0])]), 1, "not a text file");
    fails(
        &run(&["as", &write(&dir, "byte.s", "\t.byte 256\n")]),
        1,
        "byte.s:1:8: error: 256 does not fit in 8 bits",
    );
    // Lines that end as on other systems, and a byte order mark.
    let text = format!("\u{feff}{}", HELLO.replace('\n', "\r\n"));
    let other = write(&dir, "other.s", text);
    assert!(run(&["as", &other, "-o", &out_file.display().to_string()]).status.success());
    std::fs::remove_file(&out_file).expect("was written");
    let good = write(&dir, "good.s", HELLO);
    fails(&run(&["as", &good, "-o", "/nonexistent/x"]), 1, "cannot write /nonexistent/x");
    fails(&run(&["as", &good, "-e", "nowhere", "-o", &out_file.display().to_string()]), 1, "nowhere");
    fails(&run(&["as", "-D", "x=y", &good]), 2, "not a number");
}

#[test]
fn assembler_options() {
    let dir = scratch("cli-as-options");
    std::fs::create_dir_all(dir.join("inc")).expect("a writable scratch directory");
    write(&dir.join("inc"), "part.inc", "li a0, STATUS\n");
    let source =
        write(&dir, "main.s", "other: li a0, 9\nj 1f\nmain: .include \"part.inc\"\n1: li a7, 93\necall\n");
    let out_file = dir.join("main").display().to_string();
    let include = dir.join("inc").display().to_string();
    let out = run(&["as", "-I", &include, "-D", "STATUS=0x2a", "-e", "main", &source, "-o", &out_file]);
    assert!(out.status.success(), "{}", stderr(&out));
    assert_eq!(run(&["run", &out_file]).status.code(), Some(42));
}

/// The instruction texts of a listing.
fn texts(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|l| l.split_once(":\t").map(|(_, rest)| rest))
        .filter_map(|l| l.split_once('\t').map(|(_, text)| text.to_string()))
        .collect()
}

/// What is listed, assembled again, gives the same bytes.
#[test]
fn listing_round_trip() {
    let dir = scratch("cli-objdump");
    let include = root().join("test-programs/asm").display().to_string();
    for name in ["guard/cld", "guard/overflow", "hint/patterns", "rv64/c", "rv64/a", "rv64/d-fused"] {
        let source = root().join("test-programs/asm").join(format!("{name}.s"));
        let first = dir.join("first").display().to_string();
        let out = run(&["as", "-I", &include, &source.display().to_string(), "-o", &first]);
        assert!(out.status.success(), "{}", stderr(&out));
        let listing = stdout(&run(&["objdump", "-d", "--plain", &first]));
        let mut again = String::from("\t.option norvc\n");
        for text in texts(&listing) {
            let text = text.split(" #").next().unwrap_or("");
            match text.split_once(" <") {
                // A target is an address: the rest of the text names it.
                Some((head, _)) => {
                    let (operands, target) = head.rsplit_once([',', '\t']).expect("a target");
                    let sign = if head.ends_with(&format!(",{target}")) { "," } else { "\t" };
                    again.push_str(&format!("{operands}{sign}0x{target}\n"));
                }
                None => again.push_str(&format!("{text}\n")),
            }
        }
        let text_of = |path: &str| {
            let image = std::fs::read(path).expect("a program");
            let elf = goblin::elf::Elf::parse(&image).expect("an ELF file");
            let text =
                elf.section_headers.iter().find(|s| elf.shdr_strtab.get_at(s.sh_name) == Some(".text"));
            let text = text.expect("a text section");
            image[text.sh_offset as usize..(text.sh_offset + text.sh_size) as usize].to_vec()
        };
        let second = program(&dir, "second", &again);
        assert!(text_of(&first) == text_of(&second), "{name}");
    }
}

#[test]
fn listing_names_symbols() {
    let dir = scratch("cli-symbols");
    let text = ".option norvc\n_start: call f\nbeqz a0, _start\nla a1, d\nj f + 4\nf: nop\nret\n.data\nd: .dword 1\n";
    let listing = stdout(&run(&["objdump", "-d", &program(&dir, "symbols", text)]));
    for part in
        ["0000000000011000 <_start>:", " # 11018 <f>", "beqz\ta0,11000 <_start>", "<d>", "<f+0x4>", "\tret"]
    {
        assert!(listing.contains(part), "{listing} lacks {part}");
    }
    let hello = program(&dir, "hello", HELLO);
    fails(&run(&["objdump", "-d", "-j", ".nothing", &hello]), 1, ".nothing");
    fails(&run(&["objdump", "-d", "/nonexistent"]), 1, "/nonexistent");
}

#[test]
fn specification() {
    let list = stdout(&run(&["spec", "list"]));
    assert!(list.contains("mj.gclass") && list.contains("Xmjhint"), "{list}");
    let show = stdout(&run(&["spec", "show", "mj.cld"]));
    assert!(show.contains("bits 31:25") && show.contains("xmjguard.yaml"), "{show}");
    assert!(stdout(&run(&["spec", "show", "mj.gvec"])).contains("0x800"));
    assert!(stdout(&run(&["spec", "show", "ret"])).contains("jalr"));
    fails(&run(&["spec", "show", "nosuch"]), 1, "nosuch");
    fails(&run(&["spec", "list", "Xnosuch"]), 1, "Xnosuch");
    let builtin: PathBuf = root().join("isa-spec/spec/xmjguard.yaml");
    let out = run(&["spec", "check", &builtin.display().to_string()]);
    assert!(out.status.success(), "{}", stderr(&out));
    let dir = scratch("cli-spec");
    let text = std::fs::read_to_string(&builtin).expect("a specification");
    let broken = write(&dir, "broken.yaml", text.replace("location: 19-15", "location: 99-15"));
    fails(&run(&["spec", "check", &broken]), 1, "broken.yaml:");
    let clash = write(&dir, "clash.yaml", text);
    fails(&run(&["spec", "check", &clash]), 1, "already defined");
    fails(&run(&["spec", "check", "/nonexistent.yaml"]), 1, "/nonexistent.yaml");
}

#[test]
fn help_teaches() {
    for command in ["run", "as", "objdump", "spec", "python", "bench", "setup"] {
        let help = stdout(&run(&[command, "--help"]));
        assert!(help.contains("Examples:") || help.contains("Example"), "{command}: {help}");
    }
    fails(&run(&["nonsense"]), 2, "nonsense");
    fails(&run(&["python", "/nonexistent.py"]), 125, "/nonexistent.py");
    fails(&run(&["bench", "nosuch", "--style", "x"]), 2, "hw+patterns");
}
