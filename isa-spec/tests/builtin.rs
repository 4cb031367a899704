//! The built-in specification can be read.
use isa_spec::{BUILTIN_FILES, Isa};

#[test]
fn builtin_files_have_no_errors() {
    if let Err(errors) = Isa::from_sources(BUILTIN_FILES) {
        let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
        panic!("{} errors:\n{}", text.len(), text.join("\n"));
    }
}
