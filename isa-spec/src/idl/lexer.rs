//! Tokens of the IDL with their places in the body.

/// Offset of a token in the body: 0-based line and column (characters), and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub line: usize,
    pub col: usize,
    pub len: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tok {
    /// Name, with `$` if it has one; `A::B` is one name.
    Name(String),
    /// Value and, for `N'…` literals, the width.
    Int(u128, Option<u8>),
    /// Operator or punctuation.
    Op(&'static str),
    End,
}

impl Tok {
    pub fn describe(&self) -> String {
        match self {
            Tok::Name(n) => format!("`{n}`"),
            Tok::Int(v, None) => format!("`{v}`"),
            Tok::Int(v, Some(w)) => format!("`{w}'h{v:x}`"),
            Tok::Op(op) => format!("`{op}`"),
            Tok::End => "the end of the body".to_string(),
        }
    }
}

/// Longest first, so that a prefix never wins.
const OPS: [&str; 34] = [
    ">>>", "<<", ">>", "==", "!=", "<=", ">=", "&&", "||", "`*", "+", "-", "*", "/", "%", "&", "|", "^", "~",
    "!", "<", ">", "=", "?", ":", ";", ",", "(", ")", "[", "]", "{", "}", ".",
];

/// A lexical error: where and why.
pub type LexError = (Span, String);

/// Splits a body into tokens; the last one is [`Tok::End`].
pub fn lex(body: &str) -> Result<Vec<(Tok, Span)>, LexError> {
    let mut out = Vec::new();
    let mut last = Span::default();
    for (line, text) in body.lines().enumerate() {
        let chars: Vec<char> = text.chars().collect();
        let mut col = 0;
        while col < chars.len() {
            let c = chars[col];
            if c.is_whitespace() {
                col += 1;
                continue;
            }
            if c == '#' || (c == '/' && chars.get(col + 1) == Some(&'/')) {
                break;
            }
            let (tok, len) = if c.is_ascii_digit() {
                number(&chars[col..]).map_err(|(len, m)| (Span { line, col, len }, m))?
            } else if c.is_ascii_alphabetic() || c == '_' || c == '$' {
                name(&chars[col..])
            } else {
                let op =
                    OPS.iter().find(|op| op.chars().enumerate().all(|(i, o)| chars.get(col + i) == Some(&o)));
                match op {
                    Some(op) => (Tok::Op(op), op.len()),
                    None => {
                        return Err((Span { line, col, len: 1 }, format!("unexpected character `{c}`")));
                    }
                }
            };
            last = Span { line, col, len };
            out.push((tok, last));
            col += len;
        }
    }
    out.push((Tok::End, Span { line: last.line, col: last.col + last.len, len: 1 }));
    Ok(out)
}

fn name(chars: &[char]) -> (Tok, usize) {
    let word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let mut len = 1 + chars[1..].iter().take_while(|c| word(c)).count();
    if chars.get(len) == Some(&':') && chars.get(len + 1) == Some(&':') {
        len += 2 + chars[len + 2..].iter().take_while(|c| word(c)).count();
    }
    (Tok::Name(chars[..len].iter().collect()), len)
}

fn number(chars: &[char]) -> Result<(Tok, usize), (usize, String)> {
    let run =
        |from: usize| chars[from..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').count();
    let len = run(0);
    let text = |from: usize, len: usize| -> String {
        chars[from..from + len].iter().filter(|c| **c != '_').collect()
    };
    let bad = |len: usize, what: &str| (len, format!("`{}` is not {what}", text(0, len)));
    if chars.get(len) != Some(&'\'') {
        let digits = text(0, len);
        let value = match digits.strip_prefix("0x") {
            Some(hex) => u128::from_str_radix(hex, 16),
            None => digits.parse(),
        };
        return match value {
            Ok(v) => Ok((Tok::Int(v, None), len)),
            Err(e) if *e.kind() == std::num::IntErrorKind::PosOverflow => {
                Err(bad(len, "a number of at most 128 bits"))
            }
            Err(_) => Err(bad(len, "a number")),
        };
    }
    let width: u8 = match text(0, len).parse() {
        Ok(w) if (1..=128).contains(&w) => w,
        _ => return Err(bad(len, "a literal width, expected 1..=128")),
    };
    let total = len + 1 + run(len + 1);
    let (radix, skip) = match chars.get(len + 1) {
        Some('h') => (16, 1),
        Some('b') => (2, 1),
        Some('d') => (10, 1),
        _ => (10, 0),
    };
    let start = len + 1 + skip;
    match u128::from_str_radix(&text(start, total.saturating_sub(start)), radix) {
        Ok(v) if width == 128 || v >> width == 0 => Ok((Tok::Int(v, Some(width)), total)),
        Ok(_) => Err(bad(total, &format!("a value that fits {width} bits"))),
        Err(_) => Err(bad(total, "a number")),
    }
}
