//! What the compiler makes of small sources: errors with their place, scopes, handlers, and invariants of the code.

use mj_python::bytecode::Op;
use mj_python::code::{CodeKind, Constant, Spec};
use mj_python::compiler::compile;

fn code(source: &str) -> Spec {
    match compile(source, "test.py") {
        Ok(spec) => {
            check(&spec);
            spec
        }
        Err(error) => panic!("{error}"),
    }
}

fn error(source: &str) -> (u32, usize, String) {
    let error = compile(source, "test.py").expect_err("an error");
    (error.line, error.column, format!("{}: {}", error.kind, error.message))
}

/// Targets are bytecodes of the code, slots exist, and handlers keep no more operands than the stack has.
fn check(spec: &Spec) {
    assert_eq!(spec.ops.len(), spec.lines.len());
    let end = spec.ops.len() as u32;
    for op in &spec.ops {
        match *op {
            Op::Jump(t)
            | Op::PopJumpIfFalse(t)
            | Op::PopJumpIfTrue(t)
            | Op::JumpIfFalseOrPop(t)
            | Op::JumpIfTrueOrPop(t)
            | Op::PopJumpIfNone(t)
            | Op::PopJumpIfNotNone(t)
            | Op::ForIter(t)
            | Op::JumpIfNoMatch(t)
            | Op::Delegate(t)
            | Op::CompareJump { target: t, .. } => assert!(t < end, "{op:?} in {}", spec.qualname),
            Op::LoadFast(s) | Op::LoadFastCheck(s) | Op::StoreFast(s) | Op::LoadDeref(s) => {
                assert!((s as usize) < spec.locals.len(), "{op:?} in {}", spec.qualname);
            }
            Op::LoadConst(i) => assert!((i as usize) < spec.constants.len()),
            _ => {}
        }
    }
    let last = spec.ops.last().expect("code is not empty");
    assert!(
        matches!(last, Op::Return | Op::Reraise | Op::Raise(_) | Op::Jump(_) | Op::ReturnGenerator(_)),
        "{} ends with {last:?}",
        spec.qualname
    );
    for handler in &spec.handlers {
        assert!(handler.start < handler.end && handler.end <= end && handler.target < end);
        assert!((handler.depth as usize) < spec.stack);
    }
    spec.codes.iter().for_each(check);
}

#[test]
fn errors_say_where_and_what() {
    for (source, line, column, message) in [
        ("x = (1,\ny = 2\n", 1, 5, "SyntaxError: '(' was never closed"),
        ("x = 'abc\n", 1, 5, "SyntaxError: unterminated string literal (detected at line 1)"),
        ("for i in x\n  pass\n", 1, 11, "SyntaxError: expected ':'"),
        ("x = 5 5\n", 1, 7, "SyntaxError: invalid syntax"),
        ("return 5\n", 1, 1, "SyntaxError: 'return' outside function"),
        ("if x:\n  break\n", 2, 3, "SyntaxError: 'break' outside loop"),
        ("continue\n", 1, 1, "SyntaxError: 'continue' not properly in loop"),
        ("def f():\n  nonlocal x\n", 2, 12, "SyntaxError: no binding for nonlocal 'x' found"),
        (
            "def f():\n  x = 1\n  global x\n",
            3,
            10,
            "SyntaxError: name 'x' is assigned to before global declaration",
        ),
        ("def f(a, a): pass\n", 1, 10, "SyntaxError: duplicate argument 'a' in function definition"),
        ("yield 1\n", 1, 1, "SyntaxError: 'yield' outside function"),
        ("f(a=1, a=2)\n", 1, 8, "SyntaxError: keyword argument repeated: a"),
        ("async def f(): pass\n", 1, 1, "NotImplementedError: async functions are not supported"),
        ("x = 1j\n", 1, 5, "NotImplementedError: complex numbers are not supported"),
    ] {
        assert_eq!(error(source), (line, column, message.to_owned()), "{source:?}");
    }
}

#[test]
fn an_error_shows_its_line_with_a_caret() {
    let error = compile("if True:\n    x = 5 5\n", "test.py").expect_err("an error");
    let expected = "  File \"test.py\", line 2\n    x = 5 5\n          ^\nSyntaxError: invalid syntax";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn names_mean_locals_cells_globals_or_class_names() {
    let module = code("def f(a, b):\n  c = a\n  return lambda: b + c + g\n");
    let f = &module.codes[0];
    assert_eq!(*f.locals, ["a", "b", "c"].map(std::rc::Rc::from));
    assert_eq!(f.ops[..2], [Op::MakeCell(1), Op::MakeCell(2)]);
    let lambda = &f.codes[0];
    assert_eq!((lambda.free_start, lambda.free_count), (0, 2));
    assert_eq!(*lambda.globals, ["g"].map(std::rc::Rc::from));
    let class = &code("class C:\n  x = 1\n  y = x\n").codes[0];
    assert_eq!(class.kind, CodeKind::Class);
    assert!(class.ops.iter().any(|op| matches!(op, Op::LoadName { .. })));
}

#[test]
fn comprehensions_use_the_frame_around_them() {
    let f = &code("def f(n):\n  return [x * n for x in n if x]\n").codes[0];
    assert!(f.codes.is_empty());
    assert!(f.has_loop);
    let f = &code("def f(n):\n  return sum(x for x in n)\n").codes[0];
    assert_eq!(f.codes[0].kind, CodeKind::Generator);
    assert!(!f.has_loop);
}

#[test]
fn finally_is_outside_its_own_handlers() {
    let f = &code(
        "def f():\n  for i in x:\n    try:\n      if i: continue\n      return i\n    finally:\n      g()\n",
    )
    .codes[0];
    // Every return of the function is outside all handlers: an exception cannot come from there.
    for (pc, op) in f.ops.iter().enumerate() {
        if *op == Op::Return {
            let pc = pc as u32;
            assert!(f.handlers.iter().all(|h| pc < h.start || pc >= h.end));
        }
    }
    // The body of finally: for continue, return, and exceptions. The end of the body is never reached.
    let calls = f.ops.iter().filter(|op| matches!(op, Op::Call(0))).count();
    assert_eq!(calls, 3);
}

#[test]
fn constants_are_folded_and_shared() {
    let module = code(
        "x = -5\ny = (1, 'a', (2.5, None))\nz = 99999999999999999999\nw = -9223372036854775808\nv = -5\n",
    );
    assert!(module.constants.contains(&Constant::Int(-5)));
    assert!(module.constants.contains(&Constant::Int(i64::MIN)));
    assert!(module.constants.contains(&Constant::BigInt("99999999999999999999".into())));
    assert_eq!(module.constants.iter().filter(|c| **c == Constant::Int(-5)).count(), 1);
    assert!(module.constants.iter().any(|c| matches!(c, Constant::Tuple(items) if items.len() == 3)));
}

#[test]
fn bytecodes_have_the_lines_of_their_expressions() {
    let module = code("x = f(\n  1,\n  g(\n    2))\n");
    let calls: Vec<u32> = module
        .ops
        .iter()
        .zip(&module.lines)
        .filter(|(op, _)| matches!(op, Op::Call(_)))
        .map(|(_, line)| *line)
        .collect();
    assert_eq!(calls, [3, 1]);
}

#[test]
fn private_names_are_mangled_and_attributes_of_self_counted() {
    let class = &code("class C:\n  def m(self):\n    self.__x = self.y = 1\n").codes[0];
    assert_eq!(*class.self_attributes, ["_C__x", "y"].map(std::rc::Rc::from));
}
