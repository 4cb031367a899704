//! Modules and their global variables.

use jit_riscv::object::Ref;

use crate::access;
use crate::builtins::{self, Builtin};
use crate::code::Global;
use crate::objects::*;
use crate::symbols::{self, Sym};
use crate::types::SymTable;
use crate::vm::{Vm, bound_global};

/// A module of the runtime.
pub struct NativeModule {
    pub name: &'static str,
    pub functions: &'static [Builtin],
    /// Anything else in it, by name; made when it is first asked for.
    pub value: fn(&mut Vm, &str) -> Option<Ref>,
    /// Names that `value` knows, for `dir` and `from … import *`.
    pub names: &'static [&'static str],
}

/// What the runtime knows of a module.
pub struct ModuleInfo {
    pub name: Sym,
    /// The MODULE object.
    pub object: Ref,
    pub globals: SymTable<&'static Global>,
    pub native: Option<&'static NativeModule>,
    /// Its body is being executed or has been.
    pub file: Option<String>,
}

/// All modules.
pub struct Modules {
    infos: Vec<ModuleInfo>,
}

impl Modules {
    pub(crate) fn new() -> Modules {
        Modules { infos: Vec::new() }
    }

    /// The MODULE `builtins`.
    pub fn builtins(&self) -> Ref {
        self.infos[0].object
    }

    /// The MODULE `__main__`.
    pub fn main(&self) -> Ref {
        self.infos[1].object
    }

    pub(crate) fn roots(&mut self, visit: &mut dyn FnMut(&mut Ref)) {
        for info in &mut self.infos {
            visit(&mut info.object);
            for global in &info.globals.values {
                let mut cell = global.cell.get();
                visit(&mut cell);
                global.cell.set(cell);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &ModuleInfo> {
        self.infos.iter()
    }
}

impl Vm {
    pub(crate) fn make_first_modules(&mut self) {
        self.add_module(symbols::BUILTINS, Some(&builtins::functions::MODULE));
        self.add_module(symbols::MAIN, None);
    }

    /// Makes a module object.
    pub fn add_module(&mut self, name: Sym, native: Option<&'static NativeModule>) -> Ref {
        let object = self.new_object(MODULE);
        access::set_int(object, MODULE_INDEX, self.modules.infos.len() as i64);
        self.modules.infos.push(ModuleInfo { name, object, globals: SymTable::new(), native, file: None });
        let text = self.symbol_object(name);
        let global = self.module_global(object, symbols::NAME);
        self.set_global(global, text);
        object
    }

    pub fn module_info(&self, module: Ref) -> &ModuleInfo {
        &self.modules.infos[access::get_int(module, MODULE_INDEX) as usize]
    }

    pub fn module_info_mut(&mut self, module: Ref) -> &mut ModuleInfo {
        &mut self.modules.infos[access::get_int(module, MODULE_INDEX) as usize]
    }

    /// The module with a name, made if the runtime has it.
    pub fn find_module(&mut self, name: Sym) -> Option<Ref> {
        if let Some(info) = self.modules.infos.iter().find(|m| m.name == name) {
            return Some(info.object);
        }
        let text = self.symbol_text(name);
        let native = builtins::MODULES.iter().find(|m| m.name == text)?;
        Some(self.add_module(name, Some(native)))
    }

    /// The global variable of a module, made (unbound) when there is none.
    pub fn module_global(&mut self, module: Ref, sym: Sym) -> &'static Global {
        if let Some(global) = self.module_find(module, sym) {
            return global;
        }
        let global = bound_global(self, sym, Ref::NULL);
        self.module_info_mut(module).globals.add(sym, global);
        global
    }

    /// The global variable of a module, if there is one (it may be unbound).
    pub fn module_find(&mut self, module: Ref, sym: Sym) -> Option<&'static Global> {
        let info = self.module_info(module);
        if let Some(global) = info.globals.get(sym) {
            return Some(global);
        }
        let native = info.native?;
        let text = self.symbol_text(sym);
        let value = match native.functions.iter().find(|f| f.name == text) {
            Some(function) => self.builtin(function),
            None => (native.value)(self, text)?,
        };
        let global = bound_global(self, sym, value);
        self.module_info_mut(module).globals.add(sym, global);
        Some(global)
    }

    /// The value of a module's attribute, or null.
    pub fn module_get(&mut self, module: Ref, sym: Sym) -> Ref {
        match self.module_find(module, sym) {
            Some(global) => access::get_ref(global.cell.get(), CELL_VALUE),
            None => Ref::NULL,
        }
    }
}
