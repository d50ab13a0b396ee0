"""The JSON of starts and ends of scopes for which no `LogRecord` was made.

It is what `JSONFormatter.encode` would write of the record that the bound stands for: see `bounds`.
"""

from __future__ import annotations

import json
import logging
import time
from types import CodeType
from typing import TYPE_CHECKING, Any, Callable, Dict, Tuple

from .bounds import Bound, as_record, line_of
from .current import _process
from .encoder import encode, quote, to_json
from .parts import Place

if TYPE_CHECKING:
    from .record import JSONFormatter

__all__ = ["BoundEncoder"]

_MOST_PLACES = 4096
# Flags that a program may turn off.
_logging: Any = logging

# When `logging` was imported: what `relativeCreated` counts from.
_imported: float = getattr(logging, "_startTime", time.time())
if _imported > 1e12:
    # Nanoseconds since Python 3.13.
    _imported /= 1e9


class BoundEncoder:
    """Encodes bounds as a formatter encodes records.

    What two bounds of a scope have in common is encoded once, if they come one after the other.
    """

    def __init__(self, formatter: JSONFormatter, tail: Tuple[str, str, str]) -> None:
        self._encode: Callable[[logging.LogRecord, str], bytes] = formatter.encode
        self._parts = formatter._parts
        self._tail = tail
        self._places: Dict[Tuple[int, int, str, int], Tuple[Place, CodeType]] = {}
        self._second: Tuple[int, str] = (-1, "")
        self._said: Tuple[Any, Any, str, str] = (None, None, "", "")
        self._told: Tuple[Any, str] = (None, "")

    def encode(self, bound: Bound, fixed: bool, more: str) -> bytes:
        """The bound in UTF-8; `more` is JSON to stand at its end. `fixed` says that nothing of it can change."""
        try:
            return self._fast(bound, fixed, more).encode("utf-8")
        except Exception:
            # Arguments that do not fit, text that is no UTF-8: a record can tell of them.
            return self._encode(as_record(bound), more)

    def _fast(self, bound: Bound, fixed: bool, more: str) -> str:
        _, _, code, at, level, what, number, ending, ns, ident, thread, process, task = bound
        name, msg, args, scope_id, data = what
        if not (_logging.logThreads and _logging.logProcesses and _logging.logMultiprocessing):
            raise ValueError("what is to be left out, the slow way knows")
        # To hash a code object takes as long as the rest of this method; who has it, knows that it has no other id.
        place = self._places.get((id(code), at, name, level))
        first = self._place(code, at, name, level) if place is None else place[0]
        who = (ident, thread, process, _process.pid, task)
        known_thread = self._parts.threads.get(who)
        if known_thread is None:
            known_thread = self._parts.thread(who)
        said = self._said
        if not fixed or said[0] is not msg or said[1] is not args:
            text = msg % args if args else msg
            message = quote(text)
            template = message if msg is text else quote(msg)
            said = (msg, args, f'{template},"args":{to_json(args) if args else "null"}', message)
            if fixed:
                self._said = said
        fields = ""
        if data:
            told = self._told
            if not fixed or told[0] is not data:
                told = (data, "," + (encode(data) if fixed else to_json(data))[1:-1])
                if fixed:
                    self._told = told
            fields = told[1]
        if ending is None:
            dl = '{"event":"start"}'
        elif ending.__class__ is float:
            dl = f'{{"event":"end","status":"succeeded","duration":{round(ending, 6)!r}}}'
        else:
            dl = json.dumps(ending)
        micros = ns // 1000
        second, part = divmod(micros, 1_000_000)
        known = self._second
        if known[0] != second:
            known = self._second = (second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)))
        millis = part // 1000
        tail = self._tail
        return (
            f'{first[0]}{said[2]}{first[1]}null,"exc_text":null,"stack_info":null{first[2]}'
            f'{second}.{part:06d},"msecs":{millis}.0,"relativeCreated":{(micros / 1e6 - _imported) * 1000:.3f}'
            f'{known_thread},"context":{{"key":"{number}@{scope_id}"{fields}}},"dl":{dl}{tail[0]}{said[3]}{tail[1]}'
            f"{known[1]},{millis:03d}{tail[2]}{more}}}"
        )

    def _place(self, code: CodeType, at: int, name: str, level: int) -> Place:
        if len(self._places) >= _MOST_PLACES:
            self._places.clear()
        record = logging.LogRecord(name, level, code.co_filename, line_of(code, at), "", (), None, code.co_name)
        key = (record.pathname, record.lineno, record.levelno, record.name, record.levelname, record.funcName)
        first = self._parts.places.get(key) or self._parts.place(record, key)
        # The code is kept, so that no other one gets its id.
        self._places[(id(code), at, name, level)] = (first, code)
        return first
