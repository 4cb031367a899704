//! Reads specification files: YAML documents → [`Insn`] and [`Csr`].
//!
//! A document is one instruction (`kind: instruction`) or one CSR (`kind: csr`), in the profile of the RISC-V
//! Unified DB that `spec/README.md` describes. Keys of our own start with `custom_`; a key that is not known
//! is an error, so that a misspelt one cannot be lost.

mod assembly;
mod encoding;
mod overlaps;

use crate::diag::{Diagnostic, did_you_mean};
use crate::idl;
use crate::model::{Class, Csr, Field, Insn, InsnId, Isa};
use crate::sem;
use crate::yaml::{self, Node, NodeKind, Pos, Source};

const INSN_KEYS: [&str; 15] = [
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
    "custom_software",
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
    /// Reads specification files given as (file name for messages, text). All errors are reported, at
    /// most one for each document.
    pub fn from_sources(files: &[(&str, &str)]) -> std::result::Result<Isa, Vec<Diagnostic>> {
        let mut insns = Vec::new();
        let mut csrs = Vec::new();
        let added = read(files, &mut insns, &mut csrs)?;
        let errors = overlaps::among(&insns, &csrs, &added);
        if errors.is_empty() { Ok(Isa::new(insns, csrs)) } else { Err(errors) }
    }

    /// This instruction set and what the files define beyond it: the instructions and CSRs of ISA files that a user
    /// gives at run time. They may take no encoding of an instruction that is here already, except that a
    /// HINT may be given a name and a meaning for the counters.
    pub fn extended(&self, files: &[(&str, &str)]) -> std::result::Result<Isa, Vec<Diagnostic>> {
        let (mut insns, mut csrs) = (self.insns.clone(), self.csrs.clone());
        let added = read(files, &mut insns, &mut csrs)?;
        let mut errors = overlaps::among(&insns, &csrs, &added);
        errors.extend(overlaps::user_csrs(&csrs, &added));
        if errors.is_empty() {
            errors = overlaps::with_built_in(&insns, self.insns.len(), &added);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut isa = Isa::new(insns, csrs);
        isa.first_custom = self.first_custom;
        isa.first_custom_csr = self.first_custom_csr;
        Ok(isa)
    }
}

/// What was read from files, with the places of the documents: the last ones of the lists.
struct Added<'a> {
    insns: Vec<(Source<'a>, Pos)>,
    csrs: Vec<(Source<'a>, CsrPlaces)>,
}

/// Where the name and the address of a CSR are.
#[derive(Clone, Copy)]
struct CsrPlaces {
    name: Pos,
    address: Pos,
}

/// Appends what the files define.
fn read<'a>(
    files: &[(&'a str, &'a str)],
    insns: &mut Vec<Insn>,
    csrs: &mut Vec<Csr>,
) -> std::result::Result<Added<'a>, Vec<Diagnostic>> {
    let mut added = Added { insns: Vec::new(), csrs: Vec::new() };
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
                Ok(Document::Insn(mut insn, at)) => match u16::try_from(insns.len()) {
                    Ok(id) => {
                        insn.id = InsnId(id);
                        added.insns.push((source, at));
                        insns.push(*insn);
                    }
                    Err(_) => errors.push(source.error(at, "more than 65536 instructions")),
                },
                Ok(Document::Csr(csr, at)) => {
                    added.csrs.push((source, at));
                    csrs.push(csr);
                }
                Err(e) => errors.push(e),
            }
        }
    }
    if errors.is_empty() { Ok(added) } else { Err(errors) }
}

/// An instruction and the place of its name, or a CSR and its places.
enum Document {
    Insn(Box<Insn>, Pos),
    Csr(Csr, CsrPlaces),
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
                let near = did_you_mean(key, known.iter().copied());
                let near =
                    if near.is_empty() { format!(", expected one of: {}", known.join(", ")) } else { near };
                self.err(*pos, format!("unknown key `{key}`{near}"))
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

