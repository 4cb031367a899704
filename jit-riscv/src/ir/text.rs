//! The textual form of traces: what logs show, and what optimiser tests are written in.
//!
//! ```text
//! trace 3 "main:12"
//! p0 = frame_load(48)
//! guard_class(p0, class 3) [0]
//! i2 = getfield_gc_i(p0, value)
//! i3 = int_add_ovf(i2, 1) [1]
//! label(i3)
//! i5 = label_arg(0)
//! jump(i5, trace 3)
//! exit 1: live(p0, i2) ordinal 1
//!   frame code 0x5510 pc 4 tag 0: p0, _, v0
//!   virtual v0: class 3 size 16 { 8:i = i2 }
//!   pending p0.next = v0
//! ```
//!
//! A result is named by its kind (`i`, `f`, `p`) and a number; printed traces use the index of the operation. Constants: `-5`, `2.5`,
//! `bits(0x7ff8000000000000)`, `null`, `ptr(0x1000)`. `[1]` is the exit of a guard; exits follow the operations, and those about
//! which nothing is to say are left out. `_` is a slot that memory still holds. `#` begins a comment.
//!
//! Fields, arrays and calls print by their names; to parse them, [`Names`] says what the names mean.

use std::collections::HashMap;
use std::fmt;

use super::{
    Arg, Const, Descr, Exit, FrameState, NO_EXIT, Op, Opcode, PendingStore, Trace, Val, VirtualState,
};
use crate::object::{Array, Call, ClassId, Field, Kind, Ref};

fn letter(kind: Option<Kind>) -> char {
    match kind {
        Some(Kind::Int) => 'i',
        Some(Kind::Float) => 'f',
        Some(Kind::Ref) => 'p',
        None => '?',
    }
}

fn kind_of_letter(letter: char) -> Option<Kind> {
    match letter {
        'i' => Some(Kind::Int),
        'f' => Some(Kind::Float),
        'p' => Some(Kind::Ref),
        _ => None,
    }
}

impl fmt::Display for Const {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Const::Int(v) => write!(f, "{v}"),
            Const::Float(bits) if f64::from_bits(bits).is_finite() => write!(f, "{:?}", f64::from_bits(bits)),
            Const::Float(bits) => write!(f, "bits({bits:#x})"),
            Const::Ref(Ref::NULL) => write!(f, "null"),
            Const::Ref(r) => write!(f, "ptr({:#x})", r.0),
        }
    }
}

/// An operand, as its trace prints it.
struct ShowArg<'a>(&'a Trace, Arg);

impl fmt::Display for ShowArg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShowArg(trace, arg) = *self;
        match (arg.as_const(), arg.as_op()) {
            (Some(c), _) => match trace.consts.get(c) {
                Some(c) => write!(f, "{c}"),
                None => write!(f, "?"),
            },
            (_, Some(n)) => write!(f, "{}{n}", letter(trace.ops.get(n).and_then(|op| op.kind))),
            _ => write!(f, "?"),
        }
    }
}

struct ShowVal<'a>(&'a Trace, &'a Exit, Val);

impl fmt::Display for ShowVal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.2 {
            Val::Live(n) => match self.1.live.get(n as usize) {
                Some(&arg) => write!(f, "{}", ShowArg(self.0, arg)),
                None => write!(f, "?"),
            },
            Val::Const(c) => write!(f, "{c}"),
            Val::Virtual(n) => write!(f, "v{n}"),
            Val::Unchanged => write!(f, "_"),
        }
    }
}

/// Writes items with commas between them.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = T>) -> fmt::Result {
    for (i, item) in items.enumerate() {
        write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
    }
    Ok(())
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trace {} {:?}", self.id, self.name)?;
        if let Some(n) = self.bridge_of {
            write!(f, " bridge of {n}")?;
        }
        if self.first_exit != 0 {
            write!(f, " first exit {}", self.first_exit)?;
        }
        writeln!(f)?;
        for (at, op) in self.ops.iter().enumerate() {
            show_op(f, self, at, op)?;
        }
        for (n, exit) in self.exits.iter().enumerate() {
            show_exit(f, self, n, exit)?;
        }
        Ok(())
    }
}

