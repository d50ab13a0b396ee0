"""Writes a service's log as NDJSON, with the scope that each record belongs to.

Made to be copied: one filter, one formatter, one handler for Python's standard `logging`, and scopes
that nest, cross threads (`contextvars.copy_context`) and cross processes (`foreign_task`,
`import_task`). It knows nothing of the shop, of HTTP, or of the program at the other end of the pipe.

    setup("orders")
    with task("place order %s", 17, customer="ada"):
        with to("charge card of order %s", 17):
            logging.getLogger("shop").info("asking the bank")
"""

from __future__ import annotations

import contextvars
import itertools
import json
import logging
import math
import os
import re
import socket
import sys
import time
import uuid

__all__ = ["Scope", "foreign_task", "import_task", "setup", "task", "to"]

_current: contextvars.ContextVar = contextvars.ContextVar("scope", default=None)
_log = logging.getLogger("scope")

# What a caller may send: a UUID and the path below it. 200 leaves room for some 50 levels.
_TASK_ID = re.compile(r"(?=.{36,200}$)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/[1-9][0-9]*)*")

# The attributes that every LogRecord has; whatever else a record carries came in by `extra=`.
_NATIVE = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "context", "dl", "taskName"}


class Scope:
    """One goal: logs its start, and its end with status and duration, and names all records between."""

    def __init__(self, scope_id: str, goal: str, fields: dict):
        self.id, self.goal, self.fields = scope_id, goal, fields
        # Threads may share a scope; `next` of an itertools.count is atomic, so no lock is needed.
        self._records, self._children = itertools.count(), itertools.count(1)

    def bind(self, **fields) -> None:
        """Adds fields to the context of all records that follow."""
        self.fields.update(fields)

    def next_child(self) -> str:
        """The id of this scope's next child, here or in another process."""
        return f"{self.id}/{next(self._children)}"

    def next_context(self) -> dict:
        """The context of this scope's next record."""
        key = {"key": f"{next(self._records)}@{self.id}"}
        # The key stands first, and a field that is called "key" does not take its place.
        return key | self.fields | key

    def __enter__(self) -> Scope:
        self._outer = _current.set(self)
        self._started = time.monotonic()
        _log.info(self.goal, extra={"dl": {"event": "start"}}, stacklevel=2)
        return self

    def __exit__(self, kind, error, traceback) -> bool:
        status = "succeeded" if kind is None else "failed"
        end = {"event": "end", "status": status, "duration": round(time.monotonic() - self._started, 6)}
        if kind is None:
            _log.info(self.goal, extra={"dl": end}, stacklevel=2)
        else:
            text = f"FAILED {self.goal}: {kind.__name__}: {error}"
            _log.error(text, exc_info=(kind, error, traceback), extra={"dl": end}, stacklevel=2)
        _current.reset(self._outer)
        return False


def task(goal: str, *args, **fields) -> Scope:
    """Opens the root of a new tree: one request, one run of a job."""
    return Scope(str(uuid.uuid4()), goal % args if args else goal, fields)


def to(goal: str, *args, **fields) -> Scope:
    """Opens a scope inside the current one; outside of any, a new task."""
    outer = _current.get()
    if outer is None:
        return task(goal, *args, **fields)
    return Scope(outer.next_child(), goal % args if args else goal, fields)


def foreign_task() -> str | None:
    """The id to send along with a call, for `import_task` at the other end; None outside of any scope."""
    outer = _current.get()
    return outer.next_child() if outer else None


def import_task(scope_id: str | None, goal: str, *args, **fields) -> Scope:
    """Opens the scope that a caller in another process announced; without a usable id, a new task."""
    if scope_id is None or not _TASK_ID.fullmatch(scope_id):
        return task(goal, *args, **fields)
    return Scope(scope_id, goal % args if args else goal, fields)


class ScopeFilter(logging.Filter):
    """Selects nothing: gives each record, of whatever library, the context of the current scope."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "context"):
            scope = _current.get()
            record.context = scope.next_context() if scope else None
        return True


class NdjsonFormatter(logging.Formatter):
    """One JSON object a line, valid for any reader: no NaN, no object that JSON does not have."""

    def __init__(self, service: str):
        super().__init__()
        self._origin = {"hostname": socket.gethostname(), "service": service}

    def format(self, record: logging.LogRecord) -> str:
        body = {
            "name": record.name, "levelname": record.levelname, "levelno": record.levelno,
            "message": record.getMessage(), "created": record.created, **self._origin,
            "process": record.process, "processName": record.processName,
            "thread": record.thread, "threadName": record.threadName,
            "pathname": record.pathname, "lineno": record.lineno, "funcName": record.funcName,
        }
        if record.exc_info:
            body["exc_text"] = self.formatException(record.exc_info)
        extra = record.__dict__.items()
        body.update((key, _plain(value)) for key, value in extra if key not in _NATIVE | body.keys())
        body["context"] = _plain(record.context)
        if hasattr(record, "dl"):
            body["dl"] = record.dl
        return json.dumps(body, ensure_ascii=False)


class NdjsonHandler(logging.Handler):
    """Writes each record at once, with one write; a reader that left ends the log, not the service."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            # A lone surrogate (an undecodable file name, say) is no UTF-8: "replace" makes it a "?".
            line = memoryview((self.format(record) + "\n").encode("utf-8", "replace"))
            while line:
                line = line[os.write(1, line):]
        except BrokenPipeError:
            if self.level < sys.maxsize:
                print("shoplog: the reader of the log has left", file=sys.stderr)
            self.setLevel(sys.maxsize)
        except Exception:
            self.handleError(record)


def _plain(value):
    """The value in JSON's own types; what JSON does not have becomes its str()."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value)


def setup(service: str, level: int = logging.DEBUG) -> None:
    """Sends all logging of this process to stdout, as NDJSON."""
    handler = NdjsonHandler()
    handler.addFilter(ScopeFilter())
    handler.setFormatter(NdjsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
