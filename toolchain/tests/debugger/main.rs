//! `mj run -g`: the protocol, with a client of our own; and GDB itself, where there is one.

mod client;
#[path = "../common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use client::{Client, hex};
use common::{mj, scratch, status, stderr, stdout, tool};

/// Number of the first CSR.
const CSR0: usize = 65;

/// Assembles a program, and gives the addresses of its symbols.
fn assemble(dir: &Path, options: &[&str], text: &str) -> (PathBuf, impl Fn(&str) -> u64 + use<>) {
    let (source, program) = (dir.join("prog.s"), dir.join("prog"));
    std::fs::write(&source, text).expect("written");
    let out = mj().arg("as").args(options).arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let table = mj().args(["objdump", "-t"]).arg(&program).output().expect("started");
    let table = stdout(&table);
    let find = move |name: &str| {
        let line = table.lines().find(|l| l.split_whitespace().last() == Some(name));
        let line = line.unwrap_or_else(|| panic!("no symbol {name} in\n{table}"));
        u64::from_str_radix(line.split_whitespace().next().expect("an address"), 16).expect("hex")
    };
    (program, find)
}

/// Counts to 100,000 through a function, so that translated code runs.
const COUNT: &str = "
        .globl _start, bump, done, value
_start: li   s0, 0
        li   s1, 100000
        la   s2, value
loop:   mv   a0, s0
        call bump
        mv   s0, a0
        sd   s0, 0(s2)
        blt  s0, s1, loop
done:   ld   a1, 0(s2)
        li   a0, 5
        li   a7, 93
        ecall
bump:   addi a0, a0, 1
        ret
        .data
        .p2align 3
value:  .dword 0
";

#[test]
fn registers_memory_and_steps() {
    let dir = scratch("debug-registers");
    let (program, at) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    assert!(c.ask("?").starts_with("T05thread:"));
    // Before a thread is chosen it is the first.
    assert_eq!(c.pc(), at("_start"));
    let all = c.ask("g");
    assert_eq!(all.len(), 65 * 16);
    assert_eq!(client::number(&all[32 * 16..33 * 16]), at("_start"));
    assert!(c.ask("vCont?").contains(";s;S"));
    let thread = c.threads().remove(0);
    let stop = c.ask(&format!("vCont;s:{thread};c"));
    assert!(stop.starts_with("T05"), "{stop}");
    assert_ne!(c.pc(), at("_start"));
    // Integer, floating-point and CSRs, among them the project's own.
    for (register, value) in [(8, 99990), (33, 0x3ff0_0000_0000_0000), (CSR0 + 0x800, 0x1234)] {
        c.tell(&format!("P{register:x}={}", hex(&u64::to_le_bytes(value))));
        assert_eq!(c.register(register), value, "{register}");
    }
    c.tell(&format!("P{:x}=e1000000", CSR0 + 3));
    assert_eq!((c.register(CSR0 + 1), c.register(CSR0 + 2)), (1, 7));
    c.tell(&format!("P{:x}=00000000", CSR0 + 3));
    // Taking an entry off a queue is not for a debugger that only looks.
    assert_eq!(c.ask(&format!("p{:x}", CSR0 + 0x813)), "x".repeat(16));
    assert_eq!(c.ask(&format!("p{:x}", CSR0 + 0xfff)), "x".repeat(16));
    // Past `li s0` now: ten rounds are left.
    c.tell(&format!("Z0,{:x},4", at("bump")));
    for round in 0..10 {
        assert!(c.ask("vCont;c").contains("swbreak:;"));
        assert_eq!((c.pc(), c.register(10)), (at("bump"), 99990 + round));
    }
    assert_eq!(c.memory(at("value"), 8), 99999);
    assert!(c.ask("m8,4").starts_with('E'));
    c.tell(&format!("z0,{:x},4", at("bump")));
    c.tell(&format!("Z0,{:x},2", at("done")));
    assert!(c.ask("c").contains("swbreak:;"));
    c.tell(&format!("M{:x},8:{}", at("value"), hex(&7u64.to_le_bytes())));
    c.ask("s");
    assert_eq!(c.register(11), 7);
    assert_eq!(c.ask("vCont;c"), "W05");
    assert_eq!(status(&c.finish()), Some(5));
}

