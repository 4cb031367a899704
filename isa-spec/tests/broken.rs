//! Each file of `tests/broken` beside what `mj spec check` says about it, `NAME.expected`.
//!
//! `MJ_WRITE_EXPECTED=1` in the environment writes what is said now; read the difference before you keep it.

use isa_spec::Isa;
use std::path::Path;

#[test]
fn every_broken_file_has_its_message() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .expect("the folder is there")
        .flatten()
        .filter_map(|e| e.file_name().to_string_lossy().strip_suffix(".yaml").map(str::to_string))
        .collect();
    names.sort();
    assert!(names.len() >= 30, "only {} files", names.len());
    let mut wrong = Vec::new();
    for name in names {
        let text = std::fs::read_to_string(dir.join(format!("{name}.yaml"))).expect("readable");
        let file = format!("{name}.yaml");
        let said = match Isa::builtin().extended(&[(&file, &text)]) {
            Ok(_) => "nothing\n".to_string(),
            Err(errors) => errors.iter().map(|e| format!("{e}\n")).collect(),
        };
        let expected = dir.join(format!("{name}.expected"));
        if std::env::var_os("MJ_WRITE_EXPECTED").is_some() {
            std::fs::write(&expected, &said).expect("writable");
        }
        if std::fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(said);
        }
    }
    assert!(wrong.is_empty(), "not as expected:\n{}", wrong.join("\n"));
}

#[test]
fn the_examples_are_right() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(&dir).expect("the folder is there").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("readable");
        assert!(text.lines().count() <= 25, "{:?} is long for an example", entry.path());
        if let Err(errors) = Isa::builtin().extended(&[("example.yaml", &text)]) {
            panic!("{:?}: {}", entry.path(), errors[0]);
        }
    }
}
