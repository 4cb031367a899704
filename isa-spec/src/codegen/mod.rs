//! Code generators: Rust source made from the spec at build time.
//!
//! * [`interpreter`] — decoder, per-instruction tables and functions for the emulator. What the generated code
//!   asks of a machine is the trait `Machine` of the emulator's `interp` module, into which it is included; the
//!   names that it uses from there are `Machine`, `Leave`, `Amo`, `fp` (with `fp::fast`), `rounding_mode` and
//!   `guard_failed`.
//! * [`mod@encoders`] — one `const fn` for each instruction, for a JIT back end.
//!
//! A `build.rs` writes the text to `OUT_DIR` and the crate `include!`s it. The text is never edited.

mod body;
mod encoders;
mod interp;

pub use encoders::encoders;
pub use interp::interpreter;

/// A mnemonic as a Rust identifier: dots become underscores, keywords get a trailing one.
pub(crate) fn ident(mnemonic: &str) -> String {
    let name = mnemonic.replace('.', "_");
    let keyword = matches!(
        name.as_str(),
        "as" | "break"
            | "const"
            | "continue"
            | "crate"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "async"
            | "await"
            | "dyn"
            | "abstract"
            | "become"
            | "box"
            | "do"
            | "final"
            | "macro"
            | "override"
            | "priv"
            | "typeof"
            | "unsized"
            | "virtual"
            | "yield"
            | "try"
            | "gen"
    );
    if keyword { name + "_" } else { name }
}