#[test]
fn breakpoints_come_and_go_in_translated_code() {
    let dir = scratch("debug-breakpoints");
    let (program, at) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    // Long enough that nothing of the loop is interpreted any more when it is broken into.
    c.tell(&format!("Z0,{:x},4", at("bump")));
    c.ask("vCont;c");
    c.tell(&format!("z0,{:x},4", at("bump")));
    c.tell(&format!("P9={}", hex(&(1u64 << 40).to_le_bytes())));
    c.send("vCont;c");
    std::thread::sleep(std::time::Duration::from_millis(300));
    c.interrupt();
    let stop = c.receive();
    assert!(stop.starts_with("T02"), "{stop}");
    let before = c.register(8);
    assert!(before > 10_000, "{before}");
    c.tell(&format!("Z0,{:x},4", at("bump")));
    c.ask("vCont;c");
    let first = c.register(8);
    c.ask("vCont;c");
    assert!((first == before || first == before + 1) && c.register(8) == first + 1);
    c.tell(&format!("z0,{:x},4", at("bump")));
    c.tell(&format!("P9={}", hex(&0u64.to_le_bytes())));
    assert_eq!(c.ask("vCont;c"), "W05");
    assert_eq!(status(&c.finish()), Some(5));
}

#[test]
fn a_breakpoint_where_nothing_may_be_executed() {
    // GDB has functions that it calls return to the stack.
    let dir = scratch("debug-stack");
    let (program, at) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    c.tell(&format!("Z0,{:x},4", at("bump")));
    c.ask("vCont;c");
    c.tell(&format!("z0,{:x},4", at("bump")));
    let (back, stack) = (c.register(1), c.register(2) - 16);
    c.tell(&format!("Z0,{stack:x},2"));
    c.tell(&format!("P1={}", hex(&stack.to_le_bytes())));
    let stop = c.ask("vCont;c");
    assert!(stop.contains("swbreak:;"), "{stop}");
    assert_eq!((c.pc(), c.register(10)), (stack, 1));
    // What goes on there faults.
    let stop = c.ask("vCont;c");
    assert!(stop.starts_with("T0b"), "{stop}");
    c.tell(&format!("z0,{stack:x},2"));
    c.tell(&format!("P20={}", hex(&back.to_le_bytes())));
    assert_eq!(c.ask("vCont;C00"), "W05");
    assert_eq!(status(&c.finish()), Some(5));
}

#[test]
fn a_debugger_that_kills_is_answered() {
    let dir = scratch("debug-kill");
    let (program, _) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    assert_eq!(c.ask("vKill;1"), "OK");
    assert!(!c.finish().status.success());
}

#[test]
fn watchpoints_stop_after_the_access() {
    let dir = scratch("debug-watchpoints");
    let (program, at) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    let value = at("value");
    c.tell(&format!("Z2,{value:x},8"));
    for n in 1..=3 {
        let stop = c.ask("vCont;c");
        assert!(stop.contains(&format!(";watch:{value:06x};")) && !stop.contains("rwatch"), "{stop}");
        assert_eq!(c.memory(value, 8), n);
    }
    c.tell(&format!("z2,{value:x},8"));
    // Only the last instructions read it; one byte is enough.
    c.tell(&format!("P8={}", hex(&99990u64.to_le_bytes())));
    c.tell(&format!("Z3,{:x},1", value + 3));
    assert!(c.ask("vCont;c").contains("rwatch:"));
    assert_eq!((c.pc(), c.register(8)), (at("done") + 4, 100000));
    c.tell(&format!("z3,{:x},1", value + 3));
    assert_eq!(c.ask(&format!("z3,{:x},1", value + 3)), "E16");
    c.tell(&format!("P20={}", hex(&at("done").to_le_bytes())));
    c.tell(&format!("Z4,{value:x},4"));
    assert!(c.ask("vCont;c").contains("awatch:"));
    assert_eq!(c.ask("vCont;c"), "W05");
}

