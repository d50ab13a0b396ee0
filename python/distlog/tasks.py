"""What a scope is: a goal, between the record of its start and the record of its end.

Made by the functions of `scope`. How start and end become records stands in `bounds`.
"""

from __future__ import annotations

import itertools
import logging
import sys
import time
from types import FrameType, TracebackType
from typing import Any, Dict, Iterator, List, Literal, Optional, Tuple, Type

from .bounds import What, log, tell
from .context import Context
from .current import _get_current, _leave, _listeners, _process, _set_current, began_branch
from .ids import new_id, valid_id

__all__ = ["Task"]

_count = itertools.count
_perf_counter = time.perf_counter
_getframe = sys._getframe
_loggers: Dict[str, logging.Logger] = {}


class Task:
    """A scope: a goal, between the record that it starts and the record that it ends.

    Made by `task`, `to` and `import_task`; a context manager. `id` is its place in the tree of the
    request, known before it is entered.
    """

    # Slots are the fastest to set and to read. What most scopes have no use for has a default below, and a dict.
    __slots__ = (
        "__dict__", "__weakref__", "_args", "_children", "_data", "_ended", "_here", "_logger", "_outer", "_parent",
        "_records", "_started", "_usual", "_what", "duration", "id", "level", "msg",
    )  # fmt: skip

    id: str
    msg: str
    level: int
    #: Seconds from start to end, once it has ended.
    duration: Optional[float]
    #: Seconds that external calls took.
    outside: float = 0.0
    #: Whether it is a call to another service.
    is_external: bool = False
    _branched: Optional[Task] = None
    # Those that were opened for it where it was open already.
    _inside: Optional[List[Task]] = None
    _dl: Optional[Dict[str, Any]] = None
    _status: Optional[str] = None
    _smsg: Optional[str] = None
    _sargs: Tuple[Any, ...] = ()
    _warn: Optional[float] = None

    def __init__(self, _id: Any, msg: str, *args: Any, **kwargs: Any) -> None:
        self._begin(valid_id(_id) or new_id(), None, msg, args, kwargs, logger_of(_getframe(1)))

    def _begin(
        self,
        scope_id: str,
        above: Optional[Task],
        msg: str,
        args: Tuple[Any, ...],
        fields: Dict[str, Any],
        logger: logging.Logger,
    ) -> None:
        self.id = scope_id
        self.msg = msg
        self._args = args
        if "key" in fields:
            fields["key_"] = fields.pop("key")
        self._data = fields
        self._logger = logger
        self.level = 20
        self.duration = None
        self._parent = above
        self._records: Iterator[int] = _count()
        # Numbers for the scopes below, once there is one.
        self._children: Optional[Iterator[int]] = None
        self._here = _process.here
        self._started = 0.0
        self._ended = False
        # Whether there is nothing more to say at the end than that it went well, and how long it took.
        self._usual = True
        # What its start and its end have in common, once it is known that nothing of it can change.
        self._what: Optional[What] = None

    def __repr__(self) -> str:
        return f"<distlog.Task {self.id} {self.msg!r}>"

    @property
    def args(self) -> Tuple[Any, ...]:
        """The arguments of the message."""
        return self._args

    @property
    def data(self) -> Dict[str, Any]:
        """The fields that were given or bound: a copy, which `bind` adds to."""
        return {**self._data}

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

    @property
    def logger(self) -> logging.Logger:
        """Through which it logs."""
        return self._logger

    @logger.setter
    def logger(self, logger: logging.Logger) -> None:
        self._logger, self._what = logger, None

    @property
    def ended(self) -> bool:
        """True once the end is logged."""
        return self._ended

    @property
    def status(self) -> str:
        """`running`, and after the end `succeeded` or `failed`."""
        return (self._status or "succeeded") if self._ended else "running"

    @property
    def context(self) -> Context:
        """The context of the next record of this scope; each reading takes a number."""
        if self._here is not _process.here:
            return self._branch().context
        return Context(key=f"{next(self._records)}@{self.id}", **self._data)

    def get_next_task(self) -> int:
        """Takes the number of the next child."""
        if self._here is not _process.here:
            return self._branch().get_next_task()
        return next(self._children or self._number_children())

    def next_child(self) -> str:
        """Takes the id of the next child."""
        if self._here is not _process.here:
            return self._branch().next_child()
        return f"{self.id}/{next(self._children or self._number_children())}"

    def _number_children(self) -> Iterator[int]:
        # Of threads that come at the same time, all get the numbers of the first.
        numbers: Iterator[int] = self.__dict__.setdefault("children", _count(1))
        self._children = numbers
        return numbers

    def get_foreign_task(self) -> str:
        """Takes the id of a child that another process will open, with `import_task`."""
        return self.next_child()

    def bind(self, **kwargs: Any) -> None:
        """Adds fields to the context of the records that follow."""
        if self._here is not _process.here:
            self._branch().bind(**kwargs)
            return
        if "key" in kwargs:
            kwargs["key_"] = kwargs.pop("key")
        # A new dict, because another thread may be reading the old one.
        self._data = {**self._data, **kwargs}
        self._what = None

    def success(self, msg: str, *args: Any) -> None:
        """Gives the message of the end, if the scope ends well."""
        self._smsg, self._sargs, self._usual = msg, args, False

    def fail(self, msg: str, *args: Any) -> None:
        """Lets the scope end as failed, with this message, though no exception leaves it."""
        self._status, self._smsg, self._sargs, self._usual = "failed", msg, args, False

    def at(self, level: int) -> Task:
        """Logs start and end at another level than INFO: `with to("look").at(logging.DEBUG):`."""
        self.level = level
        return self

    @property
    def warn_duration(self) -> Optional[float]:
        """Seconds after which the end is a WARNING."""
        return self._warn

    @warn_duration.setter
    def warn_duration(self, seconds: Optional[float]) -> None:
        self._warn, self._usual = seconds, self._usual and seconds is None

    def warn_after(self, seconds: float) -> Task:
        """Logs the end as a WARNING, marked `dl.slow`, if the scope takes longer."""
        self.warn_duration = seconds
        return self

    def mark(self, **dl: Any) -> Task:
        """Adds fields to `dl` of the records of start and end."""
        self._dl, self._usual = {**(self._dl or {}), **dl}, False
        return self

    def __enter__(self) -> Task:
        if self._started:
            if not self._ended or self._is_around():
                return self._again().__enter__()
            self._renew()
        self._outer: Optional[Task] = _get_current()
        _set_current(self)
        self._started = _perf_counter()
        if _listeners:
            for listener in _listeners:
                listener(self, True)
        # It may have been made before this process was forked off.
        tell(self if self._here is _process.here else self._branch(), self.level, None, _getframe(1))
        return self

    def __exit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> Literal[False]:
        if exc_type is not None or not self._usual or self._ended or self._here is not _process.here:
            self._end(exc_type, exc_value, traceback, _getframe(1))
            return False
        # What `_end` does, for a scope of which there is nothing more to say.
        seconds = self.duration = _perf_counter() - self._started
        try:
            tell(self, self.level, seconds, _getframe(1))
        finally:
            self._ended = True
            if _listeners:
                for listener in _listeners:
                    listener(self, False)
            outer = self._outer
            if _get_current() is self and (outer is None or not outer._ended):
                _set_current(outer)
            else:
                _leave(self)
        return False

    async def __aenter__(self) -> Task:
        self.__enter__()
        return self

    async def __aexit__(
        self,
        exc_type: Optional[Type[BaseException]],
        exc_value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> Literal[False]:
        self._end(exc_type, exc_value, traceback, _getframe(1))
        return False

    def _end(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
        frame: Optional[FrameType],
    ) -> None:
        inside = self._inside_here() if self._inside else None
        if inside is not None:
            inside._end(kind, error, traceback, frame)
            return
        if self._here is not _process.here:
            # The scope is the parent's, who ends it; what ends here is this process's branch of it.
            branch = self._branched
            _leave(self)
            if branch is not None:
                branch._end(kind, error, traceback, frame)
            return
        seconds = self.duration = _perf_counter() - self._started
        if self._ended:
            return
        status = self._status or "succeeded"
        try:
            if kind is None or _is_no_failure(kind, error):
                self._tell_success(seconds, status, frame)
            else:
                status = "failed"
                self._tell_failure(seconds, kind, error, traceback, frame)
        finally:
            # Whatever a filter of the application raises, the scope is left.
            self._ended = True
            self._status = status
            for listener in _listeners:
                listener(self, False)
            if _process.branches:
                _process.branches.pop(id(self), None)
            _leave(self)

    def _tell_success(self, seconds: float, status: str, frame: Optional[FrameType]) -> None:
        """Logs the end of a scope that no exception leaves."""
        dl: Dict[str, Any] = {"event": "end", "status": status, "duration": round(seconds, 6)}
        level = self.level
        if self.outside:
            dl["outside"] = round(self.outside, 6)
        if self._status is not None:
            level = max(level, logging.ERROR)
        if self._warn is not None and seconds > self._warn:
            dl["slow"] = True
            level = max(level, logging.WARNING)
        other = None if self._smsg is None else (self._smsg, self._sargs)
        if frame is not None:
            tell(self, level, seconds if status == "succeeded" and len(dl) == 3 else dl, frame, other)
        elif self._logger.isEnabledFor(level):
            log(self, level, *(other or (self.msg, self._args)), dl, None, None)

    def _tell_failure(
        self,
        seconds: float,
        kind: Type[BaseException],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
        frame: Optional[FrameType],
    ) -> None:
        """Logs the end of a scope that an exception leaves."""
        dl: Dict[str, Any] = {"event": "end", "status": "failed", "duration": round(seconds, 6)}
        if self.outside:
            dl["outside"] = round(self.outside, 6)
        # A task that is cancelled has not gone wrong by itself.
        least = logging.WARNING if _is_cancelled(kind) else logging.ERROR
        level = max(self.level, least)
        if self._logger.isEnabledFor(level):
            msg, args = f"FAILED {_literal(self.msg, self._args)}: %s: %s", (*self._args, kind.__name__, _Text(error))
            log(self, level, msg, args, dl, (kind, error, traceback), frame)

    def _renew(self) -> None:
        """A scope that is entered once more is another one: the next child of the same parent, or a new tree."""
        above = self._parent
        level, warn, dl = self.level, self._warn, self._dl
        next_id = above.next_child() if above is not None else new_id()
        self.__dict__.clear()
        self._begin(next_id, above, self.msg, self._args, self._data, self.logger)
        self.level, self.warn_duration, self._dl = level, warn, dl
        self._usual = self._usual and not dl

    def _is_around(self) -> bool:
        """Whether the current scope is this one, or was opened within it."""
        inner = _get_current()
        while inner is not None and inner is not self:
            inner = inner._outer
        return inner is self

    def _again(self) -> Task:
        """The scope that is entered instead of this one: inside of the current one, or beside this one elsewhere."""
        above = _get_current() if self._is_around() else self._parent
        made: Task = object.__new__(type(self))
        scope_id = above.next_child() if above is not None else new_id()
        made._begin(scope_id, above, self.msg, self._args, self._data, self._logger)
        made.level, made.warn_duration, made._dl = self.level, self._warn, self._dl
        made._usual = made._usual and not made._dl
        self._inside = [*(self._inside or ()), made]
        self._usual = False
        return made

    def _inside_here(self) -> Optional[Task]:
        """The innermost of those that were entered instead of this one, where this is called."""
        inner = _get_current()
        while inner is not None and inner is not self:
            if inner in (self._inside or ()):
                self._inside = [one for one in self._inside or () if one is not inner]
                return inner
            inner = inner._outer
        return None

    def _branch(self) -> Task:
        """This process's branch of a scope that its parent had open when it forked."""
        branch = self._branched
        if branch is None or branch._here is not _process.here:
            reserved = _process.reserved
            here = reserved[1] if reserved is not None and reserved[0] is self else f"{self.id}/{new_id()}"
            branch = Task.__new__(Task)
            msg = f"forked: {_literal(self.msg, self._args)}"
            branch._begin(here, None, msg, self._args, dict(self._data), self.logger)
            branch.level = self.level
            branch._started = _perf_counter()
            self._branched = branch
            began_branch(branch)
            if branch.logger.isEnabledFor(branch.level):
                log(branch, branch.level, branch.msg, branch._args, {"event": "start"}, None, None)
        return branch


class External(Task):
    """A scope whose time counts as outside for those around it."""

    __slots__ = ()
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
            around._usual = False
            around = around._parent


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

    # Among the arguments of a record it stands as what it says.
    __repr__ = __str__

    def __reduce__(self) -> Tuple[Any, ...]:
        return (str, (str(self),))


def _literal(msg: Any, args: Tuple[Any, ...]) -> str:
    """The message as part of a longer template: without arguments its percent signs mean themselves."""
    return str(msg) if args else str(msg).replace("%", "%%")


def _is_no_failure(kind: Type[BaseException], error: Optional[BaseException]) -> bool:
    """A generator that is closed and an exit with status 0 are ways to end well."""
    if issubclass(kind, GeneratorExit):
        return True
    return issubclass(kind, SystemExit) and getattr(error, "code", None) in (None, 0)


def _is_cancelled(kind: Type[BaseException]) -> bool:
    """Whether an asyncio task was cancelled; without asyncio none was.

    Importing it would take as long as the rest of the package, and from then on `logging` asks it with each record.
    """
    cancelled = getattr(sys.modules.get("asyncio.exceptions"), "CancelledError", None)
    return cancelled is not None and issubclass(kind, cancelled)


def logger_of(frame: FrameType) -> logging.Logger:
    """The logger named after the module of the caller."""
    name = frame.f_globals.get("__name__") or "root"
    logger = _loggers.get(name)
    if logger is None:
        logger = _loggers[name] = logging.getLogger(name)
    return logger
