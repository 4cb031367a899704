//! Tests of the assembler as a whole: what it accepts, what it refuses and with which words.

use goblin::elf::Elf;
use isa_spec::Isa;

use super::{Options, assemble};

fn image(text: &str) -> Vec<u8> {
    match assemble(Isa::builtin(), "t.s", text, &Options::default()) {
        Ok(image) => image,
        Err(errors) => panic!("{}", errors[0]),
    }
}

/// The contents of `.text` as 32-bit words, without compression.
fn words(text: &str) -> Vec<u32> {
    let image = image(&format!(".option norvc\n{text}"));
    let elf = Elf::parse(&image).unwrap();
    let section =
        elf.section_headers.iter().find(|s| elf.shdr_strtab.get_at(s.sh_name) == Some(".text")).unwrap();
    let bytes = &image[section.sh_offset as usize..(section.sh_offset + section.sh_size) as usize];
    bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
}

/// `line:column: message` of each error.
fn errors(text: &str) -> Vec<String> {
    match assemble(Isa::builtin(), "t.s", text, &Options::default()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|e| format!("{}:{}: {}", e.line, e.column, e.message)).collect(),
    }
}

#[test]
fn custom_instructions() {
    let text = "mj.gclass a0, 17\nmj.geqi a1, -2\nmj.addo a0, a1, a2\nmj.gnoexc 8(a0)\nmj.cld a0, 16(a1), 5\nmj.obsv a0, 4095\nmj.phase 3\n";
    assert_eq!(
        words(text),
        vec![0x0005_088b, 0xfff5_9f0b, 0x00c5_a50b, 0x0085_400b, 0x0a25_852b, 0xfff5_2013, 0x0030_2013]
    );
}

#[test]
fn far_branches_go_around() {
    let near = words("x: beq a0, a1, y\n.space 4088\ny: nop\n");
    assert_eq!(near[0] & 0x7f, 0x63);
    assert_eq!(near.len(), 1 + 1022 + 1);
    // Four bytes more are out of range: bne over a jal.
    let far = words("x: beq a0, a1, y\n.space 4092\ny: nop\n");
    assert_eq!(far[0], 0x00b5_1463);
    assert_eq!(far[1] & 0xfff, 0x06f);
    // Backwards, from a place that is known at once.
    let back = words("y: .space 4096\nbeq a0, a1, y\n.space 4\nbeq a0, a1, y\n");
    assert_eq!(back.len(), 1024 + 1 + 1 + 2);
}

#[test]
fn growing_branches_push_others_out_of_range() {
    // The first branch only fails to reach because the second one grows.
    let text = "a: beqz a0, far1\n beqz a0, far2\n.space 4084\nfar1: nop\n.space 60\nfar2: nop\n";
    let w = words(text);
    assert_eq!(w[0] & 0x707f, 0x1063, "inverted: bnez");
    assert_eq!(w[2] & 0x707f, 0x1063);
}

#[test]
fn elf_is_what_linux_loads() {
    let image = image(
        ".globl _start\n.data\nd: .dword 1\n.bss\nb: .space 100000\n.section .rodata\nr: .ascii \"x\"\n.text\nnop\n_start: nop\n.size _start, . - _start\n.type _start, @function\n.L1: 1: nop\n",
    );
    let elf = Elf::parse(&image).unwrap();
    assert_eq!((elf.header.e_type, elf.header.e_machine), (2, 243));
    let symbol = |name: &str| elf.syms.iter().find(|s| elf.strtab.get_at(s.st_name) == Some(name));
    let start = symbol("_start").unwrap();
    assert_eq!((elf.entry, start.st_size, start.st_type(), start.st_bind()), (start.st_value, 2, 2, 1));
    assert!(symbol(".L1").is_none());
    let loads: Vec<_> = elf.program_headers.iter().filter(|p| p.p_type == 1).collect();
    assert_eq!(loads.iter().map(|p| p.p_flags).collect::<Vec<_>>(), vec![4, 5, 6]);
    for p in &loads {
        assert_eq!(p.p_offset % 4096, p.p_vaddr % 4096);
        assert!(p.p_offset + p.p_filesz <= image.len() as u64);
    }
    assert!(loads[2].p_memsz >= 100_008 && loads[2].p_filesz == 8);
    for pair in loads.windows(2) {
        assert!(pair[0].p_vaddr + pair[0].p_memsz <= pair[1].p_vaddr);
        assert_ne!(pair[0].p_vaddr / 4096, pair[1].p_vaddr / 4096, "segments share a page");
    }
    assert!(image.len() < 16384, "the file does not hold .bss");
}

