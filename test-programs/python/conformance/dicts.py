# Dictionaries and sets: order, methods, comprehensions, views, key kinds.
d = {"a": 1, "b": 2}
d["c"] = 3
d["a"] = 10
print(d, len(d), d["a"], d.get("x"), d.get("x", 0), "a" in d, "z" not in d)
print(list(d), list(d.keys()), list(d.values()), list(d.items()))
del d["b"]
d["b"] = 22
print(d, d.pop("a"), d.pop("nope", None), d, d.setdefault("q", 5), d.setdefault("q", 6), d)
for k, v in d.items():
    print(k, v, end="; ")
print()
print({i: i * i for i in range(5)}, {k: v for k, v in zip("ab", [1, 2])}, dict(x=1, y=2), dict([("m", 1)]), dict({"n": 2}, o=3))
mixed = {1: "int", 1.5: "float", "s": "str", (1, 2): "tuple", None: "none", True: "bool"}
print(mixed, mixed[1], mixed[1.0], mixed[(1, 2)], mixed[None])
d.update({"z": 26}, y=25)
print(d, {**d, "extra": 1}, d == {"c": 3}, {"a": 1, "b": 2} == {"b": 2, "a": 1})
d.clear()
print(d, not d)
e = {}
for i in range(100):
    e[i] = i * i
for i in range(0, 100, 2):
    del e[i]
print(len(e), e[99], sum(e), list(e)[:5], 50 in e, 51 in e)
try:
    e["missing"]
except KeyError as error:
    print("KeyError", error, error.args)
nested = {"l": [1, 2], "d": {"x": {}}}
nested["l"].append(3)
nested["d"]["x"]["y"] = 1
print(nested)
print(d.fromkeys(["a", "b"], 0), sorted({"b": 1, "a": 2}), max({"x": 5, "y": 9}, key=lambda k: {"x": 5, "y": 9}[k]))
print(e.popitem(), len(e), list(reversed({"a": 1, "b": 2})))
s = {3, 1, 2, 1}
print(sorted(s), len(s), 1 in s, 5 in s)
s.add(9)
s.discard(1)
s.discard(100)
print(sorted(s), sorted(s | {100}), sorted(s & {9, 2}), sorted(s - {9}), sorted(s ^ {9, 50}), s >= {9}, s <= {9}, {1} == {1}, s.isdisjoint({7}))
print(sorted({x % 3 for x in range(10)}), set(), frozenset([1, 2]) == {1, 2}, len({(1, 2), (1, 2)}), set("aab") == {"a", "b"})
counts = {}
for word in "the cat the dog the end".split():
    counts[word] = counts.get(word, 0) + 1
print(counts, sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
groups = {}
for i in range(10):
    groups.setdefault(i % 3, []).append(i)
print(groups)
keys = d.keys()
d["new"] = 1
print(list(keys), len(keys), "new" in keys)
print(str({"a": {1: [2]}}), repr({}), {"k": "it's"})
a = {1: 2}
b = a.copy()
b[3] = 4
print(a, b, a | b)
a |= {5: 6}
print(a)
