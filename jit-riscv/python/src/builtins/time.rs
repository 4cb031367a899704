//! The module `time`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jit_riscv::object::Ref;

use super::{Builtin, b};
use crate::modules::NativeModule;
use crate::runtime::{Res, numbers};
use crate::vm::Vm;

pub static MODULE: NativeModule =
    NativeModule { name: "time", functions: FUNCTIONS, value: |_, _| None, names: &[] };

static FUNCTIONS: &[Builtin] = &[
    b!("time", time, 0),
    b!("time_ns", time_ns, 0),
    b!("perf_counter", perf_counter, 0),
    b!("perf_counter_ns", perf_counter_ns, 0),
    b!("monotonic", perf_counter, 0),
    b!("monotonic_ns", perf_counter_ns, 0),
    b!("process_time", process_time, 0),
    b!("process_time_ns", process_time_ns, 0),
    b!("thread_time", process_time, 0),
    b!("sleep", sleep, 1),
];

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn time(vm: &mut Vm) -> Res<Ref> {
    Ok(vm.float(since_epoch().as_secs_f64()))
}

fn time_ns(vm: &mut Vm) -> Res<Ref> {
    Ok(vm.int(since_epoch().as_nanos() as i64))
}

fn perf_counter(vm: &mut Vm) -> Res<Ref> {
    let t = vm.started.elapsed().as_secs_f64();
    Ok(vm.float(t))
}

fn perf_counter_ns(vm: &mut Vm) -> Res<Ref> {
    let t = vm.started.elapsed().as_nanos() as i64;
    Ok(vm.int(t))
}

/// CPU time of the process.
fn cpu() -> Duration {
    let mut spec = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the structure is the one of the C library on 64-bit Linux.
    unsafe { clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mut spec) };
    Duration::new(spec.seconds.max(0) as u64, spec.nanoseconds.clamp(0, 999_999_999) as u32)
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;

unsafe extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

fn process_time(vm: &mut Vm) -> Res<Ref> {
    Ok(vm.float(cpu().as_secs_f64()))
}

fn process_time_ns(vm: &mut Vm) -> Res<Ref> {
    Ok(vm.int(cpu().as_nanos() as i64))
}

fn sleep(vm: &mut Vm, seconds: Ref) -> Res<Ref> {
    let seconds = numbers::to_float(vm, seconds)?;
    if seconds < 0.0 || seconds.is_nan() {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) => std::thread::sleep(time),
        Err(_) => return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t")),
    }
    Ok(vm.none)
}
