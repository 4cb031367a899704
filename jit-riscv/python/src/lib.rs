//! Python on the meta-tracing framework `jit-riscv`.
//!
//! | module | what |
//! |---|---|
//! | [`bytecode`] | what Python source is compiled to |
//! | [`code`] | code objects |
//! | [`objects`] | memory layout of Python objects |

pub mod bytecode;
pub mod code;
pub mod objects;
