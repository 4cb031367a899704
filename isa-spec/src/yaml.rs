//! A strict YAML profile with positions: mappings, sequences and scalars; no anchors, aliases or tags.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::diag::Diagnostic;

/// Nesting beyond this is refused, so that hostile input cannot exhaust the stack.
const MAX_DEPTH: usize = 32;

/// A place in the source: 1-based line and column, and a length in characters for underlining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pos {
    pub line: usize,
    pub col: usize,
    pub len: usize,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub pos: Pos,
    pub kind: NodeKind,
}

#[derive(Clone, Debug)]
pub enum NodeKind {
    Scalar {
        text: String,
        /// Written as a `|` block: line breaks are kept and the text starts on the next line.
        literal: bool,
    },
    Seq(Vec<Node>),
    /// Key, place of the key, value; keys are unique.
    Map(Vec<(String, Pos, Node)>),
}

/// A source file, for diagnostics.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// A message about a place. The YAML parser's places may be past the end of the line or the file; the message's are not.
    pub fn error(&self, pos: Pos, message: impl Into<String>) -> Diagnostic {
        let last = self.text.lines().count().max(1);
        let source = self.line(pos.line.min(last)).to_string();
        let end = source.chars().count() + 1;
        Diagnostic {
            file: self.name.to_string(),
            line: pos.line.min(last),
            col: if pos.line > last { end } else { pos.col.min(end) },
            message: message.into(),
            source,
            len: pos.len,
        }
    }

    /// The text of a 1-based line, or nothing past the end.
    pub fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line.saturating_sub(1)).unwrap_or("")
    }
}

impl Node {
    /// What the node is, for messages.
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Scalar { text, .. } => {
                let short: String = text.chars().take(40).collect();
                format!("`{}`", short.lines().next().unwrap_or(""))
            }
            NodeKind::Seq(_) => "a list".to_string(),
            NodeKind::Map(_) => "a mapping".to_string(),
        }
    }
}

fn position(span: Span, len: usize) -> Pos {
    Pos { line: span.start.line().max(1), col: span.start.col() + 1, len: len.max(1) }
}

/// Parses all documents of a file.
pub fn parse(source: Source<'_>) -> Result<Vec<Node>, Diagnostic> {
    let mut reader = Reader { source, parser: Parser::new_from_str(source.text) };
    let mut docs = Vec::new();
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(docs),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            other => docs.push(reader.node(other, span, 0)?),
        }
    }
}

struct Reader<'a> {
    source: Source<'a>,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Diagnostic> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => {
                let pos = Pos { line: e.marker().line().max(1), col: e.marker().col() + 1, len: 1 };
                Err(self.source.error(pos, format!("not valid YAML: {}", e.info())))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        if depth > MAX_DEPTH {
            return Err(self.source.error(position(span, 1), "nested too deeply"));
        }
        let refuse = |what: &str| {
            Err(self.source.error(position(span, 1), format!("{what} are not part of this YAML profile")))
        };
        match event {
            Event::Alias(_) => refuse("aliases (`*name`)"),
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                refuse("anchors (`&name`)")
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => refuse("tags (`!name`)"),
            Event::Scalar(text, style, _, _) => {
                let len = text.lines().next().map_or(1, |l| l.chars().count());
                let literal = style == ScalarStyle::Literal;
                Ok(Node {
                    pos: position(span, if literal { 1 } else { len }),
                    kind: NodeKind::Scalar { text: text.into_owned(), literal },
                })
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    let (event, at) = self.next()?;
                    match event {
                        Event::SequenceEnd => {
                            return Ok(Node { pos: position(span, 1), kind: NodeKind::Seq(items) });
                        }
                        Event::StreamEnd => {
                            return Err(self.source.error(position(span, 1), "unfinished list"));
                        }
                        other => items.push(self.node(other, at, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => self.map(span, depth),
            _ => Err(self.source.error(position(span, 1), "expected a value")),
        }
    }

    fn map(&mut self, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut entries: Vec<(String, Pos, Node)> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let (key, pos) = match event {
                Event::MappingEnd => {
                    return Ok(Node { pos: position(span, 1), kind: NodeKind::Map(entries) });
                }
                Event::Scalar(text, _, 0, None) => {
                    let pos = position(at, text.chars().count());
                    (text.into_owned(), pos)
                }
                _ => {
                    return Err(self.source.error(position(at, 1), "expected a plain word as key"));
                }
            };
            if key.is_empty() {
                return Err(self.source.error(pos, "a key is missing before `:`"));
            }
            if entries.iter().any(|(k, _, _)| *k == key) {
                return Err(self.source.error(pos, format!("key `{key}` is given twice")));
            }
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            entries.push((key, pos, value));
        }
    }
}
