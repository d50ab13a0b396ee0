"""Logs with the package distlog: to a collector if SHOP_COLLECTOR names one, else as NDJSON to stdout.

If DISTLOG_LEVELS says where dl-recv tells rules over levels, it logs from INFO, and dl-ctl can have it log more.

The package lies in `python/` of this repository and needs nothing installed, but pyzmq for `tcp://` and `ipc://`.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from distlog import (  # noqa: E402
    JSONFormatter, NdjsonHandler, Task, ZmqHandler, control, current_scope, import_task, task, to,
)

__all__ = ["Scope", "foreign_task", "import_task", "setup", "task", "to"]

Scope = Task


def foreign_task() -> str | None:
    """The id to send along with a call, for `import_task` at the other end; None outside of any scope."""
    scope = current_scope()
    return scope.get_foreign_task() if scope else None


class StdoutHandler(logging.Handler):
    """Writes each record at once, with one write; a reader that left ends the log, not the service."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = memoryview(self.formatter.encode(record) + b"\n")
            while line:
                line = line[os.write(1, line):]
        except BrokenPipeError:
            if self.level < sys.maxsize:
                print("shoplog: the reader of the log has left", file=sys.stderr)
            self.setLevel(sys.maxsize)
        except Exception:
            self.handleError(record)


def setup(service: str, level: int = logging.DEBUG) -> None:
    """Sends all logging of this process to the collector, or to stdout."""
    collector = os.environ.get("SHOP_COLLECTOR")
    if not collector:
        handler: logging.Handler = StdoutHandler()
    elif collector.startswith("ndjson+"):
        handler = NdjsonHandler(collector)
    else:
        handler = ZmqHandler(collector)
    handler.setFormatter(JSONFormatter(service=service))
    controlled = bool(os.environ.get("DISTLOG_LEVELS"))
    logging.basicConfig(level=logging.INFO if controlled else level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    if controlled:
        control.start(process=service)
