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

/// `; did you mean …?` if one of the candidates is nearly the word, else nothing.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let most = word.chars().count().div_ceil(3).min(3);
    let near = candidates.into_iter().map(|c| (distance(word, c), c)).min_by_key(|(d, _)| *d);
    near.filter(|(d, _)| *d <= most).map_or(String::new(), |(_, c)| format!("; did you mean `{c}`?"))
}

/// Number of characters to insert, delete or replace to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
