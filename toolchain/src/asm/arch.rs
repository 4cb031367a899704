//! Architecture names such as `rv64imafdc_zicsr`: reading, what implies what, the canonical form with versions
//! (unprivileged manual, "ISA Extension Naming Conventions").

/// Which version of the specification gives the extensions' version numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IsaSpec {
    V2_2,
    V20190608,
    #[default]
    V20191213,
}

impl IsaSpec {
    /// The specification called `name` on command lines.
    pub fn from_name(name: &str) -> Option<IsaSpec> {
        match name {
            "2.2" => Some(IsaSpec::V2_2),
            "20190608" => Some(IsaSpec::V20190608),
            "20191213" => Some(IsaSpec::V20191213),
            _ => None,
        }
    }
}

/// An extension and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub name: String,
    pub major: u32,
    pub minor: u32,
}

/// An architecture: register width and a set of extensions in canonical order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arch {
    extensions: Vec<Extension>,
    spec: IsaSpec,
}

/// Canonical order of single-letter extensions; extensions beginning with Z are sorted by their second letter so.
const ORDER: &str = "iemafdqlcbkjtpvnh";

/// What an extension brings with it.
const IMPLIED: [(&str, &[&str]); 32] = [
    ("g", &["i", "m", "a", "f", "d", "zicsr", "zifencei"]),
    ("e", &["i"]),
    ("m", &["zmmul"]),
    ("q", &["d"]),
    ("d", &["f"]),
    ("f", &["zicsr"]),
    ("h", &["zicsr"]),
    ("b", &["zba", "zbb", "zbs"]),
    ("zfh", &["zfhmin"]),
    ("zfhmin", &["f"]),
    ("zfa", &["f"]),
    ("zcb", &["zca"]),
    ("zcd", &["d", "zca"]),
    ("zcmop", &["zca"]),
    ("zacas", &["zaamo"]),
    ("zk", &["zkn", "zkr", "zkt"]),
    ("zkn", &["zbkb", "zbkc", "zbkx", "zkne", "zknd", "zknh"]),
    ("zks", &["zbkb", "zbkc", "zbkx", "zksed", "zksh"]),
    ("v", &["d", "zve64d", "zvl128b"]),
    ("zve64d", &["d", "zve64f"]),
    ("zve64f", &["zve32f", "zve64x", "zvl64b"]),
    ("zve32f", &["f", "zve32x", "zvl32b"]),
    ("zve64x", &["zve32x", "zvl64b"]),
    ("zve32x", &["zvl32b"]),
    ("zvl128b", &["zvl64b"]),
    ("zvl64b", &["zvl32b"]),
    ("zhinx", &["zhinxmin"]),
    ("zhinxmin", &["zfinx"]),
    ("zdinx", &["zfinx"]),
    ("zfinx", &["zicsr"]),
    ("zicntr", &["zicsr"]),
    ("zihpm", &["zicsr"]),
];

impl Arch {
    /// The architecture `text` names, e.g. `rv64gc` or `rv64i2p1_m2p0`; versions that are not given are those of `spec`.
    pub fn parse(text: &str, spec: IsaSpec) -> Result<Arch, String> {
        if !text.is_ascii() {
            return Err(format!("`{text}` is not an architecture"));
        }
        let lower = text.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix("rv64") else {
            return Err(format!("the architecture `{text}` does not begin with `rv64`"));
        };
        let mut arch = Arch { extensions: Vec::new(), spec };
        let mut rest = rest;
        let mut first = true;
        while !rest.is_empty() {
            if let Some(r) = rest.strip_prefix('_') {
                rest = r;
                continue;
            }
            let len = if rest.starts_with(['z', 's', 'x']) {
                rest.find('_').unwrap_or(rest.len())
            } else {
                let tail = &rest[1.min(rest.len())..];
                rest.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len().min(tail.len())
            };
            let mut word = &rest[..len];
            // A version after a single letter may go on with `p` and the minor number.
            if let Some(after) = rest[len..].strip_prefix('p')
                && !rest.starts_with(['z', 's', 'x'])
                && len > 1
            {
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                if digits > 0 {
                    word = &rest[..len + 1 + digits];
                }
            }
            rest = &rest[word.len()..];
            let (name, version) = split_version(word);
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.') {
                return Err(format!("`{word}` is not the name of an extension"));
            }
            if first && !matches!(name, "i" | "e" | "g") {
                return Err("the architecture must begin with rv64i, rv64e or rv64g".to_string());
            }
            if name.len() == 1 && name != "g" && !ORDER.contains(name) {
                return Err(format!("unknown extension `{name}`"));
            }
            first = false;
            arch.add(name, version);
        }
        if first {
            return Err(format!("the architecture `{text}` names no base"));
        }
        arch.remove("g");
        Ok(arch)
    }

    /// Whether the extension is in the set.
    pub fn has(&self, name: &str) -> bool {
        self.extensions.iter().any(|e| e.name == name)
    }

    /// Whether instructions of the extension that `isa-spec` calls `name` may be used where a choice is made
    /// (compressed forms, pseudo-instructions with several expansions).
    pub fn enables(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let c = self.has("c");
        match name.as_str() {
            "zca" => c || self.has("zca"),
            "zcd" => (c || self.has("zcd")) && self.has("d"),
            _ => self.has(&name),
        }
    }

    /// Adds an extension and what it implies; `version` is the specification's if not given.
    pub fn add(&mut self, name: &str, version: Option<(u32, u32)>) {
        if self.has(name) {
            if let (Some((major, minor)), Some(e)) =
                (version, self.extensions.iter_mut().find(|e| e.name == name))
            {
                (e.major, e.minor) = (major, minor);
            }
            return;
        }
        let (major, minor) = version.unwrap_or_else(|| default_version(name, self.spec));
        self.extensions.push(Extension { name: name.to_string(), major, minor });
        let implied = IMPLIED.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, list)| list);
        for other in implied {
            // Before the 2019 edition these were part of the base.
            let base = self.spec == IsaSpec::V2_2 && matches!(*other, "zicsr" | "zifencei");
            if !base && !self.has(other) {
                self.add(other, None);
            }
        }
        self.extensions.sort_by_key(|e| key(&e.name));
    }

    pub fn remove(&mut self, name: &str) {
        self.extensions.retain(|e| e.name != name);
    }

    /// Applies a change such as `+zba`, `-c`, `+zbb1p0`, or a whole new architecture (`.option arch`).
    pub fn change(&mut self, text: &str) -> Result<(), String> {
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            if let Some(word) = part.strip_prefix('+') {
                let lower = word.to_ascii_lowercase();
                let (name, version) = split_version(&lower);
                if name.is_empty() {
                    return Err("an extension is expected after `+`".to_string());
                }
                self.add(name, version);
            } else if let Some(word) = part.strip_prefix('-') {
                let lower = word.to_ascii_lowercase();
                let (name, _) = split_version(&lower);
                if name == "i" || name == "e" {
                    return Err("the base cannot be removed".to_string());
                }
                self.remove(name);
            } else {
                *self = Arch::parse(part, self.spec)?;
            }
        }
        Ok(())
    }

    /// The canonical name with versions, e.g. `rv64i2p1_m2p0`.
    pub fn name(&self) -> String {
        let parts: Vec<String> =
            self.extensions.iter().map(|e| format!("{}{}p{}", e.name, e.major, e.minor)).collect();
        format!("rv64{}", parts.join("_"))
    }
}

