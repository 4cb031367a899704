//! `Builder::sandbox`: what a guest cannot reach in it, and what it can.

mod common;

use common::{Way, assemble, compile, temp_path};
use emu::engine::{Engine, Event};
use emu::hardware::Hardware;
use emu::hart::Clock;
use emu::memory::{AddressSpace, Backing, EXEC, PAGE, Placement, READ, Ram, SPACE, WRITE};
use emu::{Exit, Hart, HwParams, InsnSet, Machine, Sandbox, Trap};
use std::path::{Path, PathBuf};

const CODE: u64 = 0x10000;
const DATA: u64 = 0x20000;

/// A hart with code and data pages, and an engine that translates at once and is confined.
fn confined(text: &str, way: Way) -> (Hart, Engine, AddressSpace) {
    let mut space = AddressSpace::new(Ram::new().expect("addresses"), 1 << 30);
    for (at, prot) in [(CODE, READ | WRITE | EXEC), (DATA, READ | WRITE)] {
        space.map(Placement::Fixed(at), PAGE, prot, false, Backing::Anonymous, "").expect("room");
    }
    space.ram().write(CODE, &assemble(text, CODE).bytes).expect("mapped");
    let mut hart = Hart::new(space.ram().clone(), Hardware::new(HwParams::default()), Clock::Instret);
    hart.pc = CODE;
    hart.stop_at = u64::MAX / 2;
    let mut engine = way.engine(InsnSet::default());
    engine.confine();
    (hart, engine, space)
}

/// The instructions reach the host's address `x10 + base` when nothing confines them.
const REACHES: [&str; 16] = [
    "sb x11, 0(x10)",
    "sh x11, 0(x10)",
    "sw x11, 0(x10)",
    "sd x11, 0(x10)",
    "sd x0, 0(x10)",
    "fsd f1, 0(x10)",
    "fsw f1, 0(x10)",
    "addi x10, x10, -2047\nsb x11, 2047(x10)",
    "lui x12, 0x7ffff\nsub x10, x10, x12\nadd x10, x10, x12\nsd x11, 0(x10)",
    // The address is formed in the access.
    "addi x12, x0, 8\nsub x10, x10, x12\nadd x13, x10, x12\nsd x11, 0(x13)",
    "srli x13, x10, 3\nslli x13, x13, 3\nadd x13, x13, x0\nsd x11, 0(x13)",
    "addi x12, x0, 1\naddi x10, x10, -8\nsh3add x13, x12, x10\nsd x11, 0(x13)",
    "amoswap.d x12, x11, (x10)",
    "amoadd.w x12, x11, (x10)",
    "amocas.d x12, x11, (x10)",
    "cbo.zero (x10)",
];

#[test]
fn no_instruction_reaches_the_hosts_memory() {
    // A page of our own, so that nothing else lies where an instruction might write.
    let mut canary = vec![0x5au8; 4 * PAGE as usize];
    let at = (canary.as_mut_ptr() as u64 + PAGE).next_multiple_of(PAGE) + 64;
    for way in Way::ALL {
        for (n, access) in REACHES.iter().enumerate() {
            let (mut hart, mut engine, space) = confined(&format!("{access}\necall"), way);
            hart.x[10] = at.wrapping_sub(space.ram().base_address());
            hart.x[11] = 0x1111_1111_1111_1111;
            let event = engine.run(&mut hart);
            assert!(
                matches!(event, Event::Trap(Trap::StoreFault | Trap::Misaligned)),
                "{way:?}, {n}: {access}: {event:?}"
            );
            assert!(canary.iter().all(|byte| *byte == 0x5a), "{way:?}: {access}");
        }
        for access in ["lb", "lhu", "lw", "ld", "lwu"] {
            let (mut hart, mut engine, space) = confined(&format!("{access} x11, 0(x10)\necall"), way);
            hart.x[10] = at.wrapping_sub(space.ram().base_address());
            assert_eq!(engine.run(&mut hart), Event::Trap(Trap::LoadFault), "{way:?}: {access}");
            assert_eq!(hart.x[11], 0);
            assert_eq!(hart.fault_addr, hart.x[10]);
        }
    }
}

