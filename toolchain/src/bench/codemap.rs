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
//! | `hex_pc` | address of the instruction, hexadecimal, `0x` allowed |
//! | `length_bytes` | its length, decimal; a longer run of one role may be one line |
//! | `role` | `exec`: does the program's work · `guard`: checks · `feeder`: only makes what a guard checks · `both`: works and checks at once |
//! | `kind` | RPython's name of the guard (`guard_class`, `guard_true`, …) for all roles but `exec`, which has `-` |
//!
//! Each guard has exactly one branch or one instruction of the guard extension on the path that succeeds: its
//! executions are those of the guard. (`guard_not_invalidated`, which is a `nop`, counts by itself.) A
//! line `# name value` is a number that the guest counted itself (`traces`, `bridges`, `respecialised`, …).
//! Lines do not overlap, except that a later line for an address replaces an earlier one. Addresses that no
//! line names are the back end's own (exits, stubs). Joined with the emulator's executions by address this is the
//! split of JIT code into execution, guards and what only feeds guards. The guest writes the file in phase 8, which is
//! not counted as the program's.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use isa_spec::{Class, Isa};

/// What a run of instructions is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Exec,
    Guard,
    Feeder,
    Both,
}

/// An instruction, or a run of them.
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
    pub both: u64,
    /// By guard kind.
    pub kinds: BTreeMap<String, GuardCount>,
}

/// One kind of guard.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct GuardCount {
    /// How often such a guard was executed.
    pub executed: u64,
    /// How often of that by an instruction of the guard extension.
    pub offloaded: u64,
    /// Instructions that were executed to check it, those that also work included.
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
                "both" => Role::Both,
                other => bail!("{}: unknown role `{other}`", place()),
            };
            let (Ok(pc), Ok(len)) = (u64::from_str_radix(pc.trim_start_matches("0x"), 16), len.parse())
            else {
                bail!("{}: the address or the length is not a number", place());
            };
            map.entries.push(Entry { pc, len, role, kind: kind.to_string() });
        }
        // The last line for an address counts: stable sorting keeps the reversed order.
        map.entries.reverse();
        map.entries.sort_by_key(|e| e.pc);
        map.entries.dedup_by_key(|e| e.pc);
        Ok(map)
    }

    /// Joins the map with executions by address.
    pub fn split(&self, isa: &Isa, counts: impl IntoIterator<Item = Executed>) -> Split {
        let mut split = Split::default();
        for Executed { pc, word, count } in counts {
            let after = self.entries.partition_point(|e| e.pc <= pc);
            let Some(entry) = after.checked_sub(1).map(|n| &self.entries[n]) else { continue };
            if pc - entry.pc >= entry.len {
                continue;
            }
            if entry.role == Role::Exec {
                split.exec += count;
                continue;
            }
            let kind = split.kinds.entry(entry.kind.clone()).or_default();
            if entry.role == Role::Feeder {
                split.feeder += count;
                kind.feeders += count;
                continue;
            }
            *(if entry.role == Role::Guard { &mut split.guard } else { &mut split.both }) += count;
            kind.instructions += count;
            let class = isa.decode(word).map(|i| isa.insn(i.id).class);
            if matches!(class, Some(Class::Branch | Class::Guard)) || entry.kind == "guard_not_invalidated" {
                kind.executed += count;
            }
            if class == Some(Class::Guard) {
                kind.offloaded += count;
            }
        }
        split
    }
}

/// Executions of the instruction `word` at `pc`.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct Executed {
    pub pc: u64,
    pub word: u32,
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join() {
        let text = "# traces 2\n1000 4 exec -\n0x1004 4 guard guard_class\n1008 4 guard guard_class\n\
                    100c 4 feeder guard_true\n\n1010 4 guard guard_true\n1018 4 both guard_no_overflow\n";
        let map = CodeMap::parse("m", text).unwrap();
        assert_eq!(map.counters["traces"], 2);
        let (load, branch, addo) = (0x0005_6503, 0x00b5_1463, 0x00c5_a50b);
        let executed = |pc, word, count| Executed { pc, word, count };
        let split = map.split(
            Isa::builtin(),
            [
                executed(0x1000, load, 5),
                executed(0x1004, load, 4),
                executed(0x1008, branch, 4),
                executed(0x100c, load, 3),
                executed(0x1010, branch, 3),
                executed(0x1014, load, 99),
                executed(0x1018, addo, 2),
                executed(0x10, load, 1),
            ],
        );
        assert_eq!((split.exec, split.guard, split.feeder, split.both), (5, 11, 3, 2));
        let class = &split.kinds["guard_class"];
        assert_eq!((class.executed, class.instructions, class.feeders), (4, 8, 0));
        assert_eq!(split.kinds["guard_true"].feeders, 3);
        let overflow = &split.kinds["guard_no_overflow"];
        assert_eq!((overflow.executed, overflow.offloaded, class.offloaded), (2, 2, 0));
    }

    #[test]
    fn errors_have_a_place() {
        for bad in ["1000 4 exec\n", "1000 4 nonsense -\n", "10zz 4 exec -\n"] {
            let message = CodeMap::parse("m", bad).unwrap_err().to_string();
            assert!(message.starts_with("m:1: "), "{message}");
        }
    }
}
