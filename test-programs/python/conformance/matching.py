class P:
    __match_args__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
def f(v):
    match v:
        case 0: return "zero"
        case 1 | 2: return "small"
        case int(n) if n > 100: return f"big {n}"
        case int(): return "int"
        case "a" | "b": return "ab"
        case str() as s: return "str " + s
        case []: return "empty"
        case [x]: return f"one {x}"
        case [x, y, *rest]: return f"many {x} {y} {rest}"
        case {"k": v, **rest}: return f"map {v} {rest}"
        case P(x=0, y=y): return f"P0 {y}"
        case P(x, y): return f"P {x} {y}"
        case None: return "none"
        case True: return "true"
        case (1.5): return "1.5"
        case _: return "other"
for v in [0, 1, 2, 50, 500, "a", "zz", [], [1], [1, 2, 3], (1, 2), {"k": 1, "j": 2}, {}, P(0, 5), P(1, 2), None, 1.5, object]:
    print(f(v))
def cmd(line):
    match line.split():
        case ["go", ("north" | "south") as d]: return "go " + d
        case ["take", *things]: return things
        case [] : return "nothing"
        case [c, *_]: return "unknown " + c
for l in ("go north", "go up", "take a b", "", "jump"): print(cmd(l))