fn show_op(f: &mut fmt::Formatter<'_>, trace: &Trace, at: usize, op: &Op) -> fmt::Result {
    if op.kind.is_some() {
        write!(f, "{} = ", ShowArg(trace, Arg::op(at)))?;
    }
    let mut items: Vec<String> = op.args.as_slice().iter().map(|&a| ShowArg(trace, a).to_string()).collect();
    match op.descr {
        Descr::None => {}
        Descr::Field(field) => items.push(field.name.into()),
        Descr::FreshField(field) => items.push(format!("fresh {}", field.name)),
        Descr::Array(array) => items.push(array.name.into()),
        Descr::FreshArray(array) => items.push(format!("fresh {}", array.name)),
        Descr::Call(call) => items.insert(0, call.name.into()),
        Descr::Class(class) => items.push(format!("class {}", class.0)),
        Descr::New { class, size, items: count } => {
            items.push(format!("class {}", class.0));
            items.push(size.to_string());
            if op.code == Opcode::NewArray {
                items.push(count.to_string());
            }
        }
        Descr::Number(n) if matches!(op.code, Opcode::Jump | Opcode::JumpEntry) => {
            items.push(format!("trace {n}"))
        }
        Descr::Number(n) => items.push(n.to_string()),
        Descr::Site { site, class } => items.push(format!("{} {site}", if class { "type" } else { "value" })),
    }
    write!(f, "{}(", op.code.name())?;
    list(f, items.iter())?;
    write!(f, ")")?;
    if op.exit != NO_EXIT {
        write!(f, " [{}]", op.exit)?;
    }
    writeln!(f)
}

fn show_exit(f: &mut fmt::Formatter<'_>, trace: &Trace, n: usize, exit: &Exit) -> fmt::Result {
    let nothing = exit.live.is_empty()
        && exit.frames.is_empty()
        && exit.virtuals.is_empty()
        && exit.pending.is_empty()
        && exit.log.is_empty()
        && exit.ordinal == 0;
    if nothing {
        return Ok(());
    }
    let show = |v: &Val| ShowVal(trace, exit, *v).to_string();
    write!(f, "exit {n}:")?;
    if !exit.live.is_empty() {
        write!(f, " live(")?;
        list(f, exit.live.iter().map(|&a| ShowArg(trace, a)))?;
        write!(f, ")")?;
    }
    if exit.ordinal != 0 {
        write!(f, " ordinal {}", exit.ordinal)?;
    }
    if !exit.log.is_empty() {
        write!(f, " log(")?;
        list(f, exit.log.iter().map(show))?;
        write!(f, ")")?;
    }
    writeln!(f)?;
    for frame in &exit.frames {
        write!(f, "  frame code {:#x} pc {} tag {}: ", frame.code, frame.pc, frame.tag)?;
        list(f, frame.slots.iter().map(show))?;
        writeln!(f)?;
    }
    for (i, v) in exit.virtuals.iter().enumerate() {
        write!(f, "  virtual v{i}: class {} size {}", v.class.0, v.size)?;
        if v.array {
            write!(f, " items {}", v.items)?;
        }
        write!(f, " {{ ")?;
        list(
            f,
            v.fields
                .iter()
                .map(|(at, kind, value)| format!("{at}:{} = {}", letter(Some(*kind)), show(value))),
        )?;
        writeln!(f, " }}")?;
    }
    for p in &exit.pending {
        writeln!(f, "  pending {}.{} = {}", show(&p.object), p.field.name, show(&p.value))?;
    }
    Ok(())
}

/// What names in a text mean.
#[derive(Clone, Copy, Default)]
pub struct Names<'a> {
    pub fields: &'a [Field],
    pub arrays: &'a [Array],
    pub calls: &'a [&'static Call],
}

/// Where and why a text is not a trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    pub what: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ParseError {}

type Parsed<T> = Result<T, String>;

struct Parser<'a> {
    names: Names<'a>,
    trace: Trace,
    values: HashMap<String, Arg>,
}

/// Parses one trace.
pub fn parse(text: &str, names: Names) -> Result<Trace, ParseError> {
    let mut parser = Parser { names, trace: Trace::default(), values: HashMap::new() };
    let mut exit = None;
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        parser.line(line, &mut exit).map_err(|what| ParseError { line: n + 1, what })?;
    }
    Ok(parser.trace)
}

/// `text` without `prefix` and the space after it.
fn after<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.strip_prefix(prefix)
        .filter(|rest| rest.is_empty() || rest.starts_with([' ', '(']))
        .map(str::trim_start)
}

