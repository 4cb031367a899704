//! `--isa-file` on every command that has it.

mod common;

use common::{mj, root, scratch, stderr, stdout};

fn example(name: &str) -> String {
    root().join("isa-spec/examples").join(name).display().to_string()
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let out = mj().args(args).output().expect("mj starts");
    (common::status(&out), stdout(&out), stderr(&out))
}

#[test]
fn an_instruction_is_assembled_listed_run_and_counted() {
    let dir = scratch("isa-file");
    let source = dir.join("prog.s").display().to_string();
    let program = dir.join("prog").display().to_string();
    let text = "_start: li a0, 6\n li a1, 7\n my.madd a0, a0, a1, x0\n my.mark 3\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("writable");
    let (madd, mark) = (example("madd.yaml"), example("mark.yaml"));
    let files = ["--isa-file", &madd, "--isa-file", &mark];
    let with = |args: &[&str]| run(&[&args[..1], &files, &args[1..]].concat());

    assert_eq!(with(&["as", &source, "-o", &program]).0, Some(0));
    let (_, listing, _) = with(&["objdump", "-d", &program]);
    assert!(listing.contains("00b5055b") && listing.contains("my.madd\ta0,a0,a1,zero"), "{listing}");
    assert!(listing.contains("my.mark\t3"), "{listing}");
    let (status, _, report) = with(&["run", "--stats", &program]);
    assert_eq!(status, Some(42), "{report}");
    for row in ["my.madd", "Xmymadd", "my.mark", "Xmymark"] {
        assert!(report.contains(row), "{row} is not in:\n{report}");
    }
    // Without the files the instruction is illegal, and the HINT is one.
    assert!(run(&["as", &source, "-o", &program]).2.contains("unknown instruction `my.madd`"));
    let (status, _, said) = run(&["run", &program]);
    assert_eq!(status, Some(132));
    assert!(said.contains("(not an instruction)"), "{said}");
    assert!(run(&["objdump", "-d", &program]).1.contains("xori\tzero,zero,3"));
}

/// Each local is twice as large as the one before when it is written out.
#[test]
fn an_operation_that_grows_without_bound_is_run() {
    let dir = scratch("isa-file-grows");
    let (source, program) = (dir.join("prog.s"), dir.join("prog").display().to_string());
    let text = "_start: li t0, 2000\n li a1, 3\n1: my.op a0, a1\n addi t0, t0, -1\n bnez t0, 1b\n\
                andi a0, a0, 255\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("writable");
    let source = source.display().to_string();
    let file = root().join("isa-spec/tests/fuzz/doubling-locals.yaml").display().to_string();
    assert_eq!(run(&["as", "--isa-file", &file, &source, "-o", &program]).0, Some(0));
    // Sixty squarings of an odd number leave 1 in the low bits.
    assert_eq!(run(&["run", "--isa-file", &file, &program]).0, Some(1));
}

