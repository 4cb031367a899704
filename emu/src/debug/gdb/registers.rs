//! Register numbers of the protocol, and the target description that names them.
//!
//! Numbers: 0 to 31 the integer registers, 32 the pc, 33 to 64 the floating-point registers, 65 + N the CSR N. GDB gives
//! those in its own features the same numbers.

use crate::csr;
use crate::hart::Hart;
use gdbstub::arch::{Arch, RegId, Registers};
use isa_spec::Isa;
use std::fmt::Write;
use std::num::NonZeroUsize;

const PC: usize = 32;
const F0: usize = 33;
const CSR0: usize = 65;

/// A register of a hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reg {
    X(u8),
    Pc,
    F(u8),
    /// By its number.
    Csr(u16),
}

impl Reg {
    /// Bytes in the protocol.
    pub fn size(self) -> usize {
        match self {
            Reg::Csr(n) if is_fp_csr(n.into()) => 4,
            _ => 8,
        }
    }
}

impl RegId for Reg {
    fn from_raw_id(id: usize) -> Option<(Reg, Option<NonZeroUsize>)> {
        let reg = match id {
            0..PC => Reg::X(id as u8),
            PC => Reg::Pc,
            F0..CSR0 => Reg::F((id - F0) as u8),
            _ => Reg::Csr(u16::try_from(id - CSR0).ok().filter(|n| *n < 0x1000)?),
        };
        Some((reg, NonZeroUsize::new(reg.size())))
    }
}

/// The registers that travel together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Core {
    pub x: [u64; 32],
    pub pc: u64,
    pub f: [u64; 32],
}

impl Registers for Core {
    type ProgramCounter = u64;

    fn pc(&self) -> u64 {
        self.pc
    }

    fn gdb_serialize(&self, mut write_byte: impl FnMut(Option<u8>)) {
        let all = self.x.iter().chain([&self.pc]).chain(&self.f);
        all.flat_map(|v| v.to_le_bytes()).for_each(|b| write_byte(Some(b)));
    }

    fn gdb_deserialize(&mut self, bytes: &[u8]) -> Result<(), ()> {
        let places = self.x.iter_mut().chain([&mut self.pc]).chain(&mut self.f);
        let (words, rest) = bytes.as_chunks::<8>();
        if words.len() != 65 || !rest.is_empty() {
            return Err(());
        }
        places.zip(words).for_each(|(place, word)| *place = u64::from_le_bytes(*word));
        Ok(())
    }
}

/// RV64 with whatever CSRs the machine has.
#[derive(Debug)]
pub enum Rv64 {}

impl Arch for Rv64 {
    type Usize = u64;
    type Registers = Core;
    type BreakpointKind = usize;
    type RegId = Reg;
}

fn is_fp_csr(n: u32) -> bool {
    matches!(n, csr::FFLAGS | csr::FRM | csr::FCSR)
}

/// Value of a register. `None`: there is no such CSR, or looking at it would change something.
pub fn read(hart: &mut Hart, reg: Reg) -> Option<u64> {
    match reg {
        Reg::X(n) => Some(hart.x[usize::from(n)]),
        Reg::Pc => Some(hart.pc),
        Reg::F(n) => Some(hart.f[usize::from(n)]),
        // Reading takes something off a queue.
        Reg::Csr(n) if matches!(n.into(), csr::MJ_HPOP | csr::MJ_WPOP) => None,
        // Between instructions nothing is counted ahead.
        Reg::Csr(n) if matches!(n.into(), csr::CYCLE | csr::INSTRET) => Some(hart.instret),
        Reg::Csr(n) => hart.csr_read(n.into()).ok(),
    }
}

/// Writes a register, a CSR with all that writing it does. False: it cannot be written.
pub fn write(hart: &mut Hart, reg: Reg, value: u64) -> bool {
    match reg {
        Reg::X(0) => value == 0,
        Reg::X(n) => {
            hart.x[usize::from(n)] = value;
            true
        }
        Reg::Pc => {
            hart.pc = value & !1;
            true
        }
        Reg::F(n) => {
            hart.f[usize::from(n)] = value;
            true
        }
        Reg::Csr(n) => hart.csr_write(n.into(), value).is_ok(),
    }
}

