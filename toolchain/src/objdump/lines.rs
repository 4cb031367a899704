//! The source beside instructions: addresses to lines by `.debug_line`, and the text of these lines (DWARF 5, section 6.2).

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use gimli::{Dwarf, EndianSlice, LittleEndian, Reader, Section, SectionId, Unit};
use goblin::elf::{Elf, header, section_header};

/// Lines before a new place that are shown with it.
const CONTEXT: usize = 5;
/// In a relocatable file each section begins at 0, so that addresses carry the section's index from this bit on.
const SECTION_SHIFT: u32 = 32;

/// A file of the line table.
struct Source {
    name: PathBuf,
    /// Its lines, `None` if it cannot be read; read when first needed.
    lines: Option<Option<Vec<String>>>,
    /// Number of the last line shown.
    shown: usize,
}

/// The lines of a program or object.
#[derive(Default)]
pub(super) struct SourceLines {
    /// Address, and the file and 1-based line from there on, in order.
    rows: Vec<(u64, Option<(usize, usize)>)>,
    files: Vec<Source>,
    /// What was shown last.
    last: Option<(usize, usize)>,
}

type Slice<'a> = EndianSlice<'a, LittleEndian>;

impl SourceLines {
    /// Reads the tables; a file without any has no rows.
    pub fn read(name: &str, elf: &Elf, bytes: &[u8]) -> Result<SourceLines> {
        let mut sections: HashMap<&str, Vec<u8>> = HashMap::new();
        for (index, s) in elf.section_headers.iter().enumerate() {
            let section = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
            if !section.starts_with(".debug_") {
                continue;
            }
            if s.sh_flags & u64::from(section_header::SHF_COMPRESSED) != 0 {
                bail!("{name}: {section} is compressed, which mj does not read");
            }
            let data = s.file_range().and_then(|r| bytes.get(r)).unwrap_or_default().to_vec();
            sections.insert(section, relocated(elf, index, data));
        }
        let mut lines = SourceLines::default();
        let load = |id: SectionId| -> Result<Slice, gimli::Error> {
            Ok(EndianSlice::new(sections.get(id.name()).map_or(&[], Vec::as_slice), LittleEndian))
        };
        if let Err(e) = Dwarf::load(load).and_then(|dwarf| lines.units(&dwarf)) {
            bail!("{name}: its debugging information is damaged: {e}");
        }
        lines.rows.sort_by_key(|(addr, place)| (*addr, place.is_some()));
        Ok(lines)
    }

    fn units(&mut self, dwarf: &Dwarf<Slice>) -> Result<(), gimli::Error> {
        let mut units = dwarf.units();
        let mut any = false;
        while let Some(header) = units.next()? {
            any = true;
            let unit = dwarf.unit(header)?;
            if let Some(program) = unit.line_program.clone() {
                let directory = unit.comp_dir.map(|d| d.to_string_lossy().into_owned());
                self.program(dwarf, Some(&unit), program, directory.as_deref())?;
            }
        }
        // A table that no unit describes: of `.file` and `.loc` alone.
        if !any && !dwarf.debug_line.reader().is_empty() {
            let program = dwarf.debug_line.program(gimli::DebugLineOffset(0), 8, None, None)?;
            self.program(dwarf, None, program, None)?;
        }
        Ok(())
    }

