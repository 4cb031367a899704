//! Doubles as text, digit for digit as CPython writes them.

/// `repr(float)`: the shortest digits that read back as the same value.
pub fn repr(v: f64, out: &mut String) {
    if v.is_nan() {
        return out.push_str("nan");
    }
    if v.is_infinite() {
        return out.push_str(if v < 0.0 { "-inf" } else { "inf" });
    }
    if v == v.trunc() && v.abs() < 1e15 {
        if v == 0.0 && v.is_sign_negative() {
            out.push('-');
        }
        push_int(v as i64, out);
        out.push_str(".0");
        return;
    }
    let shortest = format!("{v:e}");
    let (mantissa, exponent) = split(&shortest);
    if (-4..16).contains(&exponent) {
        push_fixed(mantissa, exponent, out);
        if !out.contains_since_point() {
            out.push_str(".0");
        }
    } else {
        out.push_str(mantissa);
        push_exponent(exponent, 'e', out);
    }
}

trait Since {
    fn contains_since_point(&self) -> bool;
}

impl Since for String {
    /// Does the number at the end of the text have a point?
    fn contains_since_point(&self) -> bool {
        self.bytes().rev().take_while(|b| b.is_ascii_digit() || *b == b'.').any(|b| b == b'.')
    }
}

/// Appends an integer in decimal.
pub fn push_int(v: i64, out: &mut String) {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = v.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if v < 0 {
        out.push('-');
    }
    for digit in &buffer[at..] {
        out.push(*digit as char);
    }
}

/// Splits what `{:e}` gives into mantissa and exponent.
fn split(text: &str) -> (&str, i32) {
    match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse().unwrap_or(0)),
        None => (text, 0),
    }
}

/// Appends mantissa · 10^exponent without an exponent.
fn push_fixed(mantissa: &str, exponent: i32, out: &mut String) {
    let digits = mantissa.trim_start_matches('-');
    if digits.len() < mantissa.len() {
        out.push('-');
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all: String = [whole, fraction].concat();
    let point = whole.len() as i32 + exponent;
    if point <= 0 {
        out.push_str("0.");
        (0..-point).for_each(|_| out.push('0'));
        out.push_str(&all);
    } else if point as usize >= all.len() {
        out.push_str(&all);
        (all.len()..point as usize).for_each(|_| out.push('0'));
    } else {
        out.push_str(&all[..point as usize]);
        out.push('.');
        out.push_str(&all[point as usize..]);
    }
}

fn push_exponent(exponent: i32, e: char, out: &mut String) {
    out.push(e);
    out.push(if exponent < 0 { '-' } else { '+' });
    if exponent.abs() < 10 {
        out.push('0');
    }
    push_int(exponent.abs() as i64, out);
}

/// Digits beyond which every double's exact decimal expansion has only zeros.
const MAX_DIGITS: usize = 1100;

/// The magnitude of a double in one of the styles `e f g` (or capitals), `%` not included; `alternate` keeps the point
/// and trailing zeros. Not-a-number and infinities as words. The sign is the caller's.
pub fn styled(v: f64, style: char, precision: usize, alternate: bool) -> String {
    let v = v.abs();
    if v.is_nan() || v.is_infinite() {
        let word = if v.is_nan() { "nan" } else { "inf" };
        return if style.is_ascii_uppercase() { word.to_uppercase() } else { word.to_string() };
    }
    match style {
        'f' | 'F' => {
            let exact = precision.min(MAX_DIGITS);
            let mut text = format!("{v:.exact$}");
            text.extend(std::iter::repeat_n('0', precision - exact));
            if alternate && precision == 0 {
                text.push('.');
            }
            text
        }
        'e' | 'E' => exponential(v, style, precision, alternate),
        _ => {
            let precision = precision.clamp(1, MAX_DIGITS);
            let probe = format!("{v:.*e}", precision - 1);
            let (mantissa, exponent) = split(&probe);
            let mut text = String::new();
            if exponent < -4 || exponent >= precision as i32 {
                text.push_str(mantissa);
                if !alternate {
                    strip_zeros(&mut text);
                } else if !text.contains('.') {
                    text.push('.');
                }
                push_exponent(exponent, if style == 'G' { 'E' } else { 'e' }, &mut text);
            } else {
                push_fixed(mantissa, exponent, &mut text);
                if !alternate {
                    strip_zeros(&mut text);
                } else if !text.contains('.') {
                    text.push('.');
                }
            }
            text
        }
    }
}

fn exponential(v: f64, style: char, precision: usize, alternate: bool) -> String {
    let exact = precision.min(MAX_DIGITS);
    let text = format!("{v:.exact$e}");
    let (mantissa, exponent) = split(&text);
    let mut out = mantissa.to_string();
    out.extend(std::iter::repeat_n('0', precision - exact));
    if alternate && precision == 0 {
        out.push('.');
    }
    push_exponent(exponent, style, &mut out);
    out
}

fn strip_zeros(text: &mut String) {
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
}

/// The magnitude in the style of `format(v, '.3')`: as `g`, but with at least one digit after the point.
pub fn general(v: f64, precision: usize) -> String {
    let v = v.abs();
    if v.is_nan() || v.is_infinite() {
        return styled(v, 'g', precision, false);
    }
    let precision = precision.clamp(1, MAX_DIGITS);
    let probe = format!("{v:.*e}", precision - 1);
    let (mantissa, exponent) = split(&probe);
    let mut text = String::new();
    if exponent < -4 || exponent >= precision as i32 {
        text.push_str(mantissa);
        strip_zeros(&mut text);
        push_exponent(exponent, 'e', &mut text);
    } else {
        push_fixed(mantissa, exponent, &mut text);
        strip_zeros(&mut text);
        if !text.contains('.') {
            if exponent + 1 >= precision as i32 {
                // No room for a digit after the point.
                text.clear();
                text.push_str(mantissa);
                strip_zeros(&mut text);
                push_exponent(exponent, 'e', &mut text);
            } else {
                text.push_str(".0");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(v: f64) -> String {
        let mut s = String::new();
        repr(v, &mut s);
        s
    }

    #[test]
    fn repr_is_shortest() {
        for (v, text) in [
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (5e-324, "5e-324"),
            (9007199254740993.0, "9007199254740992.0"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(shown(v), text);
        }
    }

    #[test]
    fn styles() {
        assert_eq!(styled(0.5, 'f', 0, false), "0");
        assert_eq!(styled(2.5, 'f', 0, false), "2");
        assert_eq!(styled(1234567.0, 'g', 6, false), "1.23457e+06");
        assert_eq!(styled(100000.0, 'g', 6, false), "100000");
        assert_eq!(styled(12.0, 'e', 3, false), "1.200e+01");
        assert_eq!(general(1234.5, 3), "1.23e+03");
        assert_eq!(general(12.0, 3), "12.0");
    }
}
