//! The command line.

use std::fs::File;
use std::io::BufWriter;

use jit_riscv::backend::Style;
use jit_riscv::driver;

pub const USAGE: &str = "\
usage: mj-python [OPTIONS] (FILE | -c CODE) [ARGUMENTS…]
  --guards=naive|soft|hw       how guards are compiled (soft)
  --jit=on|off                 trace and compile (on)
  --patterns=on|off            use the hardware's pattern table (off)
  --bridges=on|off             compile hot exits (on)
  --jit-threshold=N            rounds of a loop before it is traced
  --function-threshold=N       calls of a function before it is traced
  --bridge-threshold=N         failures of a guard before it gets a bridge
  --trace-log=FILE             write every trace to FILE
  --code-map=FILE              write what each instruction of the traces is to FILE
  --force-fail=N               test aid: every guard fails at its N-th execution";

/// What to run.
pub enum Program {
    File(String),
    Code(String),
}

/// A parsed command line.
pub struct Options {
    pub driver: driver::Options,
    pub program: Program,
    /// `sys.argv`.
    pub args: Vec<String>,
    pub code_map: Option<String>,
}

fn on_off(name: &str, value: &str) -> Result<bool, String> {
    match value {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{name} is on or off, not '{value}'")),
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} wants a number, not '{value}'"))
}

impl Options {
    /// # Errors
    /// A message for the user.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut driver = driver::Options::default();
        let mut code_map = None;
        loop {
            let Some(word) = words.next() else { return Err("no program was named".to_string()) };
            if word == "-c" {
                let code = words.next().ok_or("-c wants a program")?;
                let args = std::iter::once(word).chain(words).collect();
                return Ok(Options { driver, program: Program::Code(code), args, code_map });
            }
            let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) else {
                if word.starts_with('-') {
                    return Err(format!("unknown option '{word}'"));
                }
                let args = std::iter::once(word.clone()).chain(words).collect();
                return Ok(Options { driver, program: Program::File(word), args, code_map });
            };
            match name {
                "--guards" => {
                    driver.style = match value {
                        "naive" => Style::Naive,
                        "soft" => Style::Soft,
                        "hw" => Style::Hw,
                        _ => return Err(format!("--guards is naive, soft or hw, not '{value}'")),
                    }
                }
                "--jit" => driver.jit = on_off(name, value)?,
                "--patterns" => driver.patterns = on_off(name, value)?,
                "--bridges" => driver.bridges = on_off(name, value)?,
                "--jit-threshold" => driver.loop_threshold = number(name, value)?,
                "--function-threshold" => driver.function_threshold = number(name, value)?,
                "--bridge-threshold" => driver.bridge_threshold = number(name, value)?,
                "--force-fail" => driver.force_fail = Some(number(name, value)?),
                "--trace-log" => {
                    let file = File::create(value).map_err(|e| format!("cannot write {value}: {e}"))?;
                    driver.trace_log = Some(Box::new(BufWriter::new(file)));
                }
                "--code-map" => code_map = Some(value.to_string()),
                _ => return Err(format!("unknown option '{name}'")),
            }
        }
    }
}
