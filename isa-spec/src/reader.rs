//! Reads specification files: YAML documents → [`Insn`] and [`Csr`].
//!
//! A document is one instruction (`kind: instruction`) or one CSR (`kind: csr`), in the profile of the RISC-V
//! Unified DB that `spec/README.md` describes. Keys of our own start with `custom_`; a key that is not known
//! is an error, so that a misspelt one cannot be lost.

use crate::diag::Diagnostic;
use crate::disasm::{freg, xreg};
use crate::idl;
use crate::model::{
    Alias, BitRange, Class, Cond, Csr, Field, FieldKind, Insn, InsnId, Isa, MAX_FIELDS, Piece, Slot, Template,
};
use crate::sem;
use crate::yaml::{self, Node, NodeKind, Pos, Source};

/// The files of the built-in extensions, in the order of instruction ids.
pub const BUILTIN: [(&str, &str); 10] = [
    ("spec/i.yaml", include_str!("../spec/i.yaml")),
    ("spec/m.yaml", include_str!("../spec/m.yaml")),
    ("spec/a.yaml", include_str!("../spec/a.yaml")),
    ("spec/f.yaml", include_str!("../spec/f.yaml")),
    ("spec/d.yaml", include_str!("../spec/d.yaml")),
    ("spec/c.yaml", include_str!("../spec/c.yaml")),
    ("spec/zicsr.yaml", include_str!("../spec/zicsr.yaml")),
    ("spec/zifencei.yaml", include_str!("../spec/zifencei.yaml")),
    ("spec/xmjguard.yaml", include_str!("../spec/xmjguard.yaml")),
    ("spec/xmjhint.yaml", include_str!("../spec/xmjhint.yaml")),
];

const INSN_KEYS: [&str; 14] = [
    "$schema",
    "kind",
    "name",
    "long_name",
    "description",
    "definedBy",
    "assembly",
    "encoding",
    "access",
    "data_independent_timing",
    "pseudoinstructions",
    "operation()",
    "custom_class",
    "custom_guard",
];
const CSR_KEYS: [&str; 10] = [
    "$schema",
    "kind",
    "name",
    "long_name",
    "description",
    "definedBy",
    "address",
    "writable",
    "length",
    "priv_mode",
];

impl Isa {
    /// The built-in ISA: RV64GC and the `Xmj` extensions. Parsed once.
    ///
    /// # Panics
    /// If a built-in file is wrong, which the crate's tests exclude.
    pub fn builtin() -> &'static Isa {
        static ISA: std::sync::OnceLock<Isa> = std::sync::OnceLock::new();
        ISA.get_or_init(|| match Isa::from_sources(&BUILTIN) {
            Ok(isa) => isa,
            Err(errors) => {
                let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
                panic!("built-in specification:\n{}", text.join("\n"))
            }
        })
    }

    /// Reads specification files given as (file name for messages, text). All errors are reported, at
    /// most one for each document.
    pub fn from_sources(files: &[(&str, &str)]) -> std::result::Result<Isa, Vec<Diagnostic>> {
        let mut insns: Vec<Insn> = Vec::new();
        let mut places: Vec<(Source, Pos)> = Vec::new();
        let mut csrs = Vec::new();
        let mut errors = Vec::new();
        for &(name, text) in files {
            let source = Source { name, text };
            let docs = match yaml::parse(source) {
                Ok(docs) => docs,
                Err(e) => {
                    errors.push(e);
                    continue;
                }
            };
            for doc in &docs {
                let reader = Reader { source };
                match reader.document(doc) {
                    Ok(Document::Insn(mut insn)) => {
                        insn.id = InsnId(insns.len() as u16);
                        places.push((source, doc.pos));
                        insns.push(*insn);
                    }
                    Ok(Document::Csr(csr)) => csrs.push(csr),
                    Err(e) => errors.push(e),
                }
            }
        }
        conflicts(&insns, &places, &mut errors);
        if errors.is_empty() { Ok(Isa::new(insns, csrs)) } else { Err(errors) }
    }
}

