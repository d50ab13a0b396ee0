"""The JSON forms of src/decode/pickle/mod.rs, written a second time from Python's side.

Works on live objects with isoformat(), str() and json.dumps, and so shares nothing with the
decoder under test. Knows the natural forms only; objects in general form are spelt out by hand
where they are made.
"""

import base64
import collections
import datetime
import decimal
import fractions
import ipaddress
import json
import pathlib
import uuid


def text(value):
    """A JSON string: non-ASCII as it is, lone surrogates escaped."""
    out = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\u{ord(c):04x}" if 0xD800 <= ord(c) <= 0xDFFF else c for c in out)


def encode(value):
    """The JSON text of a value."""
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, (bytes, bytearray)):
        return '{"$bytes":"%s"}' % base64.b64encode(value).decode()
    if isinstance(value, dict):
        return "{%s}" % ",".join(f"{key(k)}:{encode(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return "[%s]" % ",".join(map(encode, value))
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return text(value.isoformat())
    if isinstance(value, datetime.timedelta):
        seconds = decimal.Decimal(value // datetime.timedelta(microseconds=1)) / 1000000
        shown = f"{seconds:f}"
        if "." in shown:
            shown = shown.rstrip("0")
            return shown + "0" if shown.endswith(".") else shown
        return shown + ".0"
    if isinstance(value, fractions.Fraction):
        return text(f"{value.numerator}/{value.denominator}")
    if isinstance(value, (uuid.UUID, decimal.Decimal, pathlib.PurePath)):
        return text(str(value))
    if isinstance(value, (ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network)):
        return text(str(value))
    raise TypeError(type(value))


def key(value):
    """The JSON string that a dict key becomes."""
    shown = encode(value)
    return shown if shown.startswith('"') else text(shown)
