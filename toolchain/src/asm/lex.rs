//! The assembler's lexer: files to statements, statements to tokens (GNU syntax for RISC-V).

use super::diag::{Fault, Parsed};

/// A token and its 0-based byte column in the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub tok: Tok,
    pub col: usize,
    /// Byte column just past the token.
    pub end: usize,
}

/// Token kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum Tok {
    /// Symbol, mnemonic, register or directive name.
    Ident(String),
    /// Integer or character constant, wrapped to 64 bits.
    Int(i64),
    /// Reference to a numeric label: number, and whether it is a forward one (`1f`).
    Local(u64, bool),
    /// String constant, escapes resolved.
    Str(Vec<u8>),
    /// Integer beyond 64 bits, only met in `.octa` and `.file`.
    Wide(u128),
    /// Floating-point constant as written, only met in `.float` and `.double`.
    Float(String),
    /// Operator or punctuation.
    Punct(&'static str),
}

/// A statement: its 1-based line, its 0-based column there, its text.
pub type Statement = (u32, u32, String);

/// Splits a file's text into statements.
/// Comments (`#`, `//`, `/* */`) are removed; `;` separates statements.
pub fn statements(text: &str) -> Result<Vec<Statement>, (u32, Fault)> {
    let mut out = Vec::new();
    let mut in_comment: Option<(u32, usize)> = None;
    for (index, raw) in text.lines().enumerate() {
        let number = index as u32 + 1;
        let mut current = String::new();
        let mut start = 0usize;
        let mut quote = false;
        let mut chars = raw.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|&(_, n)| n);
            if in_comment.is_some() {
                if c == '*' && next == Some('/') {
                    chars.next();
                    in_comment = None;
                    current.push_str("  ");
                } else {
                    current.push(' ');
                }
                continue;
            }
            if quote {
                current.push(c);
                if c == '\\' {
                    if let Some((_, escaped)) = chars.next() {
                        current.push(escaped);
                    }
                } else if c == '"' {
                    quote = false;
                }
                continue;
            }
            match c {
                '"' => {
                    quote = true;
                    current.push(c);
                }
                '\'' => {
                    // A character constant: 'c or 'c', with escapes; it may be any of the signs below.
                    current.push(c);
                    if let Some((_, inner)) = chars.next() {
                        current.push(inner);
                        if inner == '\\'
                            && let Some((_, escaped)) = chars.next()
                        {
                            current.push(escaped);
                        }
                    }
                }
                '#' => break,
                '/' if next == Some('/') => break,
                '/' if next == Some('*') => {
                    chars.next();
                    in_comment = Some((number, at));
                    current.push_str("  ");
                }
                ';' => {
                    push(&mut out, number, start, &mut current);
                    start = at + 1;
                }
                _ => current.push(c),
            }
        }
        push(&mut out, number, start, &mut current);
    }
    if let Some((line, col)) = in_comment {
        return Err((line, Fault::new(col, "comment is not closed")));
    }
    Ok(out)
}

fn push(out: &mut Vec<Statement>, number: u32, start: usize, current: &mut String) {
    if !current.trim().is_empty() {
        out.push((number, start as u32, std::mem::take(current)));
    }
    current.clear();
}

/// Whether `c` may begin a symbol.
pub fn is_symbol_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '.' | '$')
}

/// Whether `c` may continue a symbol.
pub fn is_symbol(c: char) -> bool {
    is_symbol_start(c) || c.is_ascii_digit()
}

const PUNCT2: [&str; 8] = ["<<", ">>", "==", "!=", "<>", "<=", ">=", "&&"];
const PUNCT1: [&str; 22] = [
    "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "(", ")", "[", "]", ",", ":", "=", "@", "{",
    "}",
];

/// Tokenises one statement.
pub fn tokens(text: &str) -> Parsed<Vec<Token>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (tok, len) = if is_symbol_start(c) {
            let len = rest.find(|c| !is_symbol(c)).unwrap_or(rest.len());
            (Tok::Ident(rest[..len].to_string()), len)
        } else if c.is_ascii_digit() {
            number(rest, at)?
        } else if c == '"' {
            string(rest, at)?
        } else if c == '\'' {
            character(rest, at)?
        } else if rest.starts_with("||") {
            (Tok::Punct("||"), 2)
        } else if let Some(p) = PUNCT2.iter().find(|p| rest.starts_with(**p)) {
            (Tok::Punct(p), 2)
        } else if let Some(p) = PUNCT1.iter().find(|p| rest.starts_with(**p)) {
            (Tok::Punct(p), 1)
        } else {
            return Err(Fault::new(at, format!("unexpected character `{c}`")));
        };
        out.push(Token { tok, col: at, end: at + len });
        at += len;
    }
    Ok(out)
}

fn number(rest: &str, at: usize) -> Parsed<(Tok, usize)> {
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let word = &rest[..len];
    let digits = word.trim_end_matches(['b', 'f']);
    // `1b` and `1f` are label references, `0b101` and `0x1f` are not.
    if digits.len() + 1 == word.len()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && let Ok(n) = digits.parse()
    {
        return Ok((Tok::Local(n, word.ends_with('f')), len));
    }
    let lower = word.to_ascii_lowercase();
    let is_hex = lower.starts_with("0x");
    if !is_hex && let Some((value, used)) = float(rest) {
        return Ok((Tok::Float(value), used));
    }
    let (digits, radix) = if is_hex {
        (&lower[2..], 16)
    } else if let Some(d) = lower.strip_prefix("0b") {
        (d, 2)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (&lower[1..], 8)
    } else {
        (&lower[..], 10)
    };
    match u64::from_str_radix(digits, radix) {
        Ok(n) => Ok((Tok::Int(n as i64), len)),
        Err(_) if let Ok(n) = u128::from_str_radix(digits, radix) => Ok((Tok::Wide(n), len)),
        Err(e) if *e.kind() == std::num::IntErrorKind::PosOverflow => {
            Err(Fault::new(at, format!("`{word}` does not fit in 64 bits")))
        }
        Err(_) => Err(Fault::new(at, format!("`{word}` is not a number"))),
    }
}

