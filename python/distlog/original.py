"""Two names of the original package that this one has no use for, for programs that import them.

There, `LogRecord` was set as the factory of all records. Here nothing is replaced: handlers and
`ScopeFilter` attach the scope.
"""

from __future__ import annotations

import logging
from typing import Any, Optional

from .scope import Task, attach, current_scope

__all__ = ["LogContext", "LogRecord"]


class LogRecord(logging.LogRecord):
    """A record that has the current scope in `context` from the beginning."""

    context: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attach(self)


class LogContext:
    """The stack of scopes, of which only the top can be asked for."""

    @property
    def top(self) -> Optional[Task]:
        """The current scope."""
        return current_scope()