    /// A mnemonic, or the name of a CSR: letters, digits, `.` and `_`, and a letter first.
    fn name(&self, node: &Node, key: &str) -> Result<String> {
        let text = self.text(node, key)?;
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) || !text.chars().all(fine) {
            let rule = "begins with a letter and goes on with letters, digits, `.` and `_`";
            return self.err(node.pos, format!("{key}: `{text}` is not a name; one {rule}"));
        }
        Ok(text.to_string())
    }

    /// `definedBy`: the extension's name, or `extension: { name: … }` as newer documents of the UDB have it.
    fn extension(&self, map: &Map, at: Pos) -> Result<String> {
        let mut node = self.need(map, "definedBy", at)?;
        for key in ["extension", "name"] {
            if let NodeKind::Map(inner) = &node.kind {
                self.keys(inner, &[key])?;
                node = self.need(inner, key, node.pos)?;
            }
        }
        let text = self.text(node, "definedBy")?;
        if !text.starts_with(|c: char| c.is_ascii_alphabetic())
            || !text.chars().all(|c| c.is_ascii_alphanumeric())
        {
            return self.err(
                node.pos,
                format!("definedBy: expected an extension's name of letters and digits, found `{text}`"),
            );
        }
        Ok(text.to_string())
    }

    fn class(&self, map: &Map, at: Pos) -> Result<Class> {
        let known = || Class::ALL.iter().map(|c| c.name()).collect::<Vec<_>>().join(", ");
        let Some(node) = get(map, "custom_class") else {
            return self.err(at, format!("key `custom_class` is missing: one of {}", known()));
        };
        let name = self.text(node, "custom_class")?;
        match Class::from_name(name) {
            Some(class) => Ok(class),
            None => self.err(node.pos, format!("custom_class: expected one of {}, found `{name}`", known())),
        }
    }

    fn document(&self, doc: &Node) -> Result<Document> {
        let map = self.map(doc, "document")?;
        let kind = self.need(map, "kind", doc.pos)?;
        let name = get(map, "name").map_or(doc.pos, |n| n.pos);
        match self.text(kind, "kind")? {
            "instruction" => self.insn(map, doc.pos).map(|i| Document::Insn(Box::new(i), name)),
            "csr" => {
                let address = get(map, "address").map_or(doc.pos, |n| n.pos);
                self.csr(map, doc.pos).map(|c| Document::Csr(c, CsrPlaces { name, address }))
            }
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
            name: self.name(self.need(map, "name", at)?, "name")?,
            long_name: self.need_text(map, "long_name", at)?,
            description: self.need_text(map, "description", at)?,
            extension: self.extension(map, at)?,
            address: number as u16,
            writable: self.bool(self.need(map, "writable", at)?, "writable")?,
            file: self.source.name.to_string(),
        })
    }

    fn insn(&self, map: &Map, at: Pos) -> Result<Insn> {
        self.keys(map, &INSN_KEYS)?;
        let name = self.name(self.need(map, "name", at)?, "name")?;
        let encoding = self.need(map, "encoding", at)?;
        let (len, mask, bits, fields) = self.encoding(encoding)?;
        let class = self.class(map, at)?;
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
            extension: self.extension(map, at)?,
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
            operation: self.text(operation, "operation()")?.trim_end().to_string(),
            software: get(map, "custom_software")
                .map(|n| self.text(n, "custom_software").map(|t| t.trim_end().to_string()))
                .transpose()?,
            file: self.source.name.to_string(),
            line: at.line,
        })
    }

    fn operation(&self, node: &Node, fields: &[Field]) -> Result<sem::Body> {
        let text = self.text(node, "operation()")?;
        idl::compile(text, fields).map_err(|(span, message)| {
            self.source.error(self.place_in(node, text, span), format!("operation(): {message}"))
        })
    }

    /// Where a place of a scalar's text is in the file; the scalar itself where the text is not written out as it is.
    fn place_in(&self, node: &Node, text: &str, span: idl::Span) -> Pos {
        let len = span.len;
        if matches!(node.kind, NodeKind::Scalar { literal: true, .. }) {
            // A `|` block starts on a line of its own; its indentation was taken off.
            let line = self.block_line(node.pos.line, text) + span.line;
            let stripped = text.lines().nth(span.line).unwrap_or("").chars().count();
            let full = self.source.line(line).chars().count();
            return Pos { line, col: full.saturating_sub(stripped) + span.col + 1, len };
        }
        let written: String = self.source.line(node.pos.line).chars().skip(node.pos.col - 1).collect();
        let quote = usize::from(written.starts_with(['"', '\'']));
        if written[quote..].starts_with(text) {
            return Pos { line: node.pos.line, col: node.pos.col + quote + span.col, len };
        }
        node.pos
    }

    /// The line on which the text of a `|` block starts, given the line of the `|` or of the text itself.
    fn block_line(&self, from: usize, text: &str) -> usize {
        let Some((blank, first)) = text.lines().enumerate().find(|(_, l)| !l.trim().is_empty()) else {
            return from;
        };
        let found = (from..from + blank + 3).find(|l| self.source.line(*l).trim() == first.trim());
        found.map_or(from, |line| line - blank.min(line - 1))
    }
}

fn get<'n>(map: &'n Map, key: &str) -> Option<&'n Node> {
    map.iter().find(|(k, _, _)| k == key).map(|(_, _, v)| v)
}

/// A decimal number, or a hexadecimal one after `0x`; the sign comes first.
fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, radix) = digits.strip_prefix("0x").map_or((digits, 10), |hex| (hex, 16));
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}
