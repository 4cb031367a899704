//! Programs with random changes end in a guest signal, an error or as programs do: the emulator never crashes or hangs.
//!
//! They run in processes of their own, some hundred in each, in the sandbox, in both engines. `MJ_HOSTILE=N` tries N of them
//! instead of a few hundred.

mod common;

use common::{CODE, Random, Way, assemble, compile, elf, write_program};
use emu::engine::Mode;
use emu::{Machine, Sandbox};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Programs in one process.
const BATCH: u64 = 500;
/// How often the state of a process is looked at, and how often in a row a program may be found at work before it counts as a hang:
/// its few instructions take far less.
const LOOK: Duration = Duration::from_millis(300);
const LOOKS: u32 = 400;
/// A program waits for something that never comes, which it may.
const WAITS: i32 = 42;
/// A program does not end.
const HANGS: i32 = 43;

/// Computes, stores, loads, branches and calls; without system calls but the last.
const SMALL: &str = "lui s0, 0x12\naddi s1, zero, 40\nloop:\nsd s1, 0(s0)\nld t0, 0(s0)\nfcvt.d.l f0, t0\nfmul.d f1, f0, f0\n\
     fsd f1, 8(s0)\namoadd.d t1, t0, (s0)\nmul t2, t1, s1\ndivu t3, t2, s1\nc.addi s0, 8\nsh2add t4, s1, s0\nlw t5, 0(t4)\n\
     sb t5, 3(t4)\njal ra, sub\naddi s1, s1, -1\nbne s1, zero, loop\naddi a0, zero, 0\naddi a7, zero, 93\necall\n\
     sub:\nxor t0, t0, s1\nrev8 t0, t0\njalr zero, 0(ra)";

/// A program with a C library.
const LARGE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
    char text[100];
    double sum = 0;
    for (int n = 0; n < 20; n++) sum += strtod(memcpy(text, "1.25e2", 7), NULL) / (n + 1);
    char *copy = malloc(1000);
    snprintf(copy, 1000, "%g %s", sum, argv[0]);
    puts(copy);
    free(copy);
    return 0;
}"#;

/// Changes some bytes of the file; returns what was there. Most are where the program is entered, in its headers, or in its first
/// pages.
fn change(file: &std::fs::File, len: u64, entry: u64, random: &mut Random) -> Vec<(u64, u8)> {
    let mut before = Vec::new();
    for _ in 0..1 + random.next() % 12 {
        let r = random.next();
        let at = match random.next() % 8 {
            0 => r % 0x200,
            1..=3 => entry + r % 0x100,
            4 | 5 => entry + r % 0x8000,
            _ => r,
        } % len;
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).expect("inside the file");
        before.push((at, byte[0]));
        let bit = byte[0] ^ 1 << (random.next() % 8);
        let new = if random.next().is_multiple_of(2) { bit } else { random.next() as u8 };
        file.write_all_at(&[new], at).expect("written");
    }
    before
}

/// Which program of the batch runs now.
static CURRENT: AtomicU64 = AtomicU64::new(0);

/// Ends the process when a program neither ends nor makes progress; `thread` runs the programs.
fn watch(thread: i32, note: &Path) {
    let (mut last, mut same) = (u64::MAX, 0);
    loop {
        std::thread::sleep(LOOK);
        let current = CURRENT.load(Ordering::Relaxed);
        same = if current == last { same + 1 } else { 0 };
        last = current;
        let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap_or_default();
        let sleeps = stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'));
        if same >= 1 && sleeps || same >= LOOKS {
            let _ = std::fs::write(note, current.to_string());
            std::process::exit(if sleeps { WAITS } else { HANGS });
        }
    }
}