    fn program<'a>(
        &mut self,
        dwarf: &Dwarf<Slice<'a>>,
        unit: Option<&Unit<Slice<'a>>>,
        program: gimli::IncompleteLineProgram<Slice<'a>>,
        directory: Option<&str>,
    ) -> Result<(), gimli::Error> {
        let text = |value: gimli::AttributeValue<Slice<'a>>| -> String {
            let found = match (unit, value) {
                (Some(unit), value) => dwarf.attr_string(unit, value).ok(),
                (None, gimli::AttributeValue::String(s)) => Some(s),
                (None, gimli::AttributeValue::DebugLineStrRef(at)) => dwarf.line_string(at).ok(),
                _ => None,
            };
            found.map_or(String::new(), |s| s.to_string_lossy().into_owned())
        };
        let mut numbers: HashMap<u64, usize> = HashMap::new();
        let mut rows = program.rows();
        while let Some((header, row)) = rows.next_row()? {
            if row.end_sequence() {
                self.rows.push((row.address(), None));
                continue;
            }
            let file = *numbers.entry(row.file_index()).or_insert_with(|| {
                let mut path = PathBuf::from(directory.unwrap_or(""));
                if let Some(file) = row.file(header) {
                    path.extend(file.directory(header).map(text));
                    path.push(text(file.path_name()));
                }
                self.file(path)
            });
            let line = row.line().map_or(0, |n| n.get() as usize);
            self.rows.push((row.address(), (line > 0).then_some((file, line))));
        }
        Ok(())
    }

    fn file(&mut self, name: PathBuf) -> usize {
        if let Some(n) = self.files.iter().position(|f| f.name == name) {
            return n;
        }
        self.files.push(Source { name, lines: None, shown: 0 });
        self.files.len() - 1
    }

    /// Writes the lines that the instruction at `addr` begins, if it begins any: place by `numbers`, text by `text`. `section` is
    /// that of the address in a relocatable file.
    pub fn at(
        &mut self,
        out: &mut String,
        addr: u64,
        section: Option<usize>,
        numbers: bool,
        text: bool,
    ) -> Result<()> {
        let addr = addr + ((section.unwrap_or(0) as u64) << SECTION_SHIFT);
        let n = self.rows.partition_point(|(a, _)| *a <= addr);
        let place = n.checked_sub(1).and_then(|n| self.rows[n].1);
        if place.is_none() || place == self.last {
            return Ok(());
        }
        self.last = place;
        let Some((file, line)) = place else { return Ok(()) };
        let source = &mut self.files[file];
        if numbers {
            writeln!(out, "{}:{line}", source.name.display())?;
        }
        if text {
            source.show(out, line)?;
        }
        Ok(())
    }
}

impl Source {
    /// The text of a line with what leads to it, as far as that was not shown.
    fn show(&mut self, out: &mut String, line: usize) -> Result<()> {
        let path: &Path = &self.name;
        let read = || {
            std::fs::read(path).ok().map(|b| String::from_utf8_lossy(&b).lines().map(String::from).collect())
        };
        let Some(lines) = self.lines.get_or_insert_with(read) else { return Ok(()) };
        let from = line.saturating_sub(CONTEXT).max(1);
        let from = if self.shown < from {
            from
        } else if self.shown < line {
            self.shown + 1
        } else {
            line
        };
        for text in lines.iter().take(line).skip(from - 1) {
            writeln!(out, "{text}")?;
        }
        self.shown = self.shown.max(line);
        Ok(())
    }
}

/// A section's bytes with the relocations applied that debugging information has (RISC-V ELF psABI, "Relocations").
fn relocated(elf: &Elf, section: usize, mut data: Vec<u8>) -> Vec<u8> {
    if elf.header.e_type != header::ET_REL {
        return data;
    }
    let tables = elf.shdr_relocs.iter().filter(|(n, _)| {
        elf.section_headers.get(*n).is_some_and(|header| header.sh_info as usize == section)
    });
    for r in tables.flat_map(|(_, table)| table.iter()) {
        let Some(symbol) = elf.syms.get(r.r_sym) else { continue };
        let bias =
            if symbol.st_shndx < section_header::SHN_LORESERVE as usize { symbol.st_shndx as u64 } else { 0 };
        let value =
            symbol.st_value.wrapping_add(r.r_addend.unwrap_or(0) as u64).wrapping_add(bias << SECTION_SHIFT);
        // Size in bytes, and what becomes of what is there.
        let (size, how): (usize, fn(u64, u64) -> u64) = match r.r_type {
            1 => (4, |_, v| v),
            2 => (8, |_, v| v),
            33..=36 => (1 << (r.r_type - 33), u64::wrapping_add),
            37..=40 => (1 << (r.r_type - 37), u64::wrapping_sub),
            54..=56 => (1 << (r.r_type - 54), |_, v| v),
            _ => continue,
        };
        let Some(bytes) =
            usize::try_from(r.r_offset).ok().and_then(|at| data.get_mut(at..at.checked_add(size)?))
        else {
            continue;
        };
        let mut old = [0; 8];
        old[..size].copy_from_slice(bytes);
        bytes.copy_from_slice(&how(u64::from_le_bytes(old), value).to_le_bytes()[..size]);
    }
    data
}
