//! Queues, semaphores and shared memory of System V, and POSIX message queues: the host's, with its numbers and keys.
//!
//! Structures are the same on both sides (`asm-generic/{ipc,shm,msg}buf.h`, `linux/{sem,mqueue}.h`) but for x86-64's
//! `semid64_ds`.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use crate::memory::{Backing, EXEC, PAGE, Placement, READ, WRITE};
use libc::c_int;
use std::ffi::CString;

/// Bytes of `struct ipc64_perm`.
const PERM: usize = 48;
/// Offset of a segment's length in `struct shmid64_ds`.
const SEGMENT_LEN: usize = PERM;
/// Bytes of `struct shmid64_ds`, which are not fewer than those of `shminfo64` and `shm_info`.
const SHMID_DS: u64 = 112;
/// Bytes of `struct msqid64_ds`, which are not fewer than those of `msginfo`.
const MSQID_DS: u64 = 120;
/// Bytes of `struct semid64_ds`, the guest's and the host's, and of each of the two times in the latter: on x86-64 there is
/// an unused word behind each.
const SEMID_DS: usize = 88;
const HOST_TIME: usize = if cfg!(target_arch = "x86_64") { 16 } else { 8 };
const HOST_SEMID_DS: usize = SEMID_DS + 2 * (HOST_TIME - 8);
/// Bytes of `struct seminfo`.
const SEMINFO: u64 = 40;
/// Bytes of `struct sembuf`, and how many of them one call may have (`SEMOPM`'s upper limit is the host's affair).
const SEMBUF: u64 = 6;
const MAX_OPERATIONS: u64 = 1 << 16;
/// Longest message (`MSGMAX`'s upper limit, and `mq_msgsize`'s).
const MAX_MESSAGE: u64 = 1 << 24;
/// Bytes of `struct mq_attr`, and of `struct timespec`.
const MQ_ATTR: u64 = 64;
const TIMESPEC: u64 = 16;

/// Commands that Linux has and the C library's headers do not name for all hosts.
const SEM_STAT_ANY: c_int = 20;
const MSG_STAT_ANY: c_int = 13;
const SHM_STAT_ANY: c_int = 15;
const SHM_STAT: c_int = 13;
const SHM_INFO: c_int = 14;
const MSG_STAT: c_int = 11;
const MSG_INFO: c_int = 12;

impl Task {
    /// Maps a segment. The alignment asked for (`SHMLBA`) is a page.
    pub(super) fn shmat(&mut self, a: Args) -> Ret {
        let (id, mut at, flags) = (a[0] as c_int, a[1], a[2] as c_int);
        let replaces = flags & libc::SHM_REMAP != 0;
        if flags & libc::SHM_RND != 0 {
            at &= !(PAGE - 1);
        }
        if !at.is_multiple_of(PAGE) || at == 0 && (replaces || flags & libc::SHM_RND != 0 && a[1] != 0) {
            return Err(Errno::INVAL);
        }
        let (len, key) = segment(id)?;
        let place = match (at, replaces) {
            (0, _) => Placement::Hint(0),
            (_, true) => Placement::Fixed(at),
            (_, false) => Placement::FixedNoReplace(at),
        };
        let mut prot = READ;
        if flags & libc::SHM_RDONLY == 0 {
            prot |= WRITE;
        }
        if flags & libc::SHM_EXEC != 0 {
            prot |= EXEC;
        }
        // As the kernel names it.
        let name = format!("/SYSV{key:08x} (deleted)");
        let mut space = self.process.lock_space();
        let mapped = space.map(place, len, prot, true, Backing::Segment { id }, &name);
        mapped.map_err(|e| if e == Errno::EXIST { Errno::INVAL } else { e })
    }

    /// Unmaps what is left of the segment that was mapped at an address.
    pub(super) fn shmdt(&mut self, a: Args) -> Ret {
        let start = a[0];
        let mut space = self.process.lock_space();
        let Some((at, first)) = space.find(start) else { return Err(Errno::INVAL) };
        if at != start || !first.is_segment() || first.offset != 0 {
            return Err(Errno::INVAL);
        }
        // Parts of it may have other permissions by now.
        let name = first.name.clone();
        let mut end = first.end;
        while let Some((_, more)) =
            space.find(end).filter(|(at, more)| *at == end && more.name == name && more.offset == end - start)
        {
            end = more.end;
        }
        space.unmap(start, end - start).map(|()| 0)
    }

