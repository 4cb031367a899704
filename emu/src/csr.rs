//! User-visible control and status registers.
//!
//! The base ones (`fflags`, `frm`, `fcsr`, `cycle`, `time`, `instret`) and the project's own user CSRs
//! 0x800–0x8FF, and those of ISA files, which are plain storage. The check that a read-only CSR is not written, and that `csrrs`/`csrrc` with `x0` does not
//! write, belongs to the instruction semantics; writing a read-only number here is an illegal instruction
//! all the same (unprivileged manual, "Zicsr").

use crate::hardware::TOKENS;
use crate::hart::Hart;
use crate::trap::Trap;

/// Accrued exceptions.
pub const FFLAGS: u32 = 0x001;
/// Dynamic rounding mode.
pub const FRM: u32 = 0x002;
/// `frm` and `fflags` together.
pub const FCSR: u32 = 0x003;
/// Cycle counter; equal to `instret` here.
pub const CYCLE: u32 = 0xC00;
/// Wall-clock ticks.
pub const TIME: u32 = 0xC01;
/// Instructions retired.
pub const INSTRET: u32 = 0xC02;
/// Guard vector: where a failing guard without bridge goes; 0 = none.
pub const MJ_GVEC: u32 = 0x800;
/// pc of the guard that failed last through the vector.
pub const MJ_GEPC: u32 = 0x801;
/// Value that failed that guard.
pub const MJ_GVAL: u32 = 0x802;
/// Guard pc that the next `MJ_BTGT` write is about.
pub const MJ_BKEY: u32 = 0x803;
/// Writing inserts (non-zero) or removes (zero) the bridge of `MJ_BKEY`.
pub const MJ_BTGT: u32 = 0x804;
/// 1 when the last bridge insertion was accepted.
pub const MJ_BSTAT: u32 = 0x805;
/// Site selector of the pattern table.
pub const MJ_HSEL: u32 = 0x810;
/// State, kind and observation count of the selected site.
pub const MJ_HSTAT: u32 = 0x811;
/// Constant or last value of the selected site.
pub const MJ_HVAL: u32 = 0x812;
/// Reading pops the next newly confirmed site, plus one; 0 when there is none.
pub const MJ_HPOP: u32 = 0x813;
/// Writing frees a site's entry, or all with all-ones.
pub const MJ_HCLR: u32 = 0x814;

/// Token of the next watched range.
pub const MJ_WTOK: u32 = 0x820;
/// Where the next watched range begins.
pub const MJ_WADDR: u32 = 0x821;
/// Writing a length watches the range, writing 0 ends the watch of `MJ_WTOK`; reads the number of its ranges.
pub const MJ_WLEN: u32 = 0x822;
/// 1 when the last range was accepted.
pub const MJ_WSTAT: u32 = 0x823;
/// Reading pops the next invalidated token, plus one; 0 when there is none.
pub const MJ_WPOP: u32 = 0x824;
/// Writing empties the watch table.
pub const MJ_WCLR: u32 = 0x825;

impl Hart {
    /// Value of CSR `n` (12 bits). Error: [`Trap::Illegal`] for a number that this hart has not.
    pub fn csr_read(&mut self, n: u32) -> Result<u64, Trap> {
        Ok(match n {
            FFLAGS => u64::from(self.fflags),
            FRM => u64::from(self.frm),
            FCSR => u64::from(self.frm << 5 | self.fflags),
            // `instret` counts this instruction already, see there.
            CYCLE | INSTRET => self.instret.saturating_sub(1),
            TIME => self.time_ticks(),
            MJ_GVEC => self.hw.gvec,
            MJ_GEPC => self.hw.gepc,
            MJ_GVAL => self.hw.gval,
            MJ_BKEY => self.hw.bridges.key,
            MJ_BTGT => self.hw.bridges.target_of_key(),
            MJ_BSTAT => u64::from(self.hw.bridges.accepted),
            MJ_HSEL => self.hw.patterns.selected,
            MJ_HSTAT => self.hw.patterns.status(),
            MJ_HVAL => self.hw.patterns.value(),
            MJ_HPOP => self.hw.patterns.pop(),
            MJ_HCLR => 0,
            MJ_WTOK => u64::from(self.hw.watch.token),
            MJ_WADDR => self.hw.watch.start,
            MJ_WLEN => self.ram.watch_table(|t| t.ranges(self.hw.watch.token)) as u64,
            MJ_WSTAT => u64::from(self.hw.watch.accepted),
            MJ_WPOP => self.ram.watch_table(|t| t.pop()),
            MJ_WCLR => 0,
            _ => return self.custom_csr(n).map(|at| self.custom_csrs[at]).ok_or(Trap::Illegal),
        })
    }

    /// Writes CSR `n`. Error: [`Trap::Illegal`] for a number that this hart has not, or that is read-only.
    pub fn csr_write(&mut self, n: u32, value: u64) -> Result<(), Trap> {
        match n {
            FFLAGS => self.fflags = (value & 31) as u32,
            FRM => self.frm = (value & 7) as u32,
            FCSR => {
                self.fflags = (value & 31) as u32;
                self.frm = (value >> 5 & 7) as u32;
            }
            MJ_GVEC => self.hw.gvec = value,
            MJ_GEPC => self.hw.gepc = value,
            MJ_GVAL => self.hw.gval = value,
            MJ_BKEY => self.hw.bridges.key = value,
            MJ_BTGT => self.hw.bridges.write_target(value),
            MJ_HSEL => self.hw.patterns.selected = value,
            MJ_HCLR => self.hw.patterns.clear(value),
            MJ_WTOK => self.hw.watch.token = value as u16 % TOKENS as u16,
            MJ_WADDR => self.hw.watch.start = value,
            MJ_WLEN if value == 0 => self.ram.unwatch(self.hw.watch.token),
            MJ_WLEN => {
                let (params, watch) = (&self.hw.params.watch_table, &self.hw.watch);
                self.hw.watch.accepted = self.ram.watch(params, watch.token, watch.start, value);
            }
            MJ_WCLR => self.ram.clear_watches(),
            _ => {
                let at = self.custom_csr(n).filter(|&at| self.isa().custom_csrs()[at].writable);
                self.custom_csrs[at.ok_or(Trap::Illegal)?] = value;
            }
        }
        Ok(())
    }

    /// Place of a CSR that an ISA file defines.
    fn custom_csr(&self, n: u32) -> Option<usize> {
        self.isa().custom_csrs().iter().position(|c| u32::from(c.address) == n)
    }
}