/// Two encodings that both match some word must be nested: one is a special case of the other.
fn conflicts(insns: &[Insn], places: &[(Source, Pos)], errors: &mut Vec<Diagnostic>) {
    for (n, b) in insns.iter().enumerate() {
        for a in &insns[..n] {
            let (source, pos) = places[n];
            if a.name == b.name {
                let first = format!("{}:{}", a.file, a.line);
                errors.push(source.error(pos, format!("`{}` is already defined at {first}", b.name)));
                continue;
            }
            let overlap = a.len == b.len && (a.bits ^ b.bits) & a.mask & b.mask == 0;
            let nested = a.mask != b.mask && (a.mask & b.mask == a.mask || a.mask & b.mask == b.mask);
            if overlap && !nested {
                errors.push(source.error(
                    pos,
                    format!(
                        "the encoding of `{}` overlaps that of `{}` ({}:{}); one must be a special case of the other",
                        b.name, a.name, a.file, a.line
                    ),
                ));
            }
        }
    }
}

enum Document {
    Insn(Box<Insn>),
    Csr(Csr),
}

struct Reader<'a> {
    source: Source<'a>,
}

type Result<T> = std::result::Result<T, Diagnostic>;
type Map = [(String, Pos, Node)];

impl Reader<'_> {
    fn err<T>(&self, pos: Pos, message: impl Into<String>) -> Result<T> {
        Err(self.source.error(pos, message))
    }

    fn map<'n>(&self, node: &'n Node, what: &str) -> Result<&'n Map> {
        match &node.kind {
            NodeKind::Map(entries) => Ok(entries),
            _ => self.err(node.pos, format!("{what}: expected a mapping, found {}", node.describe())),
        }
    }

    fn seq<'n>(&self, node: &'n Node, what: &str) -> Result<&'n [Node]> {
        match &node.kind {
            NodeKind::Seq(items) => Ok(items),
            _ => self.err(node.pos, format!("{what}: expected a list, found {}", node.describe())),
        }
    }

    fn text<'n>(&self, node: &'n Node, what: &str) -> Result<&'n str> {
        match &node.kind {
            NodeKind::Scalar { text, .. } => Ok(text),
            _ => self.err(node.pos, format!("{what}: expected text, found {}", node.describe())),
        }
    }

    fn int(&self, node: &Node, what: &str) -> Result<i64> {
        let text = self.text(node, what)?;
        match parse_int(text) {
            Some(v) => Ok(v),
            None => self.err(node.pos, format!("{what}: expected a number, found `{text}`")),
        }
    }

    fn bool(&self, node: &Node, what: &str) -> Result<bool> {
        match self.text(node, what)? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => self.err(node.pos, format!("{what}: expected true or false, found `{other}`")),
        }
    }

    fn keys(&self, map: &Map, known: &[&str]) -> Result<()> {
        match map.iter().find(|(k, _, _)| !known.contains(&k.as_str())) {
            Some((key, pos, _)) => {
                self.err(*pos, format!("unknown key `{key}`, expected one of: {}", known.join(", ")))
            }
            None => Ok(()),
        }
    }

    fn need<'n>(&self, map: &'n Map, key: &str, at: Pos) -> Result<&'n Node> {
        match get(map, key) {
            Some(node) => Ok(node),
            None => self.err(at, format!("key `{key}` is missing")),
        }
    }

    fn need_text(&self, map: &Map, key: &str, at: Pos) -> Result<String> {
        let node = self.need(map, key, at)?;
        let text = self.text(node, key)?.trim_end();
        if text.is_empty() {
            return self.err(node.pos, format!("{key}: expected text, found nothing"));
        }
        Ok(text.to_string())
    }

    fn document(&self, doc: &Node) -> Result<Document> {
        let map = self.map(doc, "document")?;
        let kind = self.need(map, "kind", doc.pos)?;
        match self.text(kind, "kind")? {
            "instruction" => self.insn(map, doc.pos).map(|i| Document::Insn(Box::new(i))),
            "csr" => self.csr(map, doc.pos).map(Document::Csr),
            other => self.err(kind.pos, format!("kind: expected `instruction` or `csr`, found `{other}`")),
        }
    }

    fn csr(&self, map: &Map, at: Pos) -> Result<Csr> {
        self.keys(map, &CSR_KEYS)?;
        let address = self.need(map, "address", at)?;
        let number = self.int(address, "address")?;
        if !(0..=0xfff).contains(&number) {
            return self.err(address.pos, format!("address: {number:#x} is not in 0..=0xfff"));
        }
        Ok(Csr {
            name: self.need_text(map, "name", at)?,
            long_name: self.need_text(map, "long_name", at)?,
            description: self.need_text(map, "description", at)?,
            extension: self.need_text(map, "definedBy", at)?,
            address: number as u16,
            writable: self.bool(self.need(map, "writable", at)?, "writable")?,
        })
    }

    fn insn(&self, map: &Map, at: Pos) -> Result<Insn> {
        self.keys(map, &INSN_KEYS)?;
        let name = self.need_text(map, "name", at)?;
        let encoding = self.need(map, "encoding", at)?;
        let (len, mask, bits, fields) = self.encoding(encoding)?;
        let class_node = self.need(map, "custom_class", at)?;
        let class_name = self.text(class_node, "custom_class")?;
        let Some(class) = Class::from_name(class_name) else {
            let known: Vec<&str> = Class::ALL.iter().map(|c| c.name()).collect();
            return self.err(
                class_node.pos,
                format!("custom_class: expected one of {}, found `{class_name}`", known.join(", ")),
            );
        };
        let assembly = self.need(map, "assembly", at)?;
        let template = self.template(self.text(assembly, "assembly")?, &fields, assembly.pos)?;
        self.all_operands_shown(&template, &fields, assembly.pos)?;
        let aliases = match get(map, "pseudoinstructions") {
            Some(node) => self.aliases(node, &fields)?,
            None => Vec::new(),
        };
        if let Some(access) = get(map, "access") {
            for (key, pos, value) in self.map(access, "access")? {
                let value_text = self.text(value, "access")?;
                if !["s", "u", "vs", "vu"].contains(&key.as_str()) {
                    return self.err(*pos, format!("access: expected s, u, vs or vu, found `{key}`"));
                }
                if !["always", "sometimes", "never"].contains(&value_text) {
                    return self.err(
                        value.pos,
                        format!("access: expected always, sometimes or never, found `{value_text}`"),
                    );
                }
            }
        }
        let operation = self.need(map, "operation()", at)?;
        let body = self.operation(operation, &fields)?;
        Ok(Insn {
            id: InsnId(0),
            name,
            long_name: self.need_text(map, "long_name", at)?,
            description: self.need_text(map, "description", at)?,
            extension: self.need_text(map, "definedBy", at)?,
            class,
            guard: get(map, "custom_guard")
                .map(|n| self.text(n, "custom_guard").map(str::to_string))
                .transpose()?,
            len,
            mask,
            bits,
            fields,
            template,
            aliases,
            body,
            file: self.source.name.to_string(),
            line: at.line,
        })
    }

    fn operation(&self, node: &Node, fields: &[Field]) -> Result<sem::Body> {
        let text = self.text(node, "operation()")?;
        let literal = matches!(node.kind, NodeKind::Scalar { literal: true, .. });
        idl::compile(text, fields).map_err(|(span, message)| {
            // A `|` block starts on a line of its own; its indentation was taken off.
            let pos = if literal {
                let first = self.block_line(node.pos.line, text);
                let line = first + span.line;
                let stripped = text.lines().nth(span.line).unwrap_or("").chars().count();
                let full = self.source.line(line).chars().count();
                Pos { line, col: full.saturating_sub(stripped) + span.col + 1, len: span.len }
            } else {
                Pos { line: node.pos.line, col: node.pos.col + span.col, len: span.len }
            };
            self.source.error(pos, format!("operation(): {message}"))
        })
    }

    /// The line on which the text of a `|` block starts, given the line of the `|` or of the text itself.
    fn block_line(&self, from: usize, text: &str) -> usize {
        let first = text.lines().next().unwrap_or("");
        (from..from + 3).find(|l| self.source.line(*l).trim_start() == first.trim_start()).unwrap_or(from)
    }

    fn encoding(&self, node: &Node) -> Result<(u8, u32, u32, Vec<Field>)> {
        let map = self.map(node, "encoding")?;
        self.keys(map, &["match", "variables"])?;
        let pattern = self.need(map, "match", node.pos)?;
        let text = self.text(pattern, "match")?;
        let len = match text.chars().count() {
            16 => 2u8,
            32 => 4,
            n => return self.err(pattern.pos, format!("match: expected 16 or 32 characters, found {n}")),
        };
        let (mut mask, mut bits) = (0u32, 0u32);
        for (i, c) in text.chars().enumerate() {
            (mask, bits) = (mask << 1, bits << 1);
            match c {
                '0' => mask |= 1,
                '1' => (mask, bits) = (mask | 1, bits | 1),
                '-' => {}
                _ => {
                    let pos = Pos { col: pattern.pos.col + i, len: 1, ..pattern.pos };
                    return self.err(pos, format!("match: expected 0, 1 or -, found `{c}`"));
                }
            }
        }
        if (len == 4) != (bits & mask & 3 == 3) {
            return self.err(pattern.pos, "match: 32-bit encodings end in 11, 16-bit ones do not");
        }
        let mut fields = Vec::new();
        let mut covered = mask;
        if let Some(list) = get(map, "variables") {
            for item in self.seq(list, "variables")? {
                let field = self.variable(item, u32::from(len) * 8)?;
                if covered & field.mask() != 0 {
                    return self.err(
                        item.pos,
                        format!("bits of `{}` are already fixed or belong to another variable", field.name),
                    );
                }
                covered |= field.mask();
                if fields.iter().any(|f: &Field| f.name == field.name) {
                    return self.err(item.pos, format!("variable `{}` is given twice", field.name));
                }
                fields.push(field);
            }
        }
        let all = if len == 4 { u32::MAX } else { 0xffff };
        if covered != all {
            let bit = (!covered & all).trailing_zeros();
            return self.err(pattern.pos, format!("match: bit {bit} is `-` but belongs to no variable"));
        }
        if fields.len() > MAX_FIELDS {
            return self.err(node.pos, format!("more than {MAX_FIELDS} variables"));
        }
        self.slots(&mut fields, node.pos)?;
        Ok((len, mask, bits, fields))
    }

    fn variable(&self, node: &Node, insn_bits: u32) -> Result<Field> {
        let map = self.map(node, "variable")?;
        self.keys(
            map,
            &["name", "location", "left_shift", "sign_extend", "not", "custom_kind", "custom_default"],
        )?;
        let name = self.need_text(map, "name", node.pos)?;
        let place = self.need(map, "location", node.pos)?;
        let mut location = Vec::new();
        let mut seen = 0u32;
        for part in self.text(place, "location")?.split('|') {
            let (hi, lo) = part.split_once('-').unwrap_or((part, part));
            match (hi.trim().parse::<u32>(), lo.trim().parse::<u32>()) {
                (Ok(hi), Ok(lo)) if hi >= lo && hi < insn_bits => {
                    let range = BitRange { hi: hi as u8, lo: lo as u8 };
                    let mask = (((1u64 << range.width()) - 1) << lo) as u32;
                    if seen & mask != 0 {
                        return self.err(place.pos, format!("location: `{part}` names a bit again"));
                    }
                    seen |= mask;
                    location.push(range);
                }
                _ => {
                    return self.err(
                        place.pos,
                        format!("location: expected bits such as 31-20 or 7|12-10, found `{part}`"),
                    );
                }
            }
        }
        let left_shift = match get(map, "left_shift") {
            Some(n) => match self.int(n, "left_shift")? {
                v @ 0..=31 => v as u8,
                v => return self.err(n.pos, format!("left_shift: {v} is not in 0..=31")),
            },
            None => 0,
        };
        let sign_extend = match get(map, "sign_extend") {
            Some(n) => self.bool(n, "sign_extend")?,
            None => false,
        };
        let kind = match get(map, "custom_kind") {
            Some(n) => {
                let text = self.text(n, "custom_kind")?;
                match kind_from_name(text) {
                    Some(kind) => kind,
                    None => {
                        return self.err(
                            n.pos,
                            format!(
                                "custom_kind: expected xreg, freg, imm, hex, upper, target, csr, rm, fence_set, aqrl or hidden, found `{text}`"
                            ),
                        );
                    }
                }
            }
            None => default_kind(&name),
        };
        let default = get(map, "custom_default").map(|n| self.int(n, "custom_default")).transpose()?;
        let mut field = Field {
            name,
            location,
            left_shift,
            sign_extend,
            not: Vec::new(),
            kind,
            default,
            slot: Slot::Imm,
        };
        if field.is_reg() && ![3, 5].contains(&field.width()) {
            return self
                .err(place.pos, "location: a register field has 5 bits, or 3 in compressed encodings");
        }
        if field.value_width() > 32 {
            return self.err(place.pos, "location: a value of more than 32 bits");
        }
        if let Some(n) = get(map, "not") {
            field.not = match &n.kind {
                NodeKind::Seq(items) => {
                    items.iter().map(|i| self.int(i, "not")).collect::<Result<Vec<i64>>>()?
                }
                _ => vec![self.int(n, "not")?],
            };
        }
        if let Some(value) = default
            && let Err(e) = field.insert(value)
        {
            return self.err(node.pos, format!("custom_default: {e}"));
        }
        Ok(field)
    }

    /// Gives each field its place in the generated `Decoded`: registers by role, the widest (or a
    /// signed) other field in `imm`, the rest in free byte-sized places.
    fn slots(&self, fields: &mut [Field], at: Pos) -> Result<()> {
        let mut free = vec![Slot::Aux, Slot::Rs3, Slot::Rs2, Slot::Rs1, Slot::Rd, Slot::Imm];
        let full = |name: &str| format!("no room for `{name}` in a decoded instruction");
        for f in fields.iter_mut().filter(|f| f.is_reg()) {
            let slot = match f.name.as_str() {
                "xd" | "fd" => Slot::Rd,
                "xs1" | "fs1" => Slot::Rs1,
                "xs2" | "fs2" => Slot::Rs2,
                "xs3" | "fs3" => Slot::Rs3,
                other => {
                    return self.err(
                        at,
                        format!(
                            "register fields are called xd, xs1, xs2, fd, fs1, fs2, fs3; found `{other}`"
                        ),
                    );
                }
            };
            if !free.contains(&slot) {
                return self.err(at, full(&f.name));
            }
            free.retain(|s| *s != slot);
            f.slot = slot;
        }
        let mut rest: Vec<usize> = (0..fields.len()).filter(|n| !fields[*n].is_reg()).collect();
        rest.sort_by_key(|n| {
            let f = &fields[*n];
            (f.kind == FieldKind::Rm, std::cmp::Reverse((f.sign_extend, f.value_width())))
        });
        for n in rest {
            let f = &mut fields[n];
            let byte = !f.sign_extend && f.value_width() <= 8;
            let slot = if byte && f.kind == FieldKind::Rm {
                free.first().copied()
            } else {
                free.iter().rev().copied().find(|s| byte || *s == Slot::Imm)
            };
            let Some(slot) = slot else { return self.err(at, full(&f.name)) };
            free.retain(|s| *s != slot);
            f.slot = slot;
        }
        Ok(())
    }

    fn template(&self, text: &str, fields: &[Field], pos: Pos) -> Result<Template> {
        let mut pieces = Vec::new();
        let chars: Vec<char> = text.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            let c = chars[i];
            if c.is_whitespace() {
                i += 1;
                continue;
            }
            if "(),".contains(c) {
                pieces.push(Piece::Text(c.to_string()));
                i += 1;
                continue;
            }
            let len = chars[i..].iter().take_while(|c| c.is_alphanumeric() || "_-.".contains(**c)).count();
            let word: String = chars[i..i + len].iter().collect();
            let piece = if let Some(n) = fields.iter().position(|f| f.name == word) {
                Piece::Field(n)
            } else if xreg(&word).is_some() || freg(&word).is_some() || parse_int(&word).is_some() {
                Piece::Text(word.clone())
            } else {
                return self.err(
                    pos,
                    format!(
                        "expected a variable of this encoding, a register or `,` `(` `)`, found `{}`",
                        if word.is_empty() { c.to_string() } else { word }
                    ),
                );
            };
            pieces.push(piece);
            i += len;
        }
        Ok(Template { pieces })
    }

    fn all_operands_shown(&self, template: &Template, fields: &[Field], pos: Pos) -> Result<()> {
        let shown = template.fields();
        for (n, f) in fields.iter().enumerate() {
            let implied = match f.kind {
                FieldKind::AqRl => true,
                _ => f.default.is_some(),
            };
            if !implied && !shown.contains(&n) {
                return self
                    .err(pos, format!("assembly: `{}` is not shown and has no custom_default", f.name));
            }
        }
        Ok(())
    }

    fn aliases(&self, node: &Node, fields: &[Field]) -> Result<Vec<Alias>> {
        let mut out = Vec::new();
        for item in self.seq(node, "pseudoinstructions")? {
            let map = self.map(item, "pseudoinstruction")?;
            self.keys(map, &["when", "to", "custom_use"])?;
            let when_node = self.need(map, "when", item.pos)?;
            let when = self.conditions(self.text(when_node, "when")?, fields, when_node.pos)?;
            let to = self.need(map, "to", item.pos)?;
            let text = self.text(to, "to")?;
            let (mnemonic, operands) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let template = self.template(operands, fields, to.pos)?;
            let (print, assemble) = match get(map, "custom_use") {
                None => (true, true),
                Some(n) => match self.text(n, "custom_use")? {
                    "print" => (true, false),
                    "assemble" => (false, true),
                    other => {
                        return self
                            .err(n.pos, format!("custom_use: expected print or assemble, found `{other}`"));
                    }
                },
            };
            if assemble {
                let shown = template.fields();
                let known = |n: usize| {
                    shown.contains(&n)
                        || fields[n].default.is_some()
                        || when.iter().any(|c| matches!(c, Cond::Is(f, _) if *f == n))
                };
                let lost = (0..fields.len()).find(|n| {
                    !known(*n)
                        && !when.iter().any(|c| match c {
                            Cond::Same(a, b) => (a == n && known(*b)) || (b == n && known(*a)),
                            Cond::Is(..) => false,
                        })
                        && fields[*n].kind != FieldKind::AqRl
                });
                if let Some(n) = lost {
                    return self.err(
                        to.pos,
                        format!("`{mnemonic}` leaves `{}` open: show it, fix it in `when`, or say custom_use: print", fields[n].name),
                    );
                }
            }
            out.push(Alias { mnemonic: mnemonic.to_string(), template, when, print, assemble });
        }
        Ok(out)
    }

    /// `a == 1 && (b == c)`, or `true`.
    fn conditions(&self, text: &str, fields: &[Field], pos: Pos) -> Result<Vec<Cond>> {
        if text == "true" {
            return Ok(Vec::new());
        }
        let field = |name: &str| fields.iter().position(|f| f.name == name);
        text.split("&&")
            .map(|part| {
                let inner = part.trim().trim_start_matches('(').trim_end_matches(')');
                let sides = inner.split_once("==").map(|(a, b)| (a.trim(), b.trim()));
                match sides.map(|(a, b)| (field(a), field(b), parse_int(b))) {
                    Some((Some(a), Some(b), _)) => Ok(Cond::Same(a, b)),
                    Some((Some(a), None, Some(v))) => Ok(Cond::Is(a, v)),
                    _ => self.err(
                        pos,
                        format!("when: expected `variable == number` or `variable == variable`, joined by &&, found `{}`", part.trim()),
                    ),
                }
            })
            .collect()
    }
}