#[test]
fn spec_shows_and_checks() {
    let madd = example("madd.yaml");
    let (status, text, _) = run(&["spec", "--isa-file", &madd, "show", "my.madd"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("my.madd xd, xs1, xs2, xs3") && text.contains("class mul"), "{text}");
    assert!(run(&["spec", "list", "--isa-file", &madd, "Xmymadd"]).1.starts_with("Xmymadd: 1 instructions"));
    let (status, said, _) = run(&["spec", "check", &madd]);
    assert!(status == Some(0) && said.ends_with("madd.yaml: 1 instruction, no errors\n"), "{said}");
    let (status, _, said) = run(&["spec", "check", "/dev/null"]);
    assert!(status == Some(1) && said.contains("defines no instruction and no CSR"), "{status:?} {said}");
    // Two files that define the same cannot be used together.
    let copy = scratch("isa-file").join("copy.yaml").display().to_string();
    std::fs::copy(&madd, &copy).expect("copied");
    let (status, _, said) = run(&["spec", "check", &madd, &copy]);
    assert_eq!(status, Some(1));
    assert!(said.contains("copy.yaml:3:7: error: `my.madd` is already defined at"), "{said}");
    let broken = root().join("isa-spec/tests/broken/unknown-name.yaml").display().to_string();
    let (status, _, said) = run(&["run", "--isa-file", &broken, "whatever"]);
    assert_eq!(status, Some(125));
    assert!(said.contains("did you mean `total`?") && said.contains("^^^^"), "{said}");
}

/// A hot loop of instructions of ISA files: translated and interpreted alike.
#[test]
fn both_engines_agree() {
    let dir = scratch("isa-file");
    let source = dir.join("hot.s").display().to_string();
    let program = dir.join("hot").display().to_string();
    let text = "_start: li a0, 0\n li a1, 0x9e3779b97f4a7c15\n li a2, 0x0f0f0f0f0f0f0f0f\n li a4, 200000\n\
                1: my.madd a0, a0, a1, a4\n my.dswap a0, a0, a2, 4\n my.dswap a1, a1, a2, 3\n my.mark 1\n\
                addi a4, a4, -1\n bnez a4, 1b\n xor a0, a0, a1\n srli a1, a0, 32\n xor a0, a0, a1\n\
                srli a1, a0, 16\n xor a0, a0, a1\n srli a1, a0, 8\n xor a0, a0, a1\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("writable");
    let files: Vec<String> = ["madd.yaml", "dswap.yaml", "mark.yaml"]
        .iter()
        .map(|f| format!("--isa-file={}", example(f)))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(run(&[&["as"], &files[..], &[&source, "-o", &program]].concat()).0, Some(0));
    let results: Vec<(Option<i32>, String)> = ["translate", "interpret"]
        .iter()
        .map(|engine| {
            let options = ["run", "--deterministic", "--stats", "--engine", engine];
            let (status, _, report) = run(&[&options[..], &files[..], &[&program]].concat());
            let counts: String =
                report.lines().filter(|l| l.contains("my.")).map(|l| format!("{l}\n")).collect();
            (status, counts)
        })
        .collect();
    assert_eq!(results[0], results[1]);
    assert!(results[0].1.contains("400,000") && results[0].1.contains("200,000"), "{}", results[0].1);
    // The same in plain Rust.
    let (mut a, mut b) = (0u64, 0x9e37_79b9_7f4a_7c15_u64);
    let swap = |x: u64, mask: u64, by: u32| {
        let differ = (x >> by ^ x) & mask;
        x ^ differ ^ differ << by
    };
    for n in (1..=200_000u64).rev() {
        a = swap(a.wrapping_mul(b).wrapping_add(n), 0x0f0f_0f0f_0f0f_0f0f, 4);
        b = swap(b, 0x0f0f_0f0f_0f0f_0f0f, 3);
    }
    a ^= b;
    a ^= a >> 32;
    a ^= a >> 16;
    a ^= a >> 8;
    assert_eq!(results[0].0, Some((a & 0xff) as i32));
}

/// A small generator of repeatable numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }

    /// An expression of `Bits<width>`.
    fn bits(&mut self, width: u64, depth: u32) -> String {
        let simple = depth == 0 || self.below(8) == 0;
        if simple {
            let source = self.pick(&["X[xs1]", "X[xs2]", "{a, a}[63:0]", "X[xd]"]);
            let low = self.below(65 - width);
            return match self.below(4) {
                0 => format!("{width}'d{}", self.below(1 << width.min(40))),
                _ if source.starts_with('{') => format!("{{a, X[xs2]}}[{}:{low}]", low + width - 1),
                _ if width == 64 => source.to_string(),
                _ => format!("{source}[{}:{low}]", low + width - 1),
            };
        }
        let d = depth - 1;
        match self.below(13) {
            0..=2 => {
                let op = self.pick(&["+", "-", "*", "&", "|", "^", "/", "%"]);
                format!("({} {op} {})", self.bits(width, d), self.bits(width, d))
            }
            3 => format!("({} {} {})", self.bits(width, d), self.pick(&["<<", ">>", ">>>"]), self.bits(6, d)),
            4 => format!("({} ? {} : {})", self.condition(d), self.bits(width, d), self.bits(width, d)),
            5 => format!("({}{})", self.pick(&["-", "~"]), self.bits(width, d)),
            6 if width > 1 => {
                let low = 1 + self.below(width - 1);
                format!("{{{}, {}}}", self.bits(width - low, d), self.bits(low, d))
            }
            7 if width == 64 => {
                let name = self.pick(&["count_leading_zeros", "count_trailing_zeros", "population_count"]);
                format!("{name}<64>({})", self.bits(64, d))
            }
            8 if width == 32 => {
                let name = self.pick(&["count_leading_zeros", "count_trailing_zeros", "population_count"]);
                format!("{name}<32>({})", self.bits(32, d))
            }
            8 if width == 64 => format!("byte_reverse({})", self.bits(64, d)),
            9 if width == 64 => {
                let sides = self.pick(&["0", "1", "2", "3"]);
                let (a, b) = (self.bits(32, d), self.bits(32, d));
                match sides {
                    "0" => format!("({a} `* {b})"),
                    "1" => format!("($signed({a}) `* $signed({b}))"),
                    "2" => format!("($signed({a}) `* {b})"),
                    _ => format!("({a} `* $signed({b}))"),
                }
            }
            10 => {
                let op = self.pick(&["/", "%", "+"]);
                format!("($signed({}) {op} $signed({}))", self.bits(width, d), self.bits(width, d))
            }
            11 if width > 8 => {
                // Narrower, extended to what the other side has.
                let narrow = 1 + self.below(width - 1);
                let inner = self.bits(narrow, d);
                let inner = if self.below(2) == 0 { format!("$signed({inner})") } else { inner };
                format!("({inner} + {width}'d0)")
            }
            _ => {
                let wide = width + self.below(65 - width);
                let low = self.below(wide - width + 1);
                format!("({})[{}:{low}]", self.bits(wide, d), low + width - 1)
            }
        }
    }

    fn condition(&mut self, depth: u32) -> String {
        let d = depth.saturating_sub(1);
        let width = [1, 5, 8, 16, 31, 32, 33, 63, 64][self.below(9) as usize];
        match self.below(4) {
            0 if depth > 0 => {
                format!("({} {} {})", self.condition(d), self.pick(&["&&", "||"]), self.condition(d))
            }
            1 => format!(
                "($signed({}) {} $signed({}))",
                self.bits(width, d),
                self.pick(&["<", "<=", ">", ">="]),
                self.bits(width, d)
            ),
            2 if depth > 0 => format!("(!{})", self.condition(d)),
            _ => {
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.bits(width, d), self.bits(width, d))
            }
        }
    }
}

