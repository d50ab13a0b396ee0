"""The JSON of any value: valid, whatever the value is.

What JSON has, the encoder of the standard library writes; for everything else `plain` knows a form.
"""

from __future__ import annotations

import json.encoder
from typing import Any, Callable

from .plain import MAX_DEPTH, plain

__all__ = ["encode", "quote", "to_json"]

quote: Callable[[str], str] = json.encoder.encode_basestring


def _make_encoder() -> Callable[[Any], str]:
    """An encoder for values; it refuses what JSON has not, and then `plain` has to help."""
    c_make_encoder = getattr(json.encoder, "c_make_encoder", None)
    if c_make_encoder is None:
        return json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, default=plain, separators=(",", ":")
        ).encode
    # What JSONEncoder.encode makes anew for each call.
    made = c_make_encoder(None, plain, quote, None, ":", ",", False, False, False)
    join = "".join

    def encode(value: Any) -> str:
        return join(made(value, 0))

    return encode


encode = _make_encoder()


# What the encoder cannot get wrong.
_SCALARS = frozenset((str, int, float, bool, type(None)))


def to_json(value: Any) -> str:
    """The JSON of any value."""
    try:
        if value.__class__ not in _SCALARS and _has_odd_keys(value, MAX_DEPTH):
            return encode(plain(value))
        return encode(value)
    except Exception:
        return encode(plain(value))


def _has_odd_keys(value: Any, depth: int) -> bool:
    """Whether a dict has keys other than text: `1` and `"1"` are two keys, of which the encoder makes one."""
    if isinstance(value, dict):
        for key in value:
            if key.__class__ is not str:
                return True
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    for item in value:
        if item.__class__ not in _SCALARS and (not depth or _has_odd_keys(item, depth - 1)):
            return True
    return False
