//! The assembler's input: files, macros, repetitions and conditionals, down to plain statements.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::diag::{Diagnostic, Fault, Line, LineId, Parsed, Span};
use super::expr::{self, Cursor};
use super::lex::{self, Tok};
use super::macros::{Known, Macro, alternate_arguments, arguments, locals, params, substitute, unquote};
use super::unit::Unit;

/// Statements one run may read, so that a macro or `.rept` cannot run away.
const MAX_STATEMENTS: usize = 4_000_000;
/// Depth of macro calls, repetitions and included files.
const MAX_DEPTH: usize = 100;

/// Lines still to be read from one place.
#[derive(Debug)]
struct Input {
    lines: Vec<Line>,
    at: usize,
    /// Conditionals open when this input began; `.exitm` goes back to them.
    conditionals: usize,
    is_macro: bool,
}

#[derive(Debug)]
struct Conditional {
    active: bool,
    /// Whether a branch of it was taken already.
    taken: bool,
    seen_else: bool,
    span: Span,
}

/// The source of statements.
#[derive(Debug)]
pub struct Reader {
    inputs: Vec<Input>,
    macros: HashMap<String, Rc<Macro>>,
    conditionals: Vec<Conditional>,
    include_dirs: Vec<PathBuf>,
    /// Number of macro calls so far, for `\@`.
    calls: u64,
    /// `.altmacro` is in force.
    alternate: bool,
    /// Names made for `LOCAL` so far.
    locals: u64,
    read: usize,
}

impl Reader {
    pub fn new(include_dirs: Vec<PathBuf>) -> Self {
        Reader {
            inputs: Vec::new(),
            macros: HashMap::new(),
            conditionals: Vec::new(),
            include_dirs,
            calls: 0,
            alternate: false,
            locals: 0,
            read: 0,
        }
    }

    /// Adds a file's text; `from` is the `.include` that asked for it.
    pub fn push_file(&mut self, file: &str, text: &str, from: Option<LineId>) -> Result<(), Diagnostic> {
        let name: Rc<str> = file.into();
        let split = lex::statements(text).map_err(|(line, fault)| Diagnostic {
            line,
            column: fault.col as u32 + 1,
            ..Diagnostic::file(file, fault.message)
        })?;
        let mut marks = marks(text).into_iter().peekable();
        let (mut file, mut shift) = (name, 0i64);
        let mut lines = Vec::with_capacity(split.len());
        for (number, column, text) in split {
            while let Some(mark) = marks.next_if(|m| m.at < number) {
                (file, shift) = (mark.file.into(), i64::from(mark.number) - i64::from(mark.at) - 1);
            }
            let number = u32::try_from(i64::from(number) + shift).unwrap_or(0);
            lines.push(Line { text, file: file.clone(), number, column, from, in_macro: false });
        }
        self.push(lines, false);
        Ok(())
    }

    fn push(&mut self, lines: Vec<Line>, is_macro: bool) {
        let conditionals = self.conditionals.len();
        self.inputs.push(Input { lines, at: 0, conditionals, is_macro });
    }

    fn raw(&mut self) -> Option<Line> {
        loop {
            let top = self.inputs.last_mut()?;
            if let Some(line) = top.lines.get(top.at) {
                top.at += 1;
                return Some(line.clone());
            }
            self.inputs.pop();
        }
    }

    /// The next statement that is neither skipped nor part of the macro language; it is
    /// entered in `unit.lines` and `unit.span`. Errors go to `unit.errors`.
    pub fn next(&mut self, unit: &mut Unit) -> Option<String> {
        loop {
            let Some(line) = self.raw() else {
                for open in std::mem::take(&mut self.conditionals) {
                    unit.error(open.span, "this `.if` has no `.endif`");
                }
                return None;
            };
            self.read += 1;
            let text = line.text.clone();
            unit.lines.push(line);
            let id = unit.lines.len() as LineId - 1;
            unit.span = Span { line: id, col: first_column(&text) as u32 };
            if self.read > MAX_STATEMENTS {
                unit.error(unit.span, format!("more than {MAX_STATEMENTS} statements; giving up"));
                return None;
            }
            match self.handle(unit, &text, id) {
                Ok(None) => {}
                Ok(Some(statement)) => return Some(statement),
                Err(fault) => {
                    unit.error(Span { line: id, col: fault.col as u32 }, fault.message);
                }
            }
        }
    }

