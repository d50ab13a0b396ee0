"""Scopes in text logs: `%(distlog)s` in any format string.

    handler.setFormatter(KeyValueFormatter("%(asctime)s %(levelname)s %(name)s %(message)s %(distlog)s"))

    … INFO shop asking the bank trace_id=40be6df2-….1 event=detail amount=[24.9] tags=[a b]

The form is that of BQNT's TraceScope, which dl-tree reads: `trace_id` is the way from the root, `event` is
`started` (with `op`, the goal), `detail`, `error` or `finished` (with `dur_ms` and `success`). Then come the fields of
the scope and what was given as `extra`; each value in brackets, containers recursively, long ones shortened.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, List, Mapping, Optional

from .plain import MAX_REPR, capped_repr, plain
from .serializer import KNOWN
from .scope import ScopeFilter, attach

__all__ = ["KeyValueFilter", "KeyValueFormatter", "key_values"]

# Per value: enough to recognise it, short enough for a line.
_MOST_CHARACTERS = 200
_MOST_ITEMS = 20
_MOST_LEVELS = 5
# What would end a value too soon, or the line.
_AWKWARD = re.compile(r"[\[\]\"\x00-\x1f\x7f\u0085\u2028\u2029]")
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def key_values(record: logging.LogRecord) -> str:
    """The scope and the fields of a record as `key=value` pairs; empty if there are none."""
    attach(record)
    own = record.__dict__
    found = own.get("context")
    context: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    dl = own.get("dl") if isinstance(own.get("dl"), Mapping) else None
    pairs: List[str] = []
    key = context.get("key")
    event = dl.get("event") if dl else None
    if isinstance(key, str):
        pairs.append(f"trace_id={key.partition('@')[2].replace('/', '.')}")
        if event == "start":
            pairs += ["event=started", f"op=[{_scalar(_message(record))}]"]
        elif event == "end" and dl is not None:
            pairs += [
                "event=finished",
                f"dur_ms={round(float(dl.get('duration', 0)) * 1000, 3):g}",
                f"success={dl.get('status') == 'succeeded'}",
            ]
        else:
            pairs.append("event=error" if record.levelno >= logging.ERROR else "event=detail")
    for name, value in context.items():
        if name != "key":
            pairs.append(_pair(name, value))
    for name, value in own.items():
        if name not in KNOWN and name != "distlog":
            pairs.append(_pair(name, value))
    return " ".join(pairs)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:
        return capped_repr(record.msg)


def _pair(name: str, value: Any) -> str:
    text = _value(plain(value), _MOST_LEVELS)
    return f"{_NAME.sub('_', str(name))}=[{text}]"


def _value(value: Any, levels: int) -> str:
    """A value, without the brackets around it."""
    if isinstance(value, dict):
        items = [f"{_NAME.sub('_', key)}={_inner(item, levels)}" for key, item in list(value.items())[:_MOST_ITEMS]]
    elif isinstance(value, list):
        items = [_inner(item, levels) for item in value[:_MOST_ITEMS]]
    else:
        return _scalar(value)
    if len(value) > _MOST_ITEMS:
        items.append(f"…{len(value) - _MOST_ITEMS}")
    return " ".join(items)


def _inner(value: Any, levels: int) -> str:
    if isinstance(value, (dict, list)):
        return f"[{_value(value, levels - 1)}]" if levels > 1 else "[…]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    if len(text) > _MOST_CHARACTERS:
        text = f"{text[:_MOST_CHARACTERS]}…"
    return json.dumps(text[:MAX_REPR], ensure_ascii=False) if _AWKWARD.search(text) else text


class KeyValueFilter(ScopeFilter):
    """Gives each record `distlog`, in front of any handler, for any formatter."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Attaches the scope, as data and as text."""
        record.__dict__["distlog"] = key_values(record)
        return True


class KeyValueFormatter(logging.Formatter):
    """A formatter whose format may name `%(distlog)s`; it does by default."""

    def __init__(self, fmt: Optional[str] = None, datefmt: Optional[str] = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(fmt or "%(asctime)s %(levelname)s %(name)s %(message)s %(distlog)s", datefmt, *args, **kwargs)

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        own = record.__dict__
        if "distlog" in own:
            return super().format(record)
        own["distlog"] = key_values(record)
        try:
            return super().format(record)
        finally:
            # Other handlers have the fields themselves.
            del own["distlog"]