#[test]
fn errors_name_the_place_and_go_on() {
    let text = "\tadd a0, a1\n nop\nfoo: adi a0, a0, 1\n addi a0, a0, 4096\nfoo: nop\n lw a0, 4(a1\n .word (1\n .bogus\n";
    assert_eq!(
        errors(text),
        vec![
            "1:12: expected `,` before the end of the line",
            "3:6: unknown instruction `adi`; did you mean `add`?",
            "4:15: imm: 4096 is out of range, expected -2048..=2047",
            "5:1: `foo` is defined already",
            "6:13: expected `)` before the end of the line",
            "7:10: expected `)` before the end of the line",
            "8:2: unknown directive `.bogus`",
        ]
    );
    let undefined = errors(" j nowhere\n beqz a0, 3f\n li a0, %lo(x)\n la a0, y\n .dword z\n");
    assert_eq!(undefined.len(), 6, "{undefined:?}");
    assert_eq!(undefined[0], "1:2: `nowhere` is not defined");
    assert_eq!(undefined[1], "2:2: there is no label `3:` after this");
}

#[test]
fn refused() {
    for (text, part) in [
        ("addi a0, a0, a1\n", "register"),
        ("c.addi a0, 0x100\n", "out of range"),
        ("c.add a0, x0\n", "reserved"),
        ("c.and a0, t6\n", "8..=15"),
        ("fadd.d fa0, fa1, fa2, nearest\n", "rounding mode"),
        ("csrr a0, nosuch\n", "CSR"),
        ("jal ra, x+1\nx: nop\n", "in steps of 2"),
        ("j x\n.space 2000000\nx: nop\n", "out of range"),
        ("mj.gclass a0, 131072\n", "out of range"),
        ("mj.cld a0, 12(a1), 5\n", "multiple of 8"),
        ("mj.obsv x0, 5\n", "reserved"),
        ("lui a0, 0x100000\n", "0..0xfffff"),
        (".word 0x100000000\n", "does not fit"),
        (".byte 256\n", "does not fit"),
        (".align 99\n", "power of two"),
        (".balign 3\n", "power of two"),
        (".bss\n.word 1\n", "only zeros"),
        (".bss\nnop\n", "without contents"),
        (".org 4\n.org 2\nnop\n", "cannot go back"),
        (".skip -1\nnop\n", "negative"),
        (".skip 99999999999\nnop\n", "1 GiB"),
        (".set a, b\n.set b, a\nli a0, 1\n.word a\n", "itself"),
        (".popsection\n", "without"),
        (".option pop\n", "without"),
        (".include \"missing.s\"\n", "cannot read"),
        (".error \"own words\"\n", "own words"),
        (".include \"/dev/zero\"\n", "not a file"),
        (".rept 3000\n.p2align 20,1\n.byte 1\n.endr\n", "past 1 GiB"),
        ("\"text\"\n", "expected an instruction"),
        (".data\n.word 1\n", "no instructions"),
        ("x: .word %hi(x)\n", "expected an expression"),
        ("lw a0, %got(x)(a1)\n", "unknown operator `%got`"),
        (".cfi_endproc\n", "without `.cfi_startproc`"),
        (".cfi_startproc\n", "no `.cfi_endproc`"),
        (".loc 1 2\n", "was not given"),
        (".option arch, rv32i\n", "rv64"),
        (".attribute arch, 5\n", "string"),
        (".octa 340282366920938463463374607431768211456\n", "does not fit"),
        ("1: addi a0, a0, %pcrel_lo(1b)\n", "no `%pcrel_hi`"),
        ("nop nop\n", "unexpected text"),
        (".insn 5, 0x13\n", "does not fit"),
        (".insn q 1, 2\n", "unknown instruction format"),
        ("nop \u{1}\n", "unexpected character"),
        (".ascii \"\\q\"\n", "escape"),
    ] {
        let found = errors(text);
        assert!(found.iter().any(|e| e.contains(part)), "{text:?}: {found:?} lacks {part:?}");
    }
}

/// Hostile text must end in errors, whatever it is.
#[test]
fn mutated_programs_never_panic() {
    let source = include_str!("../../tests/data/everything.s");
    let lines: Vec<&str> = source.lines().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let signs = [
        "(",
        ")",
        ",",
        "%",
        "\\",
        "\"",
        "'",
        "-",
        "0x",
        "99999999999999999999",
        ":",
        ".",
        " ",
        "1f",
        "=",
        "\u{e9}",
    ];
    for _ in 0..300 {
        let from = random(lines.len() - 8);
        let mut text = lines[from..from + 8].join("\n");
        for _ in 0..3 {
            let mut at = random(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            if random(2) == 0 {
                text.insert_str(at, signs[random(signs.len())]);
            } else {
                text.truncate(at);
            }
        }
        // Either result is right; reaching this line is the test.
        let _ = assemble(Isa::builtin(), "t.s", &text, &Options::default());
    }
}
