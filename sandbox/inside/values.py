"""Values between the process of a completion and the process of its test: lines of JSON, exact built-in types only.

A type is asked with type(), which no class can deceive; an object of any other class does not cross. What is read is
data: nothing of the other process is ever called or looked up by name.
"""

import builtins
import collections
import decimal
import fractions
import json
import math
import re

MOST_BYTES = 16 * 1024 * 1024  # of one message
DEEPEST = 200  # levels of containers
LONGEST = 1_000_000  # items of a generator
WIDEST_PLAIN_INTEGER = 1 << 53  # beyond it, hexadecimal: Python bounds decimal digits


class CannotCross(Exception):
    """A value that is no data, or is too large or too deep to be sent."""


# Classes whose instances cross as what they are made of. Held here: a completion may replace the names in the modules.
# By id: a metaclass may say that it is equal to any of them.
_ITERATORS = frozenset(
    id(type(each))
    for each in (
        (x for x in ()),
        iter([]),
        iter(()),
        iter(""),
        iter({}),
        iter(set()),
        iter(range(0)),
        reversed([]),
        map(str, ()),
        filter(None, ()),
        zip(),
        enumerate(()),
        {}.values(),
    )
)
_Counter, _OrderedDict, _defaultdict, _deque = (
    collections.Counter,
    collections.OrderedDict,
    collections.defaultdict,
    collections.deque,
)
_Decimal, _Fraction = decimal.Decimal, fractions.Fraction
_dict_keys, _dict_items = type({}.keys()), type({}.items())
_dump, _load = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode, json.JSONDecoder().decode
_type, _id, _len, _hex, _int, _list, _isfinite = type, id, len, hex, int, list, math.isfinite


_has_surrogate = re.compile("[\ud800-\udfff]").search


def _items(values, depth, known):
    return [_pack(each, depth, known) for each in values]


def _pairs(mapping, depth, known):
    return [[_pack(key, depth, known), _pack(value, depth, known)] for key, value in mapping.items()]


def _drain(values, depth, known):
    packed = []
    for each in values:
        packed.append(_pack(each, depth, known))
        if _len(packed) > LONGEST:
            raise CannotCross("an iterator of more than a million items")
    return packed


def _pack(value, depth=0, known=None):
    kind = _type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        # JSON would make one character of two surrogates that stand beside each other.
        return value if value.isascii() or not _has_surrogate(value) else {"u": value.encode("utf-8", "surrogatepass").hex()}
    if kind is int:
        return value if -WIDEST_PLAIN_INTEGER < value < WIDEST_PLAIN_INTEGER else {"i": _hex(value)}
    if kind is float:
        return value if _isfinite(value) else {"f": repr(value)}
    if depth >= DEEPEST:
        raise CannotCross("a value nested deeper than %d levels" % DEEPEST)
    if known and depth and _id(value) in known:
        return {"=": known[_id(value)]}
    depth += 1
    if kind is list:
        return {"l": _items(value, depth, known)}
    if kind is tuple:
        return {"t": _items(value, depth, known)}
    if kind is dict:
        return {"d": _pairs(value, depth, known)}
    if kind is set:
        return {"s": _items(value, depth, known)}
    if kind is frozenset:
        return {"z": _items(value, depth, known)}
    if kind is bytes:
        return {"b": value.hex()}
    if kind is bytearray:
        return {"B": value.hex()}
    if kind is complex:
        return {"c": [_pack(value.real), _pack(value.imag)]}
    if kind is range:
        return {"r": [_pack(value.start), _pack(value.stop), _pack(value.step)]}
    if value is Ellipsis:
        return {"e": 0}
    if kind is _Counter:
        return {"C": _pairs(value, depth, known)}
    if kind is _OrderedDict:
        return {"O": _pairs(value, depth, known)}
    if kind is _defaultdict:  # its factory is code and stays behind
        return {"U": _pairs(value, depth, known)}
    if kind is _deque:
        return {"q": _items(value, depth, known)}
    if kind is _Decimal:
        return {"D": str(value)}
    if kind is _Fraction:
        return {"F": [_pack(value.numerator), _pack(value.denominator)]}
    if kind is _dict_keys:
        return {"k": _items(value, depth, known)}
    if kind is _dict_items:
        return {"m": [[_pack(key, depth, known), _pack(item, depth, known)] for key, item in value]}
    if _id(kind) in _ITERATORS:
        return {"g": _drain(value, depth, known)}
    raise CannotCross("a value of type %s" % kind.__name__)


def _both(pairs, un):
    return [(un(key), un(value)) for key, value in pairs]


