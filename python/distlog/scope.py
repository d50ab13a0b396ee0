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
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import itertools
import logging
import os
import sys
import time
from types import FrameType, TracebackType
from typing import Any, Callable, Dict, Iterator, Literal, Mapping, Optional, Type

from .ids import new_id, valid_id

__all__ = [
    "Context",
    "Scope",
    "ScopeFilter",
    "Task",
    "attach",
    "bind",
    "current_scope",
    "external_call",
    "import_task",
    "task",
    "to",
]

_perf_counter = time.perf_counter
_Logger = logging.Logger
_RootLogger = logging.RootLogger
_LogRecord = logging.LogRecord
# The factory is asked for with each start and end, and a call for that would be half of what that costs.
_logging: Any = logging
_START = {"event": "start"}


class _Process:
    """Which process this is: another object after each fork, which is cheaper to compare than to ask for a pid."""

    here: object = object()
    pid: int = os.getpid()
    # What the fork under way has reserved: the scope and the id of its branch.
    reserved: Optional[tuple[Task, str]] = None
    # The branches of this process that have started and not ended.
    branches: "Dict[int, Task]" = {}


class Context(Dict[str, Any]):
    """What a record carries of its scope: `key`, and the fields of the scope."""

    __slots__ = ()


_current: contextvars.ContextVar[Optional[Task]] = contextvars.ContextVar("distlog.scope", default=None)
_loggers: Dict[str, logging.Logger] = {}

# Called when a scope of this process starts or ends: the conditional output listens here.
_listeners: list[Callable[[Task, bool], None]] = []


