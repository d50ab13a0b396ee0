"""Pickles of many values in protocols 0 to 5, each with the JSON text that they must become.

Prints one JSON object a line: {"name", "pickle" (hex), "expect"}. The test runs it live, with
--large; its output under Python 3.11 is committed as tests/data/pickle/cases.ndjson.
"""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import ipaddress
import json
import logging
import logging.handlers
import math
import pathlib
import pickle
import queue
import sys
import types
import uuid

from pickle_forms import encode

try:
    import zoneinfo
except ImportError:  # Before Python 3.9.
    zoneinfo = None

# Python 3.7 has no protocol 5.
PROTOCOLS = range(min(pickle.HIGHEST_PROTOCOL, 5) + 1)
UTC = datetime.timezone.utc
INDIA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
WEST = datetime.timezone(-datetime.timedelta(hours=3, seconds=7), "odd")


class Color(enum.Enum):
    RED = 1


class Outer:
    class Inner(enum.Enum):
        A = "a"


@dataclasses.dataclass
class Point:
    x: int
    y: object


class Slots:
    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a


class MyInt(int):
    pass


class MyDict(dict):
    pass


class Keywords:
    def __new__(cls, *, a):
        return super().__new__(cls)

    def __getnewargs_ex__(self):
        return (), {"a": 1}


Pair = collections.namedtuple("Pair", "a b")


class RequestRecord(logging.LogRecord):
    pass


def noted(error):
    error.note = "n"
    return error


def cyclic():
    items = []
    items.append(items)
    yield "cycle/list", items, '[{"$cycle":true}]'
    table = {"k": 1}
    table["me"] = table
    yield "cycle/dict", table, '{"k":1,"me":{"$cycle":true}}'
    pair = ([],)
    pair[0].append(pair)
    yield "cycle/tuple", pair, '[[{"$cycle":true}]]'
    space = types.SimpleNamespace(a=1)
    space.me = space
    state = '{"a":1,"me":{"$cycle":true}}'
    yield "cycle/object", space, '{"$class":"types.SimpleNamespace","state":%s}' % state


def plain():
    """Values whose form pickle_forms knows."""
    yield from [None, True, False, 0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31)]
    yield from [2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 2**70, -(2**70), 10**300]
    yield from [-(256**n) for n in (1, 2, 7, 8, 9, 20)] + [2**2039, -(2**2039), 2**2048 + 1]
    yield from [0.0, -0.0, 1.0, 0.1, 1.5, 1e15, 1e16, 1e17, 123456789012345680.0, 1e-4, 1e-5]
    yield from [1.234e-05, 5e-324, 1.7976931348623157e308, math.pi, 1795177627.750822, 1e22]
    yield from [math.nan, math.inf, -math.inf]
    yield from ["", "a", "é€😀", "\x00\x1f\x7f\"\\/\b\f\n\r\t", "lone \udce9 and \ud800x", "\u2028"]
    yield from ["x" * 300, "é" * 200, "a\\u0041", "\\", "𐀀\U0010ffff"]
    yield from [b"", b"a", b"\x00\xff\n'", b"x" * 300, bytearray(), bytearray(b"ab\xff")]
    yield from [[], (), {}, set(), frozenset(), [1], (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]
    yield from [list(range(1100)), {str(n): n for n in range(600)}, {1, 2}, frozenset("ab")]
    yield from [[[[]]], {"a": {"b": ({"c": [None]},)}}]
    yield {1: 1, 1.5: 2, None: 3, True: 4, "s": 5, 2**70: 6, (1, "a"): 7, b"k": 8, math.nan: 9}
    yield {uuid.UUID(int=1): 1, datetime.date(2026, 1, 2): 2, ((1, '"'), ()): 3, frozenset([1]): 4}
    shared = ["s"]
    yield [shared, shared, {"again": shared}, shared]
    stamp = datetime.datetime(2026, 11, 20, 12, 25, 40, 123)
    yield from [stamp, stamp.replace(microsecond=0), stamp.replace(tzinfo=UTC)]
    yield from [stamp.replace(tzinfo=INDIA), stamp.replace(tzinfo=WEST), stamp.replace(fold=1)]
    if zoneinfo:
        yield stamp.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))
    yield from [datetime.datetime.min, datetime.datetime.max]
    yield from [stamp.date(), stamp.time(), stamp.time().replace(fold=1)]
    yield from [datetime.time(1, 2, 3, tzinfo=INDIA), datetime.timedelta(), datetime.timedelta(1)]
    yield from [datetime.timedelta(-1, 1, 1), datetime.timedelta.max, datetime.timedelta(0, 90, 5)]
    yield from [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=2**63)]
    yield from [decimal.Decimal(x) for x in ("1.10", "NaN", "-Infinity", "1E+30")]
    yield from [fractions.Fraction(1, 3), fractions.Fraction(-(2**70), 7)]
    yield from [pathlib.PurePosixPath(x) for x in (".", "/", "a/b", "/a/b c", "//x/y", "..")]
    yield from [pathlib.PureWindowsPath(x) for x in ("C:\\a\\b", "C:a", "\\\\host\\share\\x", "a/b")]
    yield pathlib.Path("/srv/app")
    yield from [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("::1")]
    yield ipaddress.ip_network("10.0.0.0/8")
    yield from [collections.OrderedDict(), collections.OrderedDict(b=1, a=[2])]
    yield from [collections.defaultdict(list, {"a": [1]}), collections.Counter("aab")]
    yield from [collections.Counter(), collections.deque([1, 2]), collections.deque([], 3)]


