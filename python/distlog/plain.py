"""Any Python value in JSON's own types: what each odd one becomes.

| value | becomes |
|---|---|
| NaN, infinities | `"NaN"`, `"Infinity"`, `"-Infinity"` |
| numbers of other libraries, such as numpy's scalars | integers, floats and booleans |
| integers | digits; of more than 4,300 digits, the text `"0x…"` |
| text with lone surrogates | text with `\\udce9` spelt out, six characters each |
| bytes, bytearray, memoryview | `{"$bytes": BASE64}` |
| datetime, date, time | ISO 8601; timedelta: seconds |
| UUID, Decimal, Fraction, paths, addresses | their `str()` |
| sets, frozensets, deques, iterators of views | arrays |
| dataclasses | objects of their fields |
| enum members | their value |
| classes and functions | `{"$global": "module.name"}` |
| a container inside itself | `{"$cycle": true}` |
| anything else, and what lies deeper than 64 levels | its `repr()`, 1,000 characters of it |

These are the forms that dl-recv gives to what it finds in pickles, where JSON allows them.
The module never raises: a `repr` that fails is told of in its place.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import math
import numbers
import operator
import pathlib
import types
import uuid
from typing import Any, Dict, FrozenSet, Tuple

__all__ = ["MAX_DEPTH", "MAX_REPR", "capped_repr", "plain", "plain_text"]

# Deeper than records are, and far from where an encoder that calls itself comes to its end.
MAX_DEPTH = 64
MAX_REPR = 1000

_AS_TEXT = (
    uuid.UUID,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PurePath,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)
_ARRAYS: Tuple[type, ...] = (list, tuple, set, frozenset, collections.deque, type({}.keys()), type({}.values()))
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def plain_text(text: str) -> str:
    """The text as UTF-8 can have it."""
    return str.encode(text, "utf-8", "backslashreplace").decode("utf-8")


def capped_repr(value: Any, limit: int = MAX_REPR) -> str:
    """The `repr` of a value, shortened, whatever its class thinks of it."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}: repr failed with {type(error).__name__}>"
    if len(text) > limit:
        text = f"{text[:limit]}… ({len(text)} characters)"
    return plain_text(text)


def plain(value: Any) -> Any:
    """The value in JSON's own types."""
    return _plain(value, MAX_DEPTH, frozenset())


def _plain(value: Any, depth: int, above: FrozenSet[int]) -> Any:
    try:
        return _convert(value, depth, above)
    except Exception:
        # A class that lies about itself: its repr is what is left.
        return capped_repr(value)


def _convert(value: Any, depth: int, above: FrozenSet[int]) -> Any:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, depth, above)
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _float(float(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, _AS_TEXT):
        return plain_text(str(value))
    if isinstance(value, _NAMED):
        return {"$global": f"{value.__module__}.{value.__qualname__}"}
    is_data = dataclasses.is_dataclass(value)
    if not is_data and not isinstance(value, (dict, types.MappingProxyType, *_ARRAYS)):
        return _other(value)
    if id(value) in above:
        return {"$cycle": True}
    if depth == 0:
        return capped_repr(value)
    above = above | {id(value)}
    if is_data:
        return {f.name: _plain(getattr(value, f.name, None), depth - 1, above) for f in dataclasses.fields(value)}
    if isinstance(value, _ARRAYS):
        items: Any = value
        return [_plain(item, depth - 1, above) for item in items]
    found: Dict[str, Any] = {}
    for key, item in list(value.items()):
        name = _key(key)
        # `1` and `"1"` are two keys in Python: both are kept.
        while name in found:
            name += "_"
        try:
            found[name] = _plain(item, depth - 1, above)
        except RecursionError:
            # The stack has no room for this one; with it, all others would be lost.
            found[name] = f"<{type(item).__name__}: RecursionError>"
    return found


def _other(value: Any) -> Any:
    if isinstance(value, numbers.Integral):
        # Not by `int`, which would make one of numpy's durations, too.
        return _integer(operator.index(value))
    if isinstance(value, numbers.Real):
        return _float(float(value))
    kind = type(value)
    if kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_"):
        return bool(value)
    return capped_repr(value)


def _integer(value: int) -> Any:
    try:
        int.__repr__(value)
    except ValueError:
        return hex(value)
    return int(value)


def _float(value: float) -> Any:
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _key(key: Any) -> str:
    if isinstance(key, str):
        return plain_text(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    text = _plain(key, 1, frozenset())
    return text if isinstance(text, str) else capped_repr(text)