    /// Deals with what belongs to the macro language; what is left for the assembler is returned.
    fn handle(&mut self, unit: &mut Unit, text: &str, id: LineId) -> Parsed<Option<String>> {
        let start = first_column(text);
        let word_len = text[start..].find(|c| !lex::is_symbol(c)).unwrap_or(text.len() - start);
        let word = &text[start..start + word_len];
        let rest_col = start + word_len;
        if word.starts_with('.') {
            let lower = word.to_ascii_lowercase();
            if self.conditional(unit, &lower, text, rest_col)? {
                return Ok(None);
            }
            if self.skipping() {
                return Ok(None);
            }
            match lower.as_str() {
                ".macro" => return self.define(text, rest_col).map(|()| None),
                ".rept" | ".rep" => return self.repeat(unit, text, rest_col, id).map(|()| None),
                ".irp" | ".irpc" => {
                    return self.irp(unit, text, rest_col, id, lower == ".irpc").map(|()| None);
                }
                ".exitm" => return self.exit_macro(start).map(|()| None),
                ".purgem" => {
                    self.macros.remove(text[rest_col..].trim());
                    return Ok(None);
                }
                ".altmacro" | ".noaltmacro" => {
                    self.alternate = lower == ".altmacro";
                    return Ok(None);
                }
                ".include" => return self.include(text, rest_col, id).map(|()| None),
                ".endm" | ".endr" | ".endmacro" => {
                    return Err(Fault::new(start, format!("`{word}` has nothing to end")));
                }
                _ => {}
            }
        } else if self.skipping() {
            return Ok(None);
        }
        // A label before a macro call belongs to the assembler; the call is put back behind it.
        if word_len > 0
            && text[rest_col..].trim_start().starts_with(':')
            && let Some(colon) = text.find(':')
            && self.begins_with_macro(&text[colon + 1..])
        {
            let mut tail = unit.lines[id as usize].clone();
            tail.text = format!("{}{}", " ".repeat(colon + 1), &text[colon + 1..]);
            self.push(vec![tail], false);
            return Ok(Some(text[..=colon].to_string()));
        }
        if let Some(found) = self.macros.get(word).cloned() {
            self.call(unit, &found, text, rest_col, id)?;
            return Ok(None);
        }
        Ok(Some(text.to_string()))
    }

    fn begins_with_macro(&self, text: &str) -> bool {
        let text = text.trim_start();
        let len = text.find(|c| !lex::is_symbol(c)).unwrap_or(text.len());
        let word = &text[..len];
        self.macros.contains_key(word)
            || word.starts_with(".if")
            || matches!(word, ".rept" | ".rep" | ".irp" | ".irpc" | ".include" | ".macro" | ".exitm")
    }

    fn skipping(&self) -> bool {
        self.conditionals.iter().any(|c| !c.active)
    }

