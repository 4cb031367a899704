//! Diagnostics of the assembler: a place, a message, the source line and a caret.

use std::fmt;
use std::rc::Rc;

/// One statement as the assembler read it, and where it came from.
#[derive(Debug, Clone)]
pub struct Line {
    /// The statement's text, comments removed. In a macro's body: after substitution.
    pub text: String,
    /// File name as given on the command line.
    pub file: Rc<str>,
    /// 1-based line in `file`.
    pub number: u32,
    /// 0-based column of `text` in that line.
    pub column: u32,
    /// For a line out of a macro or repetition: the line that asked for it.
    pub from: Option<LineId>,
    /// It is out of a macro's body, and `from` is the call.
    pub in_macro: bool,
}

/// Index of a [`Line`] in the assembler's table of lines read.
pub type LineId = u32;

/// A place in the source: a line and the 0-based byte column in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub line: LineId,
    pub col: u32,
}

/// A message with its place; [`fmt::Display`] prints it as GNU tools do, with the source line below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub file: String,
    /// 1-based; 0 when the message is about the file as a whole.
    pub line: u32,
    /// 1-based.
    pub column: u32,
    pub message: String,
    /// The source statement, with the caret's 0-based column in it.
    pub source: Option<(String, usize)>,
    /// Further lines, such as the macro the place is in.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A message about a whole file.
    pub fn file(file: &str, message: impl Into<String>) -> Self {
        Diagnostic {
            file: file.to_string(),
            line: 0,
            column: 0,
            message: message.into(),
            source: None,
            notes: Vec::new(),
        }
    }

    /// A message about the place `span` in `lines`.
    pub fn at(lines: &[Line], span: Span, message: impl Into<String>) -> Self {
        let Some(line) = lines.get(span.line as usize) else {
            return Diagnostic::file("<input>", message);
        };
        let mut notes = Vec::new();
        let mut up = line.from;
        while let Some(parent) = up.and_then(|id| lines.get(id as usize)) {
            notes.push(format!(
                "{}:{}: note: in the expansion asked for here: {}",
                parent.file,
                parent.number,
                parent.text.trim()
            ));
            up = parent.from;
            if notes.len() == 4 {
                break;
            }
        }
        Diagnostic {
            file: line.file.to_string(),
            line: line.number,
            column: line.column + span.col + 1,
            message: message.into(),
            source: Some((line.text.clone(), span.col as usize)),
            notes,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: error: {}", self.file, self.message)?;
        } else {
            write!(f, "{}:{}:{}: error: {}", self.file, self.line, self.column, self.message)?;
        }
        if let Some((text, col)) = &self.source {
            // Tabs stay tabs below the line, so that the caret stands under its place.
            let pad: String = text.chars().take(*col).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            write!(f, "\n    {}\n    {}^", text.trim_end(), pad)?;
        }
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        Ok(())
    }
}

/// What went wrong in one statement: 0-based column in its text, and the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub col: usize,
    pub message: String,
}

impl Fault {
    pub fn new(col: usize, message: impl Into<String>) -> Self {
        Fault { col, message: message.into() }
    }
}

/// Result of parsing a part of one statement.
pub type Parsed<T> = Result<T, Fault>;
