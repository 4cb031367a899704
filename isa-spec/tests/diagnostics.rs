//! Broken specifications: each gets one message with the place, the text and what was expected; none panics.

use isa_spec::Isa;

const GOOD: &str = "\
kind: instruction
name: my.add
long_name: Add
description: Adds.
definedBy: Xmy
assembly: xd, xs1, xs2
encoding:
  match: 0000000----------000-----1111011
  variables:
    - name: xs2
      location: 24-20
    - name: xs1
      location: 19-15
    - name: xd
      location: 11-7
custom_class: alu
operation(): |
  XReg sum = X[xs1] + X[xs2];
  X[xd] = sum;
";

/// The first message for `GOOD` with a replacement made.
fn message(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from:?} is not in the sample");
    let text = GOOD.replacen(from, to, 1);
    match Isa::from_sources(&[("my.yaml", &text)]) {
        Ok(_) => panic!("no error for {from:?} -> {to:?}"),
        Err(errors) => errors[0].to_string(),
    }
}

/// The form of newer documents of the UDB.
#[test]
fn an_extension_may_be_named_in_a_mapping() {
    let text = GOOD.replace("definedBy: Xmy", "definedBy:\n  extension:\n    name: Xmy");
    let isa = Isa::from_sources(&[("my.yaml", &text)]).unwrap_or_else(|e| panic!("{}", e[0]));
    assert_eq!(isa.insns[0].extension, "Xmy");
}

#[test]
fn the_sample_is_good() {
    let isa = Isa::from_sources(&[("my.yaml", GOOD)]).unwrap_or_else(|e| panic!("{}", e[0]));
    assert_eq!(isa.disassemble(0x00b5_057b, 0).unwrap().to_string(), "my.add\ta0,a0,a1");
}

/// Place of the message (`line:col`, or `line:` where the column does not matter), and a part of it.
#[track_caller]
fn expect(from: &str, to: &str, place: &str, part: &str) {
    let text = message(from, to);
    let end = if place.ends_with(':') { "" } else { ": error: " };
    let head = format!("my.yaml:{place}{end}");
    assert!(text.starts_with(&head), "expected {head:?} in:\n{text}");
    assert!(text.contains(part), "expected {part:?} in:\n{text}");
}

#[test]
fn yaml_errors_have_places() {
    expect("name: my.add", "name: [my.add", "3:", "not valid YAML");
    expect("name: my.add", "name: &x my.add", "2:", "anchors");
    expect("name: my.add", "name: !t my.add", "2:", "tags");
    expect("name: my.add", "kind: my.add", "2:1", "`kind` is given twice");
    expect("name: my.add", "nmae: my.add", "2:1", "unknown key `nmae`; did you mean `name`?");
    expect("long_name: Add\n", "", "1:1", "key `long_name` is missing");
    expect("kind: instruction", "kind: insn", "1:7", "expected `instruction` or `csr`, found `insn`");
    expect("custom_class: alu", "custom_class: fast", "16:15", "found `fast`");
    expect("name: my.add", "name: [a]", "2:7", "expected text, found a list");
}

#[test]
fn encoding_errors_have_places() {
    expect("match: 0000000", "match: 000000", "8:10", "expected 16 or 32 characters, found 31");
    expect("match: 0000000", "match: 00x0000", "8:12", "expected 0, 1 or -, found `x`");
    expect("1111011", "1111000", "8:10", "end in 11");
    expect("match: 0000000", "match: -000000", "8:10", "bit 31 is `-` but belongs to no variable");
    expect("location: 24-20", "location: 24-21", "11:17", "has 5 bits, or 3");
    expect("location: 24-20", "location: 29-25", "11:17", "is fixed by `match`");
    expect("location: 24-20", "location: 20-24", "11:17", "found `20-24`");
    expect("location: 24-20", "location: 24-32", "11:17", "expected bits such as");
    expect("- name: xs2", "- name: xs1", "12:", "`xs1` is given twice");
    expect("assembly: xd, xs1, xs2", "assembly: xd, xs1", "6:11", "`xs2` is not shown");
    expect("assembly: xd, xs1, xs2", "assembly: xd, xs1, foo", "6:11", "found `foo`");
}

/// Numbers have one sign, in front, and 64 bits.
#[test]
fn numbers() {
    let with = |value: &str| {
        let value = if value.starts_with('[') { value.to_string() } else { format!("\"{value}\"") };
        let to = format!("location: 24-20\n      not: {value}");
        let text = GOOD.replacen("location: 24-20", &to, 1);
        Isa::from_sources(&[("my.yaml", &text)]).map(|isa| isa.insns[0].fields[0].not.clone())
    };
    assert_eq!(with("[3, 0x1f, -0, 007]").ok(), Some(vec![3, 31, 0, 7]));
    for outside in ["-5", "-0x10", "-9223372036854775808", "9223372036854775807", "32"] {
        let errors = with(outside).expect_err(outside);
        assert!(errors[0].message.contains("is out of range, expected 0..=31"), "{outside}: {}", errors[0]);
    }
    for wrong in [
        "0x",
        "-",
        "--1",
        "-0x-8000000000000000",
        "0x+5",
        "+5",
        "9223372036854775808",
        "1e3",
        "0b11",
        "1_000",
    ] {
        let errors = with(wrong).expect_err(wrong);
        assert!(errors[0].message.contains("expected a number"), "{wrong}: {}", errors[0]);
    }
}