class Task:
    """A scope: a goal, between the record that it starts and the record that it ends.

    Made by `task`, `to` and `import_task`; a context manager. `id` is its place in the tree of the
    request, known before it is entered.
    """

    # Set by what is used; most scopes use little.
    level: int = logging.INFO
    warn_duration: Optional[float] = None
    #: Seconds from start to end, once it has ended.
    duration: Optional[float] = None
    #: Seconds that external calls took.
    outside: float = 0.0
    _parent: Optional[Task] = None
    _outer: Optional[Task] = None
    _branched: Optional[Task] = None
    _dl: Optional[Dict[str, Any]] = None
    _started: float = 0.0
    _ended: bool = False
    _status: Optional[str] = None
    _smsg: Optional[str] = None
    _sargs: tuple[Any, ...] = ()
    # What a formatter has encoded already: of the message, and of the fields.
    _said: Any = None
    _encoded: Any = None

    def __init__(self, _id: Any, msg: str, *args: Any, **kwargs: Any) -> None:
        self.id: str = valid_id(_id) or new_id()
        self._begin(msg, args, kwargs, _logger_of(sys._getframe(1)))

    def _begin(self, msg: str, args: tuple[Any, ...], fields: Dict[str, Any], logger: logging.Logger) -> None:
        self.msg = msg
        self._args = args
        if "key" in fields:
            fields["key_"] = fields.pop("key")
        self.data = fields
        self.logger = logger
        self._records: Iterator[int] = itertools.count()
        self._children: Iterator[int] = itertools.count(1)
        self._here = _Process.here

    def __repr__(self) -> str:
        return f"<distlog.Task {self.id} {self.msg!r}>"

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments of the message."""
        return self._args

    @property
    def parent(self) -> Optional[str]:
        """The id of the scope above, or None for the root of a tree."""
        above, slash, _ = self.id.rpartition("/")
        return above if slash else None

    @property
    def tree(self) -> str:
        """The id of the whole request, the same in all its processes."""
        return self.id.partition("/")[0]

    @property
    def above(self) -> Optional[Task]:
        """The scope above if it is one of this process."""
        return self._parent

    #: Whether it is a call to another service.
    is_external: bool = False

    @property
    def ended(self) -> bool:
        """True once the end is logged."""
        return self._ended

    @property
    def context(self) -> Context:
        """The context of the next record of this scope; each reading takes a number."""
        if self._here is not _Process.here:
            return self._branch().context
        return Context(key=f"{next(self._records)}@{self.id}", **self.data)

    def get_next_task(self) -> int:
        """Takes the number of the next child."""
        if self._here is not _Process.here:
            return self._branch().get_next_task()
        return next(self._children)

    def next_child(self) -> str:
        """Takes the id of the next child."""
        if self._here is not _Process.here:
            return self._branch().next_child()
        return f"{self.id}/{next(self._children)}"

    def get_foreign_task(self) -> str:
        """Takes the id of a child that another process will open, with `import_task`."""
        return self.next_child()

    def bind(self, **kwargs: Any) -> None:
        """Adds fields to the context of the records that follow."""
        if self._here is not _Process.here:
            self._branch().bind(**kwargs)
            return
        if "key" in kwargs:
            kwargs["key_"] = kwargs.pop("key")
        # A new dict, because another thread may be reading the old one.
        self.data = {**self.data, **kwargs}

    def success(self, msg: str, *args: Any) -> None:
        """Gives the message of the end, if the scope ends well."""
        self._smsg, self._sargs = msg, args

    def fail(self, msg: str, *args: Any) -> None:
        """Lets the scope end as failed, with this message, though no exception leaves it."""
        self._status, self._smsg, self._sargs = "failed", msg, args

    def at(self, level: int) -> Task:
        """Logs start and end at another level than INFO: `with to("look").at(logging.DEBUG):`."""
        self.level = level
        return self

    def warn_after(self, seconds: float) -> Task:
        """Logs the end as a WARNING, marked `dl.slow`, if the scope takes longer."""
        self.warn_duration = seconds
        return self

    def mark(self, **dl: Any) -> Task:
        """Adds fields to `dl` of the records of start and end."""
        self._dl = {**(self._dl or {}), **dl}
        return self

    def __enter__(self) -> Task:
        if self._started:
            self._renew()
        self._outer = _current.get()
        _current.set(self)
        self._started = _perf_counter()
        for listener in _listeners:
            listener(self, True)
        if self.logger.isEnabledFor(self.level):
            _log(self, self.level, self.msg, self._args, _START, None, sys._getframe(1))
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> Literal[False]:
        self._end(exc_type, exc_value, traceback, sys._getframe(1))
        return False

    async def __aenter__(self) -> Task:
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> Literal[False]:
        self._end(exc_type, exc_value, traceback, sys._getframe(1))
        return False

    def _end(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
        frame: Optional[FrameType],
    ) -> None:
        if self._here is not _Process.here:
            # The scope is the parent's, who ends it; what ends here is this process's branch of it.
            branch = self._branched
            _leave(self)
            if branch is not None:
                branch._end(kind, error, traceback, frame)
            return
        seconds = self.duration = _perf_counter() - self._started
        if self._ended:
            return
        dl: Dict[str, Any] = {"event": "end", "status": "succeeded", "duration": round(seconds, 6)}
        if self.outside:
            dl["outside"] = round(self.outside, 6)
        level = self.level
        msg, args = self.msg, self._args
        exc_info = None
        if kind is None or _is_no_failure(kind, error):
            if self._smsg is not None:
                msg, args = self._smsg, self._sargs
            if self._status is not None:
                dl["status"] = self._status
                level = max(level, logging.ERROR)
            if self.warn_duration is not None and seconds > self.warn_duration:
                dl["slow"] = True
                level = max(level, logging.WARNING)
        else:
            dl["status"] = "failed"
            msg, args = f"FAILED {_literal(msg, args)}: %s: %s", (*args, kind.__name__, _Text(error))
            exc_info = (kind, error, traceback)
            # A task that is cancelled has not gone wrong by itself.
            level = max(level, logging.WARNING if issubclass(kind, asyncio.CancelledError) else logging.ERROR)
        try:
            if self.logger.isEnabledFor(level):
                _log(self, level, msg, args, dl, exc_info, frame)
        finally:
            # Whatever a filter of the application raises, the scope is left.
            self._ended = True
            self._status = dl["status"]
            for listener in _listeners:
                listener(self, False)
            if _Process.branches:
                _Process.branches.pop(id(self), None)
            _leave(self)

    @property
    def status(self) -> str:
        """`running`, and after the end `succeeded` or `failed`."""
        return (self._status or "succeeded") if self._ended else "running"

    def _renew(self) -> None:
        """A scope that is entered once more is another one: the next child of the same parent, or a new tree."""
        above = self._parent
        logger, level, warn, dl = self.logger, self.level, self.warn_duration, self._dl
        msg, args, data = self.msg, self._args, self.data
        next_id = above.next_child() if above is not None else new_id()
        self.__dict__.clear()
        self.id = next_id
        self._begin(msg, args, data, logger)
        self._parent, self.level, self.warn_duration, self._dl = above, level, warn, dl

    def _branch(self) -> Task:
        """This process's branch of a scope that its parent had open when it forked."""
        branch = self._branched
        if branch is None or branch._here is not _Process.here:
            reserved = _Process.reserved
            here = reserved[1] if reserved is not None and reserved[0] is self else f"{self.id}/{new_id()}"
            branch = Task.__new__(Task)
            branch.id = here
            branch._begin(f"forked: {_literal(self.msg, self._args)}", self._args, dict(self.data), self.logger)
            branch.level = self.level
            branch._started = _perf_counter()
            self._branched = branch
            if not _Process.branches:
                _end_with_process()
            _Process.branches[id(branch)] = branch
            if branch.logger.isEnabledFor(branch.level):
                _log(branch, branch.level, branch.msg, branch._args, {"event": "start"}, None, None)
        return branch


