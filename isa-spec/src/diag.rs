//! Diagnostics with a place, the offending text and what was expected.

use std::fmt;

/// One error in a specification file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub file: String,
    /// 1-based line and column (in characters).
    pub line: usize,
    pub col: usize,
    /// What is wrong and what was expected.
    pub message: String,
    /// The source line, without its end.
    pub source: String,
    /// Number of characters to underline.
    pub len: usize,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: error: {}", self.file, self.line, self.col, self.message)?;
        if !self.source.is_empty() {
            let indent: String = self
                .source
                .chars()
                .take(self.col.saturating_sub(1))
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let rest = self.source.chars().count().saturating_sub(self.col.saturating_sub(1));
            let mark = "^".repeat(self.len.clamp(1, rest.max(1)));
            write!(f, "\n    {}\n    {indent}{mark}", self.source)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}
