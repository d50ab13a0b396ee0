"""How the start and the end of a scope are logged, as if the line of the program that opened it had.

There are two ways. The usual one is that of the logging module: a `LogRecord`, and filters and handlers that see
it. But if nothing on the way wants to see one, because all handlers are those of this package, no record is made. What
it would say is noted as a `Bound`, and the handler makes the same JSON of that. A `LogRecord` alone costs more than a
scope may cost.

A bound of which nothing can change any more, because its message, arguments and fields are text and numbers, need not
be made JSON at once: the handler's own thread can do it.
"""

from __future__ import annotations

import dis
import logging
import sys
import threading
import time
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple, Type, Union

from .context import Context
from .current import _process

if TYPE_CHECKING:
    from .tasks import Task

__all__ = ["Bound", "as_record", "dl_of", "log", "tell"]

#: How a scope ends: after so many seconds, or with all that `dl` says. None is a start.
Ending = Union[None, float, Dict[str, Any]]

#: Name of the logger, message and its arguments, id and fields of the scope: what its bounds have in common.
What = Tuple[str, Any, Tuple[Any, ...], str, Dict[str, Any]]

#: Number among the records of the handler, and what encodes it; code and place in it; level; what it is about; number
#: in the scope; how it ends; nanoseconds since the epoch; id and name of the thread, names of process and asyncio
#: task. A plain tuple, because one with names takes three times as long to make.
Bound = Tuple[
    int, Any, CodeType, int, int, What, int, Ending, int, int, str, str, Optional[str]
]  # fmt: skip

_get_ident = threading.get_ident
_current_thread = threading.current_thread
_time_ns = time.time_ns
_modules: Dict[str, Any] = sys.modules
_Logger = logging.Logger
_LogRecord = logging.LogRecord
# The factory is asked for with each start and end, and a call for that would cost as much as the rest of the question.
_logging: Any = logging
_HAS_TASK = "taskName" in logging.LogRecord("", 0, "", 0, "", (), None).__dict__

# Where `current_thread` looks. What it and `current_process` do besides would be a tenth of what a scope costs; where
# a version of Python has it under another name, they are called.
_threads: Dict[int, Any] = getattr(threading, "_active", {})
# What says the same for ever: a message, its arguments and fields are looked at by their types.
_are_fixed = frozenset((str, int, float, bool, type(None))).issuperset
# Its attributes are read in the dict, because looking one up in a class takes several times as long.
_of_logger = _Logger.__dict__
# Some libraries replace it, to see all records: then they are given some.
_call_handlers: Any = _Logger.callHandlers
if getattr(getattr(_call_handlers, "__code__", None), "co_filename", None) != _logging._srcfile:
    _call_handlers = None


def tell(
    scope: Task,
    level: int,
    ending: Ending,
    frame: FrameType,
    other: Optional[Tuple[Any, Tuple[Any, ...]]] = None,
) -> None:
    """Logs start or end of a scope if its logger is enabled for the level, without a `LogRecord` if nobody wants one.

    `other` is the message and its arguments, if they are not those of the scope.
    """
    logger = scope._logger
    plain = type(logger) is _Logger
    try:
        # What `isEnabledFor` does, but for the call.
        heard = logger._cache[level] if plain else logger.isEnabledFor(level)  # type: ignore[attr-defined]
    except (AttributeError, KeyError):
        heard = logger.isEnabledFor(level)
    if not heard or logger.disabled:
        return
    direct: Any = None
    more: Any = None
    # A filter, another kind of logger, a record factory, another kind of handler: each wants to see a record.
    if (
        (plain or _is_ordinary(type(logger)))
        and _of_logger["callHandlers"] is _call_handlers
        and not logger.filters
        and (scope._usual or scope._dl is None)
        and _logging._logRecordFactory is _LogRecord
    ):
        at = logger
        try:
            while True:
                for handler in at.handlers:
                    if level >= handler.level:
                        if not handler.takes_bounds or handler.filters:  # type: ignore[attr-defined]
                            raise AttributeError
                        if direct is None:
                            direct = handler
                        else:
                            more = [*(more or ()), handler]
                if not at.propagate or at.parent is None:
                    break
                at = at.parent
        except AttributeError:
            direct = None
    if direct is None:
        msg, args = (scope.msg, scope._args) if other is None else other
        log(scope, level, msg, args, dl_of(ending), None, frame)
        return
    what = scope._what
    fixed = True
    if what is None or other is not None:
        data = scope._data
        msg, args = (scope.msg, scope._args) if other is None else other
        what = (logger.name, msg, args, scope.id, data)
        fixed = type(msg) is str and _are_fixed(map(type, args)) and _are_fixed(map(type, data.values()))
        if fixed and other is None:
            # This need not be looked at again, until something else is bound.
            scope._what = what
            if scope._data is not data:
                # Another thread has, meanwhile.
                scope._what = None
    # The names are asked for now, because a program may change them.
    ident = _get_ident()
    process = "MainProcess"
    try:
        thread = _threads[ident]._name
        if "multiprocessing.process" in _modules:
            process = _modules["multiprocessing.process"]._current_process._name
    except (KeyError, AttributeError):
        thread, process = _current_thread().name, _process_name()
    bound = (
        next(direct._numbers), direct._encode_bound, frame.f_code, frame.f_lasti, level, what, next(scope._records),
        ending, _time_ns(), ident, thread, process, _task_name() if _HAS_TASK else None,
    )  # fmt: skip
    queue = direct._queue
    if fixed and len(queue) < direct._room:
        # What `emit_bound` would do, but for the call.
        queue.append(bound)
        if direct._asleep:
            direct._wake()
    else:
        direct.emit_bound(bound, fixed)
    if more is not None:
        for handler in more:
            handler.emit_bound((next(handler._numbers), handler._encode_bound, *bound[2:]), fixed)