Scope = Task


class _Text:
    """The text of an exception, made when the record is written; a `__str__` that fails is no failure of ours."""

    __slots__ = ("of",)

    def __init__(self, of: Any) -> None:
        self.of = of

    def __str__(self) -> str:
        try:
            return str(self.of)
        except Exception:
            return f"<{type(self.of).__name__} without text>"

    def __reduce__(self) -> tuple[Any, ...]:
        return (str, (str(self),))


def _literal(msg: Any, args: tuple[Any, ...]) -> str:
    """The message as part of a longer template: without arguments its percent signs mean themselves."""
    return str(msg) if args else str(msg).replace("%", "%%")


def _is_no_failure(kind: Type[BaseException], error: Optional[BaseException]) -> bool:
    """A generator that is closed and an exit with status 0 are ways to end well."""
    if issubclass(kind, GeneratorExit):
        return True
    return issubclass(kind, SystemExit) and getattr(error, "code", None) in (None, 0)


def _leave(scope: Task) -> None:
    """Makes the scope outside of this one current, unless something else has become current meanwhile."""
    current = _current.get()
    inner = current
    while inner is not None and inner is not scope:
        inner = inner._outer
    if inner is None:
        return
    outer = scope._outer
    # Where generators leave scopes out of order, the next one may have ended as well.
    while outer is not None and outer._ended:
        outer = outer._outer
    _current.set(outer)


def _logger_of(frame: FrameType) -> logging.Logger:
    """The logger named after the module of the caller."""
    name = frame.f_globals.get("__name__") or "root"
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = logging.getLogger(name)
    return logger


def _log(
    scope: Task,
    level: int,
    msg: str,
    args: tuple[Any, ...],
    dl: Dict[str, Any],
    exc_info: Any,
    frame: Optional[FrameType],
) -> None:
    """Logs start or end of a scope, as if the line of `frame` had."""
    logger = scope.logger
    if scope._dl:
        dl = {**dl, **scope._dl}
    elif exc_info is None and frame is not None and (sinks := _direct(logger, level)) is not None:
        if scope._here is not _Process.here:
            scope = scope._branch()
        key = f"{next(scope._records)}@{scope.id}"
        for sink in sinks:
            sink.emit_bound(scope, key, level, msg, args, dl, frame)
        return
    if frame is None:
        path, line, function = "(unknown file)", 0, "(unknown function)"
    else:
        code = frame.f_code
        path, line, function = code.co_filename, frame.f_lineno, code.co_name
    record = logger.makeRecord(logger.name, level, path, line, msg, args, exc_info, function)
    # A copy, because a formatter may add to it.
    record.__dict__["dl"] = {**dl}
    record.__dict__["context"] = scope.context
    logger.handle(record)


def _direct(logger: logging.Logger, level: int) -> Optional[list[Any]]:
    """The handlers of a logger, if all of them take starts and ends without a record.

    None where anything on the way wants to see a `LogRecord`: a filter, another handler, a record factory.
    """
    if logger.filters or logger.disabled or _logging._logRecordFactory is not _LogRecord:
        return None
    kind = logger.__class__
    if kind is not _Logger and kind is not _RootLogger and (
        kind.handle is not _Logger.handle
        or kind.callHandlers is not _Logger.callHandlers
        or kind.makeRecord is not _Logger.makeRecord
    ):
        return None
    sinks = []
    at: Optional[logging.Logger] = logger
    while at is not None:
        for handler in at.handlers:
            if level >= handler.level:
                if handler.filters or not getattr(handler, "takes_bounds", False):
                    return None
                sinks.append(handler)
        if not at.propagate:
            break
        at = at.parent
    return sinks or None


