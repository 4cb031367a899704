//! Parameters of the proposed hardware, read from TOML. `hw.toml` beside this crate documents each and
//! holds the defaults.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// All hardware parameters; the defaults are those of `hw.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HwParams {
    /// The pattern table.
    pub pattern_table: PatternTableParams,
    /// The bridge table.
    pub bridge_table: BridgeTableParams,
    /// The watch table.
    pub watch_table: WatchTableParams,
    /// Guard costs.
    pub guard: GuardParams,
}

/// Parameters of the pattern table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatternTableParams {
    /// Sites watched at a time; 0 = no table.
    pub entries: u32,
    /// Equal observations in a row that confirm a constant.
    pub confirm: u32,
    /// Changes while learning that make a site varying.
    pub varying_after: u32,
    /// A deliberate fault, for tests.
    pub fault: PatternFault,
}

impl Default for PatternTableParams {
    fn default() -> Self {
        PatternTableParams { entries: 128, confirm: 32, varying_after: 8, fault: PatternFault::None }
    }
}

/// Deliberate faults of the pattern table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatternFault {
    /// Works as specified.
    #[default]
    None,
    /// Confirmed values are reported wrong.
    WrongVerdicts,
}

/// Parameters of the bridge table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BridgeTableParams {
    /// Guards with a bridge at a time; 0 = no table.
    pub entries: u32,
}

impl Default for BridgeTableParams {
    fn default() -> Self {
        BridgeTableParams { entries: 64 }
    }
}

/// Parameters of the watch table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchTableParams {
    /// Ranges watched at a time; 0 = no table.
    pub entries: u32,
    /// Bytes that addresses are compared by, a power of two up to 4096: a store beside a range, in the same granule,
    /// counts as one into it.
    pub granule: u64,
    /// Longest range in bytes.
    pub max_bytes: u64,
}

impl Default for WatchTableParams {
    fn default() -> Self {
        WatchTableParams { entries: 64, granule: 8, max_bytes: 4096 }
    }
}

/// Costs of guards in the cycle estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardParams {
    /// Cycles charged for each guard failure.
    pub fail_cycles: u64,
}

impl Default for GuardParams {
    fn default() -> Self {
        GuardParams { fail_cycles: 4 }
    }
}

/// A parameter file that cannot be used.
#[derive(Debug)]
pub struct HwParamsError {
    place: String,
    message: String,
}

impl fmt::Display for HwParamsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for HwParamsError {}

impl HwParams {
    /// Reads parameters from TOML text; those not named keep their defaults. `name` is the file name for
    /// messages (`file:line:col`).
    pub fn from_toml(text: &str, name: &str) -> Result<HwParams, HwParamsError> {
        let params: HwParams = toml::from_str(text).map_err(|e: toml::de::Error| {
            let place = match e.span() {
                Some(span) => {
                    let before = &text[..span.start.min(text.len())];
                    let line = before.matches('\n').count() + 1;
                    let col = before.len() - before.rfind('\n').map_or(0, |n| n + 1) + 1;
                    format!("{name}:{line}:{col}")
                }
                None => name.to_owned(),
            };
            HwParamsError { place, message: e.message().to_owned() }
        })?;
        let too_big = [params.pattern_table.entries, params.bridge_table.entries, params.watch_table.entries]
            .into_iter()
            .any(|n| n > 65536);
        if too_big {
            return Err(HwParamsError {
                place: name.to_owned(),
                message: "a table has more than 65536 entries".into(),
            });
        }
        if params.pattern_table.confirm == 0 {
            return Err(HwParamsError {
                place: name.to_owned(),
                message: "pattern_table.confirm must be at least 1".into(),
            });
        }
        let watch = &params.watch_table;
        if !watch.granule.is_power_of_two() || watch.granule > 4096 || watch.max_bytes > 1 << 20 {
            return Err(HwParamsError {
                place: name.to_owned(),
                message: "watch_table.granule must be a power of two up to 4096, max_bytes at most 1048576"
                    .into(),
            });
        }
        Ok(params)
    }

    /// Reads a parameter file.
    pub fn from_file(path: &Path) -> Result<HwParams, HwParamsError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| HwParamsError { place: name.clone(), message: e.to_string() })?;
        HwParams::from_toml(&text, &name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_file_is_the_default() {
        let params = HwParams::from_toml(include_str!("../../hw.toml"), "hw.toml").expect("hw.toml is valid");
        assert_eq!(params, HwParams::default());
    }

    #[test]
    fn partial_file_keeps_other_defaults() {
        let params = HwParams::from_toml("[bridge_table]\nentries = 2\n", "x").expect("valid");
        assert_eq!(params.bridge_table.entries, 2);
        assert_eq!(params.pattern_table, PatternTableParams::default());
    }

    #[test]
    fn errors_have_a_place() {
        let e =
            HwParams::from_toml("[guard]\nfail_cycles = \"many\"\n", "my.toml").expect_err("not a number");
        assert!(e.to_string().starts_with("my.toml:2:"), "{e}");
        let e = HwParams::from_toml("[guard]\ncycles = 3\n", "my.toml").expect_err("unknown key");
        assert!(e.to_string().contains("cycles"), "{e}");
        assert!(HwParams::from_toml("[pattern_table]\nconfirm = 0\n", "x").is_err());
    }
}