fn get<'n>(map: &'n Map, key: &str) -> Option<&'n Node> {
    map.iter().find(|(k, _, _)| k == key).map(|(_, _, v)| v)
}

fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.parse().ok()?,
        None => return None,
    };
    Some(if negative { -value } else { value })
}

fn default_kind(name: &str) -> FieldKind {
    match name {
        "xd" | "xs1" | "xs2" | "xs3" => FieldKind::XReg,
        "fd" | "fs1" | "fs2" | "fs3" => FieldKind::FReg,
        "rm" => FieldKind::Rm,
        "csr" => FieldKind::Csr,
        "pred" | "succ" => FieldKind::FenceSet,
        "aq" | "rl" => FieldKind::AqRl,
        "shamt" => FieldKind::Hex,
        _ => FieldKind::Imm,
    }
}

fn kind_from_name(name: &str) -> Option<FieldKind> {
    Some(match name {
        "xreg" => FieldKind::XReg,
        "freg" => FieldKind::FReg,
        "imm" => FieldKind::Imm,
        "hex" => FieldKind::Hex,
        "upper" => FieldKind::Upper,
        "target" => FieldKind::Target,
        "csr" => FieldKind::Csr,
        "rm" => FieldKind::Rm,
        "fence_set" => FieldKind::FenceSet,
        "aqrl" => FieldKind::AqRl,
        "hidden" => FieldKind::Hidden,
        _ => return None,
    })
}