/// Sort key: single letters in canonical order, then Z by category and name, then S, then X.
fn key(name: &str) -> (u8, usize, String) {
    let place = |c: char| ORDER.find(c).unwrap_or(ORDER.len());
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => (0, place(c), String::new()),
        (Some('z'), Some(c)) => (1, place(c), name.to_string()),
        (Some('s'), _) => (2, 0, name.to_string()),
        _ => (3, 0, name.to_string()),
    }
}

/// `zba1p0` as `zba` and (1, 0).
fn split_version(word: &str) -> (&str, Option<(u32, u32)>) {
    let tail = word.len() - word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if tail == 0 || tail == word.len() {
        return (word, None);
    }
    let (head, digits) = word.split_at(word.len() - tail);
    let number = |d: &str| d.parse::<u32>().ok();
    if let Some(before) = head.strip_suffix('p') {
        let major = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if major > 0
            && major < before.len()
            && let (Some(a), Some(b)) = (number(&before[before.len() - major..]), number(digits))
        {
            return (&before[..before.len() - major], Some((a, b)));
        }
    }
    // Names that end in a digit of their own, such as `zvl128b` or `zve64x`, do not come here; `i2` does.
    match (head.len(), number(digits)) {
        (1, Some(a)) => (head, Some((a, 0))),
        _ => (word, None),
    }
}

fn default_version(name: &str, spec: IsaSpec) -> (u32, u32) {
    let new = spec == IsaSpec::V20191213;
    match name {
        "i" | "a" if new => (2, 1),
        "f" | "d" | "q" if new => (2, 2),
        "e" => (1, 9),
        "i" | "m" | "a" | "f" | "d" | "q" | "c" | "zicsr" | "zifencei" | "zihintpause" | "zicntr"
        | "zihpm" => (2, 0),
        _ => (1, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        Arch::parse(text, IsaSpec::default()).map_or_else(|e| e, |a| a.name())
    }

    #[test]
    fn names() {
        let gc = "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0_zmmul1p0";
        assert_eq!(name("rv64gc"), gc);
        assert_eq!(name("rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0"), gc);
        assert_eq!(name("rv64imafdc_zifencei"), gc);
        assert_eq!(name("rv64i"), "rv64i2p1");
        assert_eq!(name("rv64gc_zba"), format!("{gc}_zba1p0"));
        assert_eq!(name("rv64i2p0_m2p0"), "rv64i2p0_m2p0_zmmul1p0");
        let old = Arch::parse("rv64gc", IsaSpec::V2_2).unwrap();
        assert!(old.name().starts_with("rv64i2p0_m2p0_a2p0_f2p0_d2p0_c2p0_z"));
        for wrong in ["rv32i", "rv64", "rv64m", "rv64i$", "x", "rv64iy"] {
            assert!(Arch::parse(wrong, IsaSpec::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn changes() {
        let mut a = Arch::parse("rv64gc", IsaSpec::default()).unwrap();
        a.change("+zbb, -c").unwrap();
        assert!(a.has("zbb") && !a.has("c") && a.enables("Zbb") && !a.enables("Zca"));
        a.change("rv64ic").unwrap();
        assert!(!a.has("m") && a.enables("Zca") && !a.enables("Zcd"));
        assert!(a.change("-i").is_err());
    }
}