/// A decimal floating-point constant with a point or an exponent, and its length.
fn float(rest: &str) -> Option<(String, usize)> {
    let bytes = rest.as_bytes();
    let mut len = 0;
    let mut real = false;
    while len < bytes.len() {
        match bytes[len] {
            b'0'..=b'9' => {}
            b'.' => real = true,
            b'e' | b'E' => {
                real = true;
                if matches!(bytes.get(len + 1), Some(b'+' | b'-')) {
                    len += 1;
                }
            }
            _ => break,
        }
        len += 1;
    }
    if !real {
        return None;
    }
    let text = &rest[..len];
    text.parse::<f64>().ok().map(|_| (text.to_string(), len))
}

fn string(rest: &str, at: usize) -> Parsed<(Tok, usize)> {
    let mut out = Vec::new();
    let mut pos = 1;
    loop {
        match rest[pos..].chars().next() {
            None => return Err(Fault::new(at, "string is not closed")),
            Some('"') => return Ok((Tok::Str(out), pos + 1)),
            Some('\\') => {
                let (byte, len) = escape(&rest[pos..], at + pos)?;
                out.push(byte);
                pos += len;
            }
            Some(c) => {
                let mut buf = [0; 4];
                out.extend_from_slice(c.encode_utf8(&mut buf).as_bytes());
                pos += c.len_utf8();
            }
        }
    }
}

fn character(rest: &str, at: usize) -> Parsed<(Tok, usize)> {
    let (value, mut len) = match rest[1..].chars().next() {
        None => return Err(Fault::new(at, "character constant is empty")),
        Some('\\') => {
            let (byte, len) = escape(&rest[1..], at + 1)?;
            (i64::from(byte), 1 + len)
        }
        Some(c) => (c as i64, 1 + c.len_utf8()),
    };
    // The closing quote may be missing, as in GNU as.
    if rest[len..].starts_with('\'') {
        len += 1;
    }
    Ok((Tok::Int(value), len))
}

/// An escape sequence beginning at `rest[0]` = backslash: its byte and its length.
fn escape(rest: &str, at: usize) -> Parsed<(u8, usize)> {
    let bytes = rest.as_bytes();
    let simple = |b| Ok((b, 2));
    match bytes.get(1) {
        Some(b'n') => simple(b'\n'),
        Some(b't') => simple(b'\t'),
        Some(b'r') => simple(b'\r'),
        Some(b'b') => simple(8),
        Some(b'f') => simple(12),
        Some(b'\\') => simple(b'\\'),
        Some(b'"') => simple(b'"'),
        Some(b'\'') => simple(b'\''),
        Some(b'x' | b'X') => {
            let digits = rest[2..].bytes().take_while(u8::is_ascii_hexdigit).count();
            let tail = &rest[2..2 + digits];
            let last = &tail[tail.len().saturating_sub(2)..];
            u8::from_str_radix(last, 16)
                .map(|b| (b, 2 + digits))
                .map_err(|_| Fault::new(at, "`\\x` needs hexadecimal digits"))
        }
        Some(b'0'..=b'7') => {
            let digits = rest[1..].bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let n = u32::from_str_radix(&rest[1..1 + digits], 8).unwrap_or(0);
            Ok((n as u8, 1 + digits))
        }
        _ => Err(Fault::new(at, "unknown escape sequence")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Tok> {
        tokens(text).unwrap().into_iter().map(|t| t.tok).collect()
    }

    #[test]
    fn numbers_and_label_references() {
        assert_eq!(
            kinds("1b 2f 0x1f 0b101 017 'a '\\n' 18446744073709551615 1.5 0f"),
            vec![
                Tok::Local(1, false),
                Tok::Local(2, true),
                Tok::Int(0x1f),
                Tok::Int(5),
                Tok::Int(15),
                Tok::Int(97),
                Tok::Int(10),
                Tok::Int(-1),
                Tok::Float("1.5".into()),
                Tok::Local(0, true),
            ]
        );
        assert!(tokens("12z").is_err());
        assert_eq!(kinds("99999999999999999999"), vec![Tok::Wide(99_999_999_999_999_999_999)]);
        assert!(tokens("999999999999999999999999999999999999999").is_err());
    }

    #[test]
    fn comments_and_separators() {
        let text = "a # x\n /* b\n */ c; d // e\n .ascii \"#;\" ; li a0, '#'\n";
        let lines: Vec<_> =
            statements(text).unwrap().into_iter().map(|(n, _, t)| (n, t.trim().to_string())).collect();
        assert_eq!(
            lines,
            vec![
                (1, "a".into()),
                (3, "c".into()),
                (3, "d".into()),
                (4, ".ascii \"#;\"".into()),
                (4, "li a0, '#'".into()),
            ]
        );
        assert!(statements("/* open").is_err());
    }

    #[test]
    fn strings() {
        assert_eq!(kinds(r#""a\n\x41\101\"""#), vec![Tok::Str(b"a\nAA\"".to_vec())]);
        assert!(tokens("\"open").is_err());
    }
}
