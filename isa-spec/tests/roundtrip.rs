//! Decoding and encoding are inverse, and what is reserved does not decode.

use isa_spec::{Class, Cond, EncodeError, FieldKind, Isa, MAX_FIELDS};

/// A small deterministic generator (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as u32
    }
}

#[test]
fn every_compressed_word_encodes_back() {
    let isa = Isa::builtin();
    let mut legal = 0;
    for word in (0..=0xffff_u32).filter(|w| w & 3 != 3) {
        if let Some(inst) = isa.decode(word) {
            assert_eq!(isa.encode(inst.id, &inst.values), Ok(word), "{word:#06x}");
            assert_eq!(inst.len, 2);
            legal += 1;
        }
    }
    assert!(legal > 40_000, "only {legal} compressed words are legal");
}

#[test]
fn random_words_of_every_instruction_encode_back() {
    let isa = Isa::builtin();
    let mut random = Random(0x1234_5678_9abc_def1);
    for insn in isa.insns.iter().filter(|i| i.len == 4) {
        let mut seen = 0;
        for _ in 0..200 {
            let word = insn.bits | random.next() & !insn.mask;
            if !insn.matches(word) {
                continue;
            }
            let inst = isa.decode(word).expect("matches, so decodes");
            // A special case of this encoding may have taken the word.
            let found = isa.insn(inst.id);
            assert!(found.mask & insn.mask == insn.mask, "{word:#010x}: {} as {}", insn.name, found.name);
            assert_eq!(isa.encode(inst.id, &inst.values), Ok(word), "{}", insn.name);
            seen += usize::from(inst.id == insn.id);
        }
        assert!(seen > 0, "{} never decoded", insn.name);
    }
}

/// Structured negatives: each is one bit or field away from an instruction.
#[test]
fn reserved_words_do_not_decode() {
    let isa = Isa::builtin();
    let reserved: [(u32, &str); 24] = [
        (0x0000_0000, "all zero"),
        (0xffff_ffff, "all ones"),
        (0x0000, "c.addi4spn with zero immediate"),
        (0x001c, "c.addi4spn with zero immediate, a5"),
        (0x2001, "c.addiw x0"),
        (0x4002, "c.lwsp x0"),
        (0x6002, "c.ldsp x0"),
        (0x6101, "c.addi16sp 0"),
        (0x6201, "c.lui tp,0, which is no c.mop"),
        (0x8002, "c.jr x0"),
        (0x9000, "quadrant 0, funct3 100, above c.sh"),
        (0x9c79, "c.not with code 110"),
        (0x9c7d, "c.not with code 111"),
        (0x8c40, "c.sh with bit 6 set"),
        (0x0400_1013, "slli with a bit above the amount"),
        (0x0200_101b, "slliw by 32"),
        (0x0000_2063, "branch funct3 010"),
        (0x0000_3063, "branch funct3 011"),
        (0x0000_7003, "load funct3 111"),
        (0x0000_4023, "store funct3 100"),
        (0x0000_1067, "jalr funct3 001"),
        (0x1010_202f, "lr.w with rs2 = 1"),
        (0x0000_302b, "custom-1 funct3 011"),
        (0x0020_0073, "system funct12 2"),
    ];
    for (word, what) in reserved {
        assert!(isa.decode(word).is_none(), "{word:#010x}: {what}");
    }
    for funct7 in 3..=127u32 {
        if funct7 == 0x20 {
            continue;
        }
        // funct3 000 is add and sub only.
        let word = funct7 << 25 | 0x33;
        assert!(isa.decode(word).is_none(), "OP with funct7 {funct7:#x}");
    }
    // Guards whose unused register fields are not zero.
    for word in [0x1000_208b_u32, 0x1200_208b, 0x0000_408b, 0x0000_508b, 0x0010_500b, 0x0600_200b] {
        assert!(isa.decode(word).is_none(), "{word:#010x}");
    }
}