/// The target description (GDB manual, appendix "Target Descriptions", "RISC-V Features"). A dot in a name is an
/// underscore, since `$mj.gvec` means something else to GDB.
pub fn description(isa: &Isa) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n\
         <architecture>riscv:rv64</architecture>\n<osabi>GNU/Linux</osabi>\n",
    );
    xml += "<feature name=\"org.gnu.gdb.riscv.cpu\">\n";
    for (n, name) in isa_spec::XREGS.iter().enumerate() {
        let kind = match *name {
            "ra" => "code_ptr",
            "sp" | "gp" | "tp" | "s0" => "data_ptr",
            _ => "int",
        };
        let name = if *name == "s0" { "fp" } else { name };
        reg(&mut xml, name, 64, kind, n, "general");
    }
    reg(&mut xml, "pc", 64, "code_ptr", PC, "general");
    xml += "</feature>\n<feature name=\"org.gnu.gdb.riscv.fpu\">\n<union id=\"riscv_double\">\
            <field name=\"float\" type=\"ieee_single\"/><field name=\"double\" type=\"ieee_double\"/></union>\n";
    for (n, name) in isa_spec::FREGS.iter().enumerate() {
        reg(&mut xml, name, 64, "riscv_double", F0 + n, "float");
    }
    for (name, n) in [("fflags", csr::FFLAGS), ("frm", csr::FRM), ("fcsr", csr::FCSR)] {
        reg(&mut xml, name, 32, "int", CSR0 + n as usize, "float");
    }
    let base = |address: u16| matches!(address.into(), csr::CYCLE | csr::TIME | csr::INSTRET);
    let rest = || isa.csrs.iter().filter(|c| !is_fp_csr(c.address.into()));
    xml += "</feature>\n<feature name=\"org.gnu.gdb.riscv.csr\">\n";
    for c in rest().filter(|c| base(c.address)) {
        reg(&mut xml, &c.name, 64, "int", CSR0 + usize::from(c.address), "csr");
    }
    xml += "</feature>\n<feature name=\"org.mj.csr\">\n";
    for c in rest().filter(|c| !base(c.address)) {
        let plain = |ch: char| if ch.is_ascii_alphanumeric() { ch } else { '_' };
        let name: String = c.name.chars().map(plain).collect();
        reg(&mut xml, &name, 64, "int", CSR0 + usize::from(c.address), "csr");
    }
    xml += "</feature>\n</target>\n";
    xml
}

fn reg(xml: &mut String, name: &str, bits: u32, kind: &str, number: usize, group: &str) {
    // Not saved and restored around calls that the debugger makes: writing a CSR does things.
    let save = if group == "csr" { " save-restore=\"no\"" } else { "" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        xml,
        "<reg name=\"{name}\" bitsize=\"{bits}\" type=\"{kind}\" regnum=\"{number}\" group=\"{group}\"{save}/>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_is_described_once() {
        let xml = description(Isa::builtin());
        for name in ["zero", "t6", "pc", "ft0", "fs11", "fcsr", "instret", "mj_gvec", "mj_wclr"] {
            assert_eq!(xml.matches(&format!("name=\"{name}\"")).count(), 1, "{name}");
        }
        let gvec = CSR0 + csr::MJ_GVEC as usize;
        assert!(xml.contains(&format!("name=\"mj_gvec\" bitsize=\"64\" type=\"int\" regnum=\"{gvec}\"")));
        assert_eq!(Reg::from_raw_id(gvec).map(|(r, _)| r), Some(Reg::Csr(csr::MJ_GVEC as u16)));
    }

    #[test]
    fn registers_travel_in_the_order_of_their_numbers() {
        let mut core = Core::default();
        core.x[31] = 0x1122;
        core.pc = 0x33;
        core.f[0] = 0x44;
        let mut bytes = Vec::new();
        core.gdb_serialize(|b| bytes.push(b.unwrap_or(0)));
        assert_eq!((bytes[31 * 8], bytes[32 * 8], bytes[33 * 8]), (0x22, 0x33, 0x44));
        let mut other = Core::default();
        assert!(other.gdb_deserialize(&bytes).is_ok());
        assert_eq!(other, core);
        assert!(other.gdb_deserialize(&bytes[1..]).is_err());
    }
}