/// An address that was checked once is not when its register has changed, on whatever path.
#[test]
fn checks_are_made_again_when_the_register_has_changed() {
    let mut canary = vec![0x5au8; 4 * PAGE as usize];
    let at = (canary.as_mut_ptr() as u64 + PAGE).next_multiple_of(PAGE) + 64;
    for text in [
        "sd x11, 0(x10)\nadd x10, x12, x0\nsd x11, 0(x10)\necall",
        "sd x11, 0(x10)\nld x10, 8(x10)\nsd x11, 0(x10)\necall",
        // Around a loop, of which the last round is the bad one.
        "addi x13, x0, 300\nloop:\nsd x11, 0(x10)\naddi x16, x13, -1\nczero.nez x15, x12, x16\nadd x10, x10, x15\n\
         addi x13, x13, -1\nbge x13, x0, loop\necall",
        // Behind a branch over the check.
        "addi x13, x0, 300\nloop:\nbne x14, x0, over\nsd x11, 8(x10)\nover:\nsd x11, 0(x10)\naddi x16, x13, -1\n\
         czero.nez x15, x12, x16\nadd x10, x10, x15\nsltiu x14, x16, 1\naddi x13, x13, -1\nbge x13, x0, loop\necall",
        "addi x13, x0, 3\nloop:\nsd x11, 0(x10)\naddi x13, x13, -1\nbne x13, x0, over\nadd x10, x12, x0\nover:\n\
         bge x13, x0, loop\necall",
    ] {
        for way in Way::ALL {
            let (mut hart, mut engine, space) = confined(text, way);
            let wild = at.wrapping_sub(space.ram().base_address());
            hart.x[10] = DATA;
            hart.x[12] = if text.contains("czero") { wild.wrapping_sub(DATA) } else { wild };
            space.ram().write(DATA + 8, &wild.to_le_bytes()).expect("mapped");
            let event = engine.run(&mut hart);
            assert_eq!(event, Event::Trap(Trap::StoreFault), "{way:?}, {text}: {:x} {:x?}", hart.pc, hart.x);
            assert!(canary.iter().all(|byte| *byte == 0x5a), "{way:?}, {text}");
        }
    }
}

/// The edges of the space: the last page before it, and all that a displacement reaches past them.
#[test]
fn the_edges_of_the_space_are_faults_of_the_guest() {
    for way in Way::ALL {
        for address in
            [SPACE - 8, SPACE - 1, SPACE, SPACE + 7, 0, 7, u64::MAX, u64::MAX - 7, 1 << 47, 1 << 63]
        {
            for access in ["ld x11, -2048(x10)", "ld x11, 2047(x10)", "ld x11, 0(x10)"] {
                let (mut hart, mut engine, _space) = confined(&format!("{access}\necall"), way);
                hart.x[10] = address;
                assert_eq!(
                    engine.run(&mut hart),
                    Event::Trap(Trap::LoadFault),
                    "{way:?} {address:x} {access}"
                );
            }
        }
    }
}

/// Tries to leave. Its status is the number of the first attempt that succeeded, or that failed although it is allowed.
const ESCAPES: &str = r#"
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static int number;
#define REFUSED(call) do { number++; errno = 0; if ((long)(call) >= 0) exit(number); } while (0)
#define WORKS(call) do { number++; errno = 0; if ((long)(call) < 0) { fprintf(stderr, "%s: %s\n", #call, strerror(errno)); exit(number); } } while (0)