/// Runs a batch for [`changed_programs_end`]: `MJ_TEST_SEEDS` says which, `MJ_TEST_GUEST` is the program.
#[test]
#[ignore = "runs guests for the other test"]
fn batch() {
    let Some(program) = std::env::var_os("MJ_TEST_GUEST").map(std::path::PathBuf::from) else { return };
    let seeds = std::env::var("MJ_TEST_SEEDS").expect("set with the program");
    let (first, last) = seeds.split_once(' ').expect("two numbers");
    let seeds = first.parse().expect("a number")..last.parse().expect("a number");
    // SAFETY: asks for a number.
    let thread = unsafe { libc::gettid() };
    let note = program.with_extension("note");
    std::thread::spawn(move || watch(thread, &note));
    let original = std::fs::read(&program).expect("readable");
    let word = |at: usize| u64::from_le_bytes(original[at..at + 8].try_into().expect("eight bytes"));
    // The first segment begins the file, and holds the entry.
    let entry = word(24).wrapping_sub(word(0x50)) % original.len() as u64;
    for seed in seeds {
        CURRENT.store(seed, Ordering::Relaxed);
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // Opened anew each time: a guest may close any descriptor.
        let open = || std::fs::OpenOptions::new().read(true).write(true).open(&program).expect("there");
        let before = change(&open(), original.len() as u64, entry, &mut random);
        let builder =
            Machine::builder(&program).deterministic(true).max_instructions(20_000).sandbox(Sandbox::new());
        let builder = match Way::ALL[random.next() as usize % Way::ALL.len()] {
            Way::Interpreted => builder.mode(Mode::Interpret),
            way => builder.thresholds(way.thresholds()),
        };
        if let Ok(mut machine) = builder.build() {
            machine.run();
        }
        let file = open();
        for (at, byte) in before.into_iter().rev() {
            file.write_all_at(&[byte], at).expect("written");
        }
    }
    // Without the harness's report: its output may be closed.
    std::process::exit(0);
}

fn run_batch(program: &Path, seeds: &Range<u64>) -> ExitStatus {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "batch", "--quiet", "--test-threads=1"])
        .env("MJ_TEST_GUEST", program)
        .env("MJ_TEST_SEEDS", format!("{} {}", seeds.start, seeds.end))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("started")
}

/// What a program may do to its own process.
fn is_own_doing(status: ExitStatus) -> bool {
    use libc::{
        SIGALRM, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGPROF, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM,
    };
    let own =
        [SIGALRM, SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGPROF, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2, SIGVTALRM];
    status.signal().is_some_and(|signal| own.contains(&signal) || signal >= libc::SIGRTMIN())
}

/// Runs programs; returns those that crash or hang the emulator.
fn failures(original: &[u8], seeds: Range<u64>) -> Vec<(u64, ExitStatus)> {
    let mut todo = vec![seeds];
    let mut found = Vec::new();
    while let Some(seeds) = todo.pop() {
        if seeds.is_empty() {
            continue;
        }
        let program = write_program(original);
        let note = program.0.with_extension("note");
        let status = run_batch(&program.0, &seeds);
        let current = std::fs::read_to_string(&note).ok().and_then(|text| text.parse::<u64>().ok());
        let _ = std::fs::remove_file(&note);
        match (status.code(), current) {
            (Some(0), _) => {}
            (Some(WAITS), Some(seed)) => todo.push(seed + 1..seeds.end),
            (Some(HANGS), Some(seed)) => {
                found.push((seed, status));
                todo.push(seed + 1..seeds.end);
            }
            _ if seeds.end - seeds.start == 1 => {
                if !is_own_doing(status) {
                    found.push((seeds.start, status));
                }
            }
            _ => {
                let middle = seeds.start.midpoint(seeds.end);
                todo.extend([middle..seeds.end, seeds.start..middle]);
            }
        }
        if found.len() > 3 {
            break;
        }
    }
    found
}

#[test]
fn changed_programs_end() {
    let count = std::env::var("MJ_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let mut programs = vec![("small", elf(&assemble(SMALL, CODE).bytes))];
    if let Some(large) = compile(LARGE, "c", &["-O1", "-s"]) {
        programs.push(("large", std::fs::read(&large.0).expect("readable")));
    }
    let half = count / programs.len() as u64;
    let batches = |program| (0..half).step_by(BATCH as usize).map(move |first| (program, first));
    let batches: Vec<_> = programs.iter().flat_map(batches).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&((name, original), first)) = batches.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let found = failures(original, first..half.min(first + BATCH));
                    assert!(found.is_empty(), "{name} program with changes {found:?}");
                }
            });
        }
    });
}
