//! What the emulated machine tells programs of its instruction set: the ISA string, `AT_HWCAP` and the bits of
//! `riscv_hwprobe`. All follow from the extensions in `isa-spec`.

use crate::interp::generated;
use std::collections::BTreeSet;

/// Names of the extensions that have instructions, e.g. `Zba`; single letters for the base and the standard ones.
fn extensions() -> BTreeSet<&'static str> {
    generated::EXTENSION.iter().copied().collect()
}

/// Single letters of the ISA string, in its order (unprivileged manual, "ISA Extension Naming Conventions").
const LETTERS: &str = "imafdqcbv";

/// Whether a single-letter extension is there. `C` is what its parts are.
fn has(all: &BTreeSet<&str>, letter: char) -> bool {
    if letter == 'c' && all.contains("Zca") && all.contains("Zcd") {
        return true;
    }
    all.iter().any(|name| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.eq_ignore_ascii_case(&letter)) && chars.next().is_none()
    })
}

/// The ISA string as `/proc/cpuinfo` has it: `rv64imafdc_zicsr_zifencei`.
pub fn isa_string() -> String {
    let all = extensions();
    let mut out = String::from("rv64");
    out.extend(LETTERS.chars().filter(|&l| l == 'i' || has(&all, l)));
    let long = |prefix: char| {
        let all = &all;
        all.iter()
            .filter(move |n| n.len() > 1 && n.to_ascii_lowercase().starts_with(prefix))
            .map(|n| n.to_ascii_lowercase())
    };
    for name in long('z').chain(long('x')) {
        out.push('_');
        out.push_str(&name);
    }
    out
}

/// What an ISA string asks for that the emulator has not, e.g. `v` of `rv64gcv`. Versions (`zba1p0`) are not looked at.
/// Error: it is no RV64 ISA string.
pub fn lacks(isa: &str) -> Result<Vec<String>, String> {
    let text = isa.to_ascii_lowercase();
    let rest = text.strip_prefix("rv64").ok_or("it must begin with rv64")?;
    let all: BTreeSet<String> = extensions().iter().map(|n| n.to_ascii_lowercase()).collect();
    // What the emulator does without an instruction of its own.
    const IMPLIED: [&str; 12] = [
        "zicntr", "zihpm", "zaamo", "zalrsc", "zmmul", "zcd", "zca", "ziccif", "ziccamoa", "ziccrse",
        "zicclsm", "zkt",
    ];
    let mut lacking = Vec::new();
    for (n, part) in rest.split('_').enumerate() {
        let (letters, name) = if n == 0 {
            let end = part.find(['z', 's', 'x']).unwrap_or(part.len());
            part.split_at(end)
        } else if part.len() == 1 {
            (part, "")
        } else {
            ("", part)
        };
        for letter in letters.chars().filter(|c| c.is_ascii_alphabetic()) {
            if letter != 'g' && letter != 'i' && !has(&extensions(), letter) {
                lacking.push(letter.to_string());
            }
        }
        // A version is a number, or two with a `p` between.
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let bare = match bare.strip_suffix('p').map(|b| b.trim_end_matches(|c: char| c.is_ascii_digit())) {
            Some(without) if bare.len() != without.len() + 1 => without,
            _ => bare,
        };
        if !name.is_empty() && !all.contains(name) && !all.contains(bare) && !IMPLIED.contains(&bare) {
            lacking.push(name.to_owned());
        }
    }
    Ok(lacking)
}

/// `AT_HWCAP`: bit `letter - 'A'` for each single-letter extension.
pub fn hwcap() -> u64 {
    let all = extensions();
    let known = LETTERS.chars().filter(|&l| l == 'i' || has(&all, l));
    known.map(|l| 1 << (l as u8 - b'a')).sum()
}

/// `RISCV_HWPROBE_KEY_IMA_EXT_0` (Documentation/arch/riscv/hwprobe.rst).
pub fn hwprobe_extensions() -> u64 {
    const BITS: [(&str, u32); 36] = [
        ("Zba", 3),
        ("Zbb", 4),
        ("Zbs", 5),
        ("Zicboz", 6),
        ("Zbc", 7),
        ("Zbkb", 8),
        ("Zbkc", 9),
        ("Zbkx", 10),
        ("Zknd", 11),
        ("Zkne", 12),
        ("Zknh", 13),
        ("Zksed", 14),
        ("Zksh", 15),
        ("Zkt", 16),
        ("Zvbb", 17),
        ("Zvbc", 18),
        ("Zvkb", 19),
        ("Zvkg", 20),
        ("Zvkned", 21),
        ("Zvknha", 22),
        ("Zvknhb", 23),
        ("Zvksed", 24),
        ("Zvksh", 25),
        ("Zvkt", 26),
        ("Zfh", 27),
        ("Zfhmin", 28),
        ("Zihintntl", 29),
        ("Zvfh", 30),
        ("Zvfhmin", 31),
        ("Zfa", 32),
        ("Ztso", 33),
        ("Zacas", 34),
        ("Zicond", 35),
        ("Zihintpause", 36),
        ("Zimop", 43),
        ("Zcmop", 47),
    ];
    let all = extensions();
    let mut bits = 0;
    if has(&all, 'f') && has(&all, 'd') {
        bits |= 1;
    }
    if has(&all, 'c') {
        bits |= 2;
    }
    bits | BITS.iter().filter(|(name, _)| all.contains(name)).fold(0, |bits, (_, n)| bits | 1 << n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_always_there() {
        assert!(isa_string().starts_with("rv64imafdc"), "{}", isa_string());
        assert!(isa_string().contains("_zicsr") && isa_string().contains("_xmjguard"), "{}", isa_string());
        assert_eq!(hwcap() & 0x112d, 0x112d);
        assert_eq!(hwprobe_extensions() & 3, 3);
    }
}
