//! The code of one frame while it is being emitted: bytecodes, labels, stack depth, constants, protected regions.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::scope::ScopeId;
use super::{liveness, peephole};
use crate::bytecode::{Op, function_flags};
use crate::code::{CodeKind, Constant, Handler, Parameters, Spec};

/// A bytecode index that is not known yet. Until the end, jumps hold the label's number as their target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// A protected region: where exceptions go to a handler.
#[derive(Clone, Copy, Debug)]
pub struct RegionId(usize);

struct Region {
    target: Label,
    depth: u32,
    /// How many regions are around it.
    nesting: usize,
    /// Where it was entered last, None while it is suspended or closed.
    open: Option<u32>,
}

/// See the module.
pub struct Unit {
    pub spec: Spec,
    /// The scope whose frame this is.
    pub owner: ScopeId,
    /// Operands on the stack now.
    pub depth: u32,
    /// Can control reach this place?
    pub reachable: bool,
    line: u32,
    labels: Vec<Option<u32>>,
    label_depths: Vec<Option<u32>>,
    regions: Vec<Region>,
    open_regions: usize,
    handlers: Vec<(usize, Handler)>,
    slots: FxHashMap<(ScopeId, Rc<str>), u32>,
    constants: FxHashMap<ConstantKey, u32>,
    names: FxHashMap<Rc<str>, u16>,
    globals: FxHashMap<Rc<str>, u32>,
    /// An index did not fit its bytecode.
    pub overflow: bool,
}

/// Constants that may be shared: equal in type and value.
#[derive(PartialEq, Eq, Hash)]
enum ConstantKey {
    Int(i64),
    Float(u64),
    Str(Rc<str>),
    Other(u8),
}

impl Unit {
    pub fn new(
        kind: CodeKind,
        owner: ScopeId,
        name: &str,
        qualname: String,
        file: Rc<str>,
        line: u32,
    ) -> Unit {
        Unit {
            spec: Spec {
                kind,
                name: name.to_owned(),
                qualname,
                file,
                first_line: line,
                ops: Vec::new(),
                lines: Vec::new(),
                constants: Vec::new(),
                names: Vec::new(),
                globals: Vec::new(),
                codes: Vec::new(),
                caches: 0,
                locals: Vec::new(),
                free_start: 0,
                free_count: 0,
                stack: 0,
                parameters: Parameters::default(),
                handlers: Vec::new(),
                has_loop: false,
                doc: None,
                self_attributes: Vec::new(),
                live: Vec::new(),
            },
            owner,
            depth: 0,
            reachable: true,
            line,
            labels: Vec::new(),
            label_depths: Vec::new(),
            regions: Vec::new(),
            open_regions: 0,
            handlers: Vec::new(),
            slots: FxHashMap::default(),
            constants: FxHashMap::default(),
            names: FxHashMap::default(),
            globals: FxHashMap::default(),
            overflow: false,
        }
    }

    /// The following bytecodes come from this line; answers the line before.
    pub fn at_line(&mut self, line: u32) -> u32 {
        std::mem::replace(&mut self.line, line)
    }

    fn position(&self) -> u32 {
        self.spec.ops.len() as u32
    }

    /// Appends a bytecode that is no jump.
    pub fn emit(&mut self, op: Op) {
        let (pops, pushes) = effect(op);
        self.append(op);
        debug_assert!(!self.reachable || self.depth >= pops, "{op:?} at depth {}", self.depth);
        self.depth = self.depth.saturating_sub(pops) + pushes;
        self.spec.stack = self.spec.stack.max(self.depth as usize);
        if matches!(op, Op::Return | Op::Raise(_) | Op::Reraise | Op::ReturnGenerator(_)) {
            self.reachable = false;
        }
    }