fn number<T: TryFrom<i128>>(text: &str) -> Parsed<T> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(hex) => i128::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let value = value.map_err(|_| format!("'{text}' is not a number"))?;
    T::try_from(if negative { -value } else { value }).map_err(|_| format!("{text} is out of range"))
}

/// The first word and the rest.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    match text.find(' ') {
        Some(at) => (&text[..at], text[at..].trim_start()),
        None => (text, ""),
    }
}

/// `text` must be `prefix` and a number.
fn labelled<T: TryFrom<i128>>(text: &str, prefix: &str) -> Parsed<T> {
    number(after(text.trim(), prefix).ok_or_else(|| format!("'{text}': expected '{prefix} …'"))?)
}

/// Items between commas, not those inside of parentheses.
fn items(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut start = 0;
    let mut out = Vec::new();
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                out.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() || !out.is_empty() {
        out.push(last);
    }
    out
}

fn constant(text: &str) -> Parsed<Const> {
    if text == "null" {
        return Ok(Const::Ref(Ref::NULL));
    }
    let inside = |name: &str| text.strip_prefix(name).and_then(|t| t.strip_prefix('(')?.strip_suffix(')'));
    if let Some(address) = inside("ptr") {
        return Ok(Const::Ref(Ref(number(address)?)));
    }
    if let Some(bits) = inside("bits") {
        return Ok(Const::Float(number(bits)?));
    }
    if !text.starts_with("0x") && text.contains(['.', 'e']) {
        let value: f64 = text.parse().map_err(|_| format!("'{text}' is no operand"))?;
        return Ok(Const::Float(value.to_bits()));
    }
    number(text).map(Const::Int).map_err(|_| format!("'{text}' is no operand"))
}

