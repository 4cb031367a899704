//! Memory: `mmap` and its family, on top of [`AddressSpace`](crate::memory::AddressSpace).

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use crate::memory::{Backing, MAPPED, PAGE, Placement, prot_bits};
use libc::c_int;

impl Task {
    pub(super) fn mmap(&mut self, a: Args) -> Ret {
        let [addr, len, prot, flags, fd, offset] = a;
        let flags = flags as c_int;
        let shared = match flags & libc::MAP_TYPE {
            libc::MAP_SHARED | libc::MAP_SHARED_VALIDATE => true,
            libc::MAP_PRIVATE => false,
            _ => return Err(Errno::INVAL),
        };
        let place = if flags & libc::MAP_FIXED_NOREPLACE != 0 {
            Placement::FixedNoReplace(addr)
        } else if flags & libc::MAP_FIXED != 0 {
            Placement::Fixed(addr)
        } else {
            Placement::Hint(addr)
        };
        if flags & libc::MAP_ANONYMOUS != 0 {
            let mut space = self.process.lock_space();
            return space.map(place, len, prot_bits(prot), shared, Backing::Anonymous, "");
        }
        if !offset.is_multiple_of(PAGE) {
            return Err(Errno::INVAL);
        }
        let fd = fd as c_int;
        let name = std::fs::read_link(format!("/proc/self/fd/{fd}")).map_err(|_| Errno::BADF)?;
        let backing = Backing::File { fd, offset };
        let name = self.process.config.sysroot.guest_name(&name);
        self.process.lock_space().map(place, len, prot_bits(prot), shared, backing, &name.to_string_lossy())
    }

    pub(super) fn munmap(&mut self, a: Args) -> Ret {
        self.process.lock_space().unmap(a[0], a[1]).map(|()| 0)
    }

    pub(super) fn mprotect(&mut self, a: Args) -> Ret {
        self.process.lock_space().protect(a[0], a[1], prot_bits(a[2])).map(|()| 0)
    }

    pub(super) fn mremap(&mut self, a: Args) -> Ret {
        let [old, old_len, new_len, flags, new_addr, _] = a;
        let flags = flags as c_int;
        if flags & !(libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED) != 0 {
            return Err(Errno::INVAL);
        }
        let may_move = flags & libc::MREMAP_MAYMOVE != 0;
        let fixed = (flags & libc::MREMAP_FIXED != 0).then_some(new_addr);
        if fixed.is_some() && !may_move {
            return Err(Errno::INVAL);
        }
        self.process.lock_space().remap(old, old_len, new_len, may_move, fixed)
    }

    /// What changes contents at once is `discard`'s; the rest is the host's.
    pub(super) fn madvise(&mut self, a: Args) -> Ret {
        if !a[0].is_multiple_of(PAGE) {
            return Err(Errno::INVAL);
        }
        match a[2] as c_int {
            libc::MADV_DONTNEED | libc::MADV_FREE | libc::MADV_DONTNEED_LOCKED => {
                self.process.lock_space().discard(a[0], a[1]).map(|()| 0)
            }
            libc::MADV_REMOVE => Err(Errno::INVAL),
            0..=4 | 8..=25 => self.process.lock_space().advise(a[0], a[1], a[2] as c_int).map(|()| 0),
            _ => Err(Errno::INVAL),
        }
    }

    pub(super) fn msync(&mut self, a: Args) -> Ret {
        let addr = self.ram.host_ptr(a[0], a[1], MAPPED).ok_or(Errno::NOMEM)?;
        host_call!(SYS_msync, addr, a[1], a[2])
    }

    /// All mapped pages are said to be resident.
    pub(super) fn mincore(&mut self, a: Args) -> Ret {
        if !a[0].is_multiple_of(PAGE) {
            return Err(Errno::INVAL);
        }
        self.ram.host_ptr(a[0], a[1], MAPPED).ok_or(Errno::NOMEM)?;
        self.put(a[2], &vec![1; a[1].div_ceil(PAGE) as usize])?;
        Ok(0)
    }
}
