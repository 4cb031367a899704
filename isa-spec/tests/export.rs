//! Exports: what a format's own reader would find is what the specification says.

use isa_spec::Isa;
use isa_spec::export::{Selection, c_header, coredsl, decodetree, page, riscv_opcodes, udb};

fn all() -> Selection<'static> {
    Selection::new(Isa::builtin(), &[])
}

/// Fixed bits of `hi..lo=value` and `bit=value` words.
fn fixed(words: &[&str]) -> (u32, u32) {
    let (mut mask, mut bits) = (0, 0);
    for word in words {
        let Some((place, value)) = word.split_once('=') else { continue };
        let value = match value.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).expect("a number"),
            None => value.parse().expect("a number"),
        };
        let (hi, lo) = place.split_once("..").unwrap_or((place, place));
        let (hi, lo): (u32, u32) = (hi.parse().expect("a bit"), lo.parse().expect("a bit"));
        let ones = ((1u64 << (hi - lo + 1)) - 1) as u32;
        assert!(value <= ones && mask & ones << lo == 0, "{word}");
        mask |= ones << lo;
        bits |= value << lo;
    }
    (mask, bits)
}

#[test]
fn riscv_opcodes_lines_have_the_fixed_bits() {
    let isa = Isa::builtin();
    let text = riscv_opcodes::export(&all());
    let mut seen = 0;
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let words = if words[0] == "$pseudo_op" {
            let (_, base) = words[1].split_once("::").expect("a file and an instruction");
            let base = isa.by_name(base).expect("the base is known");
            let special = isa.by_name(words[2]).expect("known");
            assert_eq!(special.bits & base.mask, base.bits, "{line}");
            &words[2..]
        } else {
            &words[..]
        };
        let insn = isa.by_name(words[0]).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(fixed(&words[1..]), (insn.mask, insn.bits), "{line}");
        seen += 1;
    }
    assert_eq!(seen, isa.insns.len());
    for line in
        ["add rs2 rs1 rd", "jal jimm20 rd", "beq bimm12hi bimm12lo rs2 rs1", "sd imm12hi rs2 rs1 imm12lo"]
    {
        let found = text.lines().find(|l| l.starts_with(line));
        assert!(found.is_some(), "{line} is not there");
    }
    assert!(text.contains("$pseudo_op rv_mj::slti mj.obsv imm12 rs1 "));
}

#[test]
fn decodetree_patterns_have_all_bits() {
    let isa = Isa::builtin();
    let text = decodetree::export(&all());
    let mut seen = 0;
    for line in text.lines().map(str::trim) {
        let first = line.split(' ').next().unwrap_or("");
        if first.is_empty() || first.starts_with(['#', '%', '{', '}']) {
            continue;
        }
        let (mut mask, mut bits, mut width) = (0u32, 0u32, 0u32);
        for word in line.split(' ').skip(1).filter(|w| !w.contains('=')) {
            if let Some((_, n)) = word.split_once(':') {
                let n: u32 = n.parse().expect("a width");
                (mask, bits, width) = (mask << n, bits << n, width + n);
                continue;
            }
            for c in word.chars() {
                (mask, bits, width) = (mask << 1, bits << 1, width + 1);
                match c {
                    '0' => mask |= 1,
                    '1' => (mask, bits) = (mask | 1, bits | 1),
                    '.' => {}
                    _ => panic!("{line}"),
                }
            }
        }
        assert_eq!(width, 32, "{line}");
        let known = isa.insns.iter().any(|i| i.len == 4 && (i.mask, i.bits) == (mask, bits));
        assert!(known, "{line}");
        seen += 1;
    }
    assert_eq!(seen, isa.insns.iter().filter(|i| i.len == 4).count());
}

#[test]
fn pages_have_every_instruction_and_close_what_they_open() {
    let isa = Isa::builtin();
    let html = page::html(&all(), "Instructions");
    for insn in &isa.insns {
        assert!(html.contains(&format!("<h3 id=\"{}\">", insn.name)), "{}", insn.name);
    }
    for tag in [
        "table", "tr", "td", "th", "section", "dl", "dd", "dt", "pre", "ul", "li", "p", "h2", "h3", "code",
        "span", "a", "nav",
    ] {
        let open = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(open, html.matches(&format!("</{tag}>")).count(), "<{tag}>");
    }
    // Each diagram covers the whole instruction.
    for row in html
        .lines()
        .filter(|l| l.starts_with("<tr class=\"widths\">") || l.contains("</tr>\n<tr class=\"widths\">"))
    {
        let sum: u32 =
            row.split("colspan=\"").skip(1).filter_map(|c| c.split('"').next()?.parse::<u32>().ok()).sum();
        assert!(sum == 32 || sum == 16, "{row}");
    }
    assert!(html.contains("<dt>Failure</dt>") && html.contains("<dt>In software</dt>"));
    assert!(!html.contains("& ") && html.contains("&amp;"), "text is escaped");
    // Registers are called as the syntax calls them.
    let (_, add) = html.split_once("<h3 id=\"add\">").expect("the section");
    let (add, _) = add.split_once("</section>").expect("its end");
    assert!(
        add.contains("X[rd] = X[rs1] + X[rs2]") && add.contains("7 · OP<") && !add.contains("xs1"),
        "{add}"
    );
    assert!(
        html.contains("<td><code>0x0000000b</code></td><td><code>0x0000707f</code></td><td>custom-0</td>")
    );
    let markdown = page::markdown(&all(), "Instructions");
    assert!(markdown.contains("| 31:25 | 24:20 | 19:15 | 14:12 | 11:7 | 6:0 |"));
}

#[test]
fn documents_and_behaviour() {
    let isa = Isa::builtin();
    let text = udb::export(&all());
    assert_eq!(text.matches("kind: instruction").count(), isa.insns.len());
    assert_eq!(text.matches("kind: csr").count(), isa.csrs.len());
    let text = coredsl::export(&Selection::new(isa, &["Zba".to_string()]));
    assert!(
        text.contains("encoding: 7'b0010000 :: rs2[4:0] :: rs1[4:0] :: 3'b010 :: rd[4:0] :: 7'b0110011;"),
        "{text}"
    );
    let unbalanced = coredsl::export(&all());
    for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
        assert_eq!(unbalanced.matches(open).count(), unbalanced.matches(close).count(), "{open}");
    }
    let header = c_header::export(&Selection::new(isa, &["Xmjguard".to_string()]));
    assert!(header.contains("#define CSR_MJ_GVEC 0x800") && header.contains("#define mj_cld_or(out, "));
}
