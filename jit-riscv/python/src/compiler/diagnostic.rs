//! Errors of the compiler, with their place, in CPython's form.

use std::fmt;
use std::rc::Rc;

use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::TextSize;

/// Line starts of a source text.
pub struct Source<'a> {
    pub text: &'a str,
    pub file: Rc<str>,
    starts: Vec<u32>,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str, file: &str) -> Source<'a> {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts = std::iter::once(0).chain(newlines.map(|(i, _)| i as u32 + 1)).collect();
        Source { text, file: file.into(), starts }
    }

    /// Line number, from 1.
    pub fn line(&self, at: TextSize) -> u32 {
        self.starts.partition_point(|start| *start <= u32::from(at)) as u32
    }

    /// Column in code points, from 1.
    fn column(&self, at: TextSize) -> usize {
        let start = self.starts[self.line(at) as usize - 1] as usize;
        let end = usize::from(at).min(self.text.len());
        self.text.get(start..end).map_or(1, |s| s.chars().count() + 1)
    }

    fn line_text(&self, line: u32) -> &'a str {
        let start = self.starts[line as usize - 1] as usize;
        self.text[start..].lines().next().unwrap_or("")
    }

    /// An error at `at`.
    pub fn error(&self, at: TextSize, kind: &'static str, message: impl Into<String>) -> Diagnostic {
        let line = self.line(at);
        Diagnostic {
            kind,
            message: message.into(),
            file: self.file.clone(),
            line,
            column: self.column(at),
            text: self.line_text(line).to_owned(),
        }
    }
}

/// A compile-time error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `SyntaxError`, `IndentationError`, or `NotImplementedError` for what this compiler does not support.
    pub kind: &'static str,
    pub message: String,
    pub file: Rc<str>,
    /// From 1.
    pub line: u32,
    /// In code points, from 1.
    pub column: usize,
    /// The source line.
    pub text: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  File \"{}\", line {}", self.file, self.line)?;
        let text = self.text.trim_start();
        if !text.is_empty() {
            let indent = self.text.chars().count() - text.chars().count();
            let column = (self.column - 1).saturating_sub(indent).min(text.chars().count());
            writeln!(f, "    {}", text.trim_end())?;
            writeln!(f, "    {}^", " ".repeat(column))?;
        }
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// The bracket that is still open where the text ends.
fn unclosed_bracket(source: &Source) -> Option<(TextSize, char)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let bytes = source.text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'#' => {
                while i < bytes.len() && bytes[i] != b'\n' {
                    i += 1;
                }
            }
            quote @ (b'"' | b'\'') => {
                let triple = bytes[i..].starts_with(&[quote; 3]);
                i += if triple { 3 } else { 1 };
                while i < bytes.len() {
                    if bytes[i] == b'\\' {
                        i += 1;
                    } else if triple && bytes[i..].starts_with(&[quote; 3]) {
                        i += 2;
                        break;
                    } else if !triple && (bytes[i] == quote || bytes[i] == b'\n') {
                        break;
                    }
                    i += 1;
                }
            }
            b @ (b'(' | b'[' | b'{') => open.push((i, b as char)),
            b')' | b']' | b'}' => {
                open.pop();
            }
            _ => {}
        }
        i += 1;
    }
    open.last().map(|(at, c)| (TextSize::new(*at as u32), *c))
}

/// The parser's error as CPython would word it.
pub fn from_parser(source: &Source, error: &ParseError) -> Diagnostic {
    let at = error.location.start();
    let at_end = usize::from(at) >= source.text.trim_end().len();
    let line = source.line(at);
    match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            source.error(at, "IndentationError", "unindent does not match any outer indentation level")
        }
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError) => {
            source.error(at, "SyntaxError", format!("unterminated string literal (detected at line {line})"))
        }
        ParseErrorType::Lexical(LexicalErrorType::LineContinuationError) => {
            source.error(at, "SyntaxError", "unexpected character after line continuation character")
        }
        ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken { tok }) if !tok.is_ascii() => {
            let code = *tok as u32;
            source.error(at, "SyntaxError", format!("invalid character '{tok}' (U+{code:04X})"))
        }
        ParseErrorType::UnexpectedIndentation => source.error(at, "IndentationError", "unexpected indent"),
        ParseErrorType::OtherError(message) if message.contains("indented block") => {
            let message = message.trim_start_matches("Expected ").trim_end_matches('.');
            source.error(at, "IndentationError", format!("expected {message}"))
        }
        kind => {
            if let Some((open, bracket)) = unclosed_bracket(source)
                && (at_end || open <= at)
            {
                let message = format!("'{bracket}' was never closed");
                return source.error(open, "SyntaxError", message);
            }
            let message = match kind {
                ParseErrorType::ExpectedToken { expected, .. } if expected.to_string() == "`:`" => {
                    "expected ':'".to_owned()
                }
                ParseErrorType::ExpectedToken { .. }
                | ParseErrorType::ExpectedExpression
                | ParseErrorType::SimpleStatementsOnSameLine
                | ParseErrorType::SimpleAndCompoundStatementOnSameLine
                | ParseErrorType::UnexpectedExpressionToken
                | ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken { .. }) => {
                    "invalid syntax".to_owned()
                }
                ParseErrorType::InvalidAssignmentTarget => {
                    "cannot assign to expression here. Maybe you meant '==' instead of '='?".to_owned()
                }
                ParseErrorType::NonDefaultParamAfterDefaultParam => {
                    "parameter without a default follows parameter with a default".to_owned()
                }
                ParseErrorType::PositionalAfterKeywordArgument => {
                    "positional argument follows keyword argument".to_owned()
                }
                ParseErrorType::PositionalAfterKeywordUnpacking => {
                    "positional argument follows keyword argument unpacking".to_owned()
                }
                other => format!("invalid syntax: {other}"),
            };
            source.error(at, "SyntaxError", message)
        }
    }
}