#[test]
fn signals_are_reported_and_passed_on() {
    let dir = scratch("debug-signals");
    let text = "
        .globl _start, bad, after
_start: li   t0, 16
bad:    ld   a0, 0(t0)
        ebreak
after:  li   a0, 0
        li   a7, 93
        ecall
        .data
cell:   .dword 1
    ";
    let (program, at) = assemble(&dir, &[], text);
    let mut c = Client::start(&dir, &[], &program);
    let stop = c.ask("vCont;c");
    assert!(stop.starts_with("T0b"), "{stop}");
    assert_eq!(c.pc(), at("bad"));
    // Mended by the debugger, the program goes on without the signal.
    c.tell(&format!("P5={}", hex(&at("cell").to_le_bytes())));
    let stop = c.ask("vCont;c");
    assert!(stop.starts_with("T05"), "{stop}");
    assert_eq!(c.register(10), 1);
    let thread = c.threads().remove(0);
    c.tell(&format!("P20={}", hex(&at("after").to_le_bytes())));
    let stop = c.ask(&format!("vCont;s:{thread}"));
    assert!(stop.starts_with("T05"), "{stop}");
    // A signal out of nothing is delivered without being reported again. SIGUSR1 is 30 for debuggers.
    let stop = c.ask(&format!("vCont;C1e:{thread};c"));
    assert!(stop.starts_with("X1e"), "{stop}");
    assert_eq!(status(&c.finish()), Some(128 + 10));
}

/// Two threads that count, each its own word.
const THREADS: &str = "
        .globl _start, spin, other, counts
_start: li   a0, 0x50f00        # VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
        la   a1, top
        li   a2, 0
        li   a3, 0
        li   a4, 0
        li   a7, 220            # clone
        ecall
        la   s0, counts
        beqz a0, other
spin:   ld   t0, 0(s0)
        addi t0, t0, 1
        sd   t0, 0(s0)
        j    spin
other:  ld   t0, 8(s0)
        addi t0, t0, 1
        sd   t0, 8(s0)
        j    other
        .bss
        .p2align 4
counts: .skip 16
        .skip 4096
top:
";

#[test]
fn threads_stop_together_and_step_alone() {
    let dir = scratch("debug-threads");
    let (program, at) = assemble(&dir, &[], THREADS);
    let mut c = Client::start(&dir, &[], &program);
    c.tell(&format!("Z0,{:x},4", at("other")));
    let stop = c.ask("vCont;c");
    assert!(stop.contains("swbreak:;"), "{stop}");
    c.tell(&format!("z0,{:x},4", at("other")));
    c.send("vCont;c");
    std::thread::sleep(std::time::Duration::from_millis(100));
    c.interrupt();
    let stop = c.receive();
    assert!(stop.starts_with("T02"), "{stop}");
    let threads = c.threads();
    assert_eq!(threads.len(), 2, "{threads:?}");
    let (one, two) = (c.memory(at("counts"), 8), c.memory(at("counts") + 8, 8));
    assert!(one > 1000 && two > 1000, "{one} {two}");
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!((c.memory(at("counts"), 8), c.memory(at("counts") + 8, 8)), (one, two), "both have stopped");
    // The second thread steps through its loop once; the first stays.
    for _ in 0..4 {
        let stop = c.ask(&format!("vCont;s:{}", threads[1]));
        assert!(stop.contains(&format!("thread:{}", threads[1])), "{stop}");
    }
    assert_eq!((c.memory(at("counts"), 8), c.memory(at("counts") + 8, 8)), (one, two + 1));
    // The second thread steps; the first runs meanwhile.
    for _ in 0..50 {
        c.ask(&format!("vCont;s:{};c", threads[1]));
    }
    assert!(c.memory(at("counts"), 8) > one);
    assert!(c.memory(at("counts") + 8, 8) - two < 20);
    c.tell(&format!("Hg{}", threads[0]));
    assert!((at("spin")..at("other")).contains(&c.pc()));
    c.tell(&format!("Hg{}", threads[1]));
    assert!(c.pc() >= at("other"));
    c.send("k");
    assert_eq!(status(&c.finish()), Some(128 + 9));
}