def attach(record: logging.LogRecord) -> None:
    """Gives a record the context of the current scope, unless it has one: what all our handlers do first."""
    own = record.__dict__
    context = own.get("context")
    if context.__class__ is Context or "dl" in own and "context" in own:
        return
    scope = _current.get()
    given = "context" in own
    if given and isinstance(context, Mapping) and isinstance(context.get("key"), str):
        return
    if scope is None:
        if not given:
            own["context"] = None
        return
    own["context"] = made = scope.context
    if given and context is not None:
        # Somebody's `extra={"context": …}`: kept, beside ours.
        made.setdefault("context", context)


class ScopeFilter(logging.Filter):
    """Selects nothing: gives each record the context of the current scope, in front of any handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Attaches the context."""
        attach(record)
        return True


def current_scope() -> Optional[Task]:
    """The innermost scope that is open here, or None."""
    return _current.get()


def bind(**fields: Any) -> None:
    """Adds fields to the current scope; outside of any it does nothing."""
    scope = _current.get()
    if scope is not None:
        scope.bind(**fields)


def _make(scope_id: str, above: Optional[Task], msg: str, args: tuple[Any, ...], fields: Dict[str, Any]) -> Task:
    made = Task.__new__(Task)
    made.id = scope_id
    made._begin(msg, args, fields, _logger_of(sys._getframe(2)))
    made._parent = above
    return made


def task(msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes the root of a new tree: one request, one run of a job.

    Inside of another scope it becomes part of that one's tree, with a UUID for its number.
    """
    above = _current.get()
    if above is None:
        return _make(new_id(), None, msg, args, kwargs)
    above = above if above._here is _Process.here else above._branch()
    return _make(f"{above.id}/{new_id()}", above, msg, args, kwargs)


def to(msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes a scope inside of the current one; outside of any, a new task."""
    above = _current.get()
    if above is None:
        return _make(new_id(), None, msg, args, kwargs)
    if above._here is not _Process.here:
        above = above._branch()
    return _make(f"{above.id}/{next(above._children)}", above, msg, args, kwargs)


def import_task(_id: Any, msg: str, *args: Any, **kwargs: Any) -> Task:
    """Makes the scope that a caller in another process announced; without a usable id, a new task."""
    return _make(valid_id(_id) or new_id(), None, msg, args, kwargs)


def external_call(service: str, msg: Optional[str] = None, *args: Any, **kwargs: Any) -> Task:
    """Makes a scope for time that is spent outside: in a database, a bank, another service.

    Its records have `dl.external`, the service; the scopes around it tell in `dl.outside` of their ends how
    many seconds all such calls took (more than the duration if some ran at the same time).
    """
    above = _current.get()
    if above is not None and above._here is not _Process.here:
        above = above._branch()
    scope_id = new_id() if above is None else above.next_child()
    made = _External.__new__(_External)
    made.id = scope_id
    made._begin(msg if msg is not None else f"call {service}", args, kwargs, _logger_of(sys._getframe(1)))
    made._parent = above
    made._dl = {"external": service}
    return made


class _External(Task):
    """A scope whose time counts as outside for those around it."""

    is_external = True

    def _end(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
        frame: Optional[FrameType],
    ) -> None:
        super()._end(kind, error, traceback, frame)
        around = self._parent
        while around is not None and self.duration is not None:
            around.outside += self.duration
            around = around._parent


# -- forks ----------------------------------------------------------------------------------------


def _before_fork() -> None:
    scope = _current.get()
    if scope is not None:
        # Taken by the parent, so that the branch has a number that no other child gets.
        _Process.reserved = (scope, scope.next_child())


def _after_fork_in_parent() -> None:
    _Process.reserved = None


def _after_fork_in_child() -> None:
    _Process.here = object()
    _Process.pid = os.getpid()
    _Process.branches = {}


def _end_with_process() -> None:
    """A child of multiprocessing ends by `os._exit`, after its finalizers: atexit is not asked."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, end_branches, exitpriority=100)


def end_branches() -> None:
    """Ends the branches of a forked process that is about to end well."""
    for branch in list(_Process.branches.values()):
        branch._end(None, None, None, None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
atexit.register(end_branches)
