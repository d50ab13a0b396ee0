"""What all formatters of this package have in common: which fields a record has, and in which order.

The order is that of the original package: the attributes of the `LogRecord`, what came in by `extra`, `dl`, the
fields of the formatter, and then `message`, `asctime` and `hostname`.
"""

from __future__ import annotations

import logging
import socket
import time
from typing import Any, Dict, Mapping, Optional, Tuple

from .context import attach
from .failure import exception_of
from .plain import capped_repr

__all__ = ["ADDED", "KNOWN", "NATIVE", "Serializer"]

#: What every LogRecord has in this version of Python, and what handlers add.
NATIVE = tuple(logging.LogRecord("", 0, "", 0, "", (), None).__dict__)
ADDED = ("message", "asctime", "context", "dl")
KNOWN = frozenset((*NATIVE, *ADDED, "taskName"))


class Serializer(logging.Formatter):
    """What `ZmqHandler` takes for a formatter.

    `service` names the program in each record, if it is given; `fields` are added to each.
    """

    #: The third letter of the topic.
    encoding = "?"

    def __init__(
        self,
        fmt: Optional[str] = None,
        datefmt: Optional[str] = None,
        style: str = "%",
        validate: bool = True,
        *,
        service: Optional[str] = None,
        fields: Optional[Mapping[str, Any]] = None,
        **_: Any,
    ) -> None:
        super().__init__(None, datefmt)
        self._fields = dict(fields or {})
        if service is not None:
            self._fields["service"] = service
        self._second: Tuple[int, str] = (-1, "")
        self.hostname = socket.gethostname()

    def encode(self, record: logging.LogRecord, more: str = "") -> bytes:
        """The record as it goes over the wire; `more` is JSON to stand at its end."""
        raise NotImplementedError

    def formatTime(self, record: logging.LogRecord, datefmt: Optional[str] = None) -> str:  # noqa: N802
        """As `logging.Formatter` does, once a second."""
        if datefmt or self.converter is not time.localtime:
            return super().formatTime(record, datefmt)
        second = int(record.created)
        known = self._second
        if known[0] != second:
            text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            known = self._second = (second, text)
        return f"{known[1]},{int(record.msecs):03d}"

    def _prepare(self, record: logging.LogRecord) -> None:
        """Attaches the scope, and puts message, time and traceback together."""
        attach(record)
        try:
            record.message = record.getMessage()
        except Exception as error:
            # `log.info("%d", "x")`: the template and the arguments tell what there is to tell.
            record.message = f"{capped_repr(record.msg)} % {capped_repr(record.args)}"
            own = record.__dict__
            own["dl"] = {**(own.get("dl") or {}), "format_error": f"{type(error).__name__}: {error}"}
        record.asctime = self.formatTime(record, self.datefmt)
        # loguru gives a text that says nothing, for handlers that do not look at the exception.
        told = record.exc_text and not record.exc_text.isspace()
        if record.exc_info and not told and record.exc_info[1] is not None:
            try:
                record.exc_text = self.formatException(record.exc_info)
            except Exception:
                record.exc_text = capped_repr(record.exc_info[1])

    def fields(self, record: logging.LogRecord) -> Dict[str, Any]:
        """All fields of the record, in the order of the original package."""
        self._prepare(record)
        own = record.__dict__
        found = {name: own.get(name) for name in NATIVE}
        found["args"] = record.args if record.args else None
        found["exc_info"] = exception_of(record)
        found["context"] = own.get("context")
        for name, value in own.items():
            if name not in KNOWN:
                found[name] = value
        if "dl" in own:
            found["dl"] = own["dl"]
        for name, value in self._fields.items():
            found.setdefault(name, value)
        found["message"] = record.message
        found["asctime"] = record.asctime
        found.setdefault("hostname", self.hostname)
        return found
