"""Log records as data: every field, the extra ones, the scope, and exceptions with their causes.

    handler.setFormatter(JSONFormatter())

A record becomes one JSON object, or a pickled dict, with the keys of the original package: all
attributes of the `LogRecord`, what came in by `extra`, `context` (the scope) and `dl` (what a
scope tells of its start and end), and then `message`, `asctime` and `hostname`. Beyond the
original, `args` are kept, and `exc_info` has the exception with its chain of causes as data.

The JSON is valid whatever the values are (see `plain`), and a record is never given up because
one of them is odd. Records that are as usual are put together from parts that are encoded once
for each line of the program, because that takes a third of the time.
"""

from __future__ import annotations

import json
import json.encoder
import logging
import pickle
import socket
import sys
import threading
import time
import traceback
from types import FrameType
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from .plain import MAX_DEPTH, capped_repr, plain, plain_text
from .scope import Context, Task, _current, _Process, attach

__all__ = ["JSONFormatter", "PickleFormatter", "Serializer", "describe_exception"]

# What every LogRecord has in this version of Python, and what handlers add.
_NATIVE = tuple(logging.LogRecord("", 0, "", 0, "", (), None).__dict__)
_BASE = len(_NATIVE)
_ADDED = ("message", "asctime", "context", "dl")
_KNOWN = frozenset((*_NATIVE, *_ADDED, "taskName"))
_HAS_TASK = "taskName" in _NATIVE

# Parts that are kept. A program has that many lines that log, or else it makes their names up.
_MOST_PARTS = 4096
# Frames and causes of an exception that are told of; recursion makes thousands of them.
_MOST_FRAMES = 50
_MOST_CAUSES = 20

_quote: Callable[[str], str] = json.encoder.encode_basestring


def _make_encoder() -> Callable[[Any], str]:
    """An encoder for values; it refuses what JSON has not, and then `plain` has to help."""
    c_make_encoder = getattr(json.encoder, "c_make_encoder", None)
    if c_make_encoder is None:
        return json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, default=plain, separators=(",", ":")
        ).encode
    # What JSONEncoder.encode makes anew for each call.
    made = c_make_encoder(None, plain, _quote, None, ":", ",", False, False, False)
    join = "".join

    def encode(value: Any) -> str:
        return join(made(value, 0))

    return encode


_encode = _make_encoder()


# What the encoder cannot get wrong.
_SCALARS = frozenset((str, int, float, bool, type(None)))


def _safe(value: Any) -> str:
    """The JSON of any value."""
    try:
        if value.__class__ not in _SCALARS and _has_odd_keys(value, MAX_DEPTH):
            return _encode(plain(value))
        return _encode(value)
    except Exception:
        return _encode(plain(value))


def _has_odd_keys(value: Any, depth: int) -> bool:
    """Whether a dict has keys other than text: `1` and `"1"` are two keys, of which the encoder makes one."""
    if isinstance(value, dict):
        for key in value:
            if key.__class__ is not str:
                return True
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return False
    for item in value:
        if item.__class__ not in _SCALARS and (not depth or _has_odd_keys(item, depth - 1)):
            return True
    return False


def describe_exception(error: BaseException) -> Dict[str, Any]:
    """An exception as data: type, message, notes, frames, and its `cause` or `context` likewise."""
    first = described = _one_exception(error)
    seen = {id(error)}
    for _ in range(_MOST_CAUSES):
        if error.__cause__ is not None:
            relation, following = "cause", error.__cause__
        elif error.__context__ is not None and not error.__suppress_context__:
            relation, following = "context", error.__context__
        else:
            break
        if id(following) in seen:
            described[relation] = {"$cycle": True}
            break
        seen.add(id(following))
        described[relation] = further = _one_exception(following)
        error, described = following, further
    return first


