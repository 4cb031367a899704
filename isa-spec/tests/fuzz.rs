//! Hostile input: specification files, operations, instruction words. Whatever it is, there is a result or errors, soon.
//!
//! `MJ_FUZZ_SECONDS=N` sets how long new inputs of each kind are tried (2 if not given). What is changed at random is
//! the examples, the files of `tests/broken`, the built-in files, and `tests/fuzz`: inputs that once were too much.

use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use isa_spec::export::{Selection, c_header, coredsl, decodetree, page, riscv_opcodes, udb};
use isa_spec::{Diagnostic, Insn, Isa};

/// Longest time that one input may take.
const PATIENCE: Duration = Duration::from_secs(10);

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// Tries inputs until the time is over: a panic, or one that takes too long, fails with the input.
fn search(
    what: &str,
    mut input: impl FnMut(&mut Random) -> String,
    check: impl Fn(&str) -> Result<(), String>,
) {
    let seconds: u64 = std::env::var("MJ_FUZZ_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let seed = std::env::var("MJ_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0x2545_f491_4f6c_dd1d);
    let mut random = Random(seed ^ seconds);
    let start = Instant::now();
    let mut tried = 0u64;
    while start.elapsed() < Duration::from_secs(seconds) {
        let text = input(&mut random);
        let one = Instant::now();
        match catch_unwind(std::panic::AssertUnwindSafe(|| check(&text))) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => panic!("{why}, for:\n{text}"),
            Err(_) => panic!("a panic on:\n{text}"),
        }
        assert!(one.elapsed() < PATIENCE, "{:?} for:\n{text}", one.elapsed());
        tried += 1;
    }
    eprintln!("{tried} {what} in {seconds} s");
    assert!(tried > 50, "only {tried} {what} in {seconds} s");
}

fn folder(name: &str) -> Vec<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files: Vec<_> = std::fs::read_dir(dir).expect("the folder").flatten().map(|e| e.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    files.iter().map(|f| std::fs::read_to_string(f).expect("readable")).collect()
}

/// Documents of every kind, one each.
fn documents() -> Vec<String> {
    let files = ["examples", "tests/broken", "tests/fuzz", "spec"].into_iter().flat_map(folder);
    files.flat_map(|f| f.split("\n---\n").map(|d| format!("{d}\n")).collect::<Vec<_>>()).collect()
}

