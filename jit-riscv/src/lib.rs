//! A meta-tracing JIT framework for RV64 Linux, and its back end.
//!
//! A language is written **once**, as a function `step<D: Domain>(d, op)` over the typed operations of [`domain::Domain`].
//! The framework instantiates it three times: [`Concrete`](domain::concrete) is the interpreter, [`Trace`](domain::trace)
//! executes and records the IR of [`ir`], [`Replay`](domain::replay) finishes a bytecode after a guard failed.
//!
//! | module | what |
//! |---|---|
//! | [`object`] | references, class words, field, array and call descriptors |
//! | [`heap`] | allocation and garbage collection |
//! | [`host_alloc`] | the allocator for the framework's own data |
//! | [`host_copy`] | `memcpy` for it |
//! | [`thread`] | the state that machine code, interpreter and runtime share |
//! | [`frame`] | guest frames in memory |
//! | [`language`] | what a language provides |
//! | [`domain`] | the operations a language is written in, and the three domains |
//! | [`ir`] | the trace IR and its textual form |
//! | [`opt`] | the optimiser |
//! | [`backend`] | register allocation and RV64GC code in three guard styles |
//! | [`driver`] | the loop that interprets, counts, traces, enters machine code and deoptimises |

pub mod backend;
pub mod domain;
pub mod driver;
pub mod frame;
pub mod heap;
pub mod host_alloc;
pub mod host_copy;
pub mod ir;
pub mod language;
pub mod object;
pub mod opt;
pub mod thread;