    /// What cannot be reached is not emitted.
    fn append(&mut self, op: Op) {
        if !self.reachable {
            return;
        }
        self.spec.ops.push(op);
        self.spec.lines.push(self.line);
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        self.label_depths.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// A label for a loop's start, which is here.
    pub fn loop_label(&mut self) -> Label {
        let label = self.label();
        self.place(label);
        self.spec.has_loop = true;
        label
    }

    /// The label means this place.
    pub fn place(&mut self, label: Label) {
        let known = &mut self.label_depths[label.0 as usize];
        match *known {
            Some(depth) => {
                debug_assert!(!self.reachable || self.depth == depth, "stack depth differs at a label");
                self.depth = depth;
                self.reachable = true;
            }
            None => *known = Some(self.depth),
        }
        self.labels[label.0 as usize] = Some(self.position());
    }

    /// The label will be reached with this depth.
    fn reach(&mut self, label: Label, depth: u32) {
        let known = &mut self.label_depths[label.0 as usize];
        if self.reachable {
            debug_assert!(known.is_none_or(|d| d == depth), "stack depth differs at a jump");
            *known = Some(depth);
        }
        self.spec.stack = self.spec.stack.max(depth as usize);
    }

    /// Appends a jump; `make` gets the label's number as target.
    pub fn jump(&mut self, make: impl FnOnce(u32) -> Op, label: Label) {
        let op = make(label.0);
        self.append(op);
        let depth = self.depth;
        let (there, here) = match op {
            Op::Jump(_) => (depth, None),
            Op::ForIter(_) => (depth.saturating_sub(1), Some(depth + 1)),
            Op::PopJumpIfFalse(_) | Op::PopJumpIfTrue(_) | Op::PopJumpIfNone(_) | Op::PopJumpIfNotNone(_) => {
                (depth.saturating_sub(1), Some(depth.saturating_sub(1)))
            }
            Op::JumpIfFalseOrPop(_) | Op::JumpIfTrueOrPop(_) => (depth, Some(depth.saturating_sub(1))),
            Op::JumpIfNoMatch(_) => (depth.saturating_sub(1), Some(depth.saturating_sub(1))),
            Op::Delegate(_) => (depth.saturating_sub(1), Some(depth)),
            _ => (depth, Some(depth)),
        };
        self.reach(label, there);
        match here {
            Some(depth) => {
                self.depth = depth;
                self.spec.stack = self.spec.stack.max(depth as usize);
            }
            None => self.reachable = false,
        }
    }

    /// `[left, right] → []`: jumps where the comparison is false.
    pub fn compare_jump(&mut self, op: crate::bytecode::CompareOp, label: Label) {
        self.append(Op::CompareJump { op, target: label.0 });
        // What guest code answered lies on the stack for the bytecode that follows.
        self.depth = self.depth.saturating_sub(1);
        self.jump(Op::PopJumpIfFalse, label);
    }

    /// Opens a region whose exceptions go to `target`, where the operands of now and the exception are on the stack.
    pub fn open_region(&mut self, target: Label) -> RegionId {
        self.label_depths[target.0 as usize] = Some(self.depth + 1);
        self.spec.stack = self.spec.stack.max(self.depth as usize + 1);
        let open = Some(self.position());
        let nesting = self.open_regions;
        self.open_regions += 1;
        self.regions.push(Region { target, depth: self.depth, nesting, open });
        RegionId(self.regions.len() - 1)
    }

    pub fn close_region(&mut self, id: RegionId) {
        self.suspend_region(id);
        self.open_regions -= 1;
    }

    /// Until [`Unit::resume_region`] bytecodes are outside the region.
    pub fn suspend_region(&mut self, id: RegionId) {
        let end = self.position();
        let region = &mut self.regions[id.0];
        if let Some(start) = region.open.take()
            && start < end
        {
            let handler = Handler { start, end, target: region.target.0, depth: region.depth };
            self.handlers.push((region.nesting, handler));
        }
    }

    pub fn resume_region(&mut self, id: RegionId) {
        self.regions[id.0].open = Some(self.position());
    }

    /// A new slot for a variable.
    pub fn add_slot(&mut self, scope: ScopeId, name: &Rc<str>) -> u32 {
        let slot = self.spec.locals.len() as u32;
        self.spec.locals.push(name.clone());
        self.slots.insert((scope, name.clone()), slot);
        slot
    }

    /// The slot of a variable, made when there is none.
    pub fn slot(&mut self, scope: ScopeId, name: &Rc<str>) -> u32 {
        match self.slots.get(&(scope, name.clone())) {
            Some(slot) => *slot,
            None => self.add_slot(scope, name),
        }
    }

    fn small(&mut self, index: usize) -> u16 {
        u16::try_from(index).unwrap_or_else(|_| {
            self.overflow = true;
            0
        })
    }

    pub fn constant(&mut self, constant: Constant) -> u32 {
        let key = match &constant {
            Constant::Int(v) => Some(ConstantKey::Int(*v)),
            Constant::Float(bits) => Some(ConstantKey::Float(*bits)),
            Constant::Str(s) => Some(ConstantKey::Str(s.clone())),
            Constant::None => Some(ConstantKey::Other(0)),
            Constant::True => Some(ConstantKey::Other(1)),
            Constant::False => Some(ConstantKey::Other(2)),
            _ => None,
        };
        if let Some(index) = key.as_ref().and_then(|key| self.constants.get(key)) {
            return *index;
        }
        let index = self.spec.constants.len() as u32;
        self.spec.constants.push(constant);
        if let Some(key) = key {
            self.constants.insert(key, index);
        }
        index
    }

    pub fn load_constant(&mut self, constant: Constant) {
        let index = self.constant(constant);
        self.emit(Op::LoadConst(index));
    }

    pub fn name(&mut self, name: &Rc<str>) -> u16 {
        if let Some(index) = self.names.get(name) {
            return *index;
        }
        let index = self.small(self.spec.names.len());
        self.spec.names.push(name.clone());
        self.names.insert(name.clone(), index);
        index
    }

    pub fn global(&mut self, name: &Rc<str>) -> u32 {
        if let Some(index) = self.globals.get(name) {
            return *index;
        }
        let index = self.spec.globals.len() as u32;
        self.spec.globals.push(name.clone());
        self.globals.insert(name.clone(), index);
        index
    }

    pub fn small_global(&mut self, name: &Rc<str>) -> u16 {
        let index = self.global(name) as usize;
        self.small(index)
    }

    pub fn small_constant(&mut self, constant: Constant) -> u16 {
        let index = self.constant(constant) as usize;
        self.small(index)
    }

    pub fn count(&mut self, n: usize) -> u16 {
        self.small(n)
    }

    fn cache(&mut self) -> u16 {
        let index = self.small(self.spec.caches);
        self.spec.caches += 1;
        index
    }

    pub fn load_attr(&mut self, name: &Rc<str>) {
        let (name, cache) = (self.name(name), self.cache());
        self.emit(Op::LoadAttr { name, cache });
    }

    pub fn store_attr(&mut self, name: &Rc<str>) {
        let (name, cache) = (self.name(name), self.cache());
        self.emit(Op::StoreAttr { name, cache });
    }

    pub fn load_method(&mut self, name: &Rc<str>) {
        let (name, cache) = (self.name(name), self.cache());
        self.emit(Op::LoadMethod { name, cache });
    }

    pub fn make_function(&mut self, code: Spec, flags: u8) {
        let index = self.small(self.spec.codes.len());
        self.spec.codes.push(code);
        self.emit(Op::MakeFunction { code: index, flags });
    }

    /// Puts positions in the place of labels.
    pub fn finish(mut self) -> Spec {
        if self.reachable {
            self.load_constant(Constant::None);
            self.emit(Op::Return);
        }
        // A label at the very end belongs to code that is never reached.
        if self.labels.iter().flatten().any(|at| *at >= self.position()) {
            self.load_constant(Constant::None);
            self.emit(Op::Return);
        }
        let labels = &self.labels;
        let position = |label: u32| labels[label as usize].unwrap_or(0);
        for op in &mut self.spec.ops {
            if let Some(target) = peephole::target(op) {
                *target = position(*target);
            }
        }
        // Innermost first; within one level the order does not matter.
        self.handlers.sort_by_key(|(nesting, _)| std::cmp::Reverse(*nesting));
        self.spec.handlers =
            self.handlers.iter().map(|(_, h)| Handler { target: position(h.target), ..*h }).collect();
        self.spec.stack += 2;
        peephole::drop_checks(&mut self.spec);
        peephole::join_pairs(&mut self.spec);
        self.spec.live = liveness::analyse(&self.spec);
        self.spec
    }
}

/// Operands that a bytecode pops and pushes, of those that are no jumps.
fn effect(op: Op) -> (u32, u32) {
    match op {
        Op::Nop | Op::DeleteFast(_) | Op::ClearFast(_) | Op::MakeCell(_) | Op::DeleteDeref(_) => (0, 0),
        Op::DeleteGlobal(_) | Op::DeleteName { .. } | Op::StartGenerator(_) => (0, 0),
        Op::Pop | Op::Return | Op::Reraise | Op::ReturnGenerator(_) => (1, 0),
        Op::Dup => (1, 2),
        Op::Copy(n) => (n + 1, n + 2),
        Op::Swap(n) => (n + 1, n + 1),
        Op::PushNull
        | Op::LoadConst(_)
        | Op::LoadFast(_)
        | Op::LoadFastCheck(_)
        | Op::LoadDeref(_)
        | Op::LoadGlobal(_)
        | Op::LoadName { .. }
        | Op::LoadAssertionError
        | Op::Import { .. } => (0, 1),
        Op::StoreFast(_) | Op::StoreDeref(_) | Op::StoreGlobal(_) | Op::StoreName { .. } => (1, 0),
        Op::LoadAttr { .. } => (1, 1),
        Op::StoreAttr { .. } => (2, 0),
        Op::DeleteAttr { .. } => (1, 0),
        Op::LoadMethod { .. } => (1, 2),
        Op::LoadSuperAttr { .. } => (2, 1),
        Op::LoadSuperMethod { .. } => (2, 2),
        Op::Subscr => (2, 1),
        Op::StoreSubscr => (3, 0),
        Op::DeleteSubscr => (2, 0),
        Op::BuildSlice(n) => (n, 1),
        Op::Binary(_) | Op::Inplace(_) | Op::Compare(_) | Op::Is(_) | Op::In(_) => (2, 1),
        Op::Unary(_) | Op::Not | Op::GetIter | Op::Yield(_) => (1, 1),
        Op::Call(n) => (n + 2, 1),
        Op::CallKw { arguments, .. } => (arguments as u32 + 2, 1),
        Op::CallEx => (4, 1),
        Op::MakeFunction { flags, .. } => {
            let on_stack = [function_flags::DEFAULTS, function_flags::KW_DEFAULTS, function_flags::CLOSURE];
            (on_stack.iter().filter(|bit| flags & **bit != 0).count() as u32, 1)
        }
        Op::BuildClass => (3, 1),
        Op::FinishClass { .. } => (0, 1),
        Op::BuildTuple(n) | Op::BuildList(n) | Op::BuildSet(n) | Op::BuildString(n) => (n, 1),
        Op::BuildMap(n) => (2 * n, 1),
        Op::ListToTuple | Op::StopIterationError => (1, 1),
        Op::ListAppend(_) | Op::SetAdd(_) => (1, 0),
        Op::MapAdd(_) => (2, 0),
        Op::DictUpdate | Op::DictMerge => (2, 1),
        // With the bytecode that follows it, emitted through `twice`.
        Op::ListExtend => (2, 1),
        Op::UnpackSequence(n) => (1, n),
        Op::UnpackEx { before, after } => (1, before as u32 + 1 + after as u32),
        Op::FormatValue { spec, .. } => (1 + u32::from(spec), 1),
        Op::Raise(n) => (n, 0),
        Op::SetContext => (2, 2),
        Op::ExceptionClass => (1, 2),
        Op::ImportFrom { .. } => (1, 2),
        // Made by the peephole pass, after all depths are known.
        Op::LoadGlobalNull(_)
        | Op::LoadFastFast { .. }
        | Op::LoadFastConst { .. }
        | Op::LoadFastMethod { .. } => (0, 2),
        Op::LoadFastAttr { .. } => (0, 1),
        Op::Jump(_)
        | Op::PopJumpIfFalse(_)
        | Op::PopJumpIfTrue(_)
        | Op::JumpIfFalseOrPop(_)
        | Op::JumpIfTrueOrPop(_)
        | Op::PopJumpIfNone(_)
        | Op::PopJumpIfNotNone(_)
        | Op::ForIter(_)
        | Op::JumpIfNoMatch(_)
        | Op::Delegate(_)
        | Op::CompareJump { .. } => (0, 0),
    }
}

impl Unit {
    /// Appends a bytecode that is followed by itself (see [`Op::UnpackSequence`]): emitted twice, one effect.
    pub fn twice(&mut self, op: Op) {
        self.emit(op);
        self.append(op);
    }
}
