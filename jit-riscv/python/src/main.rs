//! `mj-python`: the guest program that runs a Python file.
//!
//! `mj-python [OPTIONS] FILE ARGUMENTS…` or `mj-python [OPTIONS] -c CODE ARGUMENTS…`; see [`options::USAGE`].
//! The exit status is CPython's: 0, what `sys.exit` says, 1 after an uncaught exception, 2 for a wrong command line.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use jit_riscv::driver::{Jit, phases};
use jit_riscv::heap::phase;
use mj_python::code::Code;
use mj_python::compiler;
use mj_python::runtime::exceptions;
use mj_python::step::{self, Python};
use mj_python::symbols;
use mj_python::vm::Vm;

mod options;

use options::{Options, Program};

// SAFETY: the guest has one thread.
#[cfg(target_arch = "riscv64")]
#[global_allocator]
static ALLOCATOR: jit_riscv::host_alloc::SizeClasses = unsafe { jit_riscv::host_alloc::SizeClasses::new() };

/// Phase mark of everything before the first bytecode.
const START_UP: u32 = 7;

/// Phase mark of what only measurements want: writing the code map.
const REPORT: u32 = 8;

fn main() -> ExitCode {
    phase::mark(START_UP);
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("mj-python: {message}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(status) => ExitCode::from(status),
        Err(message) => {
            eprintln!("mj-python: {message}");
            ExitCode::from(2)
        }
    }
}

/// Runs the program; gives the exit status. Err: what kept it from starting.
fn run(options: Options) -> Result<u8, String> {
    let (source, file, dir) = match &options.program {
        Program::Code(code) => (code.clone(), "<string>".to_string(), Path::new("")),
        Program::File(path) => {
            let bytes = std::fs::read(path).map_err(|e| format!("can't open file '{path}': {e}"))?;
            let source = String::from_utf8(bytes)
                .map_err(|e| format!("{path}: not UTF-8 at byte {}", e.utf8_error().valid_up_to()))?;
            (source, path.clone(), Path::new(path).parent().unwrap_or(Path::new("")))
        }
    };
    let mut vm = Vm::new().map_err(|e| format!("no address space for the heap: {e}"))?;
    vm.nested_call = step::nested_call;
    vm.script_dir = dir.to_path_buf();
    vm.args = options.args;
    if let Program::Code(code) = options.program {
        vm.command = Some(code);
    }
    // SAFETY: the VM is in a box that outlives the JIT.
    let jit = unsafe { Jit::<Python>::new(&mut *vm, options.driver) };
    let mut jit = jit.map_err(|e| format!("no memory for machine code: {e:?}"))?;

    let spec = match compiler::compile(&source, &file) {
        Ok(spec) => spec,
        Err(error) => {
            vm.files.error(&format!("{error}\n"));
            return Ok(1);
        }
    };
    let module = vm.modules.main();
    let global = vm.module_global(module, symbols::FILE);
    let name = vm.str(&file);
    vm.set_global(global, name);
    let code = Code::link(spec, module, &mut *vm);

    phase::mark(phases::INTERPRETER);
    let result = jit.run(code, &[], 0);
    let mut status = match result {
        Ok(_) => 0,
        Err(exception) => exceptions::uncaught(&mut vm, exception),
    };
    if vm.files.flush_all().is_err() && status == 0 {
        status = 120;
    }
    if let Some(path) = options.code_map {
        phase::mark(REPORT);
        let written = std::fs::File::create(&path).and_then(|file| {
            let mut out = std::io::BufWriter::new(file);
            jit.write_code_map(&mut out)?;
            out.flush()
        });
        if let Err(e) = written {
            eprintln!("mj-python: cannot write {path}: {e}");
        }
    }
    // Flushes the trace log. The rest is the kernel's to free: it is quicker.
    drop(jit);
    std::process::exit(status)
}
