//! `mj spec`: looks at the instructions that mj knows.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use isa_spec::export::{self, Selection};
use isa_spec::{BUILTIN_FILES, Insn, Isa, Piece, Template};

use super::isa_files::{IsaFiles, or_builtin, read};

/// Look at the instruction specification, or check one of your own
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    mj spec list                    all extensions and their instructions\n  \
    mj spec list Xmjguard           one extension\n  \
    mj spec show mj.gclass          encoding, operands, meaning\n  \
    mj spec export --format html -o reference.html\n  \
    mj spec check my.yaml           is this file a valid specification?")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    isa: IsaFiles,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the instructions, by extension
    List {
        /// Only this extension
        extension: Option<String>,
    },
    /// Show one instruction, CSR or alias
    Show {
        /// Mnemonic or CSR name
        name: String,
    },
    /// Write the specification in another form
    #[command(after_help = "Examples:\n  \
        mj spec export --format c-header Xmjguard -o mj.h\n  \
        mj spec export --format html -o reference.html\n  \
        mj spec export --isa-file my.yaml --format riscv-opcodes Xmy")]
    Export {
        /// The form
        #[arg(short, long, value_enum)]
        format: Format,
        /// File to write [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Extensions [default: all; for c-header the custom ones]
        extensions: Vec<String>,
    },
    /// Check specification files (YAML)
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Forms of `mj spec export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Lines for riscv-opcodes
    RiscvOpcodes,
    /// Documents of the RISC-V Unified DB
    Udb,
    /// CoreDSL 2
    Coredsl,
    /// Macros for C and C++ programs
    CHeader,
    /// Patterns for QEMU's decodetree
    Decodetree,
    /// A reference to read, as a web page
    Html,
    /// A reference to read, in Markdown
    Markdown,
}

pub fn main(args: &Args) -> Result<u8> {
    if let Action::Check { files } = &args.action {
        return check(files);
    }
    let loaded = args.isa.load()?;
    let isa = or_builtin(&loaded);
    match &args.action {
        Action::List { extension } => super::print(&list(isa, extension.as_deref())?)?,
        Action::Show { name } => super::print(&show(isa, name)?)?,
        Action::Export { format, output, extensions } => {
            let text = export(isa, *format, extensions)?;
            match output {
                Some(file) => {
                    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
                }
                None => super::print(&text)?,
            }
        }
        Action::Check { .. } => {}
    }
    Ok(0)
}

fn export(isa: &Isa, format: Format, extensions: &[String]) -> Result<String> {
    let known = Selection::new(isa, &[]).extensions();
    if let Some(wrong) = extensions.iter().find(|e| !known.iter().any(|k| k.eq_ignore_ascii_case(e))) {
        bail!("no extension `{wrong}`; there are {}", known.join(", "));
    }
    let custom: Vec<String> = known.iter().filter(|e| e.starts_with('X')).map(ToString::to_string).collect();
    let wanted = if extensions.is_empty() && format == Format::CHeader { &custom } else { extensions };
    let selection = Selection::new(isa, wanted);
    let title = if wanted.is_empty() {
        "RISC-V instructions".to_string()
    } else {
        format!("RISC-V instructions: {}", selection.extensions().join(", "))
    };
    Ok(match format {
        Format::RiscvOpcodes => export::riscv_opcodes::export(&selection),
        Format::Udb => export::udb::export(&selection),
        Format::Coredsl => export::coredsl::export(&selection),
        Format::CHeader => export::c_header::export(&selection),
        Format::Decodetree => export::decodetree::export(&selection),
        Format::Html => export::page::html(&selection, &title),
        Format::Markdown => export::page::markdown(&selection, &title),
    })
}

fn list(isa: &Isa, only: Option<&str>) -> Result<String> {
    let mut extensions: Vec<&str> = Vec::new();
    for insn in &isa.insns {
        if !extensions.contains(&insn.extension.as_str()) {
            extensions.push(&insn.extension);
        }
    }
    if let Some(name) = only {
        if !extensions.iter().any(|e| e.eq_ignore_ascii_case(name)) {
            bail!("no extension `{name}`; there are {}", extensions.join(", "));
        }
        extensions.retain(|e| e.eq_ignore_ascii_case(name));
    }
    let mut out = String::new();
    for extension in extensions {
        let of: Vec<&Insn> = isa.insns.iter().filter(|i| i.extension == extension).collect();
        writeln!(out, "{extension}: {} instructions", of.len())?;
        for insn in of {
            let text = format!("{} {}", insn.name, template(insn, &insn.template));
            writeln!(out, "  {text:<34} {}", insn.long_name)?;
        }
    }
    Ok(out)
}

fn show(isa: &Isa, name: &str) -> Result<String> {
    let mut out = String::new();
    if let Some(csr) = isa.csr_by_name(name) {
        let access = if csr.writable { "read and write" } else { "read only" };
        writeln!(out, "{} = CSR {:#05x} ({}, {access})\n", csr.name, csr.address, csr.extension)?;
        writeln!(out, "{}\n{}", csr.long_name, csr.description)?;
        return Ok(out);
    }
    let forms = isa.forms(name);
    if forms.is_empty() {
        bail!("no instruction or CSR `{name}`; `mj spec list` shows all");
    }
    let mut shown = Vec::new();
    for form in forms {
        if shown.contains(&form.insn) {
            continue;
        }
        shown.push(form.insn);
        let insn = isa.insn(form.insn);
        if form.mnemonic != insn.name {
            writeln!(out, "{} {} is a way to write:", name, template(insn, &form.template))?;
        }
        describe(&mut out, insn)?;
    }
    Ok(out)
}

fn describe(out: &mut String, insn: &Insn) -> Result<()> {
    writeln!(out, "{} {}", insn.name, template(insn, &insn.template))?;
    writeln!(out, "  {} ({}, class {})", insn.long_name, insn.extension, insn.class.name())?;
    writeln!(out, "  encoding  {}", encoding(insn))?;
    for field in &insn.fields {
        let places: Vec<String> = field
            .location
            .iter()
            .map(|r| if r.hi == r.lo { format!("{}", r.hi) } else { format!("{}:{}", r.hi, r.lo) })
            .collect();
        let range = format!("{}..={}", field.min(), field.max());
        writeln!(out, "  {:<9} bits {}, values {range}", field.name, places.join("|"))?;
    }
    for alias in &insn.aliases {
        writeln!(out, "  alias     {} {}", alias.mnemonic, template(insn, &alias.template))?;
    }
    if !insn.description.trim().is_empty() {
        writeln!(out)?;
        for line in insn.description.trim().lines() {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out, "\n  operation")?;
    for line in insn.operation.lines() {
        writeln!(out, "    {line}")?;
    }
    if let Some(software) = &insn.software {
        writeln!(out, "\n  in software")?;
        for line in software.lines() {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out, "\n  from {}:{}\n", insn.file, insn.line)?;
    Ok(())
}

/// The encoding's bits, most significant first: fixed ones as digits, variable ones as `-`.
fn encoding(insn: &Insn) -> String {
    let width = u32::from(insn.len) * 8;
    (0..width)
        .rev()
        .map(|b| match (insn.mask >> b & 1, insn.bits >> b & 1) {
            (0, _) => '-',
            (_, 0) => '0',
            _ => '1',
        })
        .collect()
}

fn template(insn: &Insn, template: &Template) -> String {
    let piece = |p: &Piece| match p {
        Piece::Text(t) if t == "," => ", ".to_string(),
        Piece::Text(t) => t.clone(),
        Piece::Field(n) => insn.fields[*n].name.clone(),
    };
    template.pieces.iter().map(piece).collect()
}

/// Checks files together with the built-in extensions; a built-in file is checked in place of itself.
fn check(files: &[PathBuf]) -> Result<u8> {
    let files: Vec<(String, String)> =
        files.iter().map(|f| Ok((f.display().to_string(), read(f)?))).collect::<Result<_>>()?;
    let given: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let is_given = |builtin: &str| given.iter().any(|(name, _)| name.ends_with(builtin));
    let checked = if BUILTIN_FILES.iter().any(|(name, _)| is_given(name)) {
        let others = BUILTIN_FILES.iter().copied().filter(|(name, _)| !is_given(name));
        Isa::from_sources(&others.chain(given.iter().copied()).collect::<Vec<_>>())
    } else {
        Isa::builtin().extended(&given)
    };
    match checked {
        Ok(isa) => {
            for (name, _) in &given {
                let insns = isa.insns.iter().filter(|i| i.file == *name).count();
                let csrs = isa.csrs.iter().filter(|c| c.file == *name).count();
                let count = |n: usize, what: &str| match n {
                    0 => None,
                    1 => Some(format!("1 {what}")),
                    n => Some(format!("{n} {what}s")),
                };
                let found = [count(insns, "instruction"), count(csrs, "CSR")];
                let found: Vec<String> = found.into_iter().flatten().collect();
                if found.is_empty() {
                    bail!("{name}: the file defines no instruction and no CSR");
                }
                super::print(&format!("{name}: {}, no errors\n", found.join(", ")))?;
            }
            Ok(0)
        }
        Err(errors) => {
            for error in errors {
                eprintln!("{error}");
            }
            Ok(1)
        }
    }
}
