//! Reading and mapping an RV64 ELF executable and its program interpreter (System V ABI; RISC-V ELF psABI).

use crate::error::Error;
use crate::memory::{AddressSpace, Backing, EXEC, MAPPED, MIN_ADDR, PAGE, Placement, READ, SPACE, WRITE};
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EM_RISCV, ET_DYN, ET_EXEC, Header};
use goblin::elf::program_header::{
    PF_R, PF_W, PF_X, PT_GNU_STACK, PT_INTERP, PT_LOAD, PT_PHDR, ProgramHeader,
};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Where position-independent programs are loaded: two thirds up the address space, as Linux has it.
pub const PIE_BASE: u64 = 0x2a_aaaa_a000;

/// Program headers past this number are refused; Linux refuses tables over 64 KiB.
const MAX_PHNUM: u16 = 1170;

/// Longest path of a program interpreter.
const MAX_INTERP: u64 = 4096;

/// What the stack and the process need to know of a loaded program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Address of the first instruction.
    pub entry: u64,
    /// Difference between run-time and link-time addresses; 0 for `ET_EXEC`.
    pub bias: u64,
    /// Run-time address of the program headers; 0 when no segment holds them.
    pub phdr: u64,
    /// Number of program headers.
    pub phnum: u64,
    /// Size of a program header.
    pub phentsize: u64,
    /// First page boundary past the highest segment: where the heap begins.
    pub end: u64,
    /// Path of the program interpreter that a dynamically linked program asks for.
    pub interp: Option<Vec<u8>>,
    /// It asks for a stack that may be executed (`PT_GNU_STACK`): functions inside of functions whose address is taken
    /// have code there, if GCC compiled them.
    pub executable_stack: bool,
}

/// Which of the two files of a dynamically linked program is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program.
    Program,
    /// Its interpreter, which goes wherever there is room.
    Interpreter,
}

/// An ELF file that is open, with what its messages call it.
pub struct Source {
    file: File,
    len: u64,
    name: String,
}

impl Source {
    /// Opens the file. Error: what the host says.
    pub fn open(path: &Path) -> Result<Source, Error> {
        let name = path.display().to_string();
        let fail = |e: std::io::Error| Error::new(&*name, e.to_string());
        let file = File::open(path).map_err(fail)?;
        let meta = file.metadata().map_err(fail)?;
        if meta.is_dir() {
            return Err(Error::new(name, "is a directory"));
        }
        Ok(Source { file, len: meta.len(), name })
    }

    /// Bytes of the file; `None` when it does not have them all.
    fn bytes(&self, offset: u64, len: u64) -> Option<Vec<u8>> {
        if offset.checked_add(len)? > self.len {
            return None;
        }
        let mut out = vec![0; usize::try_from(len).ok()?];
        self.file.read_exact_at(&mut out, offset).ok().map(|()| out)
    }
}

/// Maps the program; `shown` is its path for `/proc/self/maps`.
///
/// Errors: not an ELF file, another class, byte order or machine, truncated, or segments that cannot be placed.
pub fn load(source: &Source, shown: &str, role: Role, space: &mut AddressSpace) -> Result<Image, Error> {
    let fail = |message: String| Error::new(&*source.name, message);
    let header = check_header(source).map_err(fail)?;
    let headers = program_headers(source, &header).map_err(fail)?;
    let interp = match headers.iter().find(|p| p.p_type == PT_INTERP) {
        None => None,
        Some(_) if role == Role::Interpreter => {
            return Err(fail("a program interpreter that asks for an interpreter itself".into()));
        }
        Some(p) => {
            let path = (p.p_filesz <= MAX_INTERP).then(|| source.bytes(p.p_offset, p.p_filesz)).flatten();
            let path = path.and_then(|path| path.strip_suffix(&[0]).map(<[u8]>::to_vec));
            let path = path.filter(|path| !path.is_empty() && !path.contains(&0));
            Some(path.ok_or_else(|| fail("the path of its program interpreter is damaged".into()))?)
        }
    };
    let loads: Vec<&ProgramHeader> =
        headers.iter().filter(|p| p.p_type == PT_LOAD && p.p_memsz != 0).collect();
    if loads.is_empty() {
        return Err(fail("no loadable segment".into()));
    }
    let lowest = loads.iter().map(|p| p.p_vaddr).min().unwrap_or(0) & !(PAGE - 1);
    let bias = match (header.e_type, role) {
        (ET_DYN, Role::Program) => PIE_BASE.wrapping_sub(lowest),
        (ET_DYN, Role::Interpreter) => {
            let highest = loads.iter().map(|p| p.p_vaddr.saturating_add(p.p_memsz)).max().unwrap_or(0);
            let place = Placement::Hint(0);
            let span = highest - lowest;
            space
                .map(place, span, 0, false, Backing::Anonymous, "")
                .and_then(|at| space.unmap(at, span).map(|()| at))
                .map_err(|e| fail(format!("no room for {span:#x} bytes: {e}")))?
                .wrapping_sub(lowest)
        }
        _ => 0,
    };
    let mut end = 0;
    for segment in &loads {
        end = end.max(map_segment(source, segment, bias, &loads, shown, space).map_err(fail)?);
    }
    for segment in &loads {
        protect_segment(segment, bias, &loads, space).map_err(fail)?;
    }
    let entry = header.e_entry.wrapping_add(bias);
    if entry & 1 != 0 || space.ram().page_perms(entry) & EXEC == 0 {
        return Err(fail(format!("the entry point {entry:#x} is not executable code")));
    }
    Ok(Image {
        entry,
        bias,
        phdr: phdr_address(&header, &headers, bias),
        phnum: headers.len() as u64,
        phentsize: u64::from(header.e_phentsize),
        end,
        interp,
        executable_stack: headers.iter().any(|p| p.p_type == PT_GNU_STACK && p.p_flags & PF_X != 0),
    })
}

