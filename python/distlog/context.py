"""What a record carries of the scope it was logged in.

    handler.addFilter(ScopeFilter())

The handlers of this package attach it by themselves.
"""

from __future__ import annotations

import collections
import logging
from typing import Any, Dict, Mapping, Tuple

from .current import _get_current

__all__ = ["Context", "ScopeFilter", "attach"]


class Context(Dict[str, Any]):
    """What a record carries of its scope: `key`, and the fields of the scope."""

    __slots__ = ()

    def __reduce__(self) -> Tuple[Any, ...]:
        # Who reads what a SocketHandler or a queue has pickled needs nothing of this package, and dl-recv sees an object.
        return collections.OrderedDict, (), None, None, iter(self.items())


def attach(record: logging.LogRecord) -> None:
    """Gives a record the context of the current scope, unless it has one: what all our handlers do first."""
    own = record.__dict__
    context = own.get("context")
    if context.__class__ is Context or "dl" in own and "context" in own:
        return
    scope = _get_current()
    given = "context" in own
    if given and isinstance(context, Mapping) and _is_place(context.get("key")):
        # It comes from a queue or another process.
        return
    if scope is None:
        if not given:
            own["context"] = None
        return
    own["context"] = made = scope.context
    if given and context is not None:
        # Somebody's `extra={"context": …}`: kept, beside ours.
        made.setdefault("context", context)


def _is_place(key: Any) -> bool:
    """Whether it is the place of a record in a tree: `SEQ@ID`."""
    return isinstance(key, str) and key.partition("@")[0].isdecimal() and "@" in key


class ScopeFilter(logging.Filter):
    """Selects nothing: gives each record the context of the current scope, in front of any handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Attaches the context."""
        attach(record)
        return True