#[test]
fn a_thread_in_a_system_call_counts_as_stopped() {
    let dir = scratch("debug-call");
    let text = "
        .globl _start, after
_start: li   a0, 0
        li   a1, 0
        li   a2, 0
        li   a3, 0
        li   a7, 73             # ppoll: waits for ever
        ecall
after:  li   a0, 0
        li   a7, 93
        ecall
    ";
    let (program, at) = assemble(&dir, &[], text);
    let mut c = Client::start(&dir, &[], &program);
    c.send("vCont;c");
    std::thread::sleep(std::time::Duration::from_millis(200));
    c.interrupt();
    let stop = c.receive();
    assert!(stop.starts_with("T02"), "{stop}");
    assert_eq!((c.pc(), c.register(17)), (at("after"), 73));
    let thread = c.threads().remove(0);
    let about = c.ask(&format!("qThreadExtraInfo,{thread}"));
    assert_eq!(client::unhex(&about), b"in a system call");
    // What the call will write cannot be written.
    assert!(c.ask(&format!("P5={}", hex(&1u64.to_le_bytes()))).starts_with('E'));
    c.send("k");
    assert_eq!(status(&c.finish()), Some(128 + 9));
}

#[test]
fn without_the_debugger_the_program_goes_on() {
    let dir = scratch("debug-leave");
    let (program, at) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &[], &program);
    c.tell(&format!("Z0,{:x},4", at("bump")));
    c.ask("vCont;c");
    c.tell("D");
    assert_eq!(status(&c.finish()), Some(5));
    let mut c = Client::start(&dir, &[], &program);
    c.tell(&format!("Z0,{:x},4", at("bump")));
    c.ask("vCont;c");
    c.hang_up();
    assert_eq!(status(&c.finish()), Some(5));
}

#[test]
fn the_target_describes_itself() {
    let dir = scratch("debug-description");
    let isa = dir.join("csr.yaml");
    let csr = "kind: csr\nname: my.state\nlong_name: State\ndescription: A cell.\ndefinedBy: Xmystate\n\
               address: 0x8c0\nlength: 64\npriv_mode: U\nwritable: true\n";
    std::fs::write(&isa, csr).expect("written");
    let (program, _) = assemble(&dir, &[], COUNT);
    let mut c = Client::start(&dir, &["--isa-file", isa.to_str().expect("text")], &program);
    let xml = c.object("features:read:target.xml");
    for name in ["\"pc\"", "\"fa0\"", "\"fcsr\"", "\"mj_gvec\"", "\"my_state\""] {
        assert!(xml.contains(&format!("<reg name={name}")), "{name}: {xml}");
    }
    let state = CSR0 + 0x8c0;
    c.tell(&format!("P{state:x}={}", hex(&77u64.to_le_bytes())));
    assert_eq!(c.register(state), 77);
    assert!(c.object("exec-file:read:1").ends_with("/prog"));
    // AT_PAGESZ is there.
    let auxv = c.ask("qXfer:auxv:read::0,400");
    assert!(auxv.len() > 64, "{auxv}");
    // A file through the connection.
    let opened = c.ask(&format!("vFile:open:{},0,0", hex(program.as_os_str().as_encoded_bytes())));
    let fd = opened.strip_prefix('F').expect("opened");
    assert!(c.ask(&format!("vFile:pread:{fd},4,0")).ends_with("\u{7f}ELF"));
    assert_eq!(c.ask(&format!("vFile:close:{fd}")), "F0");
    // What /proc says is said of the guest, whatever number the debugger has for it.
    let opened = c.ask(&format!("vFile:open:{},0,0", hex(b"/proc/1/task/1/maps")));
    let fd = opened.strip_prefix('F').unwrap_or_else(|| panic!("{opened}"));
    assert!(c.ask(&format!("vFile:pread:{fd},1000,0")).contains("[stack]"));
    assert_eq!(c.ask(&format!("vFile:close:{fd}")), "F0");
    assert!(c.ask(&format!("vFile:open:{},0,0", hex(b"/proc/version"))).starts_with("F-1"));
    assert!(c.ask(&format!("vFile:open:{},201,1b6", hex(b"/tmp/new"))).starts_with("F-1"));
}

