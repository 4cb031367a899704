"""Container types. Classes here are not subclasses of the built-in types they resemble."""

from _collections import defaultdict, deque


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    fields = tuple(field_names)
    n = len(fields)
    for name in fields:
        if not name.isidentifier() or name[0] == "_":
            raise ValueError("Type names and field names must be valid identifiers: " + repr(name))
    defaults = () if defaults is None else tuple(defaults)
    first_default = n - len(defaults)
    put = object.__setattr__

    def __init__(self, *args, **keywords):
        given = len(args)
        if given > n:
            raise TypeError(
                f"{typename}.__new__() takes {n + 1} positional arguments but {given + 1} were given"
            )
        for i in range(n):
            name = fields[i]
            if i < given:
                if keywords and name in keywords:
                    raise TypeError(f"{typename}.__new__() got multiple values for argument '{name}'")
                put(self, name, args[i])
            elif name in keywords:
                put(self, name, keywords.pop(name))
            elif i >= first_default:
                put(self, name, defaults[i - first_default])
            else:
                raise TypeError(f"{typename}.__new__() missing a required argument: '{name}'")
        if given < n:
            for name in keywords:
                raise TypeError(f"{typename}.__new__() got an unexpected keyword argument '{name}'")

    def values(self):
        return tuple([getattr(self, name) for name in fields])

    def __repr__(self):
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in fields])
        return f"{type(self).__name__}({shown})"

    def __iter__(self):
        return iter(values(self))

    def __len__(self):
        return n

    def __getitem__(self, i):
        return values(self)[i]

    def __eq__(self, other):
        return values(self) == plain(other)

    def __ne__(self, other):
        return values(self) != plain(other)

    def __lt__(self, other):
        return values(self) < plain(other)

    def __le__(self, other):
        return values(self) <= plain(other)

    def __gt__(self, other):
        return values(self) > plain(other)

    def __ge__(self, other):
        return values(self) >= plain(other)

    def __hash__(self):
        return hash(values(self))

    def __contains__(self, x):
        return x in values(self)

    def __add__(self, other):
        return values(self) + plain(other)

    def __mul__(self, times):
        return values(self) * times

    def __setattr__(self, name, value):
        raise AttributeError("can't set attribute")

    def _asdict(self):
        return {name: getattr(self, name) for name in fields}

    def _replace(self, **changes):
        return cls(**{**_asdict(self), **changes})

    def count(self, x):
        return values(self).count(x)

    def index(self, x):
        return values(self).index(x)

    def _make(iterable):
        return cls(*iterable)

    cls = type(
        typename,
        (),
        {
            "_fields": fields,
            "_field_defaults": dict(zip(fields[first_default:], defaults)),
            "_make": staticmethod(_make),
            "_asdict": _asdict,
            "_replace": _replace,
            "_values": values,
            "__match_args__": fields,
            "__init__": __init__,
            "__repr__": __repr__,
            "__iter__": __iter__,
            "__len__": __len__,
            "__getitem__": __getitem__,
            "__eq__": __eq__,
            "__ne__": __ne__,
            "__lt__": __lt__,
            "__le__": __le__,
            "__gt__": __gt__,
            "__ge__": __ge__,
            "__hash__": __hash__,
            "__contains__": __contains__,
            "__add__": __add__,
            "__mul__": __mul__,
            "__setattr__": __setattr__,
            "count": count,
            "index": index,
        },
    )
    return cls


def plain(x):
    """The tuple that a named tuple stands for; anything else as it is."""
    return x._values() if hasattr(x, "_values") else x


class _Mapping:
    """A mapping that keeps its items in a dict."""

    def __init__(self, source=None, /, **keywords):
        self._items = {}
        self.update(source, **keywords)

    def update(self, source=None, /, **keywords):
        if source is not None:
            self._items.update(source._items if isinstance(source, _Mapping) else source)
        self._items.update(keywords)

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __reversed__(self):
        return reversed(self._items)

    def __contains__(self, key):
        return key in self._items

    def __getitem__(self, key):
        return self._items[key]

    def __setitem__(self, key, value):
        self._items[key] = value

    def __delitem__(self, key):
        del self._items[key]

    def __eq__(self, other):
        if isinstance(other, _Mapping):
            return self._items == other._items
        return self._items == other

    __hash__ = None

    def get(self, key, default=None):
        return self._items.get(key, default)

    def keys(self):
        return self._items.keys()

    def values(self):
        return self._items.values()

    def items(self):
        return self._items.items()

    def pop(self, key, *default):
        return self._items.pop(key, *default)

    def setdefault(self, key, default=None):
        return self._items.setdefault(key, default)

    def clear(self):
        self._items.clear()

    def copy(self):
        return type(self)(self)

    def popitem(self):
        return self._items.popitem()


class OrderedDict(_Mapping):
    def __repr__(self):
        return f"OrderedDict({self._items!r})" if self._items else "OrderedDict()"

    def move_to_end(self, key, last=True):
        value = self._items.pop(key)
        if last:
            self._items[key] = value
        else:
            self._items = {key: value, **self._items}

    def popitem(self, last=True):
        if last:
            return self._items.popitem()
        for key in self._items:
            return key, self._items.pop(key)
        raise KeyError("dictionary is empty")


class Counter(_Mapping):
    def __missing__(self, key):
        return 0

    def __getitem__(self, key):
        return self._items.get(key, 0)

    def __delitem__(self, key):
        self._items.pop(key, None)

    def update(self, source=None, /, **keywords):
        items = self._items
        if isinstance(source, (dict, _Mapping)):
            for key, n in source.items():
                items[key] = items.get(key, 0) + n
        elif source is not None:
            for key in source:
                items[key] = items.get(key, 0) + 1
        for key, n in keywords.items():
            items[key] = items.get(key, 0) + n

    def subtract(self, source=None, /, **keywords):
        items = self._items
        if isinstance(source, (dict, _Mapping)):
            for key, n in source.items():
                items[key] = items.get(key, 0) - n
        elif source is not None:
            for key in source:
                items[key] = items.get(key, 0) - 1
        for key, n in keywords.items():
            items[key] = items.get(key, 0) - n

    def most_common(self, n=None):
        ranked = sorted(self._items.items(), key=lambda item: item[1], reverse=True)
        return ranked if n is None else ranked[:n]

    def elements(self):
        for key, n in self._items.items():
            for _ in range(n):
                yield key

    def total(self):
        return sum(self._items.values())

    def __repr__(self):
        if not self._items:
            return "Counter()"
        shown = ", ".join([f"{key!r}: {n!r}" for key, n in self.most_common()])
        return "Counter({" + shown + "})"

    def _combine(self, other, combine):
        result = Counter()
        keys = list(self._items)
        keys.extend([key for key in other._items if key not in self._items])
        for key in keys:
            n = combine(self[key], other[key])
            if n > 0:
                result._items[key] = n
        return result

    def __add__(self, other):
        return self._combine(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._combine(other, lambda a, b: a - b)

    def __and__(self, other):
        return self._combine(other, min)

    def __or__(self, other):
        return self._combine(other, max)