def _one_exception(error: BaseException) -> Dict[str, Any]:
    kind = type(error)
    module = kind.__module__
    try:
        message = plain_text(str(error))
    except Exception:
        message = capped_repr(error)
    described: Dict[str, Any] = {
        "type": kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}",
        "message": message,
    }
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list) and notes:
        described["notes"] = [plain_text(str(note)) for note in notes[:_MOST_CAUSES]]
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        frames.append({"file": plain_text(code.co_filename), "line": line, "function": code.co_name})
    if len(frames) > _MOST_FRAMES:
        described["frames_left_out"] = len(frames) - _MOST_FRAMES
        frames = frames[-_MOST_FRAMES:]
    described["frames"] = frames
    members = getattr(error, "exceptions", None)
    if isinstance(members, tuple) and members and all(isinstance(e, BaseException) for e in members):
        # An exception group.
        described["exceptions"] = [describe_exception(member) for member in members[:_MOST_CAUSES]]
    return described


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
        if record.exc_info and not record.exc_text and record.exc_info[1] is not None:
            try:
                record.exc_text = self.formatException(record.exc_info)
            except Exception:
                record.exc_text = capped_repr(record.exc_info[1])

    def fields(self, record: logging.LogRecord) -> Dict[str, Any]:
        """All fields of the record, in the order of the original package."""
        self._prepare(record)
        own = record.__dict__
        found = {name: own.get(name) for name in _NATIVE}
        found["args"] = _arguments(record.args)
        found["exc_info"] = _exception(record)
        found["context"] = own.get("context")
        for name, value in own.items():
            if name not in _KNOWN:
                found[name] = value
        if "dl" in own:
            found["dl"] = own["dl"]
        for name, value in self._fields.items():
            found.setdefault(name, value)
        found["message"] = record.message
        found["asctime"] = record.asctime
        found.setdefault("hostname", self.hostname)
        return found


# When `logging` was imported: what `relativeCreated` counts from.
_started: float = getattr(logging, "_startTime", time.time())
if _started > 1e12:
    # Nanoseconds since Python 3.13.
    _started /= 1e9


def _process_name() -> str:
    """As a LogRecord finds it."""
    module = sys.modules.get("multiprocessing")
    if module is not None:
        try:
            return str(module.current_process().name)
        except Exception:
            pass
    return "MainProcess"


def _no_task_name() -> Optional[str]:
    return None


def _current_task_name() -> Optional[str]:
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None:
        try:
            return str(asyncio.current_task().get_name())
        except Exception:
            pass
    return None


_task_name = _current_task_name if _HAS_TASK else _no_task_name


def _encoded_fields(data: Dict[str, Any]) -> Tuple[Dict[str, Any], str, bool]:
    """The fields of a scope as JSON that follows its key, and whether their values can never change."""
    if not data:
        return data, "", True
    fixed = True
    text = ""
    for name, value in data.items():
        if value.__class__ not in _SCALARS:
            fixed = False
        text += f",{_quote(name)}:{_safe(value)}"
    return data, text, fixed


def _arguments(args: Any) -> Any:
    return args if args else None


def _exception(record: logging.LogRecord) -> Optional[Dict[str, Any]]:
    info: Any = record.exc_info
    if not info or not isinstance(info, tuple) or len(info) < 2 or info[1] is None:
        return None
    try:
        return describe_exception(info[1])
    except Exception:
        return {"type": getattr(info[0], "__name__", "?"), "message": capped_repr(info[1])}


