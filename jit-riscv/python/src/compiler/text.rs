//! Numbers and f-strings.

use num_bigint::BigUint;
use ruff_python_ast::{self as ast, ConversionFlag, FStringPart, InterpolatedStringElement, Number};
use ruff_text_size::Ranged;

use super::{Compiler, Result};
use crate::bytecode::{Conversion, Op};
use crate::code::Constant;

impl<'a> Compiler<'a> {
    pub fn number(&self, node: &ast::ExprNumberLiteral) -> Result<Constant> {
        match &node.value {
            Number::Int(value) => {
                if let Some(value) = value.as_i64() {
                    return Ok(Constant::Int(value));
                }
                // The parser gives the text as it is where the value is large.
                let text = value.to_string().replace('_', "").to_ascii_lowercase();
                let (digits, radix) = match text.get(..2) {
                    Some("0x") => (&text[2..], 16),
                    Some("0o") => (&text[2..], 8),
                    Some("0b") => (&text[2..], 2),
                    _ => (&text[..], 10),
                };
                match BigUint::parse_bytes(digits.as_bytes(), radix) {
                    Some(value) => Ok(Constant::BigInt(value.to_string())),
                    None => self.syntax_error(node.start(), "invalid integer literal"),
                }
            }
            Number::Float(value) => Ok(Constant::Float(value.to_bits())),
            Number::Complex { .. } => self.unsupported(node.start(), "complex numbers are"),
        }
    }

    pub fn f_string(&mut self, node: &'a ast::ExprFString) -> Result {
        let mut pieces = Pieces::default();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => pieces.text.push_str(&literal.value),
                FStringPart::FString(string) => self.elements(&string.elements, &mut pieces)?,
            }
        }
        self.join(pieces);
        Ok(())
    }

    /// Pushes the values of the elements, text between them included.
    fn elements(&mut self, elements: &'a [InterpolatedStringElement], pieces: &mut Pieces) -> Result {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => pieces.text.push_str(&literal.value),
                InterpolatedStringElement::Interpolation(field) => {
                    let mut conversion = match field.conversion {
                        ConversionFlag::None => Conversion::None,
                        ConversionFlag::Str => Conversion::Str,
                        ConversionFlag::Repr => Conversion::Repr,
                        ConversionFlag::Ascii => Conversion::Ascii,
                    };
                    if let Some(debug) = &field.debug_text {
                        pieces.text.push_str(debug.as_str());
                        if conversion == Conversion::None && field.format_spec.is_none() {
                            conversion = Conversion::Repr;
                        }
                    }
                    self.flush(pieces);
                    self.expression(&field.expression)?;
                    if let Some(spec) = &field.format_spec {
                        let mut inner = Pieces::default();
                        self.elements(&spec.elements, &mut inner)?;
                        self.join(inner);
                    }
                    self.unit.emit(Op::FormatValue { conversion, spec: field.format_spec.is_some() });
                    pieces.count += 1;
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self, pieces: &mut Pieces) {
        if !pieces.text.is_empty() {
            let text = std::mem::take(&mut pieces.text);
            self.unit.load_constant(Constant::Str(text.into()));
            pieces.count += 1;
        }
    }

    fn join(&mut self, mut pieces: Pieces) {
        self.flush(&mut pieces);
        match pieces.count {
            0 => self.unit.load_constant(Constant::Str("".into())),
            1 => {}
            n => self.unit.emit(Op::BuildString(n)),
        }
    }
}

/// What of a string is on the stack, and the text that is not yet.
#[derive(Default)]
struct Pieces {
    text: String,
    count: u32,
}