impl Parser<'_> {
    fn line(&mut self, line: &str, exit: &mut Option<usize>) -> Parsed<()> {
        if let Some(rest) = after(line, "trace") {
            return self.header(rest);
        }
        if let Some(rest) = after(line, "exit") {
            *exit = Some(self.exit(rest)?);
            return Ok(());
        }
        let part = ["frame", "virtual", "pending"].iter().find_map(|p| after(line, p).map(|rest| (*p, rest)));
        // `frame_load(…)` is an operation: `after` asks for a space.
        match (part, *exit) {
            (Some(("frame", rest)), Some(n)) => self.frame(rest, n),
            (Some(("virtual", rest)), Some(n)) => self.virtual_object(rest, n),
            (Some((_, rest)), Some(n)) => self.pending(rest, n),
            (Some((part, _)), None) => Err(format!("{part} outside of an exit")),
            (None, _) => self.operation(line),
        }
    }

    /// `3 "name" bridge of 5 first exit 6`.
    fn header(&mut self, text: &str) -> Parsed<()> {
        let (id, rest) = word(text);
        self.trace.id = number(id)?;
        let rest = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').ok_or("the name does not end")?;
                self.trace.name = quoted[..end].to_string();
                quoted[end + 1..].trim_start()
            }
            None => rest,
        };
        let rest = match after(rest, "bridge of") {
            Some(tail) => {
                let (n, tail) = word(tail);
                self.trace.bridge_of = Some(number(n)?);
                tail
            }
            None => rest,
        };
        match after(rest, "first exit") {
            Some(n) => self.trace.first_exit = number(n)?,
            None if rest.is_empty() => {}
            None => return Err(format!("'{rest}' after the trace's name")),
        }
        Ok(())
    }

    fn arg(&mut self, text: &str) -> Parsed<Arg> {
        match self.values.get(text) {
            Some(&arg) => Ok(arg),
            None => constant(text).map(|c| self.trace.constant(c)),
        }
    }

    fn operation(&mut self, line: &str) -> Parsed<()> {
        let (result, call) = match line.split_once(" = ") {
            Some((name, call)) => (Some(name.trim()), call.trim()),
            None => (None, line),
        };
        let open = call.find('(').ok_or_else(|| format!("'{call}' is no operation"))?;
        let close = call.rfind(')').filter(|&c| c > open).ok_or("')' is missing")?;
        let name = &call[..open];
        let code = Opcode::ALL
            .iter()
            .copied()
            .find(|o| o.name() == name)
            .ok_or_else(|| format!("there is no operation '{name}'"))?;
        let kind = match result {
            Some(r) => {
                Some(r.chars().next().and_then(kind_of_letter).ok_or_else(|| format!("'{r}' is no result"))?)
            }
            None => None,
        };
        let mut texts = items(&call[open + 1..close]);
        let descr = self.descr(code, &mut texts)?;
        let args = texts.iter().map(|t| self.arg(t)).collect::<Parsed<Vec<Arg>>>()?;
        let mut op = Op::new(code, kind, &args, descr);
        let tail = call[close + 1..].trim();
        if !tail.is_empty() {
            let n = tail.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
            op.exit = number(n.ok_or_else(|| format!("'{tail}' after the operation"))?)?;
            self.ensure_exit(op.exit as usize)?;
        }
        self.trace.ops.push(op);
        if let Some(r) = result {
            self.values.insert(r.to_string(), Arg::op(self.trace.ops.len() - 1));
        }
        Ok(())
    }

    /// Takes the descriptor from the items of an operation.
    fn descr(&self, code: Opcode, texts: &mut Vec<&str>) -> Parsed<Descr> {
        use Opcode::*;
        let mut last = || texts.pop().ok_or_else(|| format!("{} needs more", code.name()));
        Ok(match code {
            GetfieldI | GetfieldF | GetfieldR => Descr::Field(self.field(last()?)?),
            Setfield => {
                let text = last()?;
                match after(text, "fresh") {
                    Some(name) => Descr::FreshField(self.field(name)?),
                    None => Descr::Field(self.field(text)?),
                }
            }
            GetitemI | GetitemF | GetitemR => Descr::Array(self.array(last()?)?),
            Setitem => {
                let text = last()?;
                match after(text, "fresh") {
                    Some(name) => Descr::FreshArray(self.array(name)?),
                    None => Descr::Array(self.array(text)?),
                }
            }
            SetClass | GuardClass | GuardNonnullClass => Descr::Class(ClassId(labelled(last()?, "class")?)),
            New | NewArray => {
                let items = if code == NewArray { number(last()?)? } else { 0 };
                let size = number(last()?)?;
                Descr::New { class: ClassId(labelled(last()?, "class")?), size, items }
            }
            CallI | CallF | CallR | CallN => {
                if texts.is_empty() {
                    return Err("a call of nothing".into());
                }
                let name = texts.remove(0);
                let call = self.names.calls.iter().find(|c| c.name == name);
                Descr::Call(call.ok_or_else(|| format!("there is no function '{name}'"))?)
            }
            Jump | JumpEntry => Descr::Number(labelled(last()?, "trace")?),
            Input | FrameLoad | DeadSlot | FrameStore | FrameAddr | GuardFrameSpace | GuardCountdown
            | LabelArg | FrameMove | JumpHead => Descr::Number(number(last()?)?),
            Observe => {
                let text = last()?;
                match after(text, "type") {
                    Some(site) => Descr::Site { site: number(site)?, class: true },
                    None => Descr::Site { site: labelled(text, "value")?, class: false },
                }
            }
            _ => Descr::None,
        })
    }

    fn field(&self, name: &str) -> Parsed<Field> {
        self.names
            .fields
            .iter()
            .find(|f| f.name == name)
            .copied()
            .ok_or_else(|| format!("there is no field '{name}'"))
    }

    fn array(&self, name: &str) -> Parsed<Array> {
        self.names
            .arrays
            .iter()
            .find(|a| a.name == name)
            .copied()
            .ok_or_else(|| format!("there is no array '{name}'"))
    }

    fn ensure_exit(&mut self, n: usize) -> Parsed<()> {
        if n > 1 << 20 {
            return Err(format!("{n} is too high for an exit"));
        }
        if self.trace.exits.len() <= n {
            self.trace.exits.resize_with(n + 1, Exit::default);
        }
        Ok(())
    }

    /// `0: live(…) ordinal 1 log(…)`.
    fn exit(&mut self, text: &str) -> Parsed<usize> {
        let (n, mut rest) = text.split_once(':').ok_or("':' is missing after the exit's number")?;
        let n: u32 = number(n)?;
        let n = n as usize;
        self.ensure_exit(n)?;
        loop {
            rest = rest.trim_start();
            if let Some(tail) = after(rest, "ordinal") {
                let (value, tail) = word(tail);
                self.trace.exits[n].ordinal = number(value)?;
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix("live(") {
                let (inside, tail) = parenthesis(tail)?;
                for text in items(inside) {
                    let arg = self.arg(text)?;
                    self.trace.exits[n].live.push(arg);
                }
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix("log(") {
                let (inside, tail) = parenthesis(tail)?;
                for text in items(inside) {
                    let val = self.val(text, n)?;
                    self.trace.exits[n].log.push(val);
                }
                rest = tail;
            } else if rest.is_empty() {
                return Ok(n);
            } else {
                return Err(format!("'{rest}' in an exit"));
            }
        }
    }

    fn val(&self, text: &str, exit: usize) -> Parsed<Val> {
        if text == "_" {
            return Ok(Val::Unchanged);
        }
        if let Some(arg) = self.values.get(text) {
            let at = self.trace.exits[exit].live.iter().position(|a| a == arg);
            return at
                .map(|n| Val::Live(n as u32))
                .ok_or_else(|| format!("{text} is not live at exit {exit}"));
        }
        match text.strip_prefix('v').map(number) {
            Some(n) => Ok(Val::Virtual(n?)),
            None => constant(text).map(Val::Const),
        }
    }

    /// `code 0x10 pc 4 tag 0: p0, _`.
    fn frame(&mut self, text: &str, exit: usize) -> Parsed<()> {
        let (head, slots) = text.split_once(':').ok_or("':' is missing before the slots")?;
        let words: Vec<&str> = head.split_whitespace().collect();
        let ["code", code, "pc", pc, "tag", tag] = words[..] else {
            return Err(format!("'{head}': expected 'code … pc … tag …'"));
        };
        let slots = items(slots).iter().map(|t| self.val(t, exit)).collect::<Parsed<Vec<Val>>>()?;
        let frame = FrameState { code: number(code)?, pc: number(pc)?, tag: number(tag)?, slots };
        self.trace.exits[exit].frames.push(frame);
        Ok(())
    }

    /// `v0: class 3 size 16 items 2 { 8:i = i2, 16:p = null }`.
    fn virtual_object(&mut self, text: &str, exit: usize) -> Parsed<()> {
        let (head, fields) = text.split_once('{').ok_or("'{' is missing")?;
        let fields = fields.trim().strip_suffix('}').ok_or("'}' is missing")?;
        let (name, head) = head.split_once(':').ok_or("':' is missing after the name")?;
        if name != format!("v{}", self.trace.exits[exit].virtuals.len()) {
            return Err(format!("{name} is not the next virtual"));
        }
        let words: Vec<&str> = head.split_whitespace().collect();
        let (class, size, items_text) = match words[..] {
            ["class", class, "size", size] => (class, size, None),
            ["class", class, "size", size, "items", n] => (class, size, Some(n)),
            _ => return Err(format!("'{head}': expected 'class … size …'")),
        };
        let mut parsed = Vec::new();
        for text in items(fields) {
            let (place, value) = text.split_once(" = ").ok_or("' = ' is missing")?;
            let (at, kind) = place.split_once(':').ok_or("':' is missing after the offset")?;
            let kind = kind.chars().next().and_then(kind_of_letter).ok_or("the field has no kind")?;
            parsed.push((number(at)?, kind, self.val(value, exit)?));
        }
        self.trace.exits[exit].virtuals.push(VirtualState {
            class: ClassId(number(class)?),
            size: number(size)?,
            array: items_text.is_some(),
            items: items_text.map_or(Ok(0), number)?,
            fields: parsed,
        });
        Ok(())
    }

    /// `p0.next = v0`.
    fn pending(&mut self, text: &str, exit: usize) -> Parsed<()> {
        let (place, value) = text.split_once(" = ").ok_or("' = ' is missing")?;
        let (object, field) = place.split_once('.').ok_or("'.' is missing")?;
        let store = PendingStore {
            object: self.val(object, exit)?,
            field: self.field(field)?,
            value: self.val(value, exit)?,
        };
        self.trace.exits[exit].pending.push(store);
        Ok(())
    }
}

/// Text up to the parenthesis that closes, and what follows it.
fn parenthesis(text: &str) -> Parsed<(&str, &str)> {
    let mut depth = 1;
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok((&text[..i], &text[i + 1..]));
        }
    }
    Err("')' is missing".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{CodePtr, Effect};

    const VALUE: Field = Field { id: 1, offset: 8, kind: Kind::Int, immutable: true, name: "value" };
    const NEXT: Field = Field { id: 2, offset: 16, kind: Kind::Ref, immutable: false, name: "next" };
    const ITEMS: Array =
        Array { id: 3, base: 16, kind: Kind::Ref, shift: 3, immutable: false, name: "items" };
    static PRINT: Call = Call {
        name: "print",
        func: CodePtr(std::ptr::null()),
        args: &[Kind::Ref, Kind::Float],
        result: Some(Kind::Int),
        effect: Effect::Any,
        can_raise: true,
    };
    const NAMES: Names = Names { fields: &[VALUE, NEXT], arrays: &[ITEMS], calls: &[&PRINT] };

    const WHOLE: &str = r#"trace 3 "main:12" bridge of 17 first exit 40
p0 = input(0)
p1 = frame_load(48)
guard_nonnull_class(p1, class 3) [0]
i3 = getfield_gc_i(p1, value)
i4 = int_add_ovf(i3, -1) [1]
f5 = float_add(2.5, bits(0x7ff8000000000000))
f6 = float_mul(f5, -0.0)
p7 = new_with_vtable(class 3, 24)
setfield_gc(p7, null, fresh next)
p9 = new_array(class 5, 40, 3)
setarrayitem_gc(p9, 2, p7, fresh items)
setarrayitem_gc(p9, i4, ptr(0x20000010), items)
i12 = call_i(print, p9, f6)
guard_no_exception() [2]
observe(i12, value 7)
observe(p9, type 8)
guard_frame_space(400) [3]
label(i4, p1)
i18 = label_arg(0)
p19 = label_arg(1)
jump(i18, p19, trace 3)
exit 1: live(p1, i3) ordinal 2 log(i3, 5)
  frame code 0x5510 pc 4 tag 1: p1, _, v0, 2.5
  frame code 0x5520 pc 0 tag 0: 
  virtual v0: class 3 size 24 { 8:i = i3, 16:p = v1 }
  virtual v1: class 5 size 40 items 3 { 16:p = null }
  pending p1.next = v0
"#;

    #[test]
    fn round_trip() {
        let trace = parse(WHOLE, NAMES).expect("the trace parses");
        assert_eq!(trace.bridge_of, Some(17));
        assert_eq!(trace.exits.len(), 4);
        assert_eq!(trace.exits[1].frames[0].slots[3], Val::Const(Const::Float(2.5f64.to_bits())));
        assert_eq!(trace.to_string(), WHOLE);
    }

    #[test]
    fn names_comments_and_space_are_free() {
        let free = "trace 0\n  pobj = frame_load(48)  # the object\n\niv = getfield_gc_i(pobj, value)\nleave() [0]\nexit 0: live(iv)";
        let trace = parse(free, NAMES).expect("the trace parses");
        assert_eq!(
            trace.to_string(),
            "trace 0 \"\"\np0 = frame_load(48)\ni1 = getfield_gc_i(p0, value)\nleave() [0]\nexit 0: live(i1)\n"
        );
    }

    #[test]
    fn errors_say_where() {
        for (text, line, what) in [
            ("trace x", 1, "'x' is not a number"),
            ("trace 1\ni0 = int_plus(1, 2)", 2, "there is no operation 'int_plus'"),
            ("i0 = int_add(1, i7)", 1, "'i7' is no operand"),
            ("i0 = getfield_gc_i(null, colour)", 1, "there is no field 'colour'"),
            ("i0 = int_add(1, 2", 1, "')' is missing"),
            ("q0 = int_add(1, 2)", 1, "'q0' is no result"),
            ("guard_true(1) [-1]", 1, "-1 is out of range"),
            ("guard_true(1) [99999999]", 1, "99999999 is too high for an exit"),
            ("i0 = int_add(1, 2)\nleave() [0]\nexit 0: log(i0)", 3, "i0 is not live at exit 0"),
            ("frame code 1 pc 0 tag 0:", 1, "frame outside of an exit"),
            ("new_with_vtable(24)", 1, "new_with_vtable needs more"),
        ] {
            let error = parse(text, NAMES).expect_err(text);
            assert_eq!((error.line, error.what.as_str()), (line, what), "{text}");
        }
    }
}
