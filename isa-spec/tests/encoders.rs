//! The generated encoders give the words that [`Isa::encode`] gives, and the generated interpreter text is
//! complete. The generated source is compiled with the compiler that builds this test.

use std::fmt::Write;
use std::process::Command;

use isa_spec::{FieldKind, Insn, Isa, MAX_FIELDS, Values, codegen};

/// Field values of an instruction: `pick` chooses among edges.
fn values(insn: &Insn, pick: usize) -> Values {
    let mut out = [0; MAX_FIELDS];
    for (n, (value, f)) in out.iter_mut().zip(&insn.fields).enumerate() {
        let step = 1 << f.left_shift;
        let choices = [f.min(), f.max(), f.min() + step, f.max() - step, (f.max() / 2) & !(step - 1)];
        let fits = (0..choices.len()).map(|k| choices[(pick + n + k) % choices.len()]);
        *value = match f.kind {
            FieldKind::Hidden => f.default.unwrap_or(0),
            _ => fits.into_iter().find(|v| f.insert(*v).is_ok()).unwrap_or(0),
        };
    }
    out
}

#[test]
fn generated_encoders_agree_with_the_encoder() {
    let isa = Isa::builtin();
    let mut main = String::from("fn main() {\n");
    for insn in &isa.insns {
        for pick in 0..5 {
            let values = values(insn, pick);
            let word = isa.encode(insn.id, &values).expect("edge values fit");
            let mut order = insn.template.fields();
            order.extend((0..insn.fields.len()).filter(|n| insn.fields[*n].kind == FieldKind::AqRl));
            let args: Vec<String> = order.iter().map(|n| values[*n].to_string()).collect();
            let name = insn.name.replace('.', "_");
            let _ =
                writeln!(main, "    assert_eq!({name}({}) as u32, {word:#x}, \"{name}\");", args.join(", "));
        }
    }
    main.push_str("}\n");
    let dir = std::env::temp_dir().join(format!("isa-spec-encoders-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("scratch directory");
    let source = dir.join("main.rs");
    let source_text = format!("#![deny(warnings)]\n#![allow(dead_code)]\n{}\n{main}", codegen::encoders(isa));
    std::fs::write(&source, source_text).expect("source");
    let program = dir.join("main");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_string());
    let built = Command::new(rustc)
        .args(["--edition", "2024", "-C", "debug-assertions=on", "-o"])
        .args([&program, &source])
        .output()
        .expect("rustc runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ran = Command::new(&program).output().expect("runs");
    std::fs::remove_dir_all(&dir).ok();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// Words of the custom instructions, put together by hand from their tables.
#[test]
fn custom_encodings_are_as_specified() {
    let isa = Isa::builtin();
    let expect = [
        // rs1 = a0 (10), imm17 = 0x12345: bits 16:5 in 31:20, bits 4:0 in 11:7.
        (0x91a << 20 | 10 << 15 | 5 << 7 | 0x0b, "mj.gclass\ta0,74565"),
        (0xfff << 20 | 10 << 15 | 1 << 12 | 0x1f << 7 | 0x0b, "mj.geqi\ta0,-1"),
        (12 << 20 | 11 << 15 | 2 << 12 | 10 << 7 | 0x0b, "mj.addo\ta0,a1,a2"),
        (1 << 25 | 12 << 20 | 11 << 15 | 2 << 12 | 10 << 7 | 0x0b, "mj.subo\ta0,a1,a2"),
        (2 << 25 | 12 << 20 | 11 << 15 | 2 << 12 | 10 << 7 | 0x0b, "mj.mulo\ta0,a1,a2"),
        (8 << 25 | 12 << 20 | 11 << 15 | 2 << 12 | 0x0b, "mj.geq\ta1,a2"),
        (9 << 25 | 12 << 20 | 11 << 15 | 2 << 12 | 0x0b, "mj.gclassr\ta1,a2"),
        (0x801 << 20 | 11 << 15 | 3 << 12 | 10 << 7 | 0x0b, "mj.addio\ta0,a1,-2047"),
        (0x010 << 20 | 9 << 15 | 4 << 12 | 0x0b, "mj.gnoexc\t16(s1)"),
        (9 << 15 | 5 << 12 | 0x0b, "mj.gne0\ts1"),
        (0x55 << 25 | 31 << 20 | 11 << 15 | 10 << 7 | 0x2b, "mj.cld\ta0,248(a1),85"),
        (0x55 << 25 | 1 << 20 | 11 << 15 | 1 << 12 | 10 << 7 | 0x2b, "mj.cfld\tfa0,8(a1),85"),
    ];
    for (word, text) in expect {
        let found = isa.disassemble(word, 0).map(|d| d.to_string());
        assert_eq!(found.as_deref(), Some(text), "{word:#010x}");
    }
}
