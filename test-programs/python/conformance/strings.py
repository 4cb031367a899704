# Strings: literals, indexing, slicing, methods, comparison, iteration, Unicode.
s = "Hello, World"
print(s[0], s[-1], s[1:5], s[::-1], s[::2], s[-3:], s[:-3], s[5:2], s[100:], s[3:100])
print(len(s), s.upper(), s.lower(), s.swapcase(), s.title(), s.capitalize())
print("a" + "b", "ab" * 3, 3 * "xy", "" * 5, "x" * -1)
print("l" in s, "xyz" not in s, "" in s, s.find("o"), s.find("o", 5), s.rfind("o"), s.index("W"), s.count("l"), s.find("q"))
print(s.startswith("Hell"), s.endswith(("x", "World")), s.replace("l", "L"), s.replace("l", "L", 1))
print("a,b,,c".split(","), " a  b c ".split(), "a b c".split(" ", 1), "abc".split("x"), "a-b-c".rsplit("-", 1), "l1\nl2\r\nl3".splitlines())
print(",".join(["x", "y", "z"]), "".join([]), "-".join("abc"), " ".join(str(i) for i in range(3)))
print("  pad ".strip(), "xxaxx".strip("x"), "  l".lstrip(), "r  ".rstrip(), "abc".center(9, "*"), "ab".ljust(5) + "|", "ab".rjust(5), "42".zfill(5), "-42".zfill(5))
print("abc".isalpha(), "123".isdigit(), "a1".isalnum(), " ".isspace(), "ABC".isupper(), "abc".islower(), "".isalpha())
print(repr("it's"), repr('say "hi"'), repr("both ' and \""), repr("tab\tnew\nline\\"), repr("\x00\x7f\xe9"))
print("caf\u00e9", len("caf\u00e9"), "na\u00efve"[2], "\u4f60\u597d"[::-1], ord("\u00e9"), chr(233), chr(8364), "\U0001F600", len("\U0001F600"))
print("a" < "b", "a" < "B", "abc" < "abd", "ab" < "abc", "" < "a", "a" == "a", "a" != "b", "Z" < "a", max("hello"), sorted("hello"))
print(ord("a"), chr(98), [c for c in "abc"], list("xyz"), tuple("pq"))
print("one\
two", "con" "cat", r"raw\n", """triple
quoted""")
print("abc".partition("b"), "abc".rpartition("x"), "aXbXc".split("X"), "%s|%5s|%-5s|%d|%05d|%x|%c|%%" % ("s", "r", "l", 42, 42, 255, "c"))
print("{} {} {}".format(1, "two", 3.0), "{1} {0}".format("a", "b"), "{x} {y:.2f}".format(x=1, y=2.5), "{:>6}|{:<6}|{:^6}|{:06d}".format("r", "l", "c", 42))
print("abc".translate(str.maketrans("ab", "xy")), "tEST".casefold(), "a\tb".expandtabs(4), "prefix_x".removeprefix("prefix_"), "x.py".removesuffix(".py"))
print(str(None), str(True), str(12), str([1, "a"]), str({"k": (1,)}), str(1.0))
for i, ch in enumerate("abc"):
    print(i, ch, end=";")
print()
print("abc" is "abc", hash("abc") == hash("ab" + "c"), {"abc": 1}["a" + "bc"])
print(b"bytes", b"a\x00b"[0], len(b"abc"), b"abc" == b"abc", list(b"ab"), "é".encode(), b"abc".decode())
print("multiple".count(""), "aaa".replace("", "-"), "abcabc".find("c", 3), "abcabc".index("b", 2, 6))
