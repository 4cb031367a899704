"""Higher-order functions."""

from _functools import reduce
from collections import namedtuple

_CacheInfo = namedtuple("CacheInfo", ["hits", "misses", "maxsize", "currsize"])


def update_wrapper(wrapper, wrapped, assigned=None, updated=None):
    for name in ("__name__", "__qualname__", "__doc__"):
        setattr(wrapper, name, getattr(wrapped, name, None))
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=None, updated=None):
    def decorate(wrapper):
        return update_wrapper(wrapper, wrapped)

    return decorate


def partial(function, /, *first, **keywords):
    def call(*args, **more):
        return function(*first, *args, **{**keywords, **more})

    call.func = function
    call.args = first
    call.keywords = keywords
    return call


def cache(function):
    return _cached(function, None)


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _cached(maxsize, 128)

    def decorate(function):
        return _cached(function, maxsize)

    return decorate


def _cached(function, maxsize):
    # The last used result is the last one in the table.
    table = {}
    counts = [0, 0]

    def wrapper(*args, **keywords):
        key = (args, tuple(keywords.items())) if keywords else args
        if key in table:
            counts[0] += 1
            result = table[key]
            if maxsize is not None:
                del table[key]
                table[key] = result
            return result
        counts[1] += 1
        result = function(*args, **keywords)
        if maxsize != 0:
            if maxsize is not None and key not in table and len(table) >= maxsize:
                for oldest in table:
                    break
                del table[oldest]
            table[key] = result
        return result

    def cache_info():
        return _CacheInfo(counts[0], counts[1], maxsize, len(table))

    def cache_clear():
        table.clear()
        counts[0] = counts[1] = 0

    wrapper.cache_info = cache_info
    wrapper.cache_clear = cache_clear
    return update_wrapper(wrapper, function)


def cmp_to_key(compare):
    class Key:
        __hash__ = None

        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, other):
            return compare(self.obj, other.obj) < 0

        def __gt__(self, other):
            return compare(self.obj, other.obj) > 0

        def __eq__(self, other):
            return compare(self.obj, other.obj) == 0

    return Key


def total_ordering(cls):
    def defines(name):
        return getattr(cls, name, None) is not getattr(object, name, None)

    if defines("__lt__"):
        if not defines("__gt__"):
            cls.__gt__ = lambda self, other: not (self < other) and self != other
        if not defines("__le__"):
            cls.__le__ = lambda self, other: self < other or self == other
        if not defines("__ge__"):
            cls.__ge__ = lambda self, other: not (self < other)
    elif defines("__gt__"):
        cls.__lt__ = lambda self, other: not (self > other) and self != other
        if not defines("__ge__"):
            cls.__ge__ = lambda self, other: self > other or self == other
        if not defines("__le__"):
            cls.__le__ = lambda self, other: not (self > other)
    elif defines("__le__"):
        cls.__gt__ = lambda self, other: not (self <= other)
        if not defines("__lt__"):
            cls.__lt__ = lambda self, other: self <= other and self != other
        if not defines("__ge__"):
            cls.__ge__ = lambda self, other: not (self <= other) or self == other
    elif defines("__ge__"):
        cls.__lt__ = lambda self, other: not (self >= other)
        if not defines("__gt__"):
            cls.__gt__ = lambda self, other: self >= other and self != other
        if not defines("__le__"):
            cls.__le__ = lambda self, other: not (self >= other) or self == other
    else:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    return cls