#[test]
fn hints_leave_the_base_instructions_alone() {
    let isa = Isa::builtin();
    let name = |word: u32| isa.decode(word).map(|i| isa.insn(i.id).name.clone()).unwrap_or_default();
    assert_eq!(name(0xfff5_2013), "mj.obsv"); // slti x0, a0, -1
    assert_eq!(isa.disassemble(0xfff5_2013, 0).unwrap().to_string(), "mj.obsv\ta0,4095");
    assert_eq!(name(0xfff5_3013), "mj.obst");
    assert_eq!(name(0x0030_2013), "mj.phase");
    assert_eq!(name(0x0010_3013), "mj.roi");
    assert_eq!(name(0xfff5_2093), "slti");
    assert_eq!(name(0x0015_3093), "sltiu");
    assert_eq!(name(0x0000_3093), "sltiu");
    let own = isa.insns.iter().filter(|i| i.class == Class::Hint && i.extension == "Xmjhint");
    assert_eq!(own.count(), 4);
}

#[test]
fn encoder_refuses_what_does_not_fit() {
    let isa = Isa::builtin();
    let encode = |name: &str, values: &[(&str, i64)]| {
        let insn = isa.by_name(name).expect("known");
        let mut all = [0; MAX_FIELDS];
        for (field, value) in values {
            all[insn.field(field).expect("field")] = *value;
        }
        isa.encode(insn.id, &all)
    };
    assert_eq!(encode("addi", &[("xd", 10), ("xs1", 10), ("imm", 2047)]), Ok(0x7ff5_0513));
    assert!(matches!(
        encode("addi", &[("imm", 2048)]),
        Err(EncodeError::Range { value: 2048, min: -2048, max: 2047, .. })
    ));
    assert!(matches!(encode("beq", &[("imm", 3)]), Err(EncodeError::Align { align: 2, .. })));
    assert!(matches!(encode("beq", &[("imm", 4096)]), Err(EncodeError::Range { .. })));
    assert!(matches!(encode("c.addi4spn", &[("xd", 8)]), Err(EncodeError::Reserved { .. })));
    assert!(matches!(encode("c.lw", &[("xd", 7), ("xs1", 8)]), Err(EncodeError::Register { .. })));
    assert!(matches!(encode("mj.cld", &[("imm", 12)]), Err(EncodeError::Align { align: 8, .. })));
    assert!(matches!(encode("lui", &[("imm", 1)]), Err(EncodeError::Align { align: 4096, .. })));
    assert_eq!(encode("lui", &[("xd", 10), ("imm", -4096)]), Ok(0xffff_f537));
}

/// Whatever an alias prints can be written back through one of its mnemonic's forms.
#[test]
fn aliases_assemble_to_what_they_stand_for() {
    let isa = Isa::builtin();
    for insn in &isa.insns {
        for alias in insn.aliases.iter().filter(|a| a.print && a.assemble) {
            let mut values = [0; MAX_FIELDS];
            for (value, field) in values.iter_mut().zip(&insn.fields) {
                *value = field.default.unwrap_or(field.max());
            }
            for cond in &alias.when {
                match *cond {
                    Cond::Is(f, v) => values[f] = v,
                    Cond::Same(a, b) => values[a] = values[b],
                }
            }
            let word = isa.encode(insn.id, &values).expect("fits");
            let found = isa.forms(&alias.mnemonic).iter().any(|form| {
                let mut parsed = [None; MAX_FIELDS];
                for f in form.template.fields() {
                    parsed[f] = values.get(f).copied();
                }
                form.insn == insn.id
                    && form.complete(isa, &parsed).is_ok_and(|v| isa.encode(form.insn, &v) == Ok(word))
            });
            assert!(found, "{} does not lead back to {}", alias.mnemonic, insn.name);
        }
    }
}

#[test]
fn atomic_suffixes_are_forms() {
    let isa = Isa::builtin();
    let form = &isa.forms("amoadd.w.aqrl")[0];
    let insn = isa.insn(form.insn);
    let mut parsed = [None; MAX_FIELDS];
    for (n, f) in insn.fields.iter().enumerate() {
        if f.kind == FieldKind::XReg {
            parsed[n] = Some(10);
        }
    }
    let word = isa.encode(form.insn, &form.complete(isa, &parsed).unwrap()).unwrap();
    assert_eq!(isa.disassemble(word, 0).unwrap().to_string(), "amoadd.w.aqrl\ta0,a0,(a0)");
}
