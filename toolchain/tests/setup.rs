//! `mj setup` where it cannot work: plain words, and nothing touched. The installation itself needs a network
//! and is tested by its own self-test whenever it runs.

mod common;

use common::{mj, scratch, stderr, stdout};

#[test]
fn missing_tools_are_named() {
    let dir = scratch("setup-tools");
    let empty = dir.join("empty");
    std::fs::create_dir_all(&empty).expect("a writable scratch directory");
    let prefix = dir.join("prefix");
    let _ = std::fs::remove_dir_all(&prefix);
    let out =
        mj().env("PATH", &empty).env("MJ_GUEST_RUST", &prefix).arg("setup").output().expect("mj starts");
    assert_eq!(out.status.code(), Some(1), "{}", stdout(&out));
    let said = stderr(&out);
    assert!(said.contains("apt-get") && said.contains("dpkg-deb") && said.contains("rustup"), "{said}");
    let out = mj()
        .env("PATH", &empty)
        .env("MJ_GUEST_RUST", &prefix)
        .args(["setup", "--check"])
        .output()
        .expect("mj starts");
    assert_eq!(out.status.code(), Some(1));
    assert!(stdout(&out).contains("mj setup"), "{}", stdout(&out));
}

#[test]
fn a_directory_of_others_is_left_alone() {
    let dir = scratch("setup-occupied");
    let prefix = dir.join("prefix");
    std::fs::create_dir_all(&prefix).expect("a writable scratch directory");
    std::fs::write(prefix.join("precious"), "x").expect("a writable scratch directory");
    let out = mj().env("PATH", &dir).env("MJ_GUEST_RUST", &prefix).arg("setup").output().expect("mj starts");
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("holds something else"), "{}", stderr(&out));
    assert_eq!(std::fs::read_dir(&prefix).expect("the directory").count(), 1);
}