def _is_ordinary(kind: Type[logging.Logger]) -> bool:
    """Whether a logger of another class, such as the root, does with a record what all do."""
    return (
        kind.handle is _Logger.handle
        and kind.callHandlers is _Logger.callHandlers
        and kind.makeRecord is _Logger.makeRecord
    )


def log(
    scope: Task,
    level: int,
    msg: Any,
    args: Tuple[Any, ...],
    dl: Dict[str, Any],
    exc_info: Any,
    frame: Optional[FrameType],
) -> None:
    """Logs start or end of a scope with a `LogRecord`."""
    logger = scope._logger
    if frame is None:
        path, line, function = "(unknown file)", 0, "(unknown function)"
    else:
        code = frame.f_code
        path, line, function = code.co_filename, frame.f_lineno, code.co_name
    record = logger.makeRecord(logger.name, level, path, line, msg, args, exc_info, function)
    record.__dict__["dl"] = {**dl, **(scope._dl or {})}
    record.__dict__["context"] = scope.context
    logger.handle(record)


def _process_name() -> str:
    """As a LogRecord finds it."""
    module = _modules.get("multiprocessing")
    if module is not None:
        try:
            return str(module.current_process().name)
        except Exception:
            pass
    return "MainProcess"


def _task_name() -> Optional[str]:
    """As a LogRecord finds it, but without an exception where there is no event loop."""
    asyncio = _modules.get("asyncio")
    if asyncio is None or not _logging.logAsyncioTasks:
        return None
    try:
        return str(asyncio.current_task().get_name()) if asyncio._get_running_loop() is not None else None
    except Exception:
        return None


def dl_of(ending: Ending) -> Dict[str, Any]:
    """What `dl` of the record says, as a dict of its own."""
    if ending is None:
        return {"event": "start"}
    if isinstance(ending, float):
        return {"event": "end", "status": "succeeded", "duration": round(ending, 6)}
    return {**ending}


def line_of(code: CodeType, place: int) -> int:
    """The line that a place in a code object belongs to."""
    found = code.co_firstlineno
    for start, line in dis.findlinestarts(code):
        if start > place:
            break
        # Some instructions belong to no line.
        found = line or found
    return found


def as_record(bound: Bound) -> logging.LogRecord:
    """The record that a bound stands for, for what no shorter way can tell."""
    _, _, code, place, level, what, number, ending, ns, ident, thread, process, task = bound
    name, msg, args, scope_id, data = what
    record = _LogRecord(name, level, code.co_filename, line_of(code, place), msg, args, None, code.co_name)
    own = record.__dict__
    # When the logging module was imported is what it counts from.
    began = record.created - record.relativeCreated / 1000
    record.created = ns / 1e9
    record.msecs = ns // 1_000_000 % 1000 + 0.0
    record.relativeCreated = (record.created - began) * 1000
    # What the program has told the logging module to leave out, is left out.
    for field, value in (
        ("thread", ident), ("threadName", thread), ("processName", process), ("process", _process.pid), ("taskName", task)
    ):  # fmt: skip
        if own.get(field) is not None:
            own[field] = value
    own["dl"] = dl_of(ending)
    own["context"] = Context(key=f"{number}@{scope_id}", **data)
    return record
