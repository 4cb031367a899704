//! The reference for people: how to read it, one chapter an extension with a table of its instructions, one section an
//! instruction with the encoding drawn, and all encodings in order.

use super::{Part, Selection, manual_name, operands, usual_parts};
use crate::model::{Csr, Insn};
use crate::sem::{Builtin, ExprKind, Stmt};
use std::fmt::Write;

const STYLE: &str = "\
body { font: 16px/1.5 Georgia, serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #1a1a1a; }
h1, h2, h3 { font-family: Helvetica, Arial, sans-serif; line-height: 1.2; }
h2 { margin-top: 3em; border-bottom: 2px solid #444; }
h3 { margin-top: 2.5em; border-bottom: 1px solid #ccc; }
h3 code { font-size: 1.15em; }
code, pre { font-family: Menlo, Consolas, monospace; font-size: 0.9em; }
pre { background: #f5f5f2; padding: 0.7em 1em; overflow-x: auto; }
table.bits { border-collapse: collapse; width: 100%; table-layout: fixed; text-align: center; font: 0.8em Helvetica, Arial, sans-serif; }
table.bits tr.numbers td { border: none; color: #666; padding: 0 2px; }
table.bits tr.numbers span.lo { float: right; } table.bits tr.numbers span.hi { float: left; }
table.bits tr.fields td { border: 1px solid #444; padding: 0.4em 0; overflow: hidden; }
table.bits td.fixed { background: #ececea; font-family: Menlo, Consolas, monospace; }
table.bits tr.widths td { border: none; color: #666; }
dt { font: bold 0.85em Helvetica, Arial, sans-serif; margin-top: 0.8em; } dd { margin-left: 1.5em; }
table.list { border-collapse: collapse; } table.list td, table.list th { border: 1px solid #bbb; padding: 0.3em 0.7em; text-align: left; vertical-align: top; }
table.list th { background: #f5f5f2; font: bold 0.85em Helvetica, Arial, sans-serif; }
table.list td.word { white-space: nowrap; }
@media print { h2 { break-before: page; } section { break-inside: avoid; } nav { display: none; } }
nav ul { columns: 3; list-style: none; padding-left: 0; } nav li { break-inside: avoid; }
";

/// How to read the page: terms and what they mean.
const NOTATION: [(&str, &str); 9] = [
    ("X[r], f[r]", "Integer register r of 64 bits, of which x0 is always 0; floating-point register r."),
    (
        "Bits<N>, XReg",
        "A value of N bits; one of 64 bits. Values are unsigned unless $signed(…) says otherwise.",
    ),
    ("a[h:l], {a, b}", "Bits h to l of a; a above b."),
    (
        ">>, >>>",
        "Shift right with zeros, and with copies of the sign. By the width or more the result is 0, or all signs.",
    ),
    ("$pc", "The address of the instruction."),
    ("read_memory<N>, write_memory<N>", "An access of N bits, little-endian."),
    ("jump(a)", "Execution continues at a; otherwise at the next instruction."),
    ("CSR[n]", "Control and status register n."),
    (
        "guard_fail(v)",
        "The instruction ends without any effect but those that its section gives under Failure.",
    ),
];

/// Names of the major opcodes, by bits 6 to 2 (unprivileged manual, "RISC-V Base Opcode Map").
const OPCODES: [&str; 32] = [
    "LOAD",
    "LOAD-FP",
    "custom-0",
    "MISC-MEM",
    "OP-IMM",
    "AUIPC",
    "OP-IMM-32",
    "",
    "STORE",
    "STORE-FP",
    "custom-1",
    "AMO",
    "OP",
    "LUI",
    "OP-32",
    "",
    "MADD",
    "MSUB",
    "NMSUB",
    "NMADD",
    "OP-FP",
    "OP-V",
    "custom-2",
    "",
    "BRANCH",
    "JALR",
    "",
    "JAL",
    "SYSTEM",
    "OP-VE",
    "custom-3",
    "",
];

/// The name of the opcode that a part is, if it is one.
fn opcode(insn: &Insn, part: &Part) -> &'static str {
    match part {
        Part::Fixed { hi: 6, lo: 0, value } if !insn.compressed() => OPCODES[(value >> 2) as usize & 31],
        _ => "",
    }
}

/// Text of the specification with registers called as in the manual: `rs1` for `xs1`.
fn manual(insn: &Insn, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        out.push_str(&rest[..at]);
        let len = rest[at..].find(|c| !word(c)).unwrap_or(rest.len() - at);
        let name = &rest[at..at + len];
        match insn.fields.iter().find(|f| f.is_reg() && f.name == name) {
            Some(field) => out.push_str(&manual_name(field)),
            None => out.push_str(name),
        }
        rest = &rest[at + len..];
    }
    out + rest
}

/// The first sentence of a text.
fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    text.find(". ").or(text.find(".\n")).map_or(text, |at| &text[..=at])
}

/// What is said of an instruction, in order: a heading and its text. Preformatted text is marked.
fn facts(insn: &Insn) -> Vec<(&'static str, String, bool)> {
    let mut out = vec![("Operation", manual(insn, &insn.operation), true)];
    if let Some(kind) = &insn.guard {
        out.push((
            "Failure",
            format!(
                "A guard of kind {}. When it fails, no register changes. If the bridge table has an entry for the address \
                 of this instruction, execution continues at its target. Else that address is put into mj.gepc, the \
                 value passed to guard_fail into mj.gval, and execution continues at mj.gvec; with mj.gvec = 0 an \
                 illegal-instruction exception is raised instead.",
                kind.replace('_', " ")
            ),
            false,
        ));
    }
    let exceptions = exceptions(insn);
    if !exceptions.is_empty() {
        let text = exceptions.join("; ") + ".";
        let (first, rest) = text.split_at(1);
        out.push(("Exceptions", first.to_uppercase() + rest, false));
    }
    if let Some(software) = &insn.software {
        let count = software.lines().count();
        let s = if count == 1 { "" } else { "s" };
        let label = "In software";
        out.push((label, format!("{software}\n# {count} instruction{s}, where this is one"), true));
    }
    let reserved: Vec<String> = insn
        .fields
        .iter()
        .filter(|f| !f.not.is_empty())
        .map(|f| {
            let list: Vec<String> = f.not.iter().map(ToString::to_string).collect();
            format!("{} may not be {}", manual_name(f), list.join(", "))
        })
        .collect();
    if !reserved.is_empty() {
        out.push(("Reserved", reserved.join("; ") + ".", false));
    }
    let forms: Vec<String> = insn
        .aliases
        .iter()
        .filter(|a| a.assemble)
        .map(|a| format!("{} {}", a.mnemonic, operands(insn, &a.template)).trim().to_string())
        .collect();
    if !forms.is_empty() {
        out.push(("Also written", forms.join("\n"), true));
    }
    out
}

/// What the body can raise.
fn exceptions(insn: &Insn) -> Vec<&'static str> {
    let mut out = Vec::new();
    let expr = |f: &dyn Fn(&ExprKind) -> bool| insn.body.any_expr(&mut |e| f(&e.kind));
    let effect =
        |wanted: Builtin| effects(&insn.body.stmts, &|s| matches!(s, Stmt::Effect(b, _) if *b == wanted));
    if expr(&|k| matches!(k, ExprKind::Load(_) | ExprKind::Call(Builtin::LoadReserved(_), _))) {
        out.push("load access or page fault");
    }
    let atomic = expr(&|k| {
        matches!(
            k,
            ExprKind::Call(Builtin::StoreConditional(_) | Builtin::Amo(..) | Builtin::CompareSwap(_), _)
        )
    });
    if atomic || effects(&insn.body.stmts, &|s| matches!(s, Stmt::Store { .. })) || effect(Builtin::ZeroBlock)
    {
        out.push("store access or page fault");
    }
    if atomic || expr(&|k| matches!(k, ExprKind::Call(Builtin::LoadReserved(_), _))) {
        out.push("misaligned address");
    }
    let csr = expr(&|k| matches!(k, ExprKind::ReadCsr(_)))
        || effects(&insn.body.stmts, &|s| matches!(s, Stmt::WriteCsr(..)));
    if csr {
        out.push("illegal instruction, for a CSR that is absent or read-only");
    }
    if expr(&|k| matches!(k, ExprKind::Call(Builtin::RoundingMode, _))) {
        out.push("illegal instruction, for an invalid rounding mode");
    }
    if effect(Builtin::Illegal) {
        out.push("illegal instruction");
    }
    out
}

fn effects(stmts: &[Stmt], f: &dyn Fn(&Stmt) -> bool) -> bool {
    stmts.iter().any(|s| {
        f(s) || match s {
            Stmt::If { then, otherwise, .. } => effects(then, f) || effects(otherwise, f),
            _ => false,
        }
    })
}

/// The contents of a part: digits, or the variable with its bits.
fn part_text(part: &Part) -> String {
    match part {
        Part::Fixed { value, .. } => format!("{value:0width$b}", width = usize::from(part.width())),
        Part::Field { field, from, .. } => {
            let name = manual_name(field);
            if field.is_reg() {
                return name;
            }
            let low = from + field.left_shift;
            let high = low + part.width() - 1;
            match (field.location.len() == 1 && field.left_shift == 0, high == low) {
                (true, _) => name,
                (_, true) => format!("{name}[{low}]"),
                _ => format!("{name}[{high}:{low}]"),
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The reference as one HTML page.
pub fn html(selection: &Selection, title: &str) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{0}</h1>\n",
        escape(title)
    );
    out.push_str("<nav>\n");
    for extension in selection.extensions() {
        let _ = writeln!(out, "<p><a href=\"#{extension}\">{extension}</a></p>\n<ul>");
        for insn in selection.insns.iter().filter(|i| i.extension == extension) {
            let _ = writeln!(out, "<li><a href=\"#{0}\"><code>{0}</code></a></li>", insn.name);
        }
        out.push_str("</ul>\n");
    }
    out.push_str("<p><a href=\"#encodings\">All encodings</a></p>\n</nav>\n");
    out.push_str("<h2>How to read this</h2>\n<p>Bits of an encoding that are always the same are shaded. Operations are written in a subset of the IDL of the RISC-V Unified Database:</p>\n<table class=\"list\">\n");
    for (term, meaning) in NOTATION {
        let _ = writeln!(out, "<tr><td><code>{}</code></td><td>{}</td></tr>", escape(term), escape(meaning));
    }
    out.push_str("</table>\n");
    for extension in selection.extensions() {
        let _ = writeln!(out, "<h2 id=\"{extension}\">{extension}</h2>");
        let insns: Vec<&&Insn> = selection.insns.iter().filter(|i| i.extension == extension).collect();
        if insns.len() > 1 {
            summary(&insns, &mut out);
        }
        for insn in selection.insns.iter().filter(|i| i.extension == extension) {
            html_instruction(insn, &mut out);
        }
        let csrs: Vec<&&Csr> = selection.csrs.iter().filter(|c| c.extension == extension).collect();
        if !csrs.is_empty() {
            out.push_str("<h3>Control and status registers</h3>\n<table class=\"list\">\n<tr><th>Number</th><th>Name</th><th>Access</th><th>Meaning</th></tr>\n");
            for csr in csrs {
                let access = if csr.writable { "read, write" } else { "read only" };
                let _ = writeln!(
                    out,
                    "<tr id=\"{0}\"><td><code>{1:#05x}</code></td><td><code>{0}</code></td><td>{access}</td><td>{2}: {3}</td></tr>",
                    csr.name,
                    csr.address,
                    escape(&csr.long_name),
                    escape(csr.description.trim())
                );
            }
            out.push_str("</table>\n");
        }
    }
    encodings(selection, &mut out);
    out.push_str("</body>\n</html>\n");
    out
}

/// The table at the beginning of a chapter.
fn summary(insns: &[&&Insn], out: &mut String) {
    out.push_str("<table class=\"list\">\n<tr><th>Instruction</th><th>Name</th><th>In short</th></tr>\n");
    for insn in insns {
        let syntax = format!("{} {}", insn.name, operands(insn, &insn.template));
        let _ = writeln!(
            out,
            "<tr><td class=\"word\"><a href=\"#{}\"><code>{}</code></a></td><td>{}</td><td>{}</td></tr>",
            insn.name,
            escape(syntax.trim()),
            escape(&insn.long_name),
            escape(&manual(insn, first_sentence(&insn.description)))
        );
    }
    out.push_str("</table>\n");
}

/// All encodings, by opcode and the other fixed bits.
fn encodings(selection: &Selection, out: &mut String) {
    out.push_str("<h2 id=\"encodings\">All encodings</h2>\n<p>A word is the instruction if its bits in the mask are the match, and no field has a value that is reserved.</p>\n<table class=\"list\">\n<tr><th>Match</th><th>Mask</th><th>Opcode</th><th>Instruction</th><th>Extension</th></tr>\n");
    let mut insns = selection.insns.clone();
    insns.sort_by_key(|i| (i.len, i.bits & 0x7f, i.bits, std::cmp::Reverse(i.mask)));
    for insn in insns {
        let digits = usize::from(insn.len) * 2 + 2;
        let name = usual_parts(insn).last().map_or("", |part| opcode(insn, part));
        let _ = writeln!(
            out,
            "<tr><td><code>{:#0digits$x}</code></td><td><code>{:#0digits$x}</code></td><td>{name}</td><td><a href=\"#{2}\"><code>{2}</code></a></td><td>{3}</td></tr>",
            insn.bits, insn.mask, insn.name, insn.extension
        );
    }
    out.push_str("</table>\n");
}

fn html_instruction(insn: &Insn, out: &mut String) {
    out.push_str("<section>\n");
    let _ = writeln!(out, "<h3 id=\"{0}\"><code>{0}</code> – {1}</h3>", insn.name, escape(&insn.long_name));
    let syntax = format!("{} {}", insn.name, operands(insn, &insn.template));
    let _ = writeln!(out, "<pre>{}</pre>", escape(syntax.trim()));
    let list = usual_parts(insn);
    out.push_str("<table class=\"bits\">\n<colgroup>");
    for _ in 0..insn.len * 8 {
        out.push_str("<col>");
    }
    out.push_str("</colgroup>\n<tr class=\"numbers\">");
    for p in &list {
        let numbers = if p.hi() == p.lo() {
            p.hi().to_string()
        } else {
            format!("<span class=\"hi\">{}</span><span class=\"lo\">{}</span>", p.hi(), p.lo())
        };
        let _ = write!(out, "<td colspan=\"{}\">{numbers}</td>", p.width());
    }
    out.push_str("</tr>\n<tr class=\"fields\">");
    for p in &list {
        let class = if matches!(p, Part::Fixed { .. }) { " class=\"fixed\"" } else { "" };
        let _ = write!(out, "<td{class} colspan=\"{}\">{}</td>", p.width(), escape(&part_text(p)));
    }
    out.push_str("</tr>\n<tr class=\"widths\">");
    for p in &list {
        let name = opcode(insn, p);
        let name = if name.is_empty() { String::new() } else { format!(" · {name}") };
        let _ = write!(out, "<td colspan=\"{0}\">{0}{name}</td>", p.width());
    }
    out.push_str("</tr>\n</table>\n");
    let _ = writeln!(out, "<p>{}</p>\n<dl>", escape(&manual(insn, insn.description.trim())));
    for (heading, text, preformatted) in facts(insn) {
        let text = if preformatted { format!("<pre>{}</pre>", escape(&text)) } else { escape(&text) };
        let _ = writeln!(out, "<dt>{heading}</dt>\n<dd>{text}</dd>");
    }
    out.push_str("</dl>\n</section>\n");
}

/// The reference in Markdown.
pub fn markdown(selection: &Selection, title: &str) -> String {
    let mut out = format!("# {title}\n");
    for extension in selection.extensions() {
        let _ = writeln!(out, "\n## {extension}");
        for insn in selection.insns.iter().filter(|i| i.extension == extension) {
            let syntax = format!("{} {}", insn.name, operands(insn, &insn.template));
            let _ = writeln!(out, "\n### `{}`: {}\n\n    {}\n", insn.name, insn.long_name, syntax.trim());
            let list = usual_parts(insn);
            let row = |f: &dyn Fn(&Part) -> String| {
                let cells: Vec<String> = list.iter().map(f).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            out.push_str(&row(&|p| {
                if p.hi() == p.lo() { p.hi().to_string() } else { format!("{}:{}", p.hi(), p.lo()) }
            }));
            out.push_str(&row(&|_| "---".to_string()));
            out.push_str(&row(&|p| part_text(p)));
            let _ = writeln!(out, "\n{}", manual(insn, insn.description.trim()));
            for (heading, text, preformatted) in facts(insn) {
                if preformatted {
                    let lines: String = text.lines().map(|l| format!("    {l}\n")).collect();
                    let _ = write!(out, "\n{heading}:\n\n{lines}");
                } else {
                    let _ = writeln!(out, "\n{heading}: {text}");
                }
            }
        }
        let csrs: Vec<&&Csr> = selection.csrs.iter().filter(|c| c.extension == extension).collect();
        if !csrs.is_empty() {
            out.push_str("\n| number | CSR | access | meaning |\n|---|---|---|---|\n");
            for csr in csrs {
                let access = if csr.writable { "read, write" } else { "read only" };
                let text = csr.description.split_whitespace().collect::<Vec<_>>().join(" ");
                let _ = writeln!(out, "| {:#05x} | `{}` | {access} | {text} |", csr.address, csr.name);
            }
        }
    }
    out
}