    /// Handles the `.if` family; true when `word` is of it.
    fn conditional(&mut self, unit: &mut Unit, word: &str, text: &str, col: usize) -> Parsed<bool> {
        let rest = &text[col..];
        if word.starts_with(".if") {
            let active = if self.skipping() {
                // Inside something skipped the condition is not even looked at.
                false
            } else {
                condition(unit, word, rest, col)?
            };
            let span = unit.span;
            self.conditionals.push(Conditional { active, taken: active, seen_else: false, span });
            return Ok(true);
        }
        let outer_skips = {
            let n = self.conditionals.len().saturating_sub(1);
            self.conditionals[..n].iter().any(|c| !c.active)
        };
        let none = || Fault::new(first_column(text), format!("`{word}` without `.if`"));
        match word {
            ".else" => {
                let top = self.conditionals.last_mut().ok_or_else(none)?;
                if top.seen_else {
                    return Err(Fault::new(first_column(text), "a second `.else`"));
                }
                top.seen_else = true;
                top.active = !top.taken;
                top.taken = true;
            }
            ".elseif" => {
                let top = self.conditionals.last().ok_or_else(none)?;
                let wanted = !top.taken && !outer_skips && condition(unit, ".if", rest, col)?;
                if let Some(top) = self.conditionals.last_mut() {
                    top.active = wanted;
                    top.taken |= wanted;
                }
            }
            ".endif" => {
                self.conditionals.pop().ok_or_else(none)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Lines up to the one that ends a body opened by one of `open`.
    fn body(&mut self, open: &[&str], close: &[&str], col: usize) -> Parsed<Vec<Line>> {
        let mut depth = 0;
        let mut body = Vec::new();
        while let Some(line) = self.raw() {
            let word = line.text.split_whitespace().next().unwrap_or("").to_ascii_lowercase();
            if open.contains(&word.as_str()) {
                depth += 1;
            } else if close.contains(&word.as_str()) {
                if depth == 0 {
                    return Ok(body);
                }
                depth -= 1;
            }
            body.push(line);
        }
        Err(Fault::new(col, format!("there is no `{}` for this", close[0])))
    }

    fn define(&mut self, text: &str, col: usize) -> Parsed<()> {
        let start = first_column(text);
        let rest = text[col..].trim_start();
        let name_len = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
        let name = rest[..name_len].to_string();
        let params = params(rest[name_len..].trim_start_matches([',', ' ', '\t']));
        let body = self.body(&[".macro"], &[".endm", ".endmacro"], start)?;
        if name.is_empty() {
            return Err(Fault::new(col, "a macro needs a name"));
        }
        self.macros.insert(name, Rc::new(Macro { params, body }));
        Ok(())
    }

    fn repeat(&mut self, unit: &mut Unit, text: &str, col: usize, id: LineId) -> Parsed<()> {
        let count = number(unit, &text[col..], col);
        let body = self.body(&[".rept", ".rep", ".irp", ".irpc"], &[".endr"], first_column(text))?;
        let count = count?;
        self.deepen(col)?;
        let total = usize::try_from(count)
            .map_err(|_| Fault::new(col, "the count is negative"))?
            .checked_mul(body.len())
            .filter(|n| *n <= MAX_STATEMENTS)
            .ok_or_else(|| Fault::new(col, "this repeats too much"))?;
        let mut lines = Vec::with_capacity(total);
        for _ in 0..count.min(total as i64) {
            lines.extend(body.iter().cloned().map(|l| Line { from: Some(id), ..l }));
        }
        self.push(lines, false);
        Ok(())
    }

    fn irp(&mut self, unit: &mut Unit, text: &str, col: usize, id: LineId, chars: bool) -> Parsed<()> {
        let body = self.body(&[".rept", ".rep", ".irp", ".irpc"], &[".endr"], first_column(text))?;
        self.deepen(col)?;
        let rest = text[col..].trim();
        let len = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, list) = (&rest[..len], rest[len..].trim_start_matches([',', ' ', '\t']));
        let values = match (chars, self.alternate) {
            (true, _) => list.trim_matches('"').chars().map(String::from).collect(),
            (_, true) => alternate_arguments(list, col, |text, col| number(unit, text, col))?,
            _ => arguments(list),
        };
        let mut lines = Vec::new();
        for value in &values {
            let known = Known::new(vec![(name, value.as_str())], self.calls, self.alternate);
            lines.extend(body.iter().map(|l| substitute(l, &known, id)));
        }
        self.push(lines, false);
        Ok(())
    }

    fn exit_macro(&mut self, col: usize) -> Parsed<()> {
        while let Some(top) = self.inputs.pop() {
            self.conditionals.truncate(top.conditionals);
            if top.is_macro {
                return Ok(());
            }
        }
        Err(Fault::new(col, "`.exitm` outside a macro"))
    }

    fn deepen(&self, col: usize) -> Parsed<()> {
        if self.inputs.len() >= MAX_DEPTH {
            return Err(Fault::new(col, format!("more than {MAX_DEPTH} expansions inside each other")));
        }
        Ok(())
    }

    fn call(&mut self, unit: &mut Unit, found: &Macro, text: &str, col: usize, id: LineId) -> Parsed<()> {
        self.deepen(col)?;
        let mut given = if self.alternate {
            alternate_arguments(&text[col..], col, |text, col| number(unit, text, col))?
        } else {
            arguments(&text[col..])
        };
        // Without any comma, blanks separate, if that gives each parameter its argument.
        if !self.alternate && given.len() == 1 && found.params.len() > 1 {
            let words: Vec<_> = text[col..].split_whitespace().map(String::from).collect();
            if words.len() == found.params.len() {
                given = words;
            }
        }
        let mut values: Vec<Option<String>> = vec![None; found.params.len()];
        let mut next = 0;
        for (n, arg) in given.iter().enumerate() {
            // With `.altmacro`, GNU as knows no `name=value`.
            if !self.alternate
                && let Some((key, value)) = arg.split_once('=')
                && let Some(p) = found.params.iter().position(|p| p.name == key.trim())
            {
                values[p] = Some(value.trim().to_string());
                continue;
            }
            match found.params.get(next) {
                Some(p) if p.rest => {
                    values[next] = Some(given[n..].join(", "));
                    break;
                }
                Some(_) if arg.is_empty() => {}
                Some(_) if self.alternate => values[next] = Some(arg.clone()),
                Some(_) => values[next] = Some(unquote(arg).to_string()),
                None => {
                    return Err(Fault::new(col, format!("the macro takes {} arguments", found.params.len())));
                }
            }
            next += 1;
        }
        let mut known = Vec::new();
        for (p, value) in found.params.iter().zip(&values) {
            if value.is_none() && p.required {
                return Err(Fault::new(col, format!("the macro needs the argument `{}`", p.name)));
            }
            known.push((p.name.as_str(), value.as_deref().or(p.default.as_deref()).unwrap_or("")));
        }
        let mut body: Vec<&Line> = found.body.iter().collect();
        let mut own: Vec<(&str, String)> = Vec::new();
        if self.alternate {
            body.retain(|line| {
                let Some(names) = locals(&line.text) else { return true };
                for name in names {
                    self.locals += 1;
                    own.push((name, format!(".LL{:04x}", self.locals)));
                }
                false
            });
        }
        known.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        let known = Known::new(known, self.calls, self.alternate);
        let line = |l: &Line| Line { in_macro: true, ..substitute(l, &known, id) };
        let lines = body.into_iter().map(line).collect();
        self.calls += 1;
        self.push(lines, true);
        Ok(())
    }

    fn include(&mut self, text: &str, col: usize, id: LineId) -> Parsed<()> {
        self.deepen(col)?;
        let toks = lex::tokens(&text[col..])?;
        let Some(Tok::Str(name)) = toks.first().map(|t| &t.tok) else {
            return Err(Fault::new(col, "`.include` needs a file name in quotes"));
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let found = self.include_dirs.iter().map(|d| d.join(&name)).find(|p| p.is_file());
        let path = found.unwrap_or_else(|| PathBuf::from(&name));
        if path.exists() && !path.is_file() {
            return Err(Fault::new(col + 1, format!("cannot read {}: not a file", path.display())));
        }
        let source = read_source(&path).map_err(|m| Fault::new(col + 1, m))?;
        self.push_file(&path.display().to_string(), &source, Some(id))
            .map_err(|d| Fault::new(col + 1, d.to_string()))
    }
}

/// Reads a source file; the message names it.
pub fn read_source(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("{} is not a text file (not UTF-8)", path.display()))?;
    // Some editors begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map(String::from).unwrap_or(text))
}

/// What a preprocessor says of the line after its own: `# 12 "file.S"`.
struct Mark<'a> {
    /// 1-based line that it stands on.
    at: u32,
    number: u32,
    file: &'a str,
}

/// The marks of a file that a preprocessor has written; places that are no files, such as `<built-in>`, have none.
fn marks(text: &str) -> Vec<Mark<'_>> {
    fn mark(at: u32, line: &str) -> Option<Mark<'_>> {
        let (number, rest) = line.strip_prefix("# ")?.split_once(' ')?;
        let file = rest.strip_prefix('"')?.split('"').next().filter(|f| !f.starts_with('<'))?;
        Some(Mark { at, number: number.parse().ok()?, file })
    }
    text.lines().zip(1..).filter_map(|(line, at)| mark(at, line)).collect()
}