def general(protocol):
    """Values in the general form, spelt out."""
    old = protocol < 2

    def form(name, rest=""):
        return '{"$class":"%s"%s}' % (name, rest)

    yield "exception", ValueError("x"), form("builtins.ValueError", ',"args":["x"]')
    yield "exception/bare", KeyError(), form("builtins.KeyError")
    yield "exception/state", noted(TypeError(1)), form(
        "builtins.TypeError", ',"args":[1],"state":{"note":"n"}'
    )
    # Protocols 0 to 2 know only the exceptions of Python 2.
    name = "builtins.FileNotFoundError" if protocol > 2 else "builtins.OSError"
    yield "exception/os", FileNotFoundError(2, "no"), form(name, ',"args":[2,"no"]')
    if Color.RED.__reduce_ex__(2)[0] is getattr:  # Python 3.11.0 to 3.11.3
        yield "enum", Color.RED, '{"$global":"__main__.Color.RED"}'
        yield "enum/nested", Outer.Inner.A, '{"$global":"__main__.Outer.Inner.A"}'
    else:
        yield "enum", Color.RED, form("__main__.Color", ',"args":[1]')
        yield "enum/nested", Outer.Inner.A, form("__main__.Outer.Inner", ',"args":["a"]')
    yield "class/nested", Outer.Inner, '{"$global":"__main__.Outer.Inner"}'
    yield "dataclass", Point(1, [2]), form("__main__.Point", ',"state":{"x":1,"y":[2]}')
    yield "dict subclass", MyDict(a=1), form(
        "__main__.MyDict", ',"args":[{"a":1}]' if old else ',"entries":{"a":1}'
    )
    yield "int subclass", MyInt(5), form("__main__.MyInt", ',"args":[5]')
    yield "named tuple", Pair(1, 2), form(
        "__main__.Pair", ',"args":[[1,2]]' if old else ',"args":[1,2]'
    )
    yield "namespace", types.SimpleNamespace(a=1), form(
        "types.SimpleNamespace", ',"state":{"a":1}'
    )
    yield "complex", 1 + 2j, form("builtins.complex", ',"args":[1.0,2.0]')
    yield "range", range(3), form("builtins.range", ',"args":[0,3,1]')
    yield "class", ValueError, '{"$global":"builtins.ValueError"}'
    yield "function", len, '{"$global":"builtins.len"}'
    if not old:
        yield "slots", Slots(1), form("__main__.Slots", ',"state":[null,{"a":1}]')
    if protocol > 3:
        yield "keywords", Keywords(a=1), form("__main__.Keywords", ',"kwargs":{"a":1}')
    if not zoneinfo:
        return
    berlin = datetime.datetime(2026, 1, 2, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    zone = form("zoneinfo.ZoneInfo._unpickle", ',"args":["Europe/Berlin",1]')
    args = ',"args":["2026-01-02T00:00:00",%s]' % zone
    yield "zone without offset", berlin, form("datetime.datetime", args)


def records():
    """What logging's own handlers send, with the extras that people add."""
    logger = logging.getLogger("net.sock")
    extras = [
        {},
        {"when": datetime.datetime(2026, 1, 2, tzinfo=UTC), "price": decimal.Decimal("1.10")},
        {"path": pathlib.PurePosixPath("/a"), "id": uuid.UUID(int=7), "big": 2**70, "nan": math.nan},
        {"d": collections.OrderedDict(b=1), "q": collections.deque([1]), "s": {1}, "b": b"\x00"},
        {"lone": "\udce9", "nested": {"a.b": [1, None, {"c": (1.5,)}]}, "ok": True},
    ]
    handler = logging.handlers.SocketHandler("127.0.0.1", 1)
    queued = logging.handlers.QueueHandler(queue.Queue())
    for n, extra in enumerate(extras):
        try:
            raise ValueError("é\n2")
        except ValueError as error:
            # Without the traceback, which has the path of this file in it.
            info = (ValueError, error, None) if n == 1 else None
        values = logger.makeRecord("net.sock", 20 + n, "a.py", 5, "m %s", ("x",), info, "f", extra)
        sent = handler.makePickle(values)
        loaded = pickle.loads(sent[4:])
        yield f"socket/{n}", sent[4:], encode(loaded)
        record = queued.prepare(values)
        for protocol in PROTOCOLS:
            yield f"queue/{n}/{protocol}", pickle.dumps(record, protocol), encode(vars(record))
    own = RequestRecord("n", 20, "a.py", 5, "m", None, None)
    for protocol in PROTOCOLS:
        yield f"record subclass/{protocol}", pickle.dumps(own, protocol), encode(vars(own))


class Persistent(pickle.Pickler):
    def persistent_id(self, value):
        return "id-1" if value is Persistent else None


def by_hand():
    """Pickles that today's Python does not write: Python 2's, and opcodes nobody uses."""
    for protocol in PROTOCOLS:
        out = io.BytesIO()
        Persistent(out, protocol).dump([Persistent])
        yield f"persistent/{protocol}", out.getvalue(), '[{"$persid":"id-1"}]'
    old = b"\\x07\\xea\\x0b\\x14\\x0c\\x19(\\x00\\x00{"
    stamp = b"cdatetime\ndatetime\np0\n(S'" + old + b"'\np1\ntp2\nRp3\n."
    yield "python2/datetime/0", stamp, '"2026-11-20T12:25:40.000123"'
    raw = b"\x07\xea\x0b\x14\x0c\x19(\x00\x00{"
    stamp = b"\x80\x02cdatetime\ndatetime\nq\x01U\x0a" + raw + b"\x85q\x02Rq\x03."
    yield "python2/datetime/2", stamp, '"2026-11-20T12:25:40.000123"'
    yield "python2/str", b"S'it\\'s \\xc3\\xa9'\np0\n.", '"it\'s é"'
    yield "python2/bytes", b"U\x02\xe9\xff.", '{"$bytes":"6f8="}'
    yield "python2/key", b"}U\x01kK\x01s.", '{"k":1}'
    yield "python2/long", b"(lp1\nL12345678901234567890L\naL-5L\naI00\naI01\na.", (
        "[12345678901234567890,-5,false,true]"
    )
    yield "python2/unicode", b"V\\u20ac\\U0001f600\xe9\\u000a\np0\n.", '"€😀é\\n"'
    yield "python2/inst", b"(I1\ni__main__\nOld\np0\n(dp1\nS'a'\nI2\nsb.", (
        '{"$class":"__main__.Old","args":[1],"state":{"a":2}}'
    )
    yield "python2/obj", b"(c__main__\nOld\nK\x01K\x02o}U\x01aK\x02sb.", (
        '{"$class":"__main__.Old","args":[1,2],"state":{"a":2}}'
    )
    yield "python2/deque", b"ccollections\ndeque\n((lK\x01aNtR.", "[1]"
    yield "python2/set", b"c__builtin__\nset\n((lK\x01atR.", "[1]"
    yield "opcodes/dup pop", b"(K\x01K\x022K\x030l.", "[1,2,2]"
    yield "opcodes/pop mark", b"K\x01(K\x02K\x031.", "1"
    yield "opcodes/pop takes mark", b"K\x01(0.", "1"
    yield "opcodes/dict", b"(K\x01Nd.", '{"1":null}'
    yield "opcodes/duplicate keys", b"(U\x01aK\x01U\x01aK\x02d.", '{"a":1,"a":2}'
    yield "opcodes/wide", b"\x8d\x01" + bytes(7) + b"a.", '"a"'
    yield "opcodes/wide bytes", b"\x8e\x01" + bytes(7) + b"a.", '{"$bytes":"YQ=="}'
    yield "opcodes/memo", b"]r\xff\xff\xff\xffp5\n0j\xff\xff\xff\xffg5\n\x86.", "[[],[]]"
    yield "opcodes/call of call", b"cm\nf\n)R)R.", '{"$call":{"$class":"m.f"}}'
    pytz = b"cpytz\n_p\n(U\x0dEurope/BerlinM\x10\x0eK\x00U\x03CETtR"
    stamp = b"cdatetime\ndatetime\n(U\x0a" + raw + pytz + b"tR."
    yield "pytz", stamp, '"2026-11-20T12:25:40.000123+01:00"'


def large():
    """Values that span frames and batches; too bulky to be committed."""
    yield from ["é" * 70000, b"b" * 70000, ["x" * 40000] * 3 + [str(n) for n in range(20000)]]
    yield {str(n): n for n in range(5000)}


def cases():
    for protocol in PROTOCOLS:
        for n, value in enumerate(large() if "--large" in sys.argv else ()):
            yield f"large/{n}/{protocol}", pickle.dumps(value, protocol), encode(value)
        for n, value in enumerate(plain()):
            yield f"plain/{n}/{protocol}", pickle.dumps(value, protocol), encode(value)
        for name, value, expect in [*cyclic(), *general(protocol)]:
            yield f"{name}/{protocol}", pickle.dumps(value, protocol), expect
    yield from records()
    yield from by_hand()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    for name, pickled, expect in cases():
        print(json.dumps({"name": name, "pickle": pickled.hex(), "expect": expect}))
