"""Values that JSON has no words for, each with the form that a record has it in."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import numbers
import pathlib
import uuid


@dataclasses.dataclass
class Point:
    x: int
    y: object


class Colour(enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    TWO = 2


class Liar:
    """Fails whatever it is asked."""

    def __repr__(self):
        raise RuntimeError("no repr")

    __str__ = __repr__


class LyingDict(dict):
    def items(self):
        raise RuntimeError("no items")


class Long:
    def __repr__(self):
        return "x" * 100_000


class Whole:
    """A number as libraries have them, such as numpy's scalars."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Half:
    def __float__(self):
        return 0.5


class Duration:
    """Says that it is a number, as those of numpy do, and is none."""

    def __int__(self):
        return 3

    def __repr__(self):
        return "3 days"


numbers.Integral.register(Whole)
numbers.Integral.register(Duration)
numbers.Real.register(Half)


def cycle():
    made = {"list": []}
    made["list"].append(made)
    return made


def deep(levels):
    made = "bottom"
    for _ in range(levels):
        made = [made]
    return made


Pair = collections.namedtuple("Pair", "a b")


FORMS = [
    (float("nan"), "NaN"),
    (float("inf"), "Infinity"),
    (-float("inf"), "-Infinity"),
    ([1, float("nan")], [1, "NaN"]),
    (-0.0, -0.0),
    (1e300, 1e300),
    (True, True),
    (None, None),
    (2**64, 2**64),
    (-(2**70), -(2**70)),
    (16**4000, "0x1" + "0" * 4000),
    ("naïve 🙂 \u2028 \x00 \x7f", "naïve 🙂 \u2028 \x00 \x7f"),
    ("a\udce9b", "a\\udce9b"),
    ({"\udce9": 1}, {"\\udce9": 1}),
    (b"\xff\x00", {"$bytes": "/wA="}),
    (bytearray(b"ab"), {"$bytes": "YWI="}),
    (datetime.datetime(2026, 11, 20, 12, 25, 40, 123, datetime.timezone.utc), "2026-11-20T12:25:40.000123+00:00"),
    (datetime.date(2026, 11, 20), "2026-11-20"),
    (datetime.timedelta(seconds=90.5), 90.5),
    (decimal.Decimal("1.10"), "1.10"),
    (decimal.Decimal("NaN"), "NaN"),
    (fractions.Fraction(1, 3), "1/3"),
    (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
    (ipaddress.ip_address("::1"), "::1"),
    (pathlib.PurePosixPath("/a/b"), "/a/b"),
    ({1}, [1]),
    (frozenset(["x"]), ["x"]),
    (collections.deque([1, 2]), [1, 2]),
    (Pair(1, 2), [1, 2]),
    ({1: 2, None: 3, True: 4, (1, 2): 5, 1.5: 6}, {"1": 4, "null": 3, "[1, 2]": 5, "1.5": 6}),
    ({"1": "text", 1: "number"}, {"1": "text", "1_": "number"}),
    (Point(1, {2}), {"x": 1, "y": [2]}),
    (Colour.RED, "red"),
    (Number.TWO, 2),
    (len, {"$global": "builtins.len"}),
    (ValueError, {"$global": "builtins.ValueError"}),
    (cycle(), {"list": [{"$cycle": True}]}),
    (Liar(), "<Liar: repr failed with RuntimeError>"),
    (complex(1, 2), "(1+2j)"),
    (Whole(7), 7),
    ([Whole(2**70)], [2**70]),
    ({Whole(1): Half()}, {"1": 0.5}),
    (Duration(), "3 days"),
]