/// Whether the headers are those of a program that can be loaded. Error: what is wrong with them.
pub fn check(source: &Source) -> Result<(), Error> {
    let fail = |message: String| Error::new(&*source.name, message);
    let header = check_header(source).map_err(fail)?;
    program_headers(source, &header).map(|_| ()).map_err(fail)
}

fn check_header(source: &Source) -> Result<Header, String> {
    let bytes = source.bytes(0, source.len.min(64)).ok_or("cannot be read")?;
    if bytes.len() < 4 || bytes[..4] != *b"\x7fELF" {
        return Err(if bytes.is_empty() { "empty file" } else { "not an ELF file" }.into());
    }
    let [class, data, ..] = bytes[4..] else { return Err("truncated ELF header".into()) };
    match class {
        2 => {}
        1 => return Err("a 32-bit ELF file; only RV64 programs can be run".into()),
        other => return Err(format!("ELF class {other} is unknown")),
    }
    if data != 1 {
        return Err("a big-endian ELF file; RV64 programs are little-endian".into());
    }
    if bytes.len() < 64 {
        return Err(format!("truncated: the ELF header has 64 bytes, the file {}", bytes.len()));
    }
    let header = goblin::elf::Elf::parse_header(&bytes).map_err(|e| format!("bad ELF header: {e}"))?;
    if header.e_machine != EM_RISCV {
        let machine = goblin::elf::header::machine_to_str(header.e_machine);
        return Err(format!("made for another machine ({machine}, number {}), not RISC-V", header.e_machine));
    }
    match header.e_type {
        ET_EXEC | ET_DYN => Ok(header),
        other => {
            let kind = goblin::elf::header::et_to_str(other);
            Err(format!("not an executable (ELF type {kind}); link it first"))
        }
    }
}

fn program_headers(source: &Source, header: &Header) -> Result<Vec<ProgramHeader>, String> {
    if header.e_phnum == 0 {
        return Err("no program headers".into());
    }
    if header.e_phentsize != 56 || header.e_phnum > MAX_PHNUM {
        return Err(format!(
            "bad program header table ({} entries of {} bytes)",
            header.e_phnum, header.e_phentsize
        ));
    }
    let bytes = source
        .bytes(header.e_phoff, u64::from(header.e_phnum) * 56)
        .ok_or_else(|| format!("truncated: the program headers end past the file's {} bytes", source.len))?;
    let ctx = Ctx::new(Container::Big, Endian::Little);
    ProgramHeader::parse(&bytes, 0, usize::from(header.e_phnum), ctx)
        .map_err(|e| format!("bad program headers: {e}"))
}

/// Page range of a segment at run time.
fn pages(segment: &ProgramHeader, bias: u64) -> Option<(u64, u64)> {
    let start = segment.p_vaddr.wrapping_add(bias);
    let end = start.checked_add(segment.p_memsz)?.checked_add(PAGE - 1)? & !(PAGE - 1);
    let start = start & !(PAGE - 1);
    (start >= MIN_ADDR && end < SPACE).then_some((start, end))
}

