//! The texts of macros and repetitions: parameters, arguments, and putting these into a body. With `.altmacro` parameters
//! are known without a backslash, and arguments may be `<text>` or `%expression` (GNU as's manual, "Altmacro").

use super::diag::{Fault, Line, LineId, Parsed};
use super::lex;

/// A macro, or the body of a repetition.
#[derive(Debug)]
pub struct Macro {
    pub params: Vec<Param>,
    pub body: Vec<Line>,
}

#[derive(Debug)]
pub struct Param {
    pub name: String,
    pub default: Option<String>,
    pub required: bool,
    /// Takes the rest of the line, commas included.
    pub rest: bool,
}

/// What names in a body stand for, longest first so that `\ab` is not taken for `\a` and a `b`.
pub struct Known<'a> {
    list: Vec<(&'a str, &'a str)>,
    /// Number of the call, for `\@`.
    call: u64,
    alternate: bool,
}

impl<'a> Known<'a> {
    pub fn new(mut list: Vec<(&'a str, &'a str)>, call: u64, alternate: bool) -> Self {
        list.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Known { list, call, alternate }
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.list.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)
    }
}

pub fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text)
}

/// A macro's parameters: `name`, `name=default`, `name:req`, `name:vararg`.
pub fn params(text: &str) -> Vec<Param> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty());
    words
        .map(|word| {
            let (head, default) = match word.split_once('=') {
                Some((h, d)) => (h, Some(d.to_string())),
                None => (word, None),
            };
            let (name, mode) = head.split_once(':').unwrap_or((head, ""));
            Param { name: name.to_string(), default, required: mode == "req", rest: mode == "vararg" }
        })
        .collect()
}

/// Splits at the commas that are in neither quotes nor parentheses.
pub fn arguments(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current = String::new();
    let (mut depth, mut quote, mut escaped) = (0, false, false);
    for c in text.trim().chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote => escaped = true,
            '"' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth -= 1,
            ',' if !quote && depth <= 0 => {
                out.push(std::mem::take(&mut current).trim().to_string());
                continue;
            }
            _ => {}
        }
        current.push(c);
    }
    if !current.trim().is_empty() || !out.is_empty() {
        out.push(current.trim().to_string());
    }
    out
}

/// Arguments with `.altmacro`: `<text>` is the text between, in which `!` makes the next character plain; `%expression` is its
/// value in decimal, as `evaluate` finds it. Commas or blanks separate.
pub fn alternate_arguments(
    text: &str,
    col: usize,
    mut evaluate: impl FnMut(&str, usize) -> Parsed<i64>,
) -> Parsed<Vec<String>> {
    let mut out = Vec::new();
    let mut at = 0;
    let skip = |at: usize| text.len() - text[at..].trim_start().len();
    loop {
        at = skip(at);
        let rest = &text[at..];
        if rest.is_empty() {
            return Ok(out);
        }
        if let Some(expression) = rest.strip_prefix('%') {
            let len = plain(expression);
            let value = evaluate(&expression[..len], col + at + 1)?;
            out.push(value.to_string());
            at += 1 + len;
        } else if rest.starts_with('<') {
            let (value, len) = bracketed(rest).ok_or_else(|| Fault::new(col + at, "`<` without `>`"))?;
            out.push(value);
            at += len;
        } else {
            let len = plain(rest);
            let mut value = String::new();
            let mut chars = rest[..len].chars();
            while let Some(c) = chars.next() {
                value.extend(if c == '!' { chars.next() } else { Some(c) });
            }
            out.push(value.trim_end().to_string());
            at += len;
        }
        at = skip(at);
        if text[at..].starts_with(',') {
            at += 1;
            if text[skip(at)..].is_empty() {
                out.push(String::new());
            }
        }
    }
}

/// Length of an argument up to the comma or blank that ends it, outside quotes and parentheses.
fn plain(text: &str) -> usize {
    let (mut depth, mut quote, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote => escaped = true,
            '!' if !quote => escaped = true,
            '"' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth -= 1,
            ',' if !quote && depth <= 0 => return at,
            c if c.is_whitespace() && !quote && depth <= 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The text between `<` and its `>`, and the length with both.
fn bracketed(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut depth = 0;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '!' => value.extend(chars.next().map(|(_, c)| c)),
            '>' if depth == 1 => return Some((value, at + 1)),
            '<' => {
                depth += 1;
                if depth > 1 {
                    value.push(c);
                }
            }
            '>' => {
                depth -= 1;
                value.push(c);
            }
            _ => value.push(c),
        }
    }
    None
}

/// The names that a line `LOCAL a, b` makes the call's own.
pub fn locals(line: &str) -> Option<impl Iterator<Item = &str>> {
    let rest = line.trim_start();
    let (word, names) = rest.split_at(rest.find(|c| !lex::is_symbol(c)).unwrap_or(rest.len()));
    let names = names.split(|c: char| c == ',' || c.is_whitespace()).filter(|n| !n.is_empty());
    word.eq_ignore_ascii_case("local").then_some(names)
}

/// A body line with its `\param`, `\@` and `\()` replaced; with `.altmacro` also `param`, `&param` and `param&`.
pub fn substitute(line: &Line, known: &Known, from: LineId) -> Line {
    let mut text = String::with_capacity(line.text.len());
    let mut rest = line.text.as_str();
    let starts = |c: char| c == '\\' || known.alternate && (c == '&' || lex::is_symbol(c));
    while let Some(at) = rest.find(starts) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let symbol = |text: &str| text.find(|c| !lex::is_symbol(c)).unwrap_or(text.len());
        if let Some(tail) = rest.strip_prefix('\\') {
            rest = after_backslash(&mut text, tail, known);
            continue;
        }
        let amp = usize::from(rest.starts_with('&'));
        let len = symbol(&rest[amp..]);
        let name = &rest[amp..amp + len];
        match known.value(name) {
            Some(value) => {
                text.push_str(value);
                let tail = &rest[amp + len..];
                rest = tail.strip_prefix('&').unwrap_or(tail);
            }
            None => {
                text.push_str(&rest[..amp + len]);
                rest = &rest[amp + len..];
            }
        }
    }
    text.push_str(rest);
    Line { text, from: Some(from), ..line.clone() }
}

/// Replaces what follows a backslash; the rest of the line.
fn after_backslash<'t>(text: &mut String, rest: &'t str, known: &Known) -> &'t str {
    if let Some(r) = rest.strip_prefix("()") {
        return r;
    }
    if let Some(r) = rest.strip_prefix('@') {
        text.push_str(&known.call.to_string());
        return r;
    }
    // The whole name must match, not only its beginning.
    let len = rest.find(|c| !lex::is_symbol(c)).unwrap_or(rest.len());
    let hit = known.list.iter().find(|(name, _)| {
        !name.is_empty()
            && rest.starts_with(name)
            && (name.len() == len || rest[name.len()..].starts_with(['.', '$']))
    });
    match hit {
        Some((name, value)) => {
            text.push_str(value);
            let tail = &rest[name.len()..];
            if known.alternate { tail.strip_prefix('&').unwrap_or(tail) } else { tail }
        }
        None => {
            text.push('\\');
            rest
        }
    }
}
