"""The way of a scope to other threads, processes and services.

* Threads and pools: `preserve_context(function)`.
* Processes, by fork, forkserver or spawn: the same; what is pickled carries an id of its own.
* HTTP and messages: `headers = inject({})` at the caller, `import_task(extract(headers), …)` at the callee.

What travels is the id of a scope that the callee will open (`Distlog-Task`, and `distlog=` in
`tracestate`), beside a W3C `traceparent` for those who speak OpenTelemetry.
"""

from __future__ import annotations

import contextvars
import functools
import hashlib
import logging
import re
import sys
from typing import Any, Callable, Dict, Iterable, Mapping, MutableMapping, Optional, Protocol, Tuple, TypeVar, Union, cast

from . import levels
from .ids import new_id, valid_id
from .scope import Task, current_scope, import_task

__all__ = [
    "HEADER",
    "LEVELS",
    "accept",
    "extract",
    "extract_celery",
    "headers",
    "inject",
    "preserve_context",
    "propagate",
    "span_id",
]

#: The header that carries the id.
HEADER = "Distlog-Task"
#: The header that carries the levels that a rule of dl-ctl has given this one task.
LEVELS = "Distlog-Levels"

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_F = TypeVar("_F", bound=Callable[..., Any])


class _HasItems(Protocol):
    """Mappings, and what is none and has pairs: the headers of http.server."""

    def items(self) -> Iterable[Tuple[Any, Any]]: ...


_Headers = Union[_HasItems, Iterable[Tuple[Any, Any]], None]


def span_id(scope_id: str) -> str:
    """The W3C span id of a scope: 16 hexadecimal digits that follow from its id."""
    digest = hashlib.blake2b(scope_id.encode(), digest_size=8).hexdigest()
    return digest if digest.strip("0") else "0000000000000001"


def inject(carrier: MutableMapping[str, str], scope: Optional[Task] = None) -> MutableMapping[str, str]:
    """Adds the headers of a call to another service; outside of any scope, nothing.

    Each call takes the id of a child, so use what it gives for one call.
    """
    scope = scope if scope is not None else current_scope()
    if scope is None:
        return carrier
    child = scope.get_foreign_task()
    tree = child.partition("/")[0]
    carrier[HEADER] = child
    along = _levels_of(tree)
    if along is not None:
        carrier[LEVELS] = along
    carrier["traceparent"] = f"00-{tree.replace('-', '')}-{span_id(child.rpartition('/')[0])}-01"
    if scope.is_external:
        # Whoever answers may speak OpenTelemetry: by this, dl-tree puts their spans below this scope.
        scope.bind(traceparent=carrier["traceparent"])
    state = f"distlog={child}"
    before = carrier.get("tracestate")
    # A member has at most 256 characters; deeper scopes have the header of our own.
    if len(state) <= 256 + len("distlog="):
        carrier["tracestate"] = f"{state},{before}" if before else state
    return carrier


def headers() -> Dict[str, str]:
    """The headers for one call: `requests.get(url, headers=headers())`, likewise for httpx and urllib."""
    found: Dict[str, str] = {}
    inject(found)
    return found


def extract(carrier: _Headers) -> Optional[str]:
    """The id that a caller sent, for `import_task`; None if there is none that can be used.

    A caller that only sends a `traceparent` gets a scope of its own below its span: the tree has the trace's
    id, in the form of a UUID. Takes mappings, the headers of http.server, and lists of pairs,
    keys in any case, text or bytes, and the environment of WSGI. Levels for the task (`Distlog-Levels`) are taken along
    where `control.accept_task_levels` says so.
    """
    found: Dict[str, str] = {}
    items = getattr(carrier, "items", None)
    pairs: Any = items() if callable(items) else carrier or ()
    for name, value in pairs:
        name = _text(name).lower().replace("_", "-")
        if name.startswith("http-"):
            name = name[len("http-") :]
        if name in ("distlog-task", "distlog-levels", "traceparent", "tracestate"):
            found[name] = _text(value).strip()
    announced = _announced(found)
    if announced is not None and "distlog-levels" in found:
        _take_levels(announced, found["distlog-levels"])
    return announced


