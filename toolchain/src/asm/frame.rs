//! `.eh_frame` and `.debug_frame`: the tables that `.cfi_*` directives describe (DWARF 5, section 6.4; Linux
//! Standard Base, "Exception Frames").

use super::Assembler;
use super::cfi::{Cfi, DATA_ALIGN, Frame, Pointer};
use super::data::leb128;
use super::expr::SymId;
use super::frag::{Kind, Tail, Target};
use super::reloc;
use super::section::{Attributes, SHF_ALLOC, SHT_PROGBITS};
use super::symbol::Def;

/// Version of the CIEs.
const VERSION: u8 = 3;
/// DW_EH_PE_pcrel | DW_EH_PE_sdata4: how `.eh_frame` writes code addresses.
const PCREL4: u8 = 0x1b;

/// A common part that was written, and what an FDE must have to share it.
struct Common {
    start: SymId,
    initial: Vec<Cfi>,
    return_column: u64,
    signal: bool,
    personality: Option<Pointer>,
    lsda_encoding: Option<u8>,
}

impl Assembler<'_> {
    /// Writes the tables at the end of the file.
    pub(super) fn write_frames(&mut self) {
        let frames = std::mem::take(&mut self.frames.list);
        if frames.is_empty() {
            return;
        }
        if self.frames.eh_frame {
            self.table(".eh_frame", SHF_ALLOC, &frames, true);
        }
        if self.frames.debug_frame {
            self.table(".debug_frame", 0, &frames, false);
        }
    }

    /// Makes a section current that the assembler adds itself: its symbol comes behind the file's own.
    pub(super) fn own_section(&mut self, name: &str, flags: u64, entsize: u64) {
        let attributes = Attributes {
            flags: Some(flags),
            kind: Some(SHT_PROGBITS),
            entsize: Some(entsize),
            ..Attributes::default()
        };
        let before = self.unit.sections.len();
        let index = self.unit.section_index(name, &attributes);
        if self.unit.sections.len() > before {
            self.unit.sections[index as usize].chain = None;
        }
        self.unit.switch(index, 0);
    }

    fn table(&mut self, name: &str, flags: u64, frames: &[Frame], eh: bool) {
        self.own_section(name, flags, 0);
        let section = self.unit.section();
        section.align = section.align.max(8);
        let mut commons: Vec<Common> = Vec::new();
        for (n, frame) in frames.iter().enumerate() {
            let Some(end) = frame.end else { continue };
            let lead = frame.list.iter().position(ends_initial).unwrap_or(frame.list.len());
            let found = commons.iter().position(|c| shares(c, frame, eh));
            let common = found.unwrap_or_else(|| {
                let common = self.common_part(frame, &frame.list[..lead], eh);
                commons.push(common);
                commons.len() - 1
            });
            let rest = &frame.list[commons[common].initial.len()..];
            let align = if !eh || n + 1 == frames.len() { 8 } else { 4 };
            self.description(frame, end, commons[common].start, rest, eh, align);
        }
    }

    fn common_part(&mut self, frame: &Frame, initial: &[Cfi], eh: bool) -> Common {
        let start = self.unit.mark_here();
        let (after, end) = self.length();
        let id = if eh { 0u32 } else { u32::MAX };
        self.unit.emit(&id.to_le_bytes());
        self.unit.emit(&[VERSION]);
        let mut augmentation = String::new();
        if eh {
            augmentation.push('z');
            if frame.personality.is_some() {
                augmentation.push('P');
            }
            if frame.lsda.is_some() {
                augmentation.push('L');
            }
            augmentation.push('R');
        }
        if frame.signal {
            augmentation.push('S');
        }
        self.unit.emit(augmentation.as_bytes());
        // The code alignment factor is 1, because a linker may delete two bytes.
        self.unit.emit(&[0, 1]);
        self.unit.emit(&leb128(DATA_ALIGN, true));
        self.unit.emit(&leb128(frame.return_column as i64, false));
        if eh {
            let personality = frame.personality.map_or(0, |(encoding, _)| 1 + pointer_size(encoding));
            let size = 1 + personality + u8::from(frame.lsda.is_some());
            self.unit.emit(&[size]);
            if let Some((encoding, target)) = frame.personality {
                self.unit.emit(&[encoding]);
                self.encoded(encoding, target);
            }
            if let Some((encoding, _)) = frame.lsda {
                self.unit.emit(&[encoding]);
            }
            self.unit.emit(&[PCREL4]);
        }
        for instruction in initial {
            self.frame_instruction(instruction);
        }
        self.close(after, end, if eh { 4 } else { 8 });
        Common {
            start,
            initial: initial.to_vec(),
            return_column: frame.return_column,
            signal: frame.signal,
            personality: frame.personality,
            lsda_encoding: frame.lsda.map(|(encoding, _)| encoding),
        }
    }

    fn description(&mut self, frame: &Frame, end: SymId, common: SymId, list: &[Cfi], eh: bool, align: u64) {
        let (after, last) = self.length();
        let range = Target { add: Some(end), sub: Some(frame.start), n: 0 };
        let begin = Target { add: Some(frame.start), sub: None, n: 0 };
        if eh {
            let back = Target { add: Some(after), sub: Some(common), n: 0 };
            self.unit.emit_fixed(&[0; 4], Kind::Data(4), back, false);
            self.unit.emit_fixed(&[0; 4], Kind::Reloc(reloc::PCREL32), begin, false);
            self.unit.emit_fixed(&[0; 4], Kind::Data(4), range, false);
            match frame.lsda {
                Some((encoding, target)) => {
                    self.unit.emit(&[pointer_size(encoding)]);
                    self.encoded(encoding, target);
                }
                None => self.unit.emit(&[0]),
            }
        } else {
            let common = Target { add: Some(common), sub: None, n: 0 };
            self.unit.emit_fixed(&[0; 4], Kind::Data(4), common, false);
            self.unit.emit_fixed(&[0; 8], Kind::Data(8), begin, false);
            self.unit.emit_fixed(&[0; 8], Kind::Data(8), range, false);
        }
        for instruction in list {
            self.frame_instruction(instruction);
        }
        self.close(after, last, align);
    }

    /// Emits the length of an entry, filled in when the entry is closed; the symbols behind it and at its end.
    fn length(&mut self) -> (SymId, SymId) {
        let end = self.unit.unlisted_here();
        let length = self.unit.unlisted_here();
        // The end is moved to where it belongs by `close`; what stands behind the four bytes is known now.
        let target = Target { add: Some(end), sub: Some(length), n: 0 };
        self.unit.emit_fixed(&[0; 4], Kind::Data(4), target, false);
        let (frag, at) = self.unit.here_now();
        self.unit.symbols[length as usize].def = Def::Label(frag, at);
        (length, end)
    }

    fn close(&mut self, _after: SymId, end: SymId, align: u64) {
        self.unit.tail(Tail::Align { to: align, fill: Some(vec![0]), max: u64::MAX });
        let (frag, at) = self.unit.here_now();
        self.unit.symbols[end as usize].def = Def::Label(frag, at);
    }

    fn encoded(&mut self, encoding: u8, target: Target) {
        let size = pointer_size(encoding);
        let bytes = &[0; 8][..usize::from(size)];
        if encoding & 0x70 == 0x10 {
            if size == 4 {
                self.unit.emit_fixed(bytes, Kind::Reloc(reloc::PCREL32), target, false);
                return;
            }
            let here = self.unit.unlisted_here();
            let target = Target { sub: Some(here), ..target };
            self.unit.emit_fixed(bytes, Kind::Data(size), target, false);
            return;
        }
        self.unit.emit_fixed(bytes, Kind::Data(size), target, false);
    }

    fn frame_instruction(&mut self, instruction: &Cfi) {
        let unsigned = |n: u64| leb128(n as i64, false);
        let factored = |offset: i64| offset / DATA_ALIGN;
        let with = |opcode: u8, parts: &[Vec<u8>]| {
            let mut bytes = vec![opcode];
            bytes.extend(parts.concat());
            bytes
        };
        let bytes = match instruction {
            Cfi::Advance(from, to) => return self.advance(*from, *to),
            Cfi::DefCfa(r, n) if *n < 0 => with(0x12, &[unsigned(*r), leb128(factored(*n), true)]),
            Cfi::DefCfa(r, n) => with(0x0c, &[unsigned(*r), unsigned(*n as u64)]),
            Cfi::DefCfaRegister(r) => with(0x0d, &[unsigned(*r)]),
            Cfi::DefCfaOffset(n) if *n < 0 => with(0x13, &[leb128(factored(*n), true)]),
            Cfi::DefCfaOffset(n) => with(0x0e, &[unsigned(*n as u64)]),
            Cfi::Offset(r, n) => match factored(*n) {
                f if f < 0 => with(0x11, &[unsigned(*r), leb128(f, true)]),
                f if *r < 0x40 => with(0x80 + *r as u8, &[unsigned(f as u64)]),
                f => with(0x05, &[unsigned(*r), unsigned(f as u64)]),
            },
            Cfi::ValOffset(r, n) => match factored(*n) {
                f if f < 0 => with(0x15, &[unsigned(*r), leb128(f, true)]),
                f => with(0x14, &[unsigned(*r), unsigned(f as u64)]),
            },
            Cfi::Restore(r) if *r < 0x40 => vec![0xc0 + *r as u8],
            Cfi::Restore(r) => with(0x06, &[unsigned(*r)]),
            Cfi::Register(a, b) => with(0x09, &[unsigned(*a), unsigned(*b)]),
            Cfi::SameValue(r) => with(0x08, &[unsigned(*r)]),
            Cfi::Undefined(r) => with(0x07, &[unsigned(*r)]),
            Cfi::Remember => vec![0x0a],
            Cfi::RestoreState => vec![0x0b],
            Cfi::WindowSave => vec![0x2d],
            Cfi::Escape(bytes) => bytes.clone(),
        };
        self.unit.emit(&bytes);
    }

    /// Inside one fragment the distance is known; else layout, and perhaps a linker, decides.
    fn advance(&mut self, from: SymId, to: SymId) {
        let place = |id: SymId| match self.unit.symbols[id as usize].def {
            Def::Label(frag, at) => (frag, at),
            _ => (u32::MAX, 0),
        };
        let ((a, start), (b, end)) = (place(from), place(to));
        if a == b {
            let bytes = advance_bytes(end.saturating_sub(start));
            self.unit.emit(&bytes);
        } else {
            self.unit.tail(Tail::Advance { from, to });
        }
    }
}

