//! apt with a state of its own: package lists and downloads from the machine's Debian mirror, without
//! root and without touching the machine's own packages or lists.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, anyhow, bail};

use super::output;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The Debian mirror that this machine's apt uses for the main archive.
pub fn mirror() -> Option<String> {
    let indexed = output(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]));
    let main_archive = |uris: Vec<String>| {
        uris.into_iter()
            .map(|u| u.trim().trim_end_matches('/').to_string())
            .find(|u| u.ends_with("/debian") && !u.contains("security"))
    };
    let indexed = indexed.map(|text| text.lines().map(String::from).collect()).and_then(main_archive);
    // No lists fetched yet: the sources themselves, in either of their formats.
    indexed.or_else(|| main_archive(source_uris()))
}

fn source_uris() -> Vec<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(dir) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(dir.flatten().map(|e| e.path()));
    }
    let texts: Vec<String> = files.iter().filter_map(|f| fs::read_to_string(f).ok()).collect();
    texts.iter().flat_map(|t| t.lines()).filter_map(source_uri).collect()
}

/// The URI in a line of a source file: `URIs: X …` or `deb [options] X …`.
fn source_uri(line: &str) -> Option<String> {
    let rest = if let Some(rest) = line.strip_prefix("URIs:") {
        rest
    } else {
        let rest = line.strip_prefix("deb")?;
        let rest = rest.strip_prefix([' ', '\t'])?.trim_start();
        match rest.strip_prefix('[') {
            Some(options) => options.split_once(']')?.1,
            None => rest,
        }
    };
    rest.split_whitespace().next().map(String::from)
}

/// A Debian suite, opened.
pub struct Suite {
    state: PathBuf,
}

impl Suite {
    /// Fetches the package lists of `suite` for amd64 and riscv64 into `state`.
    pub fn open(state: &Path, mirror: &str, suite: &str) -> Result<Suite> {
        for dir in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(state.join(dir))
                .with_context(|| format!("cannot make {}", state.display()))?;
        }
        let mut options = "arch=amd64,riscv64".to_string();
        if Path::new(KEYRING).exists() {
            options = format!("signed-by={KEYRING} {options}");
        }
        fs::write(state.join("status"), "").context("cannot write apt's state")?;
        fs::write(state.join("sources.list"), format!("deb [{options}] {mirror} {suite} main\n"))
            .context("cannot write apt's sources")?;
        let opened = Suite { state: state.to_path_buf() };
        let mut last = String::new();
        for _ in 0..3 {
            let out = opened.run("apt-get", &["update", "-o", "APT::Update::Error-Mode=any"])?;
            if out.status.success() {
                return Ok(opened);
            }
            last = complaint(&out);
        }
        bail!("apt-get update for {suite} failed: {last}")
    }

    /// Where downloads are put.
    pub fn archives(&self) -> PathBuf {
        self.state.join("cache/archives")
    }

    fn command(&self, program: &str) -> Command {
        let state = |rest: &str| self.state.join(rest).display().to_string();
        let user = output(Command::new("id").arg("-un")).unwrap_or_default();
        let mut command = Command::new(program);
        command.arg("-q").env("LC_ALL", "C");
        for option in [
            "APT::Architecture=amd64".to_string(),
            "APT::Architectures=amd64,riscv64".to_string(),
            format!("Dir::State={}", self.state.display()),
            format!("Dir::State::Lists={}", state("lists")),
            format!("Dir::State::status={}", state("status")),
            format!("Dir::Cache={}", state("cache")),
            "Dir::Cache::pkgcache=pkgcache.bin".to_string(),
            "Dir::Cache::srcpkgcache=srcpkgcache.bin".to_string(),
            format!("Dir::Etc::SourceList={}", state("sources.list")),
            // Neither the machine's other sources nor its preferences.
            "Dir::Etc::SourceParts=/dev/null".to_string(),
            "Dir::Etc::Preferences=/dev/null".to_string(),
            "Dir::Etc::PreferencesParts=/dev/null".to_string(),
            // Only the package lists: no translations, no software-centre data.
            "Acquire::Languages=none".to_string(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_string(),
            "Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled=false".to_string(),
            "Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled=false".to_string(),
            "Acquire::IndexTargets::deb::CNF::DefaultEnabled=false".to_string(),
            "Acquire::Retries=3".to_string(),
            format!("APT::Sandbox::User={}", user.trim()),
            "Debug::NoLocking=1".to_string(),
            "APT::Install-Recommends=0".to_string(),
            "APT::Get::Assume-Yes=1".to_string(),
        ] {
            command.arg("-o").arg(option);
        }
        command
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<Output> {
        let mut command = self.command(program);
        command.args(args).current_dir(self.archives());
        command.output().with_context(|| format!("cannot start {program}"))
    }

    /// A field of the control data of `package` (`name:architecture`), of the version to be installed.
    pub fn field(&self, package: &str, field: &str) -> Result<String> {
        let out = self.run("apt-cache", &["show", "--no-all-versions", package])?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let prefix = format!("{field}: ");
        text.lines()
            .find_map(|l| l.strip_prefix(&prefix))
            .map(|v| v.trim().to_string())
            .ok_or_else(|| anyhow!("the mirror has no {package}"))
    }

    /// The names among the dependencies of `package`.
    pub fn depends(&self, package: &str) -> Result<Vec<String>> {
        let text = self.field(package, "Depends")?;
        let names = text.split([',', '|']).filter_map(|d| d.split_whitespace().next());
        Ok(names.map(|n| n.split(':').next().unwrap_or(n).to_string()).collect())
    }

    /// Downloads `packages` and all that they depend on.
    pub fn download_with_dependencies(&self, packages: &[String]) -> Result<()> {
        let mut args = vec!["install", "--download-only"];
        args.extend(packages.iter().map(String::as_str));
        self.download(&args)
    }

    /// Downloads just `packages`.
    pub fn download_alone(&self, packages: &[String]) -> Result<()> {
        let mut args = vec!["download"];
        args.extend(packages.iter().map(String::as_str));
        self.download(&args)
    }

    fn download(&self, args: &[&str]) -> Result<()> {
        let out = self.run("apt-get", args)?;
        if !out.status.success() {
            bail!("the download failed: {}", complaint(&out));
        }
        Ok(())
    }
}

/// The error lines of a failed command, or its last lines.
fn complaint(out: &Output) -> String {
    let text = [String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)].concat();
    let errors: Vec<&str> = text.lines().filter(|l| l.starts_with("E:") || l.starts_with("Err")).collect();
    let lines: Vec<&str> = if errors.is_empty() {
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(3)..].to_vec()
    } else {
        errors.into_iter().take(4).collect()
    };
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::source_uri;

    #[test]
    fn uris_of_both_source_formats() {
        let uri = |l| source_uri(l);
        assert_eq!(uri("URIs: http://a.example/debian/").as_deref(), Some("http://a.example/debian/"));
        assert_eq!(uri("deb http://a.example/debian x main").as_deref(), Some("http://a.example/debian"));
        assert_eq!(
            uri("deb [arch=amd64 signed-by=/k] http://a.example/debian x main").as_deref(),
            Some("http://a.example/debian")
        );
        assert_eq!(uri("# deb http://a.example/debian x main"), None);
        assert_eq!(uri("deb-src http://a.example/debian x main"), None);
    }
}