def _announced(found: Mapping[str, str]) -> Optional[str]:
    own = valid_id(found.get("distlog-task"))
    if own is not None:
        return own
    trace = _TRACEPARENT.fullmatch(found.get("traceparent", ""))
    if trace is None:
        return None
    version, tree, span, _, more = trace.groups()
    if version == "ff" or version == "00" and more or not tree.strip("0") or not span.strip("0"):
        return None
    uuid = f"{tree[:8]}-{tree[8:12]}-{tree[12:16]}-{tree[16:20]}-{tree[20:]}"
    for member in found.get("tracestate", "").split(","):
        key, _, value = member.strip().partition("=")
        if key == "distlog":
            child = valid_id(value)
            if child is not None and child.startswith(f"{uuid}/") and span_id(child.rpartition("/")[0]) == span:
                return child
    return f"{uuid}/{span}/{new_id()}"


def accept(carrier: _Headers, msg: str, *args: Any, **fields: Any) -> Task:
    """The scope for a call that has come in: `import_task(extract(carrier), …)`.

    Where the caller is not one of ours, the scope's `traceparent` joins its tree with the caller's trace.
    """
    announced = extract(carrier)
    if announced is not None and "traceparent" not in fields:
        _, _, below = announced.partition("/")
        span = below.partition("/")[0]
        if len(span) == 16:
            fields["traceparent"] = f"00-{announced.partition('/')[0].replace('-', '')}-{span}-01"
    made = import_task(announced, msg, *args, **fields)
    made.logger = logging.getLogger(sys._getframe(1).f_globals.get("__name__") or __name__)
    return made


def extract_celery(request: Any) -> Optional[str]:
    """The id in the headers of a Celery task (`self.request`), sent by `apply_async(headers=headers())`."""
    found = getattr(request, "headers", None)
    if not isinstance(found, Mapping):
        # Older workers lay the headers open on the request itself.
        found = {name: getattr(request, name, None) for name in (HEADER, LEVELS, "traceparent", "tracestate")}
    return extract({name: value for name, value in found.items() if value is not None})


def _levels_of(tree: str) -> Optional[str]:
    """What goes along with a task; mostly there is no rule for one."""
    if tree not in levels._State.now.tasks:
        return None
    from .carried import carried

    return carried(tree)


def _take_levels(scope_id: str, text: str, trusted: bool = False) -> None:
    from .carried import take

    take(scope_id.partition("/")[0], text, trusted)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _Preserved:
    """A function with the scope in which it was handed over."""

    _levels: Optional[str] = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function: Callable[..., Any] = function
        self._context: Optional[contextvars.Context] = contextvars.copy_context()
        self._announced: Optional[str] = None
        self._goal = getattr(function, "__qualname__", type(function).__name__)
        try:
            functools.update_wrapper(self, function)
        except AttributeError:
            pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._context is not None:
            # A context can be entered by one thread at a time: each call has a copy.
            return self._context.copy().run(self._function, *args, **kwargs)
        if self._announced is None:
            return self._function(*args, **kwargs)
        announced, self._announced = self._announced, None
        if announced.endswith("#"):
            # Called once more: the id is used up, but the scope above is known.
            announced = f"{announced[:-1]}/{new_id()}"
        self._announced = f"{announced.rpartition('/')[0]}#"
        opened = import_task(announced, self._goal)
        opened.logger = logging.getLogger(getattr(self._function, "__module__", None) or __name__)
        if self._levels is not None:
            _take_levels(announced, self._levels, trusted=True)
        with opened:
            return self._function(*args, **kwargs)

    def __getstate__(self) -> Dict[str, Any]:
        # Another process: the scope itself stays here, and what goes is the id of a child.
        announced, along = self._announced, self._levels
        if self._context is not None:
            scope: Optional[Task] = self._context.run(current_scope)
            announced = scope.get_foreign_task() if scope is not None else None
            along = _levels_of(scope.tree) if scope is not None else None
        return {
            "_function": self._function, "_context": None, "_announced": announced, "_goal": self._goal,
            "_levels": along,
        }

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)


def preserve_context(function: _F) -> _F:
    """The function, to be called in the scope that is current now: in another thread, pool or process.

        executor.submit(preserve_context(work), 17)
        multiprocessing.Process(target=preserve_context(work), args=(17,))

    In a thread the records belong to the scope that is current now. Where it is pickled on the way, each
    pickle carries the id of a child, and the call opens a scope with it, named after the function.
    """
    preserved: Any = _Preserved(function)
    # It is called as the function is.
    return cast("_F", preserved)


#: The name that BQNT has for it.
propagate = preserve_context