int main(int argc, char **argv) {
    char *secret = argv[1], *readable = argv[2], *writable = argv[3], path[4096], buffer[64];
    int parent = atoi(argv[4]), net = atoi(argv[5]);
    /* Files of the host. */
    REFUSED(open(secret, O_RDONLY));
    REFUSED(open(secret, O_RDONLY | O_PATH));
    REFUSED(open("/etc/passwd", O_RDONLY));
    REFUSED(open("/", O_RDONLY | O_DIRECTORY));
    REFUSED(open(".", O_RDONLY | O_DIRECTORY));
    REFUSED(access(secret, F_OK));
    struct stat st;
    REFUSED(stat(secret, &st));
    REFUSED(lstat(secret, &st));
    REFUSED(readlink("/proc/self/cwd", buffer, sizeof buffer));
    REFUSED(readlink("/proc/self/root", buffer, sizeof buffer));
    REFUSED(open("/proc/self/mem", O_RDWR));
    REFUSED(open("/proc/self/root/etc/passwd", O_RDONLY));
    REFUSED(open("/proc/thread-self/mem", O_RDONLY));
    snprintf(path, sizeof path, "/proc/%d/mem", getpid());
    REFUSED(open(path, O_RDWR));
    snprintf(path, sizeof path, "/proc/%d/maps", parent);
    REFUSED(open(path, O_RDONLY));
    REFUSED(open("/proc/self/fd/0", O_RDONLY));
    REFUSED(chdir("/"));
    REFUSED(truncate(secret, 0));
    REFUSED(unlink(secret));
    REFUSED(rename(secret, "/tmp/gone"));
    REFUSED(mkdir("/tmp/mj-sandbox-made", 0700));
    REFUSED(chmod(secret, 0777));
    REFUSED(chown(secret, 1, 1));
    REFUSED(mknod("/tmp/mj-sandbox-fifo", S_IFIFO | 0600, 0));
    REFUSED(setxattr(secret, "user.a", "b", 1, 0));
    /* What is allowed. */
    snprintf(path, sizeof path, "%s/file", readable);
    int fd;
    WORKS(fd = open(path, O_RDONLY));
    WORKS(read(fd, buffer, 4) - 4);
    WORKS(memcmp(buffer, "text", 4) ? -1 : 0);
    WORKS(stat(path, &st));
    WORKS(fstat(fd, &st));
    void *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    WORKS(mapped == MAP_FAILED ? -1 : 0);
    /* But only for reading. */
    REFUSED(fchmod(fd, 0777));
    REFUSED(fchown(fd, 1, 1));
    REFUSED(ftruncate(fd, 0));
    REFUSED(futimens(fd, NULL));
    REFUSED(open(path, O_RDWR));
    REFUSED(open(path, O_RDONLY | O_TRUNC));
    REFUSED(unlink(path));
    REFUSED(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
    snprintf(path, sizeof path, "%s/new", readable);
    REFUSED(open(path, O_WRONLY | O_CREAT, 0600));
    /* Ways out of the directory. */
    snprintf(path, sizeof path, "%s/../secret", readable);
    REFUSED(open(path, O_RDONLY));
    snprintf(path, sizeof path, "%s/link", readable);
    REFUSED(open(path, O_RDONLY));
    REFUSED(stat(path, &st));
    WORKS(lstat(path, &st));
    WORKS(readlink(path, buffer, sizeof buffer));
    int dir;
    WORKS(dir = open(readable, O_RDONLY | O_DIRECTORY));
    WORKS(openat(dir, "file", O_RDONLY));
    REFUSED(openat(dir, "../secret", O_RDONLY));
    REFUSED(openat(dir, "link", O_RDONLY));
    REFUSED(openat(dir, "file", O_WRONLY));
    WORKS(fchdir(dir));
    WORKS(open("file", O_RDONLY));
    REFUSED(open("../secret", O_RDONLY));
    /* A directory that may be changed. */
    snprintf(path, sizeof path, "%s/new", writable);
    WORKS(fd = open(path, O_RDWR | O_CREAT, 0600));
    WORKS(write(fd, "abc", 3));
    WORKS(fchmod(fd, 0644));
    WORKS(chmod(path, 0600));
    char other[4096];
    snprintf(other, sizeof other, "%s/other", writable);
    WORKS(rename(path, other));
    REFUSED(rename(other, "/tmp/mj-sandbox-out"));
    REFUSED(link(secret, path));
    WORKS(symlink(secret, path));
    REFUSED(open(path, O_RDONLY));
    REFUSED(open(path, O_WRONLY | O_CREAT, 0600));
    REFUSED(chmod(path, 0777));
    WORKS(unlink(path));
    /* A file that may only be read gets no second name where it could be written. */
    WORKS(fd = open("file", O_RDONLY));
    REFUSED(linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH));
    snprintf(buffer, sizeof buffer, "/proc/self/fd/%d", fd);
    REFUSED(linkat(AT_FDCWD, buffer, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
    WORKS(unlink(other));
    /* Devices, and what the emulator says of the guest. */
    WORKS(open("/dev/null", O_WRONLY));
    WORKS(open("/dev/urandom", O_RDONLY));
    WORKS(open("/proc/self/maps", O_RDONLY));
    WORKS(open("/proc/cpuinfo", O_RDONLY));
    REFUSED(open("/dev/mem", O_RDONLY));
    REFUSED(open("/dev/tty", O_RDWR));
    /* Programs of the host. */
    char *none[] = {NULL};
    REFUSED(execve("/bin/true", none, none));
    REFUSED(execve("/bin/sh", none, none));
    /* Other processes. */
    struct iovec here = {buffer, 8}, there = {(void *)main, 8};
    REFUSED(syscall(SYS_process_vm_readv, parent, &here, 1, &there, 1, 0));
    REFUSED(syscall(SYS_process_vm_writev, getpid(), &here, 1, &there, 1, 0));
    REFUSED(ptrace(PTRACE_ATTACH, parent, 0, 0));
    REFUSED(ptrace(PTRACE_TRACEME, 0, 0, 0));
    REFUSED(kill(parent, 0));
    REFUSED(kill(1, 0));
    REFUSED(kill(-1, 0));
    REFUSED(kill(0, 0));
    REFUSED(kill(-getpgrp(), 0));
    REFUSED(syscall(SYS_tkill, parent, 0));
    REFUSED(syscall(SYS_tgkill, parent, parent, 0));
    REFUSED(syscall(SYS_pidfd_open, parent, 0));
    REFUSED(setpgid(parent, 0));
    REFUSED(fcntl(0, F_SETOWN, parent));
    REFUSED(syscall(SYS_prlimit64, parent, 0, NULL, buffer));
    REFUSED(setuid(12345));
    REFUSED(syscall(SYS_setgroups, 0, NULL));
    WORKS(kill(getpid(), 0));
    int child = fork();
    if (!child) { pause(); _exit(0); }
    WORKS(child);
    WORKS(kill(child, SIGKILL));
    WORKS(waitpid(child, NULL, 0));
    REFUSED(kill(child, 0));
    /* Memory that others share, and ways around system calls. */
    REFUSED(syscall(SYS_shmget, 1234, 4096, 01600));
    REFUSED(syscall(SYS_io_uring_setup, 4, buffer));
    REFUSED(syscall(SYS_bpf, 0, NULL, 0));
    REFUSED(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
    REFUSED(syscall(SYS_userfaultfd, 0));
    REFUSED(syscall(SYS_memfd_secret, 0) );
    REFUSED(syscall(SYS_open_by_handle_at, AT_FDCWD, buffer, O_RDONLY));
    REFUSED(syscall(SYS_mount, "a", "/tmp", "tmpfs", 0, NULL));
    REFUSED(syscall(SYS_unshare, 0x10000000));
    REFUSED(syscall(SYS_chroot, "/"));
    REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
    WORKS(syscall(SYS_memfd_create, "mine", 0));
    /* The network. */
    int pair[2];
    WORKS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    WORKS(send(pair[0], "x", 1, 0));
    if (net) {
        WORKS(socket(AF_INET, SOCK_STREAM, 0));
        WORKS(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    } else {
        REFUSED(socket(AF_INET, SOCK_STREAM, 0));
        REFUSED(socket(AF_UNIX, SOCK_DGRAM, 0));
        REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
        REFUSED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
        struct sockaddr_un name = {AF_UNIX, "/tmp/mj-sandbox-socket"};
        REFUSED(bind(pair[0], (void *)&name, sizeof name));
        REFUSED(connect(pair[0], (void *)&name, sizeof name));
        REFUSED(sendto(pair[0], "x", 1, 0, (void *)&name, sizeof name));
    }
    return 0;
}
"#;

/// A directory of its own that goes away with this value.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn system_calls_stay_inside() {
    let Some(program) = compile(ESCAPES, "c", &["-O1"]) else { return };
    let name = temp_path("sandbox").0.clone();
    let dir = Directory(name.clone());
    for sub in ["read", "write"] {
        std::fs::create_dir_all(name.join(sub)).expect("a directory");
    }
    std::fs::write(name.join("secret"), "secret").expect("a file");
    std::fs::write(name.join("read/file"), "text").expect("a file");
    std::os::unix::fs::symlink("../secret", name.join("read/link")).expect("a link");
    // A process of the same user that is not the guest's child.
    let mut other = std::process::Command::new("sleep").arg("600").spawn().expect("a process");
    for net in [false, true] {
        let sandbox = Sandbox::new();
        let sandbox = sandbox.allow_read(&name.join("read")).expect("a directory");
        let sandbox = sandbox.allow_write(&name.join("write")).expect("a directory");
        let sandbox = if net { sandbox.allow_network() } else { sandbox };
        // In a process of its own: it forks.
        let status = in_child(|| {
            let mut machine = Machine::builder(&program.0)
                .args(["secret", "read", "write"].map(|part| name.join(part)))
                .args([other.id().to_string(), u8::from(net).to_string()])
                .sandbox(sandbox.clone())
                .build()
                .expect("a machine");
            machine.run().exit.status()
        });
        let attempt =
            ESCAPES.lines().filter(|l| ["    REFUSED(", "    WORKS("].iter().any(|p| l.starts_with(p)));
        assert_eq!(
            status,
            0,
            "network {net}: attempt {:?}",
            attempt.clone().nth((status - 1).max(0) as usize)
        );
    }
    assert_eq!(other.try_wait().expect("its parent"), None, "it is still there");
    let _ = other.kill();
    let _ = other.wait();
    assert_eq!(std::fs::read_to_string(name.join("secret")).expect("still there"), "secret");
    assert_eq!(std::fs::read_to_string(name.join("read/file")).expect("still there"), "text");
    drop(dir);
}

/// Runs in a forked process; its status.
fn in_child(run: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child runs a guest and leaves without the test harness's epilogue. What other threads of this process held is
    // never needed there.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let status = run();
        // SAFETY: ends this process.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: waits for the child that was just made.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) }
}

#[test]
fn the_program_interpreter_must_be_readable() {
    assert!(Sandbox::new().allow_read(Path::new("/nonexistent-mj")).is_err());
    let Some(program) = compile("int main(void) { return 7; }", "c", &[]) else { return };
    let run =
        |sandbox: Sandbox| Machine::builder(&program.0).sandbox(sandbox).build().map(|mut m| m.run().exit);
    assert_eq!(run(Sandbox::new()).expect("static programs need nothing"), Exit::Code(7));
}
