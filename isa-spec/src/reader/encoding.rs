//! `encoding:`: fixed bits, variables and the places that they get in a decoded instruction.

use super::{Reader, Result, get};
use crate::model::{BitRange, Field, FieldKind, MAX_FIELDS, Slot};
use crate::yaml::{Node, NodeKind, Pos};

impl Reader<'_> {
    pub(super) fn encoding(&self, node: &Node) -> Result<(u8, u32, u32, Vec<Field>)> {
        let map = self.map(node, "encoding")?;
        self.keys(map, &["match", "variables"])?;
        let pattern = self.need(map, "match", node.pos)?;
        let text = self.text(pattern, "match")?;
        let len = match text.chars().count() {
            16 => 2u8,
            32 => 4,
            n => return self.err(pattern.pos, format!("match: expected 16 or 32 characters, found {n}")),
        };
        let (mut mask, mut bits) = (0u32, 0u32);
        for (i, c) in text.chars().enumerate() {
            (mask, bits) = (mask << 1, bits << 1);
            match c {
                '0' => mask |= 1,
                '1' => (mask, bits) = (mask | 1, bits | 1),
                '-' => {}
                _ => {
                    let pos = Pos { col: pattern.pos.col + i, len: 1, ..pattern.pos };
                    return self.err(pos, format!("match: expected 0, 1 or -, found `{c}`"));
                }
            }
        }
        if (len == 4) != (bits & mask & 3 == 3) {
            return self.err(pattern.pos, "match: 32-bit encodings end in 11, 16-bit ones do not");
        }
        let (mut fields, mut places) = (Vec::new(), Vec::new());
        let mut covered = mask;
        if let Some(list) = get(map, "variables") {
            for item in self.seq(list, "variables")? {
                let field = self.variable(item, u32::from(len) * 8)?;
                let place = |key| -> Result<Pos> {
                    Ok(get(self.map(item, "variable")?, key).map_or(item.pos, |n| n.pos))
                };
                let taken = covered & field.mask();
                if taken != 0 {
                    let pos = place("location")?;
                    let owner = fields.iter().find(|f: &&Field| f.mask() & taken != 0);
                    let what = match owner {
                        Some(f) => format!("belongs to `{}` already", f.name),
                        None => "is fixed by `match`".to_string(),
                    };
                    let bit = taken.trailing_zeros();
                    return self.err(pos, format!("location: bit {bit} of `{}` {what}", field.name));
                }
                covered |= field.mask();
                if fields.iter().any(|f: &Field| f.name == field.name) {
                    return self.err(place("name")?, format!("variable `{}` is given twice", field.name));
                }
                fields.push(field);
                places.push(place("name")?);
            }
        }
        let all = if len == 4 { u32::MAX } else { 0xffff };
        if covered != all {
            let bit = (!covered & all).trailing_zeros();
            return self.err(pattern.pos, format!("match: bit {bit} is `-` but belongs to no variable"));
        }
        if fields.len() > MAX_FIELDS {
            return self.err(node.pos, format!("more than {MAX_FIELDS} variables"));
        }
        self.slots(&mut fields, &places)?;
        Ok((len, mask, bits, fields))
    }

    fn variable(&self, node: &Node, insn_bits: u32) -> Result<Field> {
        let map = self.map(node, "variable")?;
        self.keys(
            map,
            &["name", "location", "left_shift", "sign_extend", "not", "custom_kind", "custom_default"],
        )?;
        let name = self.need_text(map, "name", node.pos)?;
        let place = self.need(map, "location", node.pos)?;
        let mut location = Vec::new();
        let mut seen = 0u32;
        for part in self.text(place, "location")?.split('|') {
            let (hi, lo) = part.split_once('-').unwrap_or((part, part));
            match (hi.trim().parse::<u32>(), lo.trim().parse::<u32>()) {
                (Ok(hi), Ok(lo)) if hi >= lo && hi < insn_bits => {
                    let range = BitRange { hi: hi as u8, lo: lo as u8 };
                    let mask = (((1u64 << range.width()) - 1) << lo) as u32;
                    if seen & mask != 0 {
                        return self.err(place.pos, format!("location: `{part}` names a bit again"));
                    }
                    seen |= mask;
                    location.push(range);
                }
                _ => {
                    return self.err(
                        place.pos,
                        format!("location: expected bits such as 31-20 or 7|12-10, found `{part}`"),
                    );
                }
            }
        }
        let left_shift = match get(map, "left_shift") {
            Some(n) => match self.int(n, "left_shift")? {
                v @ 0..=31 => v as u8,
                v => return self.err(n.pos, format!("left_shift: {v} is not in 0..=31")),
            },
            None => 0,
        };
        let sign_extend = match get(map, "sign_extend") {
            Some(n) => self.bool(n, "sign_extend")?,
            None => false,
        };
        let kind = match get(map, "custom_kind") {
            Some(n) => {
                let text = self.text(n, "custom_kind")?;
                match kind_from_name(text) {
                    Some(kind) => kind,
                    None => {
                        return self.err(
                            n.pos,
                            format!(
                                "custom_kind: expected xreg, freg, imm, hex, upper, target, csr, rm, fence_set, aqrl, fp_constant or hidden, found `{text}`"
                            ),
                        );
                    }
                }
            }
            None => default_kind(&name),
        };
        let default = get(map, "custom_default").map(|n| self.int(n, "custom_default")).transpose()?;
        let mut field = Field {
            name,
            location,
            left_shift,
            sign_extend,
            not: Vec::new(),
            kind,
            default,
            slot: Slot::Imm,
        };
        if field.is_reg() && ![3, 5].contains(&field.width()) {
            return self
                .err(place.pos, "location: a register field has 5 bits, or 3 in compressed encodings");
        }
        for key in ["sign_extend", "left_shift"] {
            if let Some((_, pos, _)) = map.iter().find(|(k, _, _)| k == key).filter(|_| field.is_reg()) {
                return self.err(*pos, format!("{key}: `{}` is a register and no number", field.name));
            }
        }
        if field.value_width() > 32 {
            return self.err(place.pos, "location: a value of more than 32 bits");
        }
        if let Some(n) = get(map, "not") {
            let items = match &n.kind {
                NodeKind::Seq(items) => items.as_slice(),
                _ => std::slice::from_ref(n),
            };
            for item in items {
                let value = self.int(item, "not")?;
                if let Err(e) = field.insert(value) {
                    return self.err(item.pos, format!("not: {e}"));
                }
                field.not.push(value);
            }
        }
        if let Some(value) = default
            && let Err(e) = field.insert(value)
        {
            return self.err(node.pos, format!("custom_default: {e}"));
        }
        Ok(field)
    }

    /// Gives each field its place in the generated `Decoded`: registers by role, the widest (or a
    /// signed) other field in `imm`, the rest in free byte-sized places. `places`: where their names are.
    fn slots(&self, fields: &mut [Field], places: &[Pos]) -> Result<()> {
        let mut free = vec![Slot::Aux, Slot::Rs3, Slot::Rs2, Slot::Rs1, Slot::Rd, Slot::Imm];
        let full = |name: &str| {
            format!(
                "no room for `{name}`: an instruction has at most one number that is signed or wider than 8 bits, and six variables in all"
            )
        };
        for (f, &at) in fields.iter_mut().zip(places).filter(|(f, _)| f.is_reg()) {
            let slot = match f.name.as_str() {
                "xd" | "fd" => Slot::Rd,
                "xs1" | "fs1" => Slot::Rs1,
                "xs2" | "fs2" => Slot::Rs2,
                "xs3" | "fs3" => Slot::Rs3,
                other => {
                    return self.err(
                        at,
                        format!(
                            "register fields are called xd, xs1, xs2, xs3, fd, fs1, fs2, fs3; found `{other}`"
                        ),
                    );
                }
            };
            if !free.contains(&slot) {
                return self.err(at, full(&f.name));
            }
            free.retain(|s| *s != slot);
            f.slot = slot;
        }
        let mut rest: Vec<usize> = (0..fields.len()).filter(|n| !fields[*n].is_reg()).collect();
        rest.sort_by_key(|n| {
            let f = &fields[*n];
            (f.kind == FieldKind::Rm, std::cmp::Reverse((f.sign_extend, f.value_width())))
        });
        for n in rest {
            let f = &mut fields[n];
            let byte = !f.sign_extend && f.value_width() <= 8;
            let slot = if byte && f.kind == FieldKind::Rm {
                free.first().copied()
            } else {
                free.iter().rev().copied().find(|s| byte || *s == Slot::Imm)
            };
            let Some(slot) = slot else { return self.err(places[n], full(&f.name)) };
            free.retain(|s| *s != slot);
            f.slot = slot;
        }
        Ok(())
    }
}

fn default_kind(name: &str) -> FieldKind {
    match name {
        "xd" | "xs1" | "xs2" | "xs3" => FieldKind::XReg,
        "fd" | "fs1" | "fs2" | "fs3" => FieldKind::FReg,
        "rm" => FieldKind::Rm,
        "csr" => FieldKind::Csr,
        "pred" | "succ" => FieldKind::FenceSet,
        "aq" | "rl" => FieldKind::AqRl,
        "shamt" => FieldKind::Hex,
        _ => FieldKind::Imm,
    }
}

fn kind_from_name(name: &str) -> Option<FieldKind> {
    Some(match name {
        "xreg" => FieldKind::XReg,
        "freg" => FieldKind::FReg,
        "imm" => FieldKind::Imm,
        "hex" => FieldKind::Hex,
        "upper" => FieldKind::Upper,
        "target" => FieldKind::Target,
        "csr" => FieldKind::Csr,
        "rm" => FieldKind::Rm,
        "fence_set" => FieldKind::FenceSet,
        "aqrl" => FieldKind::AqRl,
        "fp_constant" => FieldKind::FpConstant,
        "hidden" => FieldKind::Hidden,
        _ => return None,
    })
}