/// A char boundary of the text at or before a random place.
fn place(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Cuts, doubles, removes, moves, and puts in `pieces`.
fn change(text: &mut String, pieces: &[&str], random: &mut Random) {
    let (a, b) = (place(text, random), random.below(40));
    let mut end = (a + b).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    match random.below(9) {
        0 => text.truncate(a),
        1 => text.replace_range(a..end, ""),
        2 => {
            let part = text[a..end].to_string();
            let to = place(text, random);
            text.insert_str(to, &part);
        }
        3 => {
            // A line somewhere else.
            let lines: Vec<&str> = text.lines().collect();
            if lines.is_empty() {
                return;
            }
            let line = format!("{}\n", lines[random.below(lines.len())]);
            let at = text[..a].rfind('\n').map_or(0, |n| n + 1);
            text.insert_str(at, &line);
        }
        4 | 5 => {
            // A word, or a number, becomes another one.
            let word = |c: char| c.is_ascii_alphanumeric() || "_.$-".contains(c);
            let from = text[..a]
                .rfind(|c| !word(c))
                .map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
            let to = text[from..].find(|c| !word(c)).map_or(text.len(), |n| from + n);
            text.replace_range(from..to, random.pick(pieces));
        }
        _ => text.insert_str(a, random.pick(pieces)),
    }
}

/// Pieces of YAML and of the keys' values.
const YAML: [&str; 72] = [
    "kind: ",
    "csr",
    "instruction",
    "name: ",
    "\n",
    "\n---\n",
    "\n...\n",
    "\r\n",
    "\r",
    "\t",
    "  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "|",
    ">",
    "|-",
    ">+2",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "<<: ",
    "%YAML 1.2\n",
    "\u{feff}",
    "\u{0}",
    "\u{e9}",
    "\u{1f600}",
    "\u{2028}",
    "true",
    "false",
    "null",
    "~",
    "0",
    "-1",
    "1",
    "31",
    "32",
    "33",
    "63",
    "0x800",
    "0xfff",
    "99999999999999999999",
    "-9223372036854775808",
    "-0x8000000000000000",
    "xd",
    "xs1",
    "fs3",
    "imm",
    "24-20",
    "31-0",
    "31|7|30-25|11-8",
    "31-20|31-20",
    "location: ",
    "not: ",
    "left_shift: ",
    "sign_extend: ",
    "custom_kind: ",
    "target",
    "upper",
    "fp_constant",
    "custom_default: ",
    "pseudoinstructions:\n  - { when: \"xd == 0\", to: \"my.x xs1\" }\n",
    "assembly: ",
    "match: ",
    "-------------------------1011011",
];

/// Pieces of operations.
const IDL: [&str; 90] = [
    "X[xd]",
    "X[xs1]",
    "X[xs2]",
    "f[fs1]",
    "CSR[imm]",
    "CSR[0x800]",
    "$pc",
    "$encoding",
    "$signed(",
    "a",
    "b",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">>>",
    ">>",
    "<<",
    "`*",
    "*",
    "/",
    "%",
    "+",
    "-",
    "~",
    "!",
    "&",
    "&&",
    "|",
    "||",
    "^",
    "?",
    ":",
    ";",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "[0]",
    "[63:0]",
    "[127:64]",
    "[5:6]",
    "{64{",
    "{2{",
    "}}",
    "0",
    "1",
    "64",
    "128",
    "64'hffffffffffffffff",
    "128'd0",
    "1'b1",
    "0'd0",
    "129'd1",
    "3'b",
    "'",
    "0x",
    "340282366920938463463374607431768211456",
    "true",
    "false",
    "if (",
    ") {",
    "} else {",
    "} else if (",
    "Bits<1> a = ",
    "Bits<128> b = ",
    "Bits<0> c = ",
    "XReg a = ",
    "Boolean b = ",
    "read_memory<64>(",
    "write_memory<8>(",
    "jump(",
    "guard_fail(",
    "amo<64>(X[xs1], X[xs2], AmoOperation::Add, 1'b0, 1'b0, $encoding)",
    "load_reserved<32>(",
    "store_conditional<64>(",
    "compare_and_swap<128>(",
    "count_leading_zeros<64>(",
    "carryless_multiply(",
    "byte_reverse(",
    "f64_add(",
    "f16_to_f32(",
    "rm_to_mode(3'd7, $encoding)",
    "nan_box<16>(",
    "//",
    "\n",
];

/// The file is refused with messages that point into it, or taken; then everything made from it can be made.
fn use_file(text: &str) -> Result<(), String> {
    let isa = match Isa::builtin().extended(&[("t.yaml", text)]) {
        Ok(isa) => isa,
        Err(errors) => return errors.iter().try_for_each(|e| points_into(e, text)),
    };
    let own = Selection {
        isa: &isa,
        insns: isa.custom_insns().iter().collect(),
        csrs: isa.custom_csrs().iter().collect(),
    };
    for text in [
        c_header::export(&own),
        coredsl::export(&own),
        decodetree::export(&own),
        riscv_opcodes::export(&own),
        udb::export(&own),
    ] {
        std::hint::black_box(text.len());
    }
    std::hint::black_box(page::html(&own, "t").len() + page::markdown(&own, "t").len());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    isa.custom_insns().iter().try_for_each(|insn| words_of(&isa, insn, &mut random))
}

/// A message has text, and its place is a place of the file: the line shown is there, the column in it or at its end.
fn points_into(e: &Diagnostic, text: &str) -> Result<(), String> {
    let said = e.to_string();
    let lines = text.lines().count().max(1);
    let fine = !e.message.is_empty() && e.line >= 1 && e.col >= 1 && e.line <= lines && e.len >= 1;
    let line = text.lines().nth(e.line.max(1) - 1).unwrap_or("");
    if fine && e.col <= line.chars().count() + 1 {
        Ok(())
    } else {
        Err(format!("a place that is not there: {said}"))
    }
}

/// Words of an instruction decode, are listed, and encode back.
fn words_of(isa: &Isa, insn: &Insn, random: &mut Random) -> Result<(), String> {
    for _ in 0..16 {
        let word = insn.bits | random.next() as u32 & !insn.mask;
        one_word(isa, word, random.next())?;
        if insn.matches(word) && isa.decode(word).is_none() {
            return Err(format!("{word:#x} is {} and does not decode", insn.name));
        }
    }
    Ok(())
}

fn one_word(isa: &Isa, word: u32, pc: u64) -> Result<(), String> {
    let texts = [isa.disassemble(word, pc), isa.disassemble_plain(word, pc)];
    let Some(inst) = isa.decode(word) else {
        return if texts.iter().all(Option::is_none) {
            Ok(())
        } else {
            Err(format!("{word:#x} is listed, but is no instruction"))
        };
    };
    let bits = if inst.len == 2 { word & 0xffff } else { word };
    if isa.encode(inst.id, &inst.values) != Ok(bits) {
        return Err(format!("{word:#x} encodes back as {:?}", isa.encode(inst.id, &inst.values)));
    }
    for text in texts {
        match text {
            Some(t) if t.len == inst.len && !t.mnemonic.is_empty() => {}
            other => return Err(format!("{word:#x} is listed as {other:?}")),
        }
    }
    Ok(())
}

#[test]
fn specification_files() {
    let documents = documents();
    let input = |random: &mut Random| {
        let mut text = documents[random.below(documents.len())].clone();
        for _ in 0..random.below(3) {
            text += "---\n";
            text += &documents[random.below(documents.len())];
        }
        for _ in 0..1 + random.below(6) {
            change(&mut text, &YAML, random);
        }
        text
    };
    search("files", input, use_file);
}

#[test]
fn operations() {
    let body = |d: &String| d.split_once("operation(): |\n").map(|(_, body)| body.to_string());
    let bodies: Vec<String> = documents().iter().filter_map(body).collect();
    let encodings = [
        (
            "xd, xs1, xs2",
            "0000000----------000-----1011011",
            "{name: xs2, location: 24-20}, {name: xs1, location: 19-15}, {name: xd, location: 11-7}",
        ),
        (
            "fd, fs1, fs2, rm",
            "0000000------------------1011011",
            "{name: fs2, location: 24-20}, {name: fs1, location: 19-15}, {name: rm, location: 14-12, custom_default: 7}, {name: fd, location: 11-7}",
        ),
        (
            "xd, xs1, imm",
            "-----------------001-----1011011",
            "{name: imm, location: 31-20, sign_extend: true}, {name: xs1, location: 19-15}, {name: xd, location: 11-7}",
        ),
        (
            "fs1, imm(xs1)",
            "-----------------010-----1011011",
            "{name: fs1, location: 24-20}, {name: imm, location: 31-25|11-7, left_shift: 3}, {name: xs1, location: 19-15}",
        ),
    ];
    let input = |random: &mut Random| {
        let mut text = bodies[random.below(bodies.len())].clone();
        if random.below(4) == 0 {
            text.clear();
            for _ in 0..random.below(30) {
                text += random.pick(&IDL);
                text += random.pick(&["", " "]);
            }
        }
        for _ in 0..1 + random.below(5) {
            change(&mut text, &IDL, random);
        }
        let (assembly, bits, variables) = encodings[random.below(encodings.len())];
        let body: String = text.lines().map(|l| format!("  {}\n", l.trim_start())).collect();
        format!(
            "kind: instruction\nname: my.t\nlong_name: T\ndescription: T.\ndefinedBy: Xmyt\nassembly: {assembly}\nencoding:\n  match: \
             \"{bits}\"\n  variables: [{variables}]\ncustom_class: alu\noperation(): |\n{body}"
        )
    };
    search("operations", input, use_file);
}

#[test]
fn words() {
    let files = folder("examples");
    let named: Vec<(String, &str)> =
        files.iter().enumerate().map(|(n, f)| (format!("{n}.yaml"), f.as_str())).collect();
    let given: Vec<(&str, &str)> = named.iter().map(|(n, f)| (n.as_str(), *f)).collect();
    let isa = Isa::builtin().extended(&given).unwrap_or_else(|e| panic!("{}", e[0]));
    let input = |random: &mut Random| {
        let word = |random: &mut Random| {
            let insn = &isa.insns[random.below(isa.insns.len())];
            match random.below(4) {
                0 => random.next() as u32,
                1 => insn.bits | random.next() as u32 & !insn.mask,
                // Nearly an instruction.
                _ => (insn.bits | random.next() as u32 & !insn.mask) ^ 1 << random.below(32),
            }
        };
        (0..500).map(|_| format!("{:x} {:x}\n", word(random), random.next())).collect()
    };
    let check = |text: &str| {
        text.lines().try_for_each(|line| {
            let (word, pc) = line.split_once(' ').expect("a word and an address");
            let number = |text: &str| u64::from_str_radix(text, 16).expect("a number");
            one_word(&isa, number(word) as u32, number(pc))
        })
    };
    search("times 500 words", input, check);
}

#[test]
fn inputs_that_once_were_too_much() {
    for text in folder("tests/fuzz") {
        let start = Instant::now();
        use_file(&text).unwrap_or_else(|why| panic!("{why}, for:\n{text}"));
        assert!(start.elapsed() < PATIENCE);
    }
}
