//! Python on the meta-tracing framework `jit-riscv`.
//!
//! | module | what |
//! |---|---|
//! | [`bytecode`], [`code`] | what Python source is compiled to |
//! | [`objects`], [`access`] | memory layout of Python objects, and access to it |
//! | [`symbols`], [`types`], [`shapes`], [`modules`] | interned names, classes, instance shapes, modules |
//! | [`vm`] | the state outside the heap |
//! | [`runtime`] | what operators and statements do, as functions that traces can call |
//! | [`builtins`] | built-in functions, methods and modules |

pub mod access;
pub mod builtins;
pub mod bytecode;
pub mod code;
pub mod compiler;
pub mod modules;
pub mod objects;
pub mod runtime;
pub mod shapes;
pub mod step;
pub mod symbols;
pub mod types;
pub mod vm;
