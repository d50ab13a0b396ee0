"""Scopes: what a program wants to achieve, and the records that tell how it went.

    with task("place order %s", 17, customer="ada"):
        with to("charge the card", amount=24.9) as charge:
            logging.getLogger("shop").info("asking the bank")
            charge.success("charged")

A scope logs when it starts and when it ends, with status, duration and exception, through the
standard logging of the module that opened it. Every record that a handler of this package (or
one with a `ScopeFilter`) sees between the two carries the scope in `context`: `context.key` is
`SEQ@ID`, beside the fields that were given or bound. Loggers, logger classes and record
factories stay as they are.

The current scope is a context variable: threads have their own (see `preserve_context`),
asyncio tasks inherit it, and a process that is forked off goes on in a branch of its own.

Here are the functions that open scopes; `tasks` tells what a scope is, `current` which one is current,
`context` what records carry of it, and `bounds` how its start and its end are logged.
"""

from __future__ import annotations

import sys
from typing import Any, Optional

from .context import Context, ScopeFilter, attach
from .current import _get_current, _process, current_scope, end_branches
from .ids import new_id, valid_id
from .tasks import External, Task, _loggers, logger_of

__all__ = [
    "Context",
    "Scope",
    "ScopeFilter",
    "Task",
    "attach",
    "bind",
    "current_scope",
    "end_branches",
    "external_call",
    "import_task",
    "task",
    "to",
]

Scope = Task


_new = object.__new__
_getframe = sys._getframe


def task(msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes the root of a new tree: one request, one run of a job.

    Inside of another scope it becomes part of that one's tree, with a UUID for its number.
    """
    above = _get_current()
    if above is None:
        scope_id = new_id()
    else:
        if above._here is not _process.here:
            above = above._branch()
        scope_id = f"{above.id}/{new_id()}"
    made = _new(Task)
    made._begin(scope_id, above, msg, args, kwargs, logger_of(_getframe(1)))
    return made


def to(msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes a scope inside of the current one; outside of any, a new task."""
    above = _get_current()
    if above is None:
        scope_id = new_id()
    else:
        if above._here is not _process.here:
            above = above._branch()
        scope_id = f"{above.id}/{next(above._children or above._number_children())}"
    frame = _getframe(1)
    try:
        logger = _loggers[frame.f_globals["__name__"]]
    except KeyError:
        logger = logger_of(frame)
    made = _new(Task)
    made._begin(scope_id, above, msg, args, kwargs, logger)
    return made


def import_task(_id: Any, msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes the scope that a caller in another process announced; without a usable id, a new task."""
    made = _new(Task)
    made._begin(valid_id(_id) or new_id(), None, msg, args, kwargs, logger_of(_getframe(1)))
    return made


def external_call(service: str, msg: Optional[str] = None, *args: Any, **kwargs: Any) -> Task:
    """Makes a scope for time that is spent outside: in a database, a bank, another service.

    Its records have `dl.external`, the service; the scopes around it tell in `dl.outside` of their ends how
    many seconds all such calls took (more than the duration if some ran at the same time).
    """
    above = _get_current()
    if above is not None and above._here is not _process.here:
        above = above._branch()
    scope_id = new_id() if above is None else above.next_child()
    made = _new(External)
    msg = msg if msg is not None else f"call {service}"
    made._begin(scope_id, above, msg, args, kwargs, logger_of(_getframe(1)))
    made._usual = False
    made._dl = {"external": service}
    return made


def bind(**fields: Any) -> None:
    """Adds fields to the current scope; outside of any it does nothing."""
    scope = _get_current()
    if scope is not None:
        scope.bind(**fields)