class JSONFormatter(Serializer):
    """Makes a record one JSON object, without a newline in it."""

    encoding = "J"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places: Dict[Tuple[Any, ...], Tuple[str, str, str]] = {}
        self._bounds: Dict[Tuple[Any, ...], Tuple[Tuple[str, str, str], Any]] = {}
        self._threads: Dict[Tuple[Any, ...], str] = {}
        host = "" if "hostname" in self._fields else f',"hostname":{_safe(self.hostname)}'
        fixed = "".join(f",{_safe(name)}:{_safe(value)}" for name, value in self._fields.items())
        self._tail = f'{fixed},"message":', ',"asctime":"', f'"{host}'
        # Whether times are as `logging` writes them, and need no second look.
        self._usual_time = self.datefmt is None and type(self).formatTime is Serializer.formatTime

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return self.encode(record).decode("utf-8")

    def encode(self, record: logging.LogRecord, more: str = "") -> bytes:
        """The record in UTF-8; `more` is JSON to stand at its end, with a comma before it."""
        try:
            return self._fast(record, more).encode("utf-8")
        except Exception:
            text = json.dumps(plain(self.fields(record)), ensure_ascii=False, separators=(",", ":"))
            return f"{text[:-1]}{more}}}".encode("utf-8")

    def _fast(self, record: logging.LogRecord, more: str) -> str:
        # What `_prepare` does, without its calls, for a record that is as usual.
        own = record.__dict__
        if "context" not in own:
            scope = _current.get()
            context = own["context"] = None if scope is None else scope.context
        else:
            if own["context"].__class__ is not Context:
                attach(record)
            context = own["context"]
        msg, args = record.msg, record.args
        if msg.__class__ is str:
            text = msg % args if args else msg
        else:
            text = str(msg)
            if args:
                text = text % args
        record.message = text
        if record.exc_info or record.exc_text:
            self._prepare(record)
        dl = own.get("dl")
        extras = ""
        # More attributes than a record has by itself: there is an `extra`.
        known = _BASE + 2 + ("dl" in own) + ("asctime" in own)
        if len(own) > known:
            for name, value in own.items():
                if name not in _KNOWN:
                    if name in self._fields or name == "hostname":
                        raise ValueError("a name that stands twice: the slow way sorts it out")
                    extras += f",{_quote(name)}:{_safe(value)}"
        if dl is not None:
            extras += f',"dl":{_safe(dl)}'
        elif "dl" in own:
            extras += ',"dl":null'
        message = _quote(text)
        template = message if msg is text else _quote(msg) if msg.__class__ is str else _safe(msg)
        key = (record.pathname, record.lineno, record.levelno, record.name, record.levelname, record.funcName)
        first = self._places.get(key)
        if first is None:
            first = self._place(record, key)
        who = (record.thread, record.threadName, record.processName, record.process, own.get("taskName"))
        thread = self._threads.get(who)
        if thread is None:
            thread = self._thread(who)
        if record.exc_info is None and record.exc_text is None:
            exc = 'null,"exc_text":null'
        else:
            exc = f'{_safe(_exception(record))},"exc_text":{_encode(record.exc_text)}'
        created = record.created
        known_second = self._second
        if int(created) == known_second[0] and self._usual_time:
            asctime = f"{known_second[1]},{int(record.msecs):03d}"
        else:
            asctime = self.formatTime(record, self.datefmt)
            if not self._usual_time:
                asctime = _encode(asctime)[1:-1]
        tail = self._tail
        return (
            f"{first[0]}{template}"
            f',"args":{_safe(args) if args else "null"}'
            f"{first[1]}{exc}"
            f',"stack_info":{"null" if record.stack_info is None else _encode(record.stack_info)}'
            f"{first[2]}{created!r}"
            f',"msecs":{record.msecs!r},"relativeCreated":{record.relativeCreated!r}'
            f'{thread},"context":{"null" if context is None else _safe(context)}'
            f"{extras}{tail[0]}{message}{tail[1]}{asctime}{tail[2]}{more}}}"
        )

    def encode_bound(
        self, scope: Task, key: str, level: int, msg: str, args: Tuple[Any, ...], dl: str, frame: FrameType, more: str
    ) -> bytes:
        """The record of a start or an end, as `encode` would write it, without a `LogRecord` in between.

        `dl` is its JSON. Half of what a scope costs otherwise is spent on making two records.
        """
        code = frame.f_code
        logger = scope.logger
        # To hash a code object, or to find its line, takes as long as the rest of this method.
        place = (id(code), frame.f_lasti, level, logger.name)
        known_place = self._bounds.get(place)
        if known_place is None:
            known_place = self._place_of(place, frame)
        first = known_place[0]
        ident, name, task = threading.get_ident(), threading.current_thread().name, _task_name()
        who = (ident, name, _process_name(), _Process.pid, task)
        thread = self._threads.get(who)
        if thread is None:
            thread = self._thread(who)
        ns = time.time_ns()
        second, part = divmod(ns, 1_000_000_000)
        known = self._second
        if known[0] != second:
            known = self._second = (second, time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second)))
        milliseconds = part // 1_000_000
        said = scope._said
        if said is None or said[0] is not msg or said[1] is not args:
            text = msg % args if args else msg
            message = _quote(text)
            template = message if msg is text else _quote(msg)
            said = (msg, args, f'{template},"args":{_safe(args) if args else "null"}', message)
            scope._said = said
        fields = scope._encoded
        if fields is None or fields[0] is not scope.data:
            fields = _encoded_fields(scope.data)
            if fields[2]:
                # Values that cannot change: they are encoded once for all records of the scope.
                scope._encoded = fields
        tail = self._tail
        return (
            f'{first[0]}{said[2]}{first[1]}null,"exc_text":null,"stack_info":null{first[2]}'
            f'{second}.{part // 1000:06d},"msecs":{milliseconds}.0,"relativeCreated":{(ns / 1e9 - _started) * 1000:.3f}'
            f'{thread},"context":{{"key":"{key}"{fields[1]}}},"dl":{dl}{tail[0]}{said[3]}{tail[1]}'
            f"{known[1]},{milliseconds:03d}{tail[2]}{more}}}"
        ).encode("utf-8")

    @property
    def is_usual(self) -> bool:
        """Whether `encode_bound` may stand for `encode`: nothing of this class is overridden."""
        return type(self) is JSONFormatter and self._usual_time and self.converter is time.localtime

    def _place_of(self, place: Tuple[Any, ...], frame: FrameType) -> Tuple[Tuple[str, str, str], Any]:
        if len(self._bounds) >= _MOST_PARTS:
            self._bounds.clear()
        code = frame.f_code
        record = logging.LogRecord(place[3], place[2], code.co_filename, frame.f_lineno, "", (), None, code.co_name)
        # The code is kept, so that no other one gets its id.
        made = self._bounds[place] = (self._place(record, place), code)
        return made

    def _place(self, record: logging.LogRecord, key: Tuple[Any, ...]) -> Tuple[str, str, str]:
        """What is the same for all records of a line of the program."""
        if len(self._places) >= _MOST_PARTS:
            self._places.clear()
        made = (
            f'{{"name":{_encode(record.name)},"msg":',
            f',"levelname":{_encode(record.levelname)},"levelno":{_encode(record.levelno)}'
            f',"pathname":{_encode(record.pathname)},"filename":{_encode(record.filename)}'
            f',"module":{_encode(record.module)},"exc_info":',
            f',"lineno":{_encode(record.lineno)},"funcName":{_encode(record.funcName)},"created":',
        )
        self._places[key] = made
        return made

    def _thread(self, who: Tuple[Any, ...]) -> str:
        """What is the same for all records of a thread."""
        if len(self._threads) >= _MOST_PARTS:
            self._threads.clear()
        thread, thread_name, process_name, process, task = who
        made = (
            f',"thread":{_encode(thread)},"threadName":{_encode(thread_name)}'
            f',"processName":{_encode(process_name)},"process":{_encode(process)}'
        )
        if _HAS_TASK or task is not None:
            made += f',"taskName":{_encode(task)}'
        self._threads[who] = made
        return made


class PickleFormatter(Serializer):
    """Makes a record a pickled dict (protocol 2, which every reader knows)."""

    encoding = "P"
    protocol = 2

    def format(self, record: logging.LogRecord) -> bytes:  # type: ignore[override]
        """The record as bytes: only handlers of this package take them."""
        return self.encode(record)

    def encode(self, record: logging.LogRecord, more: str = "") -> bytes:
        """The record as a pickle; what cannot be pickled becomes what it would be in JSON."""
        found = self.fields(record)
        if found["context"] is not None:
            # A reader needs nothing of this package.
            found["context"] = dict(found["context"])
        try:
            return pickle.dumps(found, self.protocol)
        except Exception:
            return pickle.dumps({name: self._picklable(value) for name, value in found.items()}, self.protocol)

    def _picklable(self, value: Any) -> Any:
        try:
            pickle.dumps(value, self.protocol)
        except Exception:
            return plain(value)
        return value
