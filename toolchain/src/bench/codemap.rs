//! What each machine instruction of the JIT's traces is: the file that the guest writes with `--code-map=FILE`.
//!
//! A line is
//!
//! ```text
//! hex_pc length_bytes role kind
//! ```
//!
//! | column | is |
//! |---|---|
//! | `hex_pc` | address of the first byte of a run of instructions, hexadecimal, `0x` allowed |
//! | `length_bytes` | length of the run, decimal |
//! | `role` | `exec`: does the program's work · `guard`: checks · `feeder`: only computes what a guard checks |
//! | `kind` | for guards and feeders the RPython name of the guard (`guard_class`, `guard_true`, …); `-` for `exec` |
//!
//! A guard's run begins with its first instruction on the path that succeeds, so that the executions of
//! `hex_pc` are those of the guard. A line `# name value` is a number that the guest counted itself
//! (`traces`, `bridges`, `respecialised`, …). The runs do not overlap; addresses that no run names are
//! the back end's own (entry, exits, stubs), reported as `other`. Joined with the emulator's executions by
//! address this is the split into guard, guard-only feeder and execution-only instructions.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// What a run of instructions is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Exec,
    Guard,
    Feeder,
}

/// A run of instructions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub pc: u64,
    pub len: u64,
    pub role: Role,
    /// `-` for execution.
    pub kind: String,
}

/// A code map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeMap {
    /// By address.
    pub entries: Vec<Entry>,
    /// The guest's own counters.
    pub counters: BTreeMap<String, u64>,
}

/// Executed trace instructions by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Split {
    pub exec: u64,
    pub guard: u64,
    pub feeder: u64,
    /// By guard kind.
    pub kinds: BTreeMap<String, GuardCount>,
}

/// One kind of guard.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct GuardCount {
    /// How often such a guard was executed.
    pub executed: u64,
    /// Instructions that were executed for it.
    pub instructions: u64,
    /// Instructions that were executed only to feed it.
    pub feeders: u64,
}

impl CodeMap {
    /// Reads the text of a map; `file` is its name for messages.
    pub fn parse(file: &str, text: &str) -> Result<CodeMap> {
        let mut map = CodeMap::default();
        for (n, line) in text.lines().enumerate() {
            let place = || format!("{file}:{}", n + 1);
            if let Some(comment) = line.strip_prefix('#') {
                let mut words = comment.split_whitespace();
                if let (Some(name), Some(Ok(value)), None) =
                    (words.next(), words.next().map(str::parse), words.next())
                {
                    map.counters.insert(name.to_string(), value);
                }
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let [pc, len, role, kind] = words[..] else {
                if words.is_empty() {
                    continue;
                }
                bail!("{}: expected `pc length role kind`", place());
            };
            let role = match role {
                "exec" => Role::Exec,
                "guard" => Role::Guard,
                "feeder" => Role::Feeder,
                other => bail!("{}: unknown role `{other}`", place()),
            };
            let (Ok(pc), Ok(len)) = (u64::from_str_radix(pc.trim_start_matches("0x"), 16), len.parse())
            else {
                bail!("{}: the address or the length is not a number", place());
            };
            map.entries.push(Entry { pc, len, role, kind: kind.to_string() });
        }
        // A run that is given again replaces the first: code that was patched or freed.
        map.entries.reverse();
        map.entries.sort_by_key(|e| e.pc);
        map.entries.dedup_by_key(|e| e.pc);
        Ok(map)
    }

    /// Joins the map with executions by address.
    pub fn split(&self, counts: impl IntoIterator<Item = (u64, u64)>) -> Split {
        let mut split = Split::default();
        for (pc, count) in counts {
            let after = self.entries.partition_point(|e| e.pc <= pc);
            let Some(entry) = after.checked_sub(1).map(|n| &self.entries[n]) else { continue };
            if pc - entry.pc >= entry.len {
                continue;
            }
            match entry.role {
                Role::Exec => split.exec += count,
                Role::Guard => {
                    split.guard += count;
                    let kind = split.kinds.entry(entry.kind.clone()).or_default();
                    kind.instructions += count;
                    if pc == entry.pc {
                        kind.executed += count;
                    }
                }
                Role::Feeder => {
                    split.feeder += count;
                    split.kinds.entry(entry.kind.clone()).or_default().feeders += count;
                }
            }
        }
        split
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join() {
        let text = "# traces 2\n1000 4 exec -\n0x1004 8 guard guard_class\n100c 4 feeder guard_true\n\n1010 4 guard guard_true\n";
        let map = CodeMap::parse("m", text).unwrap();
        assert_eq!(map.counters["traces"], 2);
        let split = map.split([
            (0x1000, 5),
            (0x1004, 4),
            (0x1008, 4),
            (0x100c, 3),
            (0x1010, 3),
            (0x1014, 99),
            (0x10, 1),
        ]);
        assert_eq!((split.exec, split.guard, split.feeder), (5, 11, 3));
        let class = &split.kinds["guard_class"];
        assert_eq!((class.executed, class.instructions, class.feeders), (4, 8, 0));
        assert_eq!(split.kinds["guard_true"].feeders, 3);
    }

    #[test]
    fn errors_have_a_place() {
        for bad in ["1000 4 exec\n", "1000 4 nonsense -\n", "10zz 4 exec -\n"] {
            let message = CodeMap::parse("m", bad).unwrap_err().to_string();
            assert!(message.starts_with("m:1: "), "{message}");
        }
    }
}