#[test]
fn addresses_that_are_none() {
    for address in ["70000", "12x", ":x"] {
        let out = mj().args(["run", "-g", address, "prog"]).output().expect("started");
        assert_eq!(out.status.code(), Some(125));
        assert!(stderr(&out).contains("expected a port"), "{}", stderr(&out));
    }
}

/// GDB itself, at a dynamically linked program with libraries.
#[test]
fn gdb_debugs_a_dynamic_program() {
    let Some(gdb) = tool(&["gdb-multiarch", "riscv64-linux-gnu-gdb"]) else { return };
    let Some(gcc) = tool(&["riscv64-linux-gnu-gcc"]) else { return };
    let root = Path::new("/usr/riscv64-linux-gnu");
    if !root.join("lib/ld-linux-riscv64-lp64d.so.1").exists() {
        eprintln!("skipped: no riscv64 libraries in {}", root.display());
        return;
    }
    let dir = scratch("debug-gdb");
    let (source, program, socket) = (dir.join("t.c"), dir.join("t"), dir.join("socket"));
    let text = "#include <stdio.h>\n#include <string.h>\nint global;\n\
                int twice(int x) { global += x; return 2 * x; }\n\
                int main(void) { int s = 0; for (int i = 0; i < 500; i++) s += twice(i);\n\
                printf(\"%d\\n\", s); return strlen(\"four\"); }\n";
    std::fs::write(&source, text).expect("written");
    let built = Command::new(gcc).args(["-g", "-O1"]).arg(&source).arg("-o").arg(&program).output();
    let built = built.expect("started");
    assert!(built.status.success(), "{}", stderr(&built));
    let guest = mj()
        .arg("run")
        .args(["-L", "/usr/riscv64-linux-gnu", "-g"])
        .arg(&socket)
        .arg(&program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    for _ in 0..1000 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let target = format!("target remote {}", socket.display());
    let commands = [
        "set confirm off",
        &target,
        "break twice if x == 300",
        "continue",
        "backtrace",
        "print global",
        "watch global",
        "continue",
        "delete",
        "print $mj_gvec",
        "print/x (long)printf",
        "break puts",
        "continue",
    ];
    let arguments = commands.iter().flat_map(|c| ["-ex", c]);
    let out = Command::new(gdb).args(["-batch", "-nx"]).args(arguments).output().expect("started");
    let text = stdout(&out);
    assert!(
        text.contains("#0  twice (x=x@entry=300)") && text.contains("in main ()"),
        "{text}{}",
        stderr(&out)
    );
    assert!(text.contains("$1 = 44850"), "{text}");
    assert!(text.contains("New value = 45150"), "{text}");
    assert!(text.contains("$2 = 0") && text.contains("$3 = 0x3f"), "{text}");
    assert!(text.contains("exited with code 04"), "{text}");
    let guest = guest.wait_with_output().expect("it ends");
    assert_eq!((status(&guest), stdout(&guest).as_str()), (Some(4), "249500\n"));
}