#[test]
fn overlapping_encodings_are_refused() {
    let twin = GOOD.replace("my.add", "my.sub");
    let text = format!("{GOOD}---\n{twin}");
    let errors = Isa::from_sources(&[("my.yaml", &text)]).unwrap_err();
    assert!(errors[0].message.contains("overlaps that of `my.add` (my.yaml:1)"), "{}", errors[0]);
    let text = format!("{GOOD}---\n{GOOD}");
    let errors = Isa::from_sources(&[("my.yaml", &text)]).unwrap_err();
    assert!(errors[0].message.contains("already defined at my.yaml:1"), "{}", errors[0]);
}

#[test]
fn operation_errors_have_places() {
    let sum = "XReg sum = X[xs1] + X[xs2];";
    expect(sum, "XReg sum = X[xs1] + ;", "18:23", "expected an expression, found `;`");
    expect(sum, "XReg sum = X[xs1] + y;", "18:23", "`y` is neither a variable nor a field");
    expect(sum, "XReg sum = f[xs1];", "18:16", "`xs1` is not a register of f[]");
    expect(sum, "XReg sum = X[xs4];", "18:16", "`xs4` is not a register field");
    expect(sum, "XReg sum = X[xs1] @ 1;", "18:21", "unexpected character `@`");
    expect(sum, "Bits<32> sum = X[xs1];", "18:18", "Bits<64> does not fit Bits<32>; take a slice");
    expect(sum, "Bits<300> sum = X[xs1];", "18:8", "a width");
    expect(sum, "XReg sum = X[xs1][64:1];", "18:20", "bits 64:1 are not in Bits<64>");
    expect(sum, "XReg sum = 2'd7 + X[xs1];", "18:14", "fits 2 bits");
    expect(sum, "XReg sum = X[xs1] ? X[xs1] : X[xs2];", "18:14", "expected a Boolean, found Bits<64>");
    expect(sum, "XReg sum = read_memory<64>(X[xs1]);", "18:14", "expected 2 arguments, found 1");
    expect(
        sum,
        "XReg sum = read_memory<63>(X[xs1], $encoding);",
        "18:14",
        "`read_memory<63>` is not a function",
    );
    expect(sum, "XReg sum = f64_add(X[xs1], X[xs2]);", "18:14", "takes 3 arguments, found 2");
    expect(sum, "XReg xd = X[xs1];", "18:8", "`xd` is already declared");
    expect(sum, "XReg sum = X[xs1] << 64;", "18:24", "shift of Bits<64> by 64");
    expect(sum, "Boolean sum = X[xs1] == 1;", "19:11", "expected Bits<64>, found a Boolean");
    expect("X[xd] = sum;", "X[xd] = sum", "19:14", "expected `;`, found the end of the body");
    expect("X[xd] = sum;", "if (sum == 0) { X[xd] = sum;", "19:31", "expected `}`");
    expect("X[xd] = sum;", "f64_add(sum, sum, 3'd0);", "19:3", "is not used");
}

#[test]
fn no_trap_after_a_register_was_written() {
    let load = "X[xd] = sum;\n  X[xd] = read_memory<64>(sum, $encoding);";
    expect("X[xd] = sum;", load, "20:11", "this may trap, but a register was already written");
    let guard = "X[xd] = sum;\n  guard_fail(sum);";
    expect("X[xd] = sum;", guard, "20:3", "this may trap");
}

#[test]
fn messages_show_the_line() {
    let text = message("XReg sum = X[xs1] + X[xs2];", "XReg sum = X[xs1] + yy;");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[1], "      XReg sum = X[xs1] + yy;");
    assert_eq!(lines[2], "                          ^^");
}

/// Damage of every kind at every place: an error or not, but no panic.
#[test]
fn damaged_files_do_not_panic() {
    let mut checked = 0;
    for at in 0..GOOD.len() {
        let cut = &GOOD[..at];
        let _ = Isa::from_sources(&[("cut.yaml", cut)]);
        for junk in ["\u{0}", "{", "[", "\"", ":", "-", "$", "9", "'", "é", "\t", "\n", "|", "(((((((("] {
            let text = format!("{cut}{junk}{}", &GOOD[at + 1..]);
            let _ = Isa::from_sources(&[("junk.yaml", &text)]);
            checked += 1;
        }
    }
    assert!(checked > 5_000);
    for deep in ["(", "~", "!", "-", "{", "X[", "1 ? "] {
        let body = format!("X[xd] = {};", deep.repeat(20_000));
        let _ = Isa::from_sources(&[("deep.yaml", &GOOD.replace("X[xd] = sum;", &body))]);
    }
    for long in [" + sum", " ? sum : sum", "[0]"] {
        let body = format!("XReg sum = X[xs1];\n  X[xd] = sum{};", long.repeat(400));
        assert!(Isa::from_sources(&[("long.yaml", &GOOD.replace("X[xd] = sum;", &body))]).is_err());
    }
    for deep in ["[", "{a: ", "- "] {
        let _ = Isa::from_sources(&[("deep.yaml", &deep.repeat(5_000))]);
    }
}
