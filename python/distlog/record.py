"""Log records as data: every field, the extra ones, the scope, and exceptions with their causes.

    handler.setFormatter(JSONFormatter())

A record becomes one JSON object, or a pickled dict, with the keys of the original package: all
attributes of the `LogRecord`, what came in by `extra`, `context` (the scope) and `dl` (what a
scope tells of its start and end), and then `message`, `asctime` and `hostname`. Beyond the
original, `args` are kept, and `exc_info` has the exception with its chain of causes as data.

The JSON is valid whatever the values are (see `plain`), and a record is never given up because
one of them is odd. Records that are as usual are put together from `parts`.
"""

from __future__ import annotations

import json
import logging
import pickle
import time
from typing import Any, Callable, Optional

from .boundjson import BoundEncoder
from .bounds import Bound
from .context import Context, attach
from .current import _get_current
from .encoder import encode as _encode
from .encoder import quote as _quote
from .encoder import to_json
from .failure import describe_exception, exception_of
from .parts import Parts
from .plain import plain
from .serializer import KNOWN, NATIVE, Serializer

__all__ = ["JSONFormatter", "PickleFormatter", "Serializer", "describe_exception"]

_BASE = len(NATIVE)
_LogRecord = logging.LogRecord


class JSONFormatter(Serializer):
    """Makes a record one JSON object, without a newline in it."""

    encoding = "J"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parts = Parts()
        self._places, self._threads = self._parts.places, self._parts.threads
        host = "" if "hostname" in self._fields else f',"hostname":{to_json(self.hostname)}'
        fixed = "".join(f",{to_json(name)}:{to_json(value)}" for name, value in self._fields.items())
        # Names that stand in the tail, and that of the handler's own `more`.
        self._taken = frozenset((*self._fields, "hostname", "record_id"))
        # Whether only the slow way makes what is wanted.
        self._is_slow = "record_id" in self._fields or type(self).fields is not Serializer.fields
        self._tail = f'{fixed},"message":', ',"asctime":"', f'"{host}'
        # Whether times are as `logging` writes them, and need no second look.
        self._usual_time = self.datefmt is None and type(self).formatTime is Serializer.formatTime

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return self.encode(record).decode("utf-8")

    def encode(self, record: logging.LogRecord, more: str = "") -> bytes:
        """The record in UTF-8; `more` is JSON to stand at its end, with a comma before it: the record's id.

        What the application calls `record_id` is `record_id_` then.
        """
        try:
            if self._is_slow:
                raise ValueError("the slow way knows")
            return self._fast(record, more).encode("utf-8")
        except Exception:
            found = plain(self.fields(record))
            if found.__class__ is not dict:
                # Where the stack ends, `plain` may have a text for all of it, which is no record.
                raise
            if more and "record_id" in found:
                name = "record_id_"
                while name in found:
                    name += "_"
                found[name] = found.pop("record_id")
            text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
            return f"{text[:-1]}{more}}}".encode("utf-8")

    def _fast(self, record: logging.LogRecord, more: str) -> str:
        # What `_prepare` does, without its calls, for a record that is as usual.
        own = record.__dict__
        if "context" not in own:
            scope = _get_current()
            context = own["context"] = None if scope is None else scope.context
        else:
            if own["context"].__class__ is not Context:
                attach(record)
            context = own["context"]
        msg, args = record.msg, record.args
        if record.__class__ is not _LogRecord:
            # It may have a message of its own making.
            text = record.getMessage()
        elif msg.__class__ is str:
            text = msg % args if args else msg
        else:
            text = str(msg)
            if args:
                text = text % args
        record.message = text
        if record.exc_info or record.exc_text:
            self._prepare(record)
        dl = own.get("dl")
        extras = ""
        # More attributes than a record has by itself: there is an `extra`.
        known = _BASE + 2 + ("dl" in own) + ("asctime" in own)
        if len(own) > known:
            for name, value in own.items():
                if name not in KNOWN:
                    if name in self._taken:
                        raise ValueError("a name that stands twice: the slow way sorts it out")
                    extras += f",{_quote(name)}:{to_json(value)}"
        if dl is not None:
            extras += f',"dl":{to_json(dl)}'
        elif "dl" in own:
            extras += ',"dl":null'
        message = _quote(text)
        template = message if msg is text else _quote(msg) if msg.__class__ is str else to_json(msg)
        key = (record.pathname, record.lineno, record.levelno, record.name, record.levelname, record.funcName)
        first = self._places.get(key)
        if first is None:
            first = self._parts.place(record, key)
        who = (record.thread, record.threadName, record.processName, record.process, own.get("taskName"))
        thread = self._threads.get(who)
        if thread is None:
            thread = self._parts.thread(who)
        if record.exc_info is None and record.exc_text is None:
            exc = 'null,"exc_text":null'
        else:
            exc = f'{to_json(exception_of(record))},"exc_text":{_encode(record.exc_text)}'
        created = record.created
        known_second = self._second
        if int(created) == known_second[0] and self._usual_time:
            asctime = f"{known_second[1]},{int(record.msecs):03d}"
        else:
            asctime = self.formatTime(record, self.datefmt)
            if not self._usual_time:
                asctime = _encode(asctime)[1:-1]
        tail = self._tail
        return (
            f"{first[0]}{template}"
            f',"args":{to_json(args) if args else "null"}'
            f"{first[1]}{exc}"
            f',"stack_info":{"null" if record.stack_info is None else _encode(record.stack_info)}'
            f"{first[2]}{created!r}"
            f',"msecs":{record.msecs!r},"relativeCreated":{record.relativeCreated!r}'
            f'{thread},"context":{"null" if context is None else to_json(context)}'
            f"{extras}{tail[0]}{message}{tail[1]}{asctime}{tail[2]}{more}}}"
        )

    def bound_encoder(self) -> Optional[Callable[[Bound, bool, str], bytes]]:
        """What encodes starts and ends without a record, as `encode` would; None if it cannot know how that is."""
        if type(self) is JSONFormatter and not self._is_slow and self._usual_time and self.converter is time.localtime:
            return BoundEncoder(self, self._tail).encode
        return None


class PickleFormatter(Serializer):
    """Makes a record a pickled dict (protocol 2, which every reader knows)."""

    encoding = "P"
    protocol = 2

    def format(self, record: logging.LogRecord) -> bytes:  # type: ignore[override]
        """The record as bytes: only handlers of this package take them."""
        return self.encode(record)

    def encode(self, record: logging.LogRecord, more: str = "") -> bytes:
        """The record as a pickle; what cannot be pickled becomes what it would be in JSON."""
        found = self.fields(record)
        if isinstance(found["context"], Context):
            # A reader needs nothing of this package.
            found["context"] = dict(found["context"])
        try:
            return pickle.dumps(found, self.protocol)
        except Exception:
            return pickle.dumps({name: self._picklable(value) for name, value in found.items()}, self.protocol)

    def _picklable(self, value: Any) -> Any:
        try:
            pickle.dumps(value, self.protocol)
        except Exception:
            return plain(value)
        return value
