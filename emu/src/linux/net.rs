//! Sockets. Addresses, options and control messages have the same form on all 64-bit machines; only the pointers in
//! `struct msghdr` are translated.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use crate::memory::{READ, WRITE};
use libc::c_int;

/// Longest socket address (`struct sockaddr_storage`).
const ADDRESS_MAX: u64 = 128;
/// Longest option and longest control buffer that are taken.
const BUFFER_MAX: u64 = 1 << 20;
/// Bytes of `struct msghdr` and of `struct mmsghdr`.
const MSGHDR: u64 = 56;
const MMSGHDR: u64 = 64;
/// Most messages of one `sendmmsg` (`UIO_MAXIOV`).
const MESSAGES_MAX: u64 = 1024;

/// A `struct msghdr` of the guest.
struct Message {
    at: u64,
    name: u64,
    name_len: u64,
    iov: u64,
    iov_len: u64,
    control: u64,
    control_len: u64,
}

/// A Unix address whose path the host knows by another name, or the bytes as they are.
fn address_len(len: u64) -> Result<u64, Errno> {
    if len as u32 as u64 > ADDRESS_MAX { Err(Errno::INVAL) } else { Ok(u64::from(len as u32)) }
}

impl Task {
    pub(super) fn socket(&mut self, a: Args) -> Ret {
        host_call!(SYS_socket, a[0] as c_int, a[1] as c_int, a[2] as c_int)
    }

    pub(super) fn socketpair(&mut self, a: Args) -> Ret {
        let pair = self.output(a[3], 8)?;
        let n = host_call!(SYS_socketpair, a[0] as c_int, a[1] as c_int, a[2] as c_int, pair)?;
        self.wrote(a[3], 8);
        Ok(n)
    }

    pub(super) fn bind(&mut self, a: Args) -> Ret {
        let len = address_len(a[2])?;
        host_call!(SYS_bind, a[0] as c_int, self.input(a[1], len)?, len)
    }

    pub(super) fn connect(&mut self, a: Args) -> Ret {
        let len = address_len(a[2])?;
        host_call!(SYS_connect, a[0] as c_int, self.input(a[1], len)?, len)
    }

    /// Address and length that a call writes: the room, for the host.
    fn address_out(&self, addr: u64, len_at: u64) -> Result<(*mut libc::c_void, u32), Errno> {
        if addr == 0 {
            return Ok((std::ptr::null_mut(), 0));
        }
        let len = self.ram.read_u32(len_at)?;
        if len as i32 <= -1 {
            return Err(Errno::INVAL);
        }
        let len = len.min(ADDRESS_MAX as u32);
        Ok((self.output(addr, u64::from(len))?, len))
    }

    /// Stores the length that the host gave.
    fn address_done(&self, addr: u64, len_at: u64, room: u32, len: u32) -> Result<(), Errno> {
        if addr != 0 {
            self.wrote(addr, u64::from(room.min(len)));
            self.put(len_at, &len.to_le_bytes())?;
        }
        Ok(())
    }

    pub(super) fn accept4(&mut self, a: Args) -> Ret {
        let (addr, room) = self.address_out(a[1], a[2])?;
        let mut len = room;
        let len_ptr = if addr.is_null() { std::ptr::null_mut() } else { &raw mut len };
        let fd = host_call!(SYS_accept4, a[0] as c_int, addr, len_ptr, a[3])?;
        self.address_done(a[1], a[2], room, len)?;
        Ok(fd)
    }

    pub(super) fn getsockname(&mut self, a: Args) -> Ret {
        let (addr, room) = self.address_out(a[1], a[2])?;
        let mut len = room;
        let n = host_call!(SYS_getsockname, a[0] as c_int, addr, &raw mut len)?;
        self.address_done(a[1], a[2], room, len)?;
        Ok(n)
    }

    pub(super) fn getpeername(&mut self, a: Args) -> Ret {
        let (addr, room) = self.address_out(a[1], a[2])?;
        let mut len = room;
        let n = host_call!(SYS_getpeername, a[0] as c_int, addr, &raw mut len)?;
        self.address_done(a[1], a[2], room, len)?;
        Ok(n)
    }

