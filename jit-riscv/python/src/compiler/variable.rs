//! Loading, storing and deleting names.

use std::rc::Rc;

use super::scope::Meaning;
use super::{Compiler, Result};
use crate::bytecode::Op;

impl Compiler<'_> {
    pub fn load_name(&mut self, name: &str) -> Result {
        let name = self.symbols.mangle(self.scope, name);
        self.load_mangled(&name)
    }

    pub fn load_mangled(&mut self, name: &Rc<str>) -> Result {
        match self.symbols.meaning(self.scope, name) {
            Meaning::Local { scope, always_bound } => {
                let slot = self.unit.slot(scope, name);
                let op = if always_bound { Op::LoadFast(slot) } else { Op::LoadFastCheck(slot) };
                self.unit.emit(op);
            }
            Meaning::Cell { scope } => {
                let slot = self.unit.slot(scope, name);
                self.unit.emit(Op::LoadDeref(slot));
            }
            Meaning::Global => {
                let global = self.unit.global(name);
                self.unit.emit(Op::LoadGlobal(global));
            }
            Meaning::ClassName => {
                let global = self.unit.small_global(name);
                let name = self.unit.name(name);
                self.unit.emit(Op::LoadName { name, global });
            }
        }
        Ok(())
    }

    pub fn store_name(&mut self, name: &str) -> Result {
        let name = self.symbols.mangle(self.scope, name);
        match self.symbols.meaning(self.scope, &name) {
            Meaning::Local { scope, .. } => {
                let slot = self.unit.slot(scope, &name);
                self.unit.emit(Op::StoreFast(slot));
            }
            Meaning::Cell { scope } => {
                let slot = self.unit.slot(scope, &name);
                self.unit.emit(Op::StoreDeref(slot));
            }
            Meaning::Global => {
                let global = self.unit.global(&name);
                self.unit.emit(Op::StoreGlobal(global));
            }
            Meaning::ClassName => {
                let name = self.unit.name(&name);
                self.unit.emit(Op::StoreName { name });
            }
        }
        Ok(())
    }

    pub fn delete_name(&mut self, name: &str) -> Result {
        let name = self.symbols.mangle(self.scope, name);
        match self.symbols.meaning(self.scope, &name) {
            Meaning::Local { scope, .. } => {
                let slot = self.unit.slot(scope, &name);
                self.unit.emit(Op::DeleteFast(slot));
            }
            Meaning::Cell { scope } => {
                let slot = self.unit.slot(scope, &name);
                self.unit.emit(Op::DeleteDeref(slot));
            }
            Meaning::Global => {
                let global = self.unit.global(&name);
                self.unit.emit(Op::DeleteGlobal(global));
            }
            Meaning::ClassName => {
                let name = self.unit.name(&name);
                self.unit.emit(Op::DeleteName { name });
            }
        }
        Ok(())
    }

    /// Where a handler ends, its variable is unbound, whether or not the handler unbound it.
    pub fn forget_name(&mut self, name: &str) -> Result {
        self.unit.load_constant(crate::code::Constant::None);
        self.store_name(name)?;
        self.delete_name(name)
    }
}
