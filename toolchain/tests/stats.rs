//! Counts by function and block, and `mj stats diff`.

mod common;

use std::path::{Path, PathBuf};

use common::{mj, scratch, stderr, stdout};
use serde_json::Value;

/// Calls `inner` 500 times; `step` instructions of it are additions.
fn program(dir: &Path, name: &str, additions: usize) -> PathBuf {
    let body = "        addi a0, a0, 1\n".repeat(additions);
    let text = format!(
        "
        .globl _start, inner, finish
        .type _start, @function
_start: li   s0, 500
loop:   call inner
        addi s0, s0, -1
        bnez s0, loop
        j    finish
        .size _start, . - _start
        .type inner, @function
inner:
{body}        ret
        .size inner, . - inner
        .type finish, @function
finish: li   a0, 0
        li   a7, 93
        ecall
        .size finish, . - finish
"
    );
    let (source, program) = (dir.join(format!("{name}.s")), dir.join(name));
    std::fs::write(&source, text).expect("written");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    program
}

fn report(dir: &Path, program: &Path, engine: &str) -> (PathBuf, Value) {
    let name = program.file_name().expect("a name").to_str().expect("text");
    let file = dir.join(format!("{name}-{engine}.json"));
    let out = mj()
        .args(["run", "--deterministic", "--stats=json", "--engine", engine, "--stats-file"])
        .arg(&file)
        .arg(program)
        .output()
        .expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let text = std::fs::read_to_string(&file).expect("a report");
    (file, serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn functions_and_blocks_are_counted_alike_by_both_engines() {
    let dir = scratch("stats-functions");
    let program = program(&dir, "prog", 4);
    let (_, one) = report(&dir, &program, "translate");
    let (_, two) = report(&dir, &program, "interpret");
    for key in ["functions", "hot_blocks", "by_mnemonic"] {
        assert_eq!(one[key], two[key], "{key}");
    }
    let functions = one["functions"].as_array().expect("a list");
    let found: Vec<(&str, &str, u64)> = functions
        .iter()
        .map(|f| {
            let text = |key: &str| f[key].as_str().expect("text");
            (text("name"), text("object"), f["instructions"].as_u64().expect("a number"))
        })
        .collect();
    assert_eq!(found[0], ("inner", "prog", 2500));
    assert_eq!(found[1].0, "_start");
    assert_eq!(found[2], ("finish", "prog", 3));
    assert_eq!(found.iter().map(|f| f.2).sum::<u64>(), one["instructions"].as_u64().expect("a number"));
    let block = &one["hot_blocks"][0];
    assert_eq!((block["symbol"].as_str(), block["executions"].as_u64()), (Some("inner"), Some(500)));
    let code: Vec<&str> =
        block["code"].as_array().expect("a list").iter().filter_map(|l| l["text"].as_str()).collect();
    assert_eq!(code, ["addi a0,a0,1", "addi a0,a0,1", "addi a0,a0,1", "addi a0,a0,1", "ret"]);
    let text = mj().args(["run", "--stats"]).arg(&program).output().expect("started");
    let text = stderr(&text);
    assert!(text.contains("by function") && text.contains("inner (prog)"), "{text}");
    assert!(text.contains("<inner>: 500 times"), "{text}");
}

#[test]
fn reports_are_compared() {
    let dir = scratch("stats-diff");
    let (a, _) = report(&dir, &program(&dir, "three", 3), "translate");
    let (b, _) = report(&dir, &program(&dir, "five", 5), "translate");
    let out = mj().args(["stats", "diff"]).arg(&a).arg(&b).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let text = stdout(&out);
    let line = |name: &str| {
        let found = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name} in\n{text}"));
        found.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("instructions")[3], "+1000");
    let out = mj().args(["stats", "diff", "--json", "--top", "1"]).arg(&a).arg(&b).output().expect("started");
    let json: Value = serde_json::from_str(&stdout(&out)).expect("JSON");
    assert_eq!(json["schema"], "mj-stats-diff/1");
    let sections = json["sections"].as_array().expect("a list");
    let class = sections.iter().find(|s| s["title"] == "class").expect("by class");
    assert_eq!(
        (class["rows"][0]["name"].as_str(), class["rows"][0]["difference"].as_i64()),
        (Some("alu"), Some(1000))
    );
    // Equal reports differ in nothing but show the totals.
    let out = mj().args(["stats", "diff"]).arg(&a).arg(&a).output().expect("started");
    assert!(stdout(&out).contains("+0.00 %") && !stdout(&out).contains("mnemonic"), "{}", stdout(&out));
}

#[test]
fn files_that_are_no_reports_are_refused_by_name() {
    let dir = scratch("stats-refused");
    let (none, old) = (dir.join("none.json"), dir.join("old.json"));
    let (good, value) = report(&dir, &program(&dir, "prog", 1), "translate");
    std::fs::write(&none, "{}").expect("written");
    let mut value = value;
    value["schema"] = "mj-stats/99".into();
    std::fs::write(&old, value.to_string()).expect("written");
    for (file, why) in
        [(&none, "is no report"), (&old, "its layout is mj-stats/99"), (&dir.join("absent"), "cannot read")]
    {
        let out = mj().args(["stats", "diff"]).arg(&good).arg(file).output().expect("started");
        let text = stderr(&out);
        assert_eq!(out.status.code(), Some(1));
        assert!(text.contains(why) && text.contains(&*file.display().to_string()), "{text}");
    }
}
