//! Python on the meta-tracing framework `jit-riscv`.
//!
//! | module | what |
//! |---|---|
//! | [`objects`] | memory layout of Python objects |

pub mod objects;
