//! The benchmark programs: `NAME.py` with a header comment, and the output they must produce.
//!
//! A header line `# bench-args: small=ARGS large=ARGS` gives the arguments of each size; several
//! arguments are separated by commas (`small=100,7`). `NAME.expected` holds CPython's output for the
//! small size, `NAME.large.expected` that for the large one. Where a file is missing, the host's
//! `python3` is asked.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Size;

/// A program at one size.
#[derive(Debug, Clone)]
pub struct Program {
    pub name: String,
    pub path: PathBuf,
    pub args: Vec<String>,
    /// What it must write to standard output.
    pub expected: Vec<u8>,
}

/// The programs in `dir` called `names`, or all.
pub fn find(dir: &Path, names: &[String], size: Size) -> Result<Vec<Program>> {
    let listing = std::fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut known: Vec<String> = listing
        .flatten()
        .filter_map(|e| e.file_name().to_str().and_then(|n| n.strip_suffix(".py")).map(String::from))
        // Tests of the language are not benchmarks: those say what their sizes are.
        .filter(|n| header_args(&dir.join(format!("{n}.py")), size).is_ok_and(|a| a.is_some()))
        .collect();
    known.sort();
    for name in names {
        if !known.contains(name) {
            bail!("no benchmark program `{name}` in {}; there are {}", dir.display(), known.join(", "));
        }
    }
    if known.is_empty() {
        bail!("there are no benchmark programs in {}", dir.display());
    }
    let wanted = if names.is_empty() { &known } else { names };
    wanted.iter().map(|n| load(dir, n, size)).collect()
}

fn load(dir: &Path, name: &str, size: Size) -> Result<Program> {
    let path = dir.join(format!("{name}.py"));
    let args = header_args(&path, size)?.unwrap_or_default();
    let file = match size {
        Size::Small => dir.join(format!("{name}.expected")),
        Size::Large => dir.join(format!("{name}.large.expected")),
    };
    let expected = match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(_) => from_python(&path, &args).with_context(|| format!("{} is missing", file.display()))?,
    };
    Ok(Program { name: name.to_string(), path, args, expected })
}

/// The arguments of `size` from the header of `path`; `None` without a `bench-args` line.
fn header_args(path: &Path, size: Size) -> Result<Option<Vec<String>>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(parse_header(&text, size))
}

fn parse_header(text: &str, size: Size) -> Option<Vec<String>> {
    let line = text
        .lines()
        .take_while(|l| l.starts_with('#') || l.trim().is_empty())
        .find_map(|l| l.trim_start_matches('#').trim().strip_prefix("bench-args:"))?;
    let key = match size {
        Size::Small => "small=",
        Size::Large => "large=",
    };
    let value = line.split_whitespace().find_map(|w| w.strip_prefix(key)).unwrap_or("");
    Some(value.split(',').filter(|a| !a.is_empty()).map(String::from).collect())
}

/// What the host's CPython writes.
fn from_python(path: &Path, args: &[String]) -> Result<Vec<u8>> {
    let out =
        Command::new("python3").arg(path).args(args).output().context("and there is no python3 to ask")?;
    if !out.status.success() {
        bail!("and python3 fails on the program: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(out.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header() {
        let text = "# A program.\n# bench-args: small=10,x large=2000\nimport sys\n";
        assert_eq!(parse_header(text, Size::Small), Some(vec!["10".into(), "x".into()]));
        assert_eq!(parse_header(text, Size::Large), Some(vec!["2000".into()]));
        assert_eq!(parse_header("import sys\n# bench-args: small=1\n", Size::Small), None);
    }
}