fn first_column(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn number(unit: &mut Unit, rest: &str, col: usize) -> Parsed<i64> {
    let shift = |f: Fault| Fault::new(f.col + col, f.message);
    let toks = lex::tokens(rest).map_err(shift)?;
    let mut cur = Cursor::new(&toks, rest.len());
    let e = expr::parse(&mut cur, unit).map_err(shift)?;
    cur.finish().map_err(shift)?;
    unit.constant(&e).ok_or_else(|| Fault::new(col, "needs a value that is known here"))
}

fn condition(unit: &mut Unit, word: &str, rest: &str, col: usize) -> Parsed<bool> {
    let name = rest.trim();
    let pair = || name.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
    let defined = |unit: &Unit| {
        unit.lookup(name).is_some_and(|id| unit.symbols[id as usize].def != super::symbol::Def::None)
    };
    Ok(match word {
        ".if" | ".ifne" => number(unit, rest, col)? != 0,
        ".ifeq" => number(unit, rest, col)? == 0,
        ".ifgt" => number(unit, rest, col)? > 0,
        ".ifge" => number(unit, rest, col)? >= 0,
        ".iflt" => number(unit, rest, col)? < 0,
        ".ifle" => number(unit, rest, col)? <= 0,
        ".ifdef" => defined(unit),
        ".ifndef" | ".ifnotdef" => !defined(unit),
        ".ifb" => name.is_empty(),
        ".ifnb" => !name.is_empty(),
        ".ifc" | ".ifnc" | ".ifeqs" | ".ifnes" => {
            let (a, b) = pair().ok_or_else(|| Fault::new(col, "needs two texts"))?;
            (unquote(a) == unquote(b)) == matches!(word, ".ifc" | ".ifeqs")
        }
        _ => return Err(Fault::new(col, format!("unknown directive `{word}`"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> (Vec<String>, Vec<Diagnostic>) {
        let mut unit = Unit::new();
        let mut reader = Reader::new(Vec::new());
        reader.push_file("t.s", text, None).unwrap();
        let mut out = Vec::new();
        while let Some(line) = reader.next(&mut unit) {
            out.push(line.trim().to_string());
        }
        (out, unit.errors)
    }

    #[test]
    fn macros_repeat_and_conditions() {
        let (out, errors) = run(".macro op a, b=7, rest:vararg\n \\a\\().x \\b, \\rest \\@\n.endm\n\
             op add\nop b=1, sub\nop x, y, p, q\n\
             .rept 2\nnop\n.endr\n.irp r, a0, a1\nmv \\r, x0\n.endr\n\
             .if 1 == 2\nno\n.elseif 3\nyes\n.else\nno\n.endif\n.ifb\nblank\n.endif\n");
        assert_eq!(errors, vec![]);
        assert_eq!(
            out,
            vec![
                "add.x 7,  0",
                "sub.x 1,  1",
                "x.x y, p, q 2",
                "nop",
                "nop",
                "mv a0, x0",
                "mv a1, x0",
                "yes",
                "blank"
            ]
        );
    }

    #[test]
    fn runaways_and_loose_ends_are_errors() {
        assert!(!run(".macro m\nm\n.endm\nm\n").1.is_empty());
        assert!(!run(".rept 100000000\nnop\nnop\n.endr\n").1.is_empty());
        assert!(!run(".macro m\nnop\n").1.is_empty());
        assert!(!run(".if 1\nnop\n").1.is_empty());
        assert!(!run(".endif\n.else\n.endm\n").1.is_empty());
        assert!(!run(".macro m a:req\n\\a\n.endm\nm\n").1.is_empty());
    }
}
