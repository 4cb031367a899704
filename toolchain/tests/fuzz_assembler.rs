//! Hostile assembler text: whatever it is, the assembler ends with a result or with errors, soon.
//!
//! `MJ_FUZZ_SECONDS=N` sets how long new texts are tried (4 if not given).

mod common;

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use common::root;
use isa_spec::Isa;
use toolchain::asm::{Options, Output, assemble};

/// Longest time that one small text may take.
const PATIENCE: Duration = Duration::from_secs(20);

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Pieces that have a meaning somewhere.
const PIECES: [&str; 64] = [
    "(",
    ")",
    ",",
    "%",
    "\\",
    "\"",
    "'",
    "-",
    "~",
    "!",
    "0x",
    "99999999999999999999",
    ":",
    ".",
    " ",
    "1f",
    "1b",
    "=",
    "\u{e9}",
    "\u{0}",
    "9223372036854775807",
    "-9223372036854775808",
    "0xffffffff",
    "1e999",
    ";",
    "#",
    "/*",
    "*/",
    "@",
    "<<",
    "==",
    "%hi(",
    "%pcrel_lo(",
    "%tprel_add(",
    "a0",
    "fa0",
    "sp",
    ".L1",
    "$x",
    "0:",
    ".text 5\n",
    ".section .x,\"axMSGTwo?\",@progbits,1,g,comdat\n",
    ".option push\n",
    ".option pop\n",
    ".option norvc\n",
    ".cfi_startproc\n",
    ".cfi_endproc\n",
    ".cfi_offset 1,-8\n",
    ".loc 1 1\n",
    ".file 1 \"a\"\n",
    ".macro m a:vararg\n",
    ".endm\n",
    ".rept 3\n",
    ".endr\n",
    ".if 1\n",
    ".else\n",
    ".endif\n",
    "m 1, 2\n",
    ".align 20\n",
    ".org 100\n",
    ".space x - y\n",
    ".set x, x + 1\n",
    ".set x, y\n.set y, x\n",
    ".uleb128 x - y\n",
];

fn seeds() -> Vec<Vec<String>> {
    let data = root().join("toolchain/tests/data");
    let mut files = vec![data.join("everything.s")];
    files.extend(std::fs::read_dir(data.join("objects")).expect("the folder").flatten().map(|e| e.path()));
    files.sort();
    let read = |p| std::fs::read_to_string(p).expect("a readable seed").lines().map(String::from).collect();
    files.into_iter().map(read).collect()
}

/// A few lines of the seeds, changed here and there.
fn text(seeds: &[Vec<String>], random: &mut Random) -> String {
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..1 + random.below(4) {
        let seed = &seeds[random.below(seeds.len())];
        let from = random.below(seed.len());
        let count = 1 + random.below(12);
        lines.extend(seed[from..].iter().take(count).cloned());
    }
    let mut text = lines.join("\n");
    text.push('\n');
    for _ in 0..random.below(6) {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match random.below(5) {
            0 => text.truncate(at),
            1 if at < text.len() => {
                text.remove(at);
            }
            2 => {
                let mut to = (at + random.below(30)).min(text.len());
                while !text.is_char_boundary(to) {
                    to -= 1;
                }
                let part = text[at..to.max(at)].to_string();
                text.insert_str(at, &part);
            }
            _ => text.insert_str(at, PIECES[random.below(PIECES.len())]),
        }
    }
    text
}

#[test]
fn mutated_text() {
    let seconds: u64 = std::env::var("MJ_FUZZ_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let seeds = seeds();
    let isa = Isa::builtin();
    let mut random =
        Random(if seconds > 60 { 0x1234_5678_9abc_def1 ^ seconds } else { 0x2545_f491_4f6c_dd1d });
    let start = Instant::now();
    let mut tried = 0u64;
    while start.elapsed() < Duration::from_secs(seconds) {
        let text = text(&seeds, &mut random);
        let output = if random.below(2) == 0 { Output::Object } else { Output::Program };
        let options = Options { output, relax: random.below(4) != 0, ..Options::default() };
        let one = Instant::now();
        // Either result is right; coming back is the test.
        let back = catch_unwind(|| {
            let _ = assemble(isa, "t.s", &text, &options);
        });
        assert!(back.is_ok(), "a panic on:\n{text}");
        assert!(one.elapsed() < PATIENCE, "{:?} for:\n{text}", one.elapsed());
        tried += 1;
    }
    eprintln!("{tried} texts in {seconds} s");
    assert!(tried > 50, "only {tried} texts in {seconds} s");
}
