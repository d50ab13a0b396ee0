"""Logging of distributed programs: scopes, records as data, and their way to a collector.

`from distlog import task, to, import_task, ZmqHandler, JSONFormatter` is the interface of the
original package; the modules `scope`, `record`, `handlers` and `conditional` work alone or together.
"""

from __future__ import annotations

from .decorate import trace
from .handlers import NdjsonHandler, ZmqHandler
from .propagate import accept, extract, extract_celery, headers, inject, preserve_context
from .record import JSONFormatter, PickleFormatter
from .original import LogContext, LogRecord
from .scope import (
    ScopeFilter,
    Task,
    bind,
    current_scope,
    external_call,
    import_task,
    task,
    to,
)

__all__ = [
    "JSONFormatter",
    "LogContext",
    "LogRecord",
    "NdjsonHandler",
    "PickleFormatter",
    "ScopeFilter",
    "Task",
    "ZmqHandler",
    "accept",
    "bind",
    "current_scope",
    "external_call",
    "extract",
    "extract_celery",
    "headers",
    "import_task",
    "inject",
    "preserve_context",
    "task",
    "to",
    "trace",
]
__version__ = "0.2.0"
