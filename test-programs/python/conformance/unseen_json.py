# A JSON reader and writer.
import sys
class JSONError(ValueError):
    pass
WS = " \t\r\n"
ESC = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"'}
def loads(s):
    def skip(i):
        while i < len(s) and s[i] in WS: i += 1
        return i
    def value(i):
        i = skip(i)
        if i >= len(s): raise JSONError(f"unexpected end at {i}")
        c = s[i]
        if c == "{":
            out = {}
            i = skip(i + 1)
            if s[i] == "}": return out, i + 1
            while True:
                k, i = string(skip(i))
                i = skip(i)
                if s[i] != ":": raise JSONError(f"expected : at {i}")
                out[k], i = value(i + 1)
                i = skip(i)
                if s[i] == "}": return out, i + 1
                if s[i] != ",": raise JSONError(f"expected , at {i}")
                i += 1
        elif c == "[":
            out = []
            i = skip(i + 1)
            if s[i] == "]": return out, i + 1
            while True:
                v, i = value(i)
                out.append(v)
                i = skip(i)
                if s[i] == "]": return out, i + 1
                if s[i] != ",": raise JSONError(f"expected , at {i}")
                i += 1
        elif c == '"':
            return string(i)
        for word, v in (("true", True), ("false", False), ("null", None)):
            if s.startswith(word, i): return v, i + len(word)
        j = i
        while j < len(s) and (s[j].isdigit() or s[j] in "+-.eE"): j += 1
        text = s[i:j]
        if not text: raise JSONError(f"unexpected {c!r} at {i}")
        return (float(text) if any(ch in text for ch in ".eE") else int(text)), j
    def string(i):
        if s[i] != '"': raise JSONError(f"expected string at {i}")
        parts = []
        i += 1
        while (c := s[i]) != '"':
            if c == "\\":
                i += 1
                if s[i] == "u":
                    parts.append(chr(int(s[i+1:i+5], 16))); i += 4
                else:
                    parts.append(ESC[s[i]])
            else:
                parts.append(c)
            i += 1
        return "".join(parts), i + 1
    v, i = value(0)
    if skip(i) != len(s): raise JSONError("extra data")
    return v
def dumps(v, indent=None, level=0, *, sort_keys=False):
    nl, pad, end = ("\n", " " * (indent * (level + 1)), " " * (indent * level)) if indent else ("", "", "")
    if v is None: return "null"
    if v is True: return "true"
    if v is False: return "false"
    if isinstance(v, (int, float)): return repr(v)
    if isinstance(v, str):
        return '"' + "".join({"\n": "\\n", '"': '\\"', "\\": "\\\\", "\t": "\\t"}.get(c, c if ord(c) < 127 else "\\u%04x" % ord(c)) for c in v) + '"'
    if isinstance(v, (list, tuple)):
        if not v: return "[]"
        return "[" + nl + ("," + nl if indent else ", ").join(pad + dumps(x, indent, level + 1, sort_keys=sort_keys) for x in v) + nl + end + "]"
    if isinstance(v, dict):
        if not v: return "{}"
        items = sorted(v.items()) if sort_keys else v.items()
        return "{" + nl + ("," + nl if indent else ", ").join(pad + dumps(k) + ": " + dumps(x, indent, level + 1, sort_keys=sort_keys) for k, x in items) + nl + end + "}"
    raise TypeError(f"Object of type {type(v).__name__} is not JSON serializable")
text = '{"name": "mj\\u00e9", "list": [1, 2.5, -3e2, true, false, null, []], "o": {"b": {}, "a": "q\\"x\\n"}}'
v = loads(text)
print(v)
print(dumps(v)); print(dumps(v, indent=2, sort_keys=True))
for bad in ('{"a" 1}', '[1 2]', '', '[1,]', 'tru', '{"a":1}x'):
    try: print(loads(bad))
    except JSONError as e: print(type(e).__name__, e)
    except IndexError as e: print("IndexError", e)
try: dumps({1, 2})
except TypeError as e: print(e)
data = [{"id": i, "v": i * 1.5, "tags": [str(j) for j in range(i % 4)], "ok": i % 3 == 0} for i in range(200)]
s = dumps(data)
assert loads(s) == data
print(len(s), sum(d["v"] for d in loads(s)))