/// The instruction that advances the location by `delta` bytes.
pub(super) fn advance_bytes(delta: u64) -> Vec<u8> {
    match delta {
        0 => Vec::new(),
        1..=0x3f => vec![0x40 | delta as u8],
        0x40..=0xff => vec![0x02, delta as u8],
        0x100..=0xffff => [&[0x03], &(delta as u16).to_le_bytes()[..]].concat(),
        _ => [&[0x04], &(delta as u32).to_le_bytes()[..]].concat(),
    }
}

/// Whether an instruction cannot be part of a CIE.
fn ends_initial(instruction: &Cfi) -> bool {
    matches!(instruction, Cfi::Advance(..) | Cfi::Remember | Cfi::Escape(_))
}

/// Whether `frame` may use the common part `c`.
fn shares(c: &Common, frame: &Frame, eh: bool) -> bool {
    let n = c.initial.len();
    (!eh || c.personality == frame.personality && c.lsda_encoding == frame.lsda.map(|(e, _)| e))
        && c.return_column == frame.return_column
        && c.signal == frame.signal
        && frame.list.len() >= n
        && c.initial[..] == frame.list[..n]
        && frame.list.get(n).is_none_or(ends_initial)
}

fn pointer_size(encoding: u8) -> u8 {
    match encoding & 7 {
        2 => 2,
        3 => 4,
        _ => 8,
    }
}
