# Exceptions: try, except, else, finally, raise, chaining, user classes, with.
def attempt(f, *args):
    try:
        result = f(*args)
    except ZeroDivisionError as e:
        return "zero", str(e)
    except (KeyError, IndexError) as e:
        return type(e).__name__, e.args
    except ValueError:
        return "value"
    else:
        return "ok", result
    finally:
        log.append(len(log))


log = []
print(attempt(lambda: 1 / 0), attempt(lambda: {}["k"]), attempt(lambda: [][0]), attempt(int, "x"), attempt(lambda: 5), log)


class AppError(Exception):
    pass


class Detailed(AppError):
    def __init__(self, code, message="none"):
        super().__init__(message)
        self.code = code

    def __str__(self):
        return f"[{self.code}] {self.args[0]}"


try:
    raise Detailed(404, "not found")
except AppError as e:
    print(type(e).__name__, e, e.code, e.args, isinstance(e, Exception))
try:
    raise AppError
except AppError as e:
    print(repr(e), e.args)


def nested():
    try:
        try:
            raise ValueError("inner")
        finally:
            print("finally 1")
    except ValueError as e:
        print("caught", e)
        raise RuntimeError("outer") from e


try:
    nested()
except RuntimeError as e:
    print(e, "cause:", repr(e.__cause__), e.__context__ is e.__cause__)


def implicit():
    try:
        {}["x"]
    except KeyError:
        return [][1]


try:
    implicit()
except IndexError as e:
    print(type(e.__context__).__name__, e.__cause__)


def reraise():
    try:
        1 / 0
    except ZeroDivisionError:
        try:
            raise
        except ZeroDivisionError as e:
            return "again " + str(e)


print(reraise())


def finally_return():
    for i in range(3):
        try:
            if i == 1:
                return "returned"
        finally:
            print("cleanup", i)


print(finally_return())


def finally_override():
    try:
        return 1
    finally:
        return 2


print(finally_override())


def loop_control():
    out = []
    for i in range(6):
        try:
            if i == 1:
                continue
            if i == 4:
                break
            out.append(i)
        finally:
            out.append(-i)
    else:
        out.append("else")
    return out


print(loop_control())


def swallow():
    try:
        raise ValueError("lost")
    finally:
        return "swallowed"


print(swallow())


class Manager:
    def __init__(self, name, suppress=False):
        self.name = name
        self.suppress = suppress

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, value, traceback):
        print("exit", self.name, kind.__name__ if kind else None, value)
        return self.suppress


with Manager("a") as m, Manager("b"):
    print("body", m.name)
with Manager("s", True):
    raise ValueError("suppressed")
try:
    with Manager("t"):
        raise KeyError("passes")
except KeyError as e:
    print("KeyError", e)


def with_return():
    with Manager("r"):
        return "value"


print(with_return())
for i in range(3):
    with Manager(i):
        if i == 1:
            break
try:
    assert 1 == 1
    assert 1 == 2, "message"
except AssertionError as e:
    print("assert", e)
try:
    raise ValueError("a", "b")
except ValueError as e:
    print(e, e.args)
try:
    try:
        raise ValueError
    except KeyError:
        print("not here")
except ValueError:
    print("here")


def generator_like(n):
    try:
        return n
    except:
        return -1
    finally:
        print("f", end=" ")


print([generator_like(i) for i in range(3)])
e = "outer e"
try:
    raise ValueError("x")
except ValueError as e:
    pass
try:
    e
except NameError:
    print("e is gone")
try:
    raise TypeError("t") from None
except TypeError as err:
    print(err.__suppress_context__, err.__cause__)


def depth(n):
    if n == 0:
        raise LookupError("bottom")
    depth(n - 1)


try:
    depth(50)
except LookupError as error:
    print(error)


def recursive():
    return recursive()


try:
    recursive()
except RecursionError:
    print("recursion")
print([type(x).__name__ for x in (ValueError(), KeyError(1), StopIteration())], issubclass(KeyError, LookupError), issubclass(ZeroDivisionError, ArithmeticError))
try:
    for i in [1, 2, 0, 4]:
        print(10 // i, end=" ")
except ZeroDivisionError as error:
    print(error)
try:
    raise 5
except TypeError as error:
    print(error)
