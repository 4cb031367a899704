# Classes: attributes, inheritance, super, properties, class and static methods, dunder methods.
class Animal:
    kingdom = "animal"
    count = 0

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return "..."

    def describe(self):
        return f"{self.name} says {self.speak()}"

    @classmethod
    def make(cls, name):
        return cls(name)

    @staticmethod
    def helper(x):
        return x * 2

    @property
    def loud(self):
        return self.speak().upper()


class Dog(Animal):
    def __init__(self, name, tricks=()):
        super().__init__(name)
        self.tricks = list(tricks)

    def speak(self):
        return "woof"


class Puppy(Dog):
    def speak(self):
        return super().speak() + "!"


a, d, p = Animal("cat"), Dog("rex", ["sit"]), Puppy("bit")
print(a.describe(), d.describe(), p.describe(), p.loud, d.tricks, p.tricks)
print(Animal.count, Dog.count, a.kingdom, Dog.make("new").name, type(Puppy.make("x")).__name__, Animal.helper(2), d.helper(4))
print(isinstance(p, Animal), isinstance(a, Dog), issubclass(Puppy, Animal), isinstance(d, (int, Dog)), type(d) is Dog, type(d) == Animal)
d.extra = 5
print(d.extra, hasattr(d, "extra"), hasattr(a, "extra"), getattr(a, "extra", None), getattr(d, "name"))
setattr(a, "dyn", 1)
del d.extra
print(a.dyn, hasattr(d, "extra"))
d.kingdom = "mine"
print(d.kingdom, Dog.kingdom, a.kingdom)
Animal.kingdom = "changed"
print(a.kingdom, d.kingdom, p.kingdom)


class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        if not isinstance(o, Vec):
            return NotImplemented
        return Vec(self.x + o.x, self.y + o.y)

    def __radd__(self, o):
        return Vec(self.x + o, self.y + o)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __eq__(self, o):
        return isinstance(o, Vec) and self.x == o.x and self.y == o.y

    def __hash__(self):
        return hash((self.x, self.y))

    def __repr__(self):
        return f"Vec({self.x}, {self.y})"

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self

    def __lt__(self, o):
        return abs(self) < abs(o)

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2

    def __iter__(self):
        yield self.x
        yield self.y

    def __contains__(self, v):
        return v in (self.x, self.y)

    def __call__(self, *args):
        return ("called", args)


v, w = Vec(1, 2), Vec(3, 4)
print(v + w, v - w, v * 3, 3 * v, -v, v == Vec(1, 2), v != w, v != Vec(1, 2), 5 + v, abs(w))
print(bool(Vec(0, 0)), "yes" if v else "no", not v, v < w, v > w, sorted([w, v]), max(v, w))
print(v[0], v[1], len(v), list(v), tuple(w), 2 in v, 9 in v, 9 not in v, v(1, 2), {v: "a"}[Vec(1, 2)], [*v])
u = v
u += w
print(u, v, u is v, str(v), f"{v}", f"{v!r:>12}", "%s %r" % (v, v), [v], {"k": v})
x, y = v
print(x, y, sum(v))
try:
    v + "s"
except TypeError as error:
    print(error)
try:
    v < 5
except AttributeError as error:
    print(type(error).__name__)
except TypeError as error:
    print(type(error).__name__, error)
print(v == 5, v != 5, 5 == v)


class Temperature:
    def __init__(self):
        self._c = 0

    @property
    def celsius(self):
        return self._c

    @celsius.setter
    def celsius(self, value):
        if value < -273:
            raise ValueError("too cold")
        self._c = value


t = Temperature()
t.celsius = 25
t.celsius += 5
print(t.celsius)
try:
    t.celsius = -300
except ValueError as error:
    print("ValueError:", error)


class Stack:
    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)
        return self

    def __len__(self):
        return len(self.items)

    def __setitem__(self, i, v):
        self.items[i] = v

    def __delitem__(self, i):
        del self.items[i]

    def __getitem__(self, i):
        return self.items[i]

    def __str__(self):
        return "Stack" + str(self.items)


s = Stack().push(1).push(2).push(3)
s[0] = 10
del s[1]
print(s, len(s), s[-1], bool(Stack()), [i for i in s], s[0:1])


class Lazy:
    def __getattr__(self, name):
        if name.startswith("x"):
            return name * 2
        raise AttributeError(name)


print(Lazy().xy, hasattr(Lazy(), "z"))


class Base:
    def __init__(self):
        self.log = ["Base"]

    def hook(self):
        return "base hook"

    def template(self):
        return self.hook()


class Left(Base):
    def __init__(self):
        super().__init__()
        self.log.append("Left")


class Right(Base):
    def __init__(self):
        super().__init__()
        self.log.append("Right")

    def hook(self):
        return "right hook then " + super().hook()


class Both(Left, Right):
    def __init__(self):
        super().__init__()
        self.log.append("Both")


b = Both()
print(b.log, b.template(), [c.__name__ for c in Both.__mro__])


class Outer:
    class Inner:
        value = 3

    table = {n: n * n for n in range(3)}
    names = [str(k) for k in table]

    def method(self):
        return self.Inner.value + Outer.Inner.value


print(Outer.Inner.value, Outer().method(), Outer.table, Outer.names, Outer.__name__, Outer.Inner.__qualname__)


class Private:
    def __init__(self):
        self.__secret = 42

    def reveal(self):
        return self.__secret


print(Private().reveal(), hasattr(Private(), "__secret"), Private()._Private__secret)
m = d.speak
print(m(), Dog.speak(d), m.__name__)
try:
    d.nothing
except AttributeError as error:
    print(error)
try:
    Dog.nothing
except AttributeError as error:
    print(error)
try:
    Dog()
except TypeError as error:
    print(error)
try:
    None.x
except AttributeError as error:
    print(error)


class Slotted:
    __slots__ = ("x", "__hidden")

    def __init__(self):
        self.x = 1
        self.__hidden = 2

    def total(self):
        return self.x + self.__hidden


class Open(Slotted):
    pass


s = Slotted()
try:
    s.y = 1
except AttributeError as error:
    print("AttributeError", str(error)[:36])
o = Open()
o.y = 5
print(s.total(), o.y + o.total())