/// Random operations in a hot loop: translated code computes what the evaluator computes.
#[test]
fn random_operations_mean_the_same_in_both_engines() {
    const OPERATIONS: u64 = 48;
    let dir = scratch("isa-file-random");
    let seed = std::env::var("MJ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0x2545_f491_4f6c_dd1d);
    let mut random = Random(seed);
    let mut documents = String::new();
    let mut text = String::from("_start: li s0, 3000\n la s2, results\n");
    for n in 0..32u64 {
        if ![0, 2, 8, 18].contains(&n) {
            text += &format!(" li x{n}, {:#x}\n", random.below(u64::MAX));
        }
    }
    text += "1:\n";
    for n in 0..OPERATIONS {
        let encoding = format!("{:07b}----------{:03b}-----1011011", n / 8, n % 8);
        let (a, value) = (random.bits(64, 2), random.bits(64, 4));
        documents += &format!(
            "---\nkind: instruction\nname: my.r{n}\nlong_name: Random\ndescription: None.\ndefinedBy: Xmyrandom\n\
             assembly: xd, xs1, xs2\nencoding:\n  match: {encoding}\n  variables:\n\
             \x20   - {{ name: xs2, location: 24-20 }}\n    - {{ name: xs1, location: 19-15 }}\n\
             \x20   - {{ name: xd, location: 11-7 }}\ncustom_class: alu\noperation(): |\n\
             \x20 XReg a = {};\n  X[xd] = {value};\n",
            a.replace("{a, X[xs2]}", "{X[xs1], X[xs2]}")
        );
        // Any register but those of the loop and the stack; x0 among the sources and destinations.
        let register = |r: &mut Random| loop {
            let n = r.below(32);
            if ![2, 8, 18].contains(&n) {
                return n;
            }
        };
        let (rd, rs1, rs2) = (register(&mut random), register(&mut random), register(&mut random));
        text += &format!(" my.r{n} x{rd}, x{rs1}, x{rs2}\n add s3, s3, x{rd}\n");
    }
    text += " addi s0, s0, -1\n bnez s0, 1b\n";
    for n in 0..32 {
        text += &format!(" sd x{n}, {}(s2)\n", n * 8);
    }
    text += " li a0, 1\n mv a1, s2\n li a2, 256\n li a7, 64\n ecall\n li a0, 0\n li a7, 93\n ecall\n .bss\n .balign 8\nresults: .space 256\n";
    let (isa, source, program) = (dir.join("random.yaml"), dir.join("random.s"), dir.join("random"));
    std::fs::write(&isa, documents).expect("writable");
    std::fs::write(&source, text).expect("writable");
    let file = format!("--isa-file={}", isa.display());
    let out = mj().args(["as", &file]).arg(&source).arg("-o").arg(&program).output().expect("mj starts");
    assert!(out.status.success(), "{}", stderr(&out));
    let results = ["translate", "interpret"].map(|engine| {
        let out = mj().args(["run", &file, "--engine", engine]).arg(&program).output().expect("mj starts");
        assert!(out.status.success(), "{engine}: {}", stderr(&out));
        assert_eq!(out.stdout.len(), 256);
        out.stdout
    });
    assert!(results[0] == results[1], "seed {seed}: {} differs", isa.display());
}
