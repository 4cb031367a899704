# A backtracking matcher: literals, ., *, +, ?, classes, groups and alternation.
class PatternError(Exception):
    def __init__(self, text, at):
        super().__init__(f"{text} at {at}")
        self.text = text
        self.at = at

class Node:
    __slots__ = ("next",)
    def match(self, s, i, k):
        raise NotImplementedError

class Char(Node):
    def __init__(self, c): self.c = c
    def match(self, s, i, k):
        return i < len(s) and s[i] == self.c and k(i + 1)
    def __repr__(self): return f"Char({self.c!r})"

class Any(Node):
    def match(self, s, i, k): return i < len(s) and k(i + 1)

class Class(Node):
    def __init__(self, chars, negated=False):
        self.chars = frozenset(chars); self.negated = negated
    def match(self, s, i, k):
        return i < len(s) and (s[i] in self.chars) != self.negated and k(i + 1)

class Seq(Node):
    def __init__(self, *items): self.items = items
    def match(self, s, i, k):
        def step(n, i):
            if n == len(self.items): return k(i)
            return self.items[n].match(s, i, lambda j: step(n + 1, j))
        return step(0, i)

class Alt(Node):
    def __init__(self, a, b): self.a, self.b = a, b
    def match(self, s, i, k):
        return self.a.match(s, i, k) or self.b.match(s, i, k)

class Star(Node):
    def __init__(self, inner, least=0, most=None):
        self.inner, self.least, self.most = inner, least, most
    def match(self, s, i, k):
        def more(n, i):
            if self.most is None or n < self.most:
                if self.inner.match(s, i, lambda j: j > i and more(n + 1, j)): return True
            return n >= self.least and k(i)
        return more(0, i)

def parse(p):
    pos = 0
    def peek(): return p[pos] if pos < len(p) else None
    def alt():
        nonlocal pos
        left = seq()
        while peek() == "|":
            pos += 1
            left = Alt(left, seq())
        return left
    def seq():
        items = []
        while peek() not in (None, "|", ")"):
            items.append(rep())
        return Seq(*items)
    def rep():
        nonlocal pos
        a = atom()
        match peek():
            case "*": pos += 1; return Star(a)
            case "+": pos += 1; return Star(a, 1)
            case "?": pos += 1; return Star(a, 0, 1)
        return a
    def atom():
        nonlocal pos
        c = peek(); pos += 1
        if c == "(":
            inner = alt()
            if peek() != ")": raise PatternError("missing )", pos)
            pos += 1
            return inner
        if c == ".": return Any()
        if c == "[":
            neg = peek() == "^"
            if neg: pos += 1
            chars = []
            while peek() not in ("]", None):
                a = peek(); pos += 1
                if peek() == "-" and pos + 1 < len(p) and p[pos + 1] != "]":
                    b = p[pos + 1]; pos += 2
                    chars.extend(chr(x) for x in range(ord(a), ord(b) + 1))
                else:
                    chars.append(a)
            if peek() is None: raise PatternError("missing ]", pos)
            pos += 1
            return Class(chars, neg)
        if c in "*+?": raise PatternError("nothing to repeat", pos - 1)
        return Char(c)
    r = alt()
    if pos != len(p): raise PatternError("unbalanced )", pos)
    return r

tests = [("a*b", "aaab"), ("(ab|cd)+e?", "ababcde"), ("[a-c]+[^x]", "abcy"), ("[a-c]+[^x]", "abcx"), (".*z", "xyz" * 5),
         ("(a|b)*abb", "abababb"), ("(a?)(a?)aa", "aa"), ("colou?r", "color")]
for p, s in tests:
    try:
        m = parse(p).match(s, 0, lambda i: i == len(s))
        print(f"{p:<15}{s!r:>20} {bool(m)}")
    except PatternError as e:
        print(e, e.text, e.at)
for bad in ("(a", "a)", "*a", "[ab"):
    try:
        parse(bad)
    except PatternError as e:
        print("error:", e, "|", e.args, type(e).__name__)
n = 0
r = parse("(a|b|c)*abc[0-9]+")
for i in range(300):
    if r.match("abcabcab" + "abc" * (i % 5) + str(i), 0, lambda j: j == len("abcabcab" + "abc" * (i % 5) + str(i))): n += 1
print(n)
