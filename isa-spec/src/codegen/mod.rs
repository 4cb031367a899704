//! Code generators: Rust source made from the spec at build time.
