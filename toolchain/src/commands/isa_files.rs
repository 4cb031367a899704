//! `--isa-file`: instructions and CSRs that are defined when mj starts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use isa_spec::Isa;

/// The option of every command that knows instructions.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct IsaFiles {
    /// Know the instructions and CSRs of FILE as well (YAML, see `mj spec check`; may be given several times)
    #[arg(long = "isa-file", value_name = "FILE", global = true)]
    files: Vec<PathBuf>,
}

impl IsaFiles {
    /// The built-in instruction set with what the files add; `None` if there are no files. Errors: a file cannot be
    /// read, or says what cannot be; the message then has a place and the line for each.
    pub fn load(&self) -> Result<Option<Arc<Isa>>> {
        if self.files.is_empty() {
            return Ok(None);
        }
        let files: Vec<(String, String)> =
            self.files.iter().map(|f| Ok((f.display().to_string(), read(f)?))).collect::<Result<_>>()?;
        let sources: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        match Isa::builtin().extended(&sources) {
            Ok(isa) => Ok(Some(Arc::new(isa))),
            Err(errors) => {
                let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
                bail!("the instructions cannot be used\n{}", text.join("\n"))
            }
        }
    }
}

/// The text of a specification file.
pub fn read(file: &Path) -> Result<String> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {name}"))?;
    String::from_utf8(bytes).with_context(|| format!("{name} is not a text file (not UTF-8)"))
}

/// The instruction set of a command: that of the files, or the built-in one.
pub fn or_builtin(isa: &Option<Arc<Isa>>) -> &Isa {
    isa.as_deref().unwrap_or_else(|| Isa::builtin())
}