    pub(super) fn sendto(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], READ)?;
        let to_len = address_len(a[5])?;
        let to = if a[4] == 0 { std::ptr::null() } else { self.input(a[4], to_len)? };
        host_call!(
            SYS_sendto,
            a[0] as c_int,
            self.input(a[1], len)?,
            len,
            a[3],
            to,
            if a[4] == 0 { 0 } else { to_len }
        )
    }

    pub(super) fn recvfrom(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], WRITE)?;
        let (from, room) = self.address_out(a[4], a[5])?;
        let mut from_len = room;
        let len_ptr = if from.is_null() { std::ptr::null_mut() } else { &raw mut from_len };
        let n = host_call!(SYS_recvfrom, a[0] as c_int, self.output(a[1], len)?, len, a[3], from, len_ptr)?;
        self.wrote(a[1], n.min(len));
        self.address_done(a[4], a[5], room, from_len)?;
        Ok(n)
    }

    pub(super) fn setsockopt(&mut self, a: Args) -> Ret {
        let len = u64::from(a[4] as u32).min(BUFFER_MAX);
        // A classic packet filter points to its program.
        if a[1] as c_int == libc::SOL_SOCKET && matches!(a[2] as c_int, libc::SO_ATTACH_FILTER) {
            return Err(Errno(libc::ENOPROTOOPT));
        }
        host_call!(
            SYS_setsockopt,
            a[0] as c_int,
            a[1] as c_int,
            a[2] as c_int,
            self.optional_input(a[3], len)?,
            len
        )
    }

    pub(super) fn getsockopt(&mut self, a: Args) -> Ret {
        let mut len = self.ram.read_u32(a[4])?.min(BUFFER_MAX as u32);
        let room = u64::from(len);
        let value = self.output(a[3], room)?;
        let n = host_call!(SYS_getsockopt, a[0] as c_int, a[1] as c_int, a[2] as c_int, value, &raw mut len)?;
        self.wrote(a[3], room.min(u64::from(len)));
        self.put(a[4], &len.to_le_bytes())?;
        Ok(n)
    }

    fn message(&self, at: u64) -> Result<Message, Errno> {
        let [name, name_len, iov, iov_len, control, control_len, _] = self.get_words(at)?;
        let name_len = if name == 0 { 0 } else { u64::from(name_len as u32).min(ADDRESS_MAX) };
        if iov_len > MESSAGES_MAX {
            return Err(Errno(libc::EMSGSIZE));
        }
        if control_len > BUFFER_MAX {
            return Err(Errno(libc::ENOBUFS));
        }
        Ok(Message { at, name, name_len, iov, iov_len, control, control_len })
    }

    /// The host's form of a message; the buffers stay where they are in guest memory.
    fn host_message(
        &self,
        m: &Message,
        buffers: &mut [libc::iovec],
        need: u8,
    ) -> Result<libc::msghdr, Errno> {
        let region = |addr: u64, len: u64| -> Result<*mut libc::c_void, Errno> {
            if len == 0 || addr == 0 {
                return Ok(std::ptr::null_mut());
            }
            self.ram.host_ptr(addr, len, need).map(<*mut u8>::cast).ok_or(Errno::FAULT)
        };
        // SAFETY: all-zero bytes are a valid `msghdr`.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_name = region(m.name, m.name_len)?;
        header.msg_namelen = m.name_len as u32;
        header.msg_iov = buffers.as_mut_ptr();
        header.msg_iovlen = buffers.len() as _;
        header.msg_control = region(m.control, m.control_len)?;
        header.msg_controllen = if m.control == 0 { 0 } else { m.control_len as _ };
        Ok(header)
    }

    pub(super) fn sendmsg(&mut self, a: Args) -> Ret {
        let m = self.message(a[1])?;
        let mut buffers = self.buffers(m.iov, m.iov_len, READ)?;
        let header = self.host_message(&m, &mut buffers, READ)?;
        host_call!(SYS_sendmsg, a[0] as c_int, &raw const header, a[2])
    }

    pub(super) fn recvmsg(&mut self, a: Args) -> Ret {
        let m = self.message(a[1])?;
        let mut buffers = self.buffers(m.iov, m.iov_len, WRITE)?;
        let mut header = self.host_message(&m, &mut buffers, WRITE)?;
        let n = host_call!(SYS_recvmsg, a[0] as c_int, &raw mut header, a[2])?;
        self.received(&m, &header, n)?;
        Ok(n)
    }

    /// Stores what the host wrote into a message's header.
    fn received(&self, m: &Message, header: &libc::msghdr, n: u64) -> Result<(), Errno> {
        let total: u64 =
            self.buffers(m.iov, m.iov_len, 0).map_or(0, |b| b.iter().map(|v| v.iov_len as u64).sum());
        self.wrote_buffers(m.iov, m.iov_len, n.min(total))?;
        if m.name != 0 {
            self.wrote(m.name, m.name_len);
            self.put(m.at + 8, &header.msg_namelen.to_le_bytes())?;
        }
        if m.control != 0 {
            self.wrote(m.control, m.control_len);
        }
        self.put_words(m.at + 40, &[header.msg_controllen as u64])?;
        self.put(m.at + 48, &header.msg_flags.to_le_bytes())
    }

    /// Messages one after the other, until one cannot be sent.
    pub(super) fn sendmmsg(&mut self, a: Args) -> Ret {
        let count = a[2].min(MESSAGES_MAX);
        for i in 0..count {
            let at = a[1].wrapping_add(i * MMSGHDR);
            match self.sendmsg([a[0], at, a[3], 0, 0, 0]) {
                Ok(n) => self.put(at.wrapping_add(MSGHDR), &(n as u32).to_le_bytes())?,
                Err(e) if i == 0 => return Err(e),
                Err(_) => return Ok(i),
            }
        }
        Ok(count)
    }

    /// Messages one after the other; the timeout is looked at between them only, as in Linux.
    pub(super) fn recvmmsg(&mut self, a: Args) -> Ret {
        let count = a[2].min(MESSAGES_MAX);
        let mut flags = a[3] & !(libc::MSG_WAITFORONE as u64);
        for i in 0..count {
            let at = a[1].wrapping_add(i * MMSGHDR);
            match self.recvmsg([a[0], at, flags, 0, 0, 0]) {
                Ok(n) => self.put(at.wrapping_add(MSGHDR), &(n as u32).to_le_bytes())?,
                Err(e) if i == 0 => return Err(e),
                Err(_) => return Ok(i),
            }
            if a[3] & libc::MSG_WAITFORONE as u64 != 0 {
                flags |= libc::MSG_DONTWAIT as u64;
            }
        }
        Ok(count)
    }
}