    pub(super) fn shmctl(&mut self, a: Args) -> Ret {
        let (id, command) = (a[0] as c_int, a[1] as c_int);
        match command {
            libc::IPC_STAT | libc::IPC_INFO | SHM_STAT | SHM_STAT_ANY | SHM_INFO => {
                let n = host_call!(SYS_shmctl, id, command, self.output(a[2], SHMID_DS)?)?;
                self.wrote(a[2], SHMID_DS);
                Ok(n)
            }
            libc::IPC_SET => host_call!(SYS_shmctl, id, command, self.input(a[2], SHMID_DS)?),
            _ => host_call!(SYS_shmctl, id, command, 0),
        }
    }

    pub(super) fn semctl(&mut self, a: Args) -> Ret {
        let (id, number, command) = (a[0] as c_int, a[1] as c_int, a[2] as c_int);
        let at = a[3];
        match command {
            libc::IPC_STAT | libc::SEM_STAT | SEM_STAT_ANY => {
                let mut host = [0u8; HOST_SEMID_DS];
                let n = host_call!(SYS_semctl, id, number, command, host.as_mut_ptr())?;
                self.put(at, &semid_from_host(&host))?;
                Ok(n)
            }
            libc::IPC_SET => {
                // Owner and mode are all that it sets, and they are in front.
                let mut host = [0u8; HOST_SEMID_DS];
                self.ram.read(at, &mut host[..PERM])?;
                host_call!(SYS_semctl, id, number, command, host.as_ptr())
            }
            libc::IPC_INFO | libc::SEM_INFO => {
                let n = host_call!(SYS_semctl, id, number, command, self.output(at, SEMINFO)?)?;
                self.wrote(at, SEMINFO);
                Ok(n)
            }
            libc::GETALL | libc::SETALL => {
                let len = 2 * semaphores(id)?;
                if command == libc::SETALL {
                    return host_call!(SYS_semctl, id, number, command, self.input(at, len)?);
                }
                let n = host_call!(SYS_semctl, id, number, command, self.output(at, len)?)?;
                self.wrote(at, len);
                Ok(n)
            }
            _ => host_call!(SYS_semctl, id, number, command, at as c_int),
        }
    }

    /// `timeout`: 0 for none.
    pub(super) fn semtimedop(&mut self, a: Args, timeout: u64) -> Ret {
        if a[2] > MAX_OPERATIONS {
            return Err(Errno(libc::E2BIG));
        }
        let operations = self.input(a[1], a[2] * SEMBUF)?;
        host_call!(SYS_semtimedop, a[0] as c_int, operations, a[2], self.optional_input(timeout, TIMESPEC)?)
    }

    pub(super) fn msgctl(&mut self, a: Args) -> Ret {
        let (id, command) = (a[0] as c_int, a[1] as c_int);
        match command {
            libc::IPC_STAT | libc::IPC_INFO | MSG_STAT | MSG_STAT_ANY | MSG_INFO => {
                let n = host_call!(SYS_msgctl, id, command, self.output(a[2], MSQID_DS)?)?;
                self.wrote(a[2], MSQID_DS);
                Ok(n)
            }
            libc::IPC_SET => host_call!(SYS_msgctl, id, command, self.input(a[2], MSQID_DS)?),
            _ => host_call!(SYS_msgctl, id, command, 0),
        }
    }

    /// A message is its type, a word, and the text.
    pub(super) fn msgsnd(&mut self, a: Args) -> Ret {
        let message = self.input(a[1], message_size(a[2])?)?;
        host_call!(SYS_msgsnd, a[0] as c_int, message, a[2], a[3] as c_int)
    }