# A tag and how its content is read; un() reads what is inside.
_UNPACK = {
    "i": lambda x, un: _int(x, 16),
    "u": lambda x, un: bytes.fromhex(x).decode("utf-8", "surrogatepass"),
    "f": lambda x, un: float(x),
    "l": lambda x, un: [un(each) for each in x],
    "t": lambda x, un: tuple([un(each) for each in x]),
    "d": lambda x, un: dict(_both(x, un)),
    "s": lambda x, un: set([un(each) for each in x]),
    "z": lambda x, un: frozenset([un(each) for each in x]),
    "b": lambda x, un: bytes.fromhex(x),
    "B": lambda x, un: bytearray.fromhex(x),
    "c": lambda x, un: complex(un(x[0]), un(x[1])),
    "r": lambda x, un: range(*[un(each) for each in x]),
    "e": lambda x, un: Ellipsis,
    "C": lambda x, un: _Counter(dict(_both(x, un))),
    "O": lambda x, un: _OrderedDict(_both(x, un)),
    "U": lambda x, un: _defaultdict(None, _both(x, un)),
    "q": lambda x, un: _deque([un(each) for each in x]),
    "D": lambda x, un: _Decimal(x),
    "F": lambda x, un: _Fraction(un(x[0]), un(x[1])),
    "k": lambda x, un: dict.fromkeys([un(each) for each in x]).keys(),
    "m": lambda x, un: dict(_both(x, un)).items(),
    "g": lambda x, un: iter([un(each) for each in x]),
}


def _reader(known):
    """What reads packed values; {"=": n} is the n-th of `known`."""

    def un(packed):
        if _type(packed) is not dict:
            if _type(packed) is list:
                raise CannotCross("a malformed value")
            return packed
        ((tag, content),) = packed.items()
        return known[content] if tag == "=" else _UNPACK[tag](content, un)

    return un


def pack(value):
    """The text of a value. CannotCross where it is none of the types above, however deep."""
    try:
        return _dump(_pack(value))
    except RecursionError:
        raise CannotCross("a value nested too deeply") from None


def unpack(text):
    """The value of a text from the other process, which may be anything. CannotCross where it is not well formed."""
    try:
        return _reader(())(_load(text))
    except MemoryError:
        raise
    except Exception:
        raise CannotCross("a malformed value") from None


_MAPPINGS = (dict, _Counter, _OrderedDict, _defaultdict)


def containers(value):
    """What in a value can be changed, in an order that is the same for a value and for its copy in the other process."""
    found = []

    def look(each):
        kind = _type(each)
        if kind in _MAPPINGS:
            found.append(each)
            for item in each.values():
                look(item)
        elif kind is list or kind is _deque or kind is tuple:
            if kind is not tuple:
                found.append(each)
            for item in each:
                look(item)
        elif kind is set or kind is bytearray:
            found.append(each)

    look(value)
    return found


def contents(found):
    """A text for each container; one that lies in another is named there by its number."""
    known = {_id(each): number for number, each in enumerate(found)}
    try:
        return [_dump(_pack(each, 0, known)) for each in found]
    except RecursionError:
        raise CannotCross("a value nested too deeply") from None


def write_contents(text, found):
    """Gives containers of this process the contents of their copies in the other, [text, ...] in the same order.
    CannotCross where it is not well formed."""
    try:
        read, packed = _reader(found), _load(text)
        if _len(packed) != _len(found):
            raise CannotCross("a malformed value")
        # What is as it was stays: two copies of one container may have come to differ.
        changed = [
            (old, read(new)) for old, new, was in zip(found, packed, contents(found)) if _dump(new) != was
        ]
        for old, new in changed:
            if _type(old) is not _type(new) or old is new:
                raise CannotCross("a malformed value")
        for old, new in changed:
            if _type(old) is list or _type(old) is bytearray:
                old[:] = new
            else:
                old.clear()
                old.extend(new) if _type(old) is _deque else old.update(new)
    except MemoryError:
        raise
    except Exception:
        raise CannotCross("a malformed value") from None


def raising_line(error, name, source):
    """The last line of `source`, compiled under `name`, on the way to where `error` was raised; else an empty text."""
    number = 0
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == name:
            number = frame.tb_lineno
        frame = frame.tb_next
    lines = source.split("\n")
    return lines[number - 1].strip()[:300] if 0 < number <= len(lines) else ""


def read_fields(fd):
    """The fields of a job: 32-bit lengths, little-endian, each before its bytes."""
    import os

    data = b""
    while True:
        more = os.pread(fd, 1 << 20, _len(data))
        if not more:
            break
        data += more
    fields, at = [], 0
    while at < _len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        fields.append(data[at + 4 : at + 4 + size].decode("utf-8", "surrogatepass"))
        at += 4 + size
    return fields
