//! Bad ELF files and hostile programs end in an error or a guest signal, never in a panic or a touch of the
//! host. `MJ_HOSTILE=N` tries N inputs of each kind instead of a few.

mod common;

use common::{CODE, Way, assemble, elf, run_asm, temp_path, write_program};
use emu::engine::Mode;
use emu::hardware::Hardware;
use emu::hart::Clock;
use emu::linux::{Flow, ProcessConfig, ProgramInfo, Task};
use emu::memory::{AddressSpace, Backing, Placement, READ, Ram, WRITE};
use emu::{Exit, Hart, HwParams, Machine, Sandbox, Trap};
use proptest::prelude::*;

fn error(bytes: &[u8]) -> String {
    let program = write_program(bytes);
    match Machine::builder(&program.0).build() {
        Ok(_) => panic!("it was accepted"),
        Err(e) => {
            assert!(e.to_string().starts_with(&program.0.display().to_string()), "{e}");
            e.message
        }
    }
}

/// A good program with one change.
fn changed(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = elf(&assemble("addi a7, zero, 93\necall", CODE).bytes);
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn bad_files_are_told_apart() {
    let good = changed(0, b"\x7f");
    assert!(error(b"").contains("empty"));
    assert!(error(b"text").contains("not an ELF"));
    let script = error(b"#! /bin/sh -e\n");
    assert!(script.contains("/bin/sh is not a riscv64 program") && script.contains("-L DIR"), "{script}");
    assert!(error(&good[..20]).contains("truncated"));
    assert!(error(&good[..100]).contains("truncated"));
    assert!(error(&good[..good.len() - 1]).contains("truncated"));
    assert!(error(&changed(4, &[1])).contains("32-bit"));
    assert!(error(&changed(5, &[2])).contains("big-endian"));
    assert!(error(&changed(18, &[62, 0])).contains("another machine"));
    assert!(error(&changed(16, &[1, 0])).contains("not an executable"));
    assert!(error(&changed(24, &[0; 8])).contains("entry point"));
    assert!(error(&changed(0x40, &[3, 0, 0, 0])).contains("program interpreter"));
    assert!(error(&changed(0x50, &[0; 8])).contains("does not fit"));
    assert!(error(&changed(0x57, &[0xff])).contains("does not fit"));
    assert!(error(&changed(56, &[0, 0])).contains("no program headers"));
    let missing = temp_path("missing");
    assert!(Machine::builder(&missing.0).build().is_err_and(|e| e.message.contains("No such file")));
}

/// A program with a second header that names its interpreter.
fn dynamic(interpreter: &str) -> Vec<u8> {
    let mut file = changed(0, b"\x7f");
    let code = file.split_off(0x78);
    file[56] = 2;
    file[32 + 24..][..2].copy_from_slice(&2u16.to_le_bytes());
    let path_at = 0x78 + 56 + code.len() as u64;
    let path = [interpreter.as_bytes(), &[0]].concat();
    let mut header = [0u8; 56];
    header[0] = 3;
    header[4] = 4;
    header[8..16].copy_from_slice(&path_at.to_le_bytes());
    header[32..40].copy_from_slice(&(path.len() as u64).to_le_bytes());
    file.extend(header);
    file.extend(&code);
    file.extend(&path);
    // The code has moved by one header, and with it the entry; the segment covers the whole file.
    let entry = CODE + 56;
    file[24..32].copy_from_slice(&entry.to_le_bytes());
    let len = file.len() as u64;
    for field in [0x40 + 32, 0x40 + 40] {
        file[field..field + 8].copy_from_slice(&len.to_le_bytes());
    }
    file
}

#[test]
fn a_program_interpreter_is_started_in_the_programs_place() {
    // It exits with the entry point that the auxiliary vector tells: AT_ENTRY is 9.
    let find = "addi t0, sp, 0\nld t1, 0(t0)\nslli t1, t1, 3\nadd t0, t0, t1\naddi t0, t0, 16\nskip:\nld t1, 0(t0)\n\
                addi t0, t0, 8\nbne t1, zero, skip\nnext:\nld t1, 0(t0)\nld a0, 8(t0)\naddi t0, t0, 16\naddi t2, zero, 9\n\
                bne t1, t2, next\naddi a7, zero, 93\necall";
    let interpreter = write_program(&elf(&assemble(find, CODE).bytes));
    let mut moved = std::fs::read(&interpreter.0).expect("readable");
    // Position-independent: it goes where there is room.
    moved[16] = 3;
    std::fs::write(&interpreter.0, moved).expect("written");
    let program = write_program(&dynamic(&interpreter.0.display().to_string()));
    let mut machine = Machine::builder(&program.0).build().expect("a machine");
    assert_eq!(machine.run().exit, Exit::Code((CODE as i32 + 56) & 0xff));
}

#[test]
fn position_independent_programs_are_moved() {
    let mut file = elf(&assemble("auipc a0, 0\nsrli a0, a0, 28\naddi a7, zero, 93\necall", CODE).bytes);
    file[16] = 3;
    file[24..32].copy_from_slice(&0x78u64.to_le_bytes());
    file[0x50..0x58].copy_from_slice(&0u64.to_le_bytes());
    let program = write_program(&file);
    let mut machine = Machine::builder(&program.0).build().expect("a machine");
    assert_eq!(machine.run().exit, Exit::Code(0x2aa & 0xff));
}

#[test]
fn wild_accesses_are_guest_faults() {
    for address in [
        "addi t0, zero, -8",
        "lui t0, 0x80000",
        "addi t0, zero, 1\nslli t0, t0, 38",
        "addi t0, zero, 1\nslli t0, t0, 63",
    ] {
        for access in [
            "ld t1, 0(t0)",
            "sd t1, 0(t0)",
            "lb t1, 0(t0)",
            "amoadd.d t1, t1, (t0)",
            "lr.w t1, (t0)",
            "jalr zero, 0(t0)",
            "ld t1, 3(t0)",
            "sw t1, 1(t0)",
        ] {
            let o = run_asm(&format!("{address}\n{access}\naddi a7, zero, 93\necall"));
            assert_eq!(o.exit, Exit::Signal(11), "{address}; {access}");
        }
    }
}

#[test]
fn system_calls_with_wild_pointers_give_efault() {
    // write(1, p, 8), read(0, p, 8), clock_gettime(0, p), openat(AT_FDCWD, p), rt_sigaction(10, p, 0, 8),
    // uname(p)
    for (number, position) in
        [(64, 1), (63, 1), (113, 1), (56, 1), (134, 1), (160, 0), (66, 1), (80, 1), (98, 0)]
    {
        for address in
            ["addi t0, zero, 8", "addi t0, zero, -8", "addi t0, zero, 1\nslli t0, t0, 38\naddi t0, t0, -8"]
        {
            let mut setup =
                String::from("addi a0, zero, 10\naddi a1, zero, 0\naddi a2, zero, 8\naddi a3, zero, 8\n");
            if matches!(number, 64 | 66 | 80) {
                setup.push_str("addi a0, zero, 1\n");
            }
            if matches!(number, 63 | 113) {
                setup.push_str("addi a0, zero, 0\n");
            }
            if number == 134 {
                setup.push_str("addi a2, zero, 0\n");
            }
            let o = run_asm(&format!(
                "{setup}{address}\naddi a{position}, t0, 0\naddi a7, zero, {number}\necall\nsub a0, zero, a0\naddi a7, zero, 93\necall"
            ));
            assert_eq!(o.exit, Exit::Code(14), "call {number} with {address}");
        }
    }
}

#[test]
fn unknown_calls_give_enosys() {
    let o = run_asm("addi a7, zero, 2000\necall\nsub a0, zero, a0\naddi a7, zero, 93\necall");
    assert_eq!(o.exit, Exit::Code(38));
}

/// Calls that cannot reach past the guest whatever their arguments are: memory, signals, information.
const HARMLESS: [u64; 44] = [
    17, 96, 99, 113, 114, 118, 119, 120, 121, 123, 124, 125, 132, 134, 135, 136, 139, 148, 150, 153, 155,
    158, 160, 163, 165, 167, 168, 169, 172, 179, 214, 215, 216, 222, 226, 227, 232, 233, 258, 259, 278, 283,
    293, 435,
];

fn argument() -> impl Strategy<Value = u64> {
    let interesting = prop::sample::select(vec![
        0,
        1,
        2,
        3,
        7,
        8,
        11,
        16,
        33,
        0x22,
        0x32,
        0x100022,
        64,
        4095,
        4096,
        8192,
        0x10000,
        0x20000,
        0x20ff8,
        0x21000,
        1 << 37,
        (1 << 38) - 8192,
        (1 << 38) - 4096,
        1 << 38,
        1 << 40,
        1 << 63,
        u64::MAX - 4095,
        u64::MAX - 7,
        u64::MAX,
    ]);
    prop_oneof![8 => interesting, 1 => any::<u64>(), 1 => 0..100_000u64]
}

/// How many inputs of each kind are tried.
fn cases() -> u32 {
    std::env::var("MJ_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(150)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Any change of the headers gives an error or a program that runs to some end.
    #[test]
    fn changed_headers_never_panic(changes in prop::collection::vec((0usize..0x78, any::<u8>()), 1..6)) {
        let mut file = changed(0, b"\x7f");
        for (at, byte) in changes {
            file[at] = byte;
        }
        let program = write_program(&file);
        if let Ok(mut machine) = Machine::builder(&program.0).deterministic(true).max_instructions(1000).build() {
            machine.run();
        }
    }

    /// The same of a program that asks for an interpreter, which is the changed file itself or a good one.
    #[test]
    fn changed_dynamic_headers_never_panic(
        changes in prop::collection::vec((0usize..0xb0, any::<u8>()), 0..6),
        own in any::<bool>(),
    ) {
        let interpreter = write_program(&changed(0, b"\x7f"));
        let mut file = dynamic(&interpreter.0.display().to_string());
        for (at, byte) in changes {
            file[at] = byte;
        }
        let program = write_program(&file);
        if own {
            let file = dynamic(&program.0.display().to_string());
            std::fs::write(&program.0, file).expect("written");
        }
        if let Ok(mut machine) = Machine::builder(&program.0).deterministic(true).max_instructions(1000).build() {
            machine.run();
        }
    }

    /// Interpreter lines of any form.
    #[test]
    fn scripts_of_any_form_never_panic(line in "#![ /a-z\\t\\x00]{0,40}", rest in ".{0,20}") {
        let script = write_program(format!("{line}\n{rest}").as_bytes());
        prop_assert!(Machine::builder(&script.0).deterministic(true).build().is_err());
    }

    /// System calls with any arguments give a result or end the guest, and leave the host alone.
    #[test]
    fn wild_system_calls_never_panic(
        calls in prop::collection::vec((prop::sample::select(HARMLESS.to_vec()), prop::array::uniform6(argument())), 1..40),
    ) {
        let mut space = AddressSpace::new(Ram::new().expect("host memory"), 1 << 36);
        space.map(Placement::Fixed(0x20000), 8192, READ | WRITE, false, Backing::Anonymous, "").expect("room");
        space.set_brk_start(0x40000);
        let mut hart = Hart::new(space.ram().clone(), Hardware::new(HwParams::default()), Clock::Instret);
        let config = ProcessConfig { deterministic: true, stack_size: 1 << 20, ..ProcessConfig::default() };
        let program = ProgramInfo { exe: "/guest".into(), args: vec!["guest".into()], ..ProgramInfo::default() };
        let mut process = Task::new(space, program, config);
        for (number, args) in calls {
            hart.x[17] = number;
            hart.x[10..16].copy_from_slice(&args);
            hart.x[2] = args[5];
            hart.pc = 0x1000;
            if process.syscall(&mut hart) != Flow::Continue {
                break;
            }
            process.deliver_signals(&mut hart);
            process.fault(&mut hart, Trap::Illegal);
        }
    }

    /// Random instruction words do whatever they do, inside the guest. System calls are left out: they
    /// could do real things.
    #[test]
    fn random_code_stays_inside(words in prop::collection::vec(any::<u32>(), 1..40), way in 0..Way::ALL.len()) {
        let code: Vec<u8> = words.iter().filter(|w| **w != 0x73).flat_map(|w| w.to_le_bytes()).collect();
        let no_calls = code.windows(4).all(|w| w != [0x73, 0, 0, 0]);
        prop_assume!(no_calls);
        let program = write_program(&elf(&code));
        let builder = Machine::builder(&program.0).deterministic(true).max_instructions(10_000).sandbox(Sandbox::new());
        let builder = match Way::ALL[way] {
            Way::Interpreted => builder.mode(Mode::Interpret),
            way => builder.thresholds(way.thresholds()),
        };
        builder.build().expect("a machine").run();
    }
}