    pub(super) fn msgrcv(&mut self, a: Args) -> Ret {
        let size = message_size(a[2])?;
        let message = self.output(a[1], size)?;
        let n = host_call!(SYS_msgrcv, a[0] as c_int, message, a[2], a[3], a[4] as c_int)?;
        self.wrote(a[1], size);
        Ok(n)
    }

    /// The flags have the same numbers on both machines.
    pub(super) fn mq_open(&mut self, a: Args) -> Ret {
        let name = self.queue_name(a[0])?;
        let attributes = self.optional_input(a[3], MQ_ATTR)?;
        host_call!(SYS_mq_open, name.as_ptr(), a[1] as c_int, a[2] as u32, attributes)
    }

    pub(super) fn mq_unlink(&mut self, a: Args) -> Ret {
        let name = self.queue_name(a[0])?;
        host_call!(SYS_mq_unlink, name.as_ptr())
    }

    pub(super) fn mq_timedsend(&mut self, a: Args) -> Ret {
        let text = self.input(a[1], message_size(a[2])?)?;
        let until = self.optional_input(a[4], TIMESPEC)?;
        host_call!(SYS_mq_timedsend, a[0] as c_int, text, a[2], a[3] as u32, until)
    }

    pub(super) fn mq_timedreceive(&mut self, a: Args) -> Ret {
        message_size(a[2])?;
        let (text, priority) = (self.output(a[1], a[2])?, self.optional_output(a[3], 4)?);
        let until = self.optional_input(a[4], TIMESPEC)?;
        let n = host_call!(SYS_mq_timedreceive, a[0] as c_int, text, a[2], priority, until)?;
        self.wrote(a[1], n);
        if a[3] != 0 {
            self.wrote(a[3], 4);
        }
        Ok(n)
    }

    /// `struct sigevent` is the same on all 64-bit machines.
    pub(super) fn mq_notify(&mut self, a: Args) -> Ret {
        host_call!(SYS_mq_notify, a[0] as c_int, self.optional_input(a[1], 64)?)
    }

    pub(super) fn mq_getsetattr(&mut self, a: Args) -> Ret {
        let (new, old) = (self.optional_input(a[1], MQ_ATTR)?, self.optional_output(a[2], MQ_ATTR)?);
        let n = host_call!(SYS_mq_getsetattr, a[0] as c_int, new, old)?;
        if a[2] != 0 {
            self.wrote(a[2], MQ_ATTR);
        }
        Ok(n)
    }

    /// The name of a message queue, which is not a path of the file system.
    fn queue_name(&self, addr: u64) -> Result<CString, Errno> {
        CString::new(self.guest_path(addr)?).map_err(|_| Errno::INVAL)
    }
}

/// Bytes of a message with so many of text. Error: `EINVAL`, it is longer than any can be.
fn message_size(text: u64) -> Result<u64, Errno> {
    if text > MAX_MESSAGE { Err(Errno::INVAL) } else { Ok(text + 8) }
}

/// Bytes of a shared memory segment, and its key.
fn segment(id: c_int) -> Result<(u64, u32), Errno> {
    let mut state = [0u8; SHMID_DS as usize];
    let _: u64 = host_call!(SYS_shmctl, id, libc::IPC_STAT, state.as_mut_ptr())?;
    // The key is in front, in 32 bits.
    Ok((word(&state, SEGMENT_LEN), word(&state, 0) as u32))
}

/// How many semaphores a set has.
fn semaphores(id: c_int) -> Result<u64, Errno> {
    let mut host = [0u8; HOST_SEMID_DS];
    let _: u64 = host_call!(SYS_semctl, id, 0, libc::IPC_STAT, host.as_mut_ptr())?;
    Ok(word(&host, PERM + 2 * HOST_TIME))
}

/// `semid64_ds` as the guest has it: permissions, time of the last operation, of the last change, number of semaphores.
fn semid_from_host(host: &[u8; HOST_SEMID_DS]) -> [u8; SEMID_DS] {
    let mut guest = [0; SEMID_DS];
    guest[..PERM].copy_from_slice(&host[..PERM]);
    for n in 0..3 {
        guest[PERM + 8 * n..][..8].copy_from_slice(&host[PERM + HOST_TIME * n..][..8]);
    }
    guest
}

fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