/// Maps and fills a segment, writable for now. Returns the end of its pages.
fn map_segment(
    source: &Source,
    segment: &ProgramHeader,
    bias: u64,
    all: &[&ProgramHeader],
    shown: &str,
    space: &mut AddressSpace,
) -> Result<u64, String> {
    let what = format!("segment at {:#x}", segment.p_vaddr);
    if segment.p_filesz > segment.p_memsz {
        return Err(format!("{what} is larger in the file than in memory"));
    }
    let truncated = || {
        format!(
            "truncated: {what} ends at file offset {:#x}, the file has {:#x} bytes",
            segment.p_offset.saturating_add(segment.p_filesz),
            source.len
        )
    };
    let end = segment.p_offset.checked_add(segment.p_filesz);
    if segment.p_filesz != 0 && end.is_none_or(|end| end > source.len) {
        return Err(truncated());
    }
    let (start, end) = pages(segment, bias)
        .ok_or_else(|| format!("{what} ({:#x} bytes) does not fit the address space", segment.p_memsz))?;
    let address = segment.p_vaddr.wrapping_add(bias);
    let data_end = address + segment.p_filesz;
    let alone =
        all.iter().filter(|s| pages(s, bias).is_some_and(|(lo, hi)| lo < end && start < hi)).count() == 1;
    let mut at = start;
    let mut filled = false;
    if alone && segment.p_filesz != 0 && segment.p_offset % PAGE == address % PAGE {
        let file_end = data_end.next_multiple_of(PAGE);
        let backing = Backing::File { fd: source.file.as_raw_fd(), offset: segment.p_offset & !(PAGE - 1) };
        let place = Placement::Fixed(start);
        // A file system that cannot map files leaves the copy below.
        if space.map(place, file_end - start, READ | WRITE, false, backing, shown).is_ok() {
            at = file_end;
            filled = true;
            // To the page's end, as Linux does: dynamic linkers allocate there.
            let tail = if segment.p_memsz > segment.p_filesz { file_end - data_end } else { 0 };
            let tail = vec![0; tail as usize];
            space.ram().poke(data_end, &tail).map_err(|bad| format!("{what}: no memory at {bad:#x}"))?;
        }
    }
    // Segments may share a page at their borders: map only what is not there yet.
    while at < end {
        let taken = space.find(at).map(|(_, vma)| vma.end);
        let Some(next) = taken else {
            let limit = space.mappings().map(|(s, _)| s).find(|&s| s > at).unwrap_or(end).min(end);
            let name = if filled { "" } else { shown };
            space
                .map(Placement::Fixed(at), limit - at, READ | WRITE, false, Backing::Anonymous, name)
                .map_err(|e| format!("{what}: {e}"))?;
            at = limit;
            continue;
        };
        at = next;
    }
    if !filled && segment.p_filesz != 0 {
        let data = source.bytes(segment.p_offset, segment.p_filesz).ok_or_else(truncated)?;
        space.ram().poke(address, &data).map_err(|bad| format!("{what}: no memory at {bad:#x}"))?;
    }
    Ok(end)
}

/// Gives a segment's pages the permissions of all segments that touch them.
fn protect_segment(
    segment: &ProgramHeader,
    bias: u64,
    all: &[&ProgramHeader],
    space: &mut AddressSpace,
) -> Result<(), String> {
    let Some((start, end)) = pages(segment, bias) else { return Ok(()) };
    let sharing = |page: u64| {
        all.iter().filter(move |s| pages(s, bias).is_some_and(|(lo, hi)| lo <= page && page < hi))
    };
    let prot = |page: u64| sharing(page).fold(0, |prot, s| prot | segment_prot(s.p_flags));
    // Only the first and the last page can be shared with others; what is between is uniform.
    let own = segment_prot(segment.p_flags);
    let mut protect = |at: u64, len: u64, prot: u8| {
        debug_assert!(space.ram().page_perms(at) & MAPPED != 0);
        space.protect(at, len, prot).map_err(|e| format!("segment at {:#x}: {e}", segment.p_vaddr))
    };
    protect(start, end - start, own)?;
    protect(start, PAGE, prot(start))?;
    protect(end - PAGE, PAGE, prot(end - PAGE))
}

fn segment_prot(flags: u32) -> u8 {
    let mut prot = 0;
    if flags & PF_R != 0 {
        prot |= READ;
    }
    if flags & PF_W != 0 {
        prot |= READ | WRITE;
    }
    if flags & PF_X != 0 {
        prot |= EXEC;
    }
    prot
}

/// Where the program headers are at run time: what PT_PHDR says, or inside the segment that covers their
/// file offset.
fn phdr_address(header: &Header, headers: &[ProgramHeader], bias: u64) -> u64 {
    if let Some(p) = headers.iter().find(|p| p.p_type == PT_PHDR) {
        return p.p_vaddr.wrapping_add(bias);
    }
    let covers = |p: &&ProgramHeader| {
        p.p_type == PT_LOAD && p.p_offset <= header.e_phoff && header.e_phoff - p.p_offset < p.p_filesz
    };
    headers
        .iter()
        .find(covers)
        .map_or(0, |p| p.p_vaddr.wrapping_add(bias).wrapping_add(header.e_phoff - p.p_offset))
}
