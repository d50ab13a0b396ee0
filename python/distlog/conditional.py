"""Details of what went wrong, and silence about what went well.

    handler = ConditionalHandler(ZmqHandler("tcp://collector.example:5010"), level=logging.INFO)
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])

Records at `level` or above go to the wrapped handler at once. What is below is kept, a ring of records for
each scope, until the *flush condition* holds:

* a record at `flush_level` or above, or with an exception, is logged in a scope,
* a scope takes longer than its `warn_after` seconds,
* `flush_scope()` is called,
* the tree is one in `sample` of those that are told in full.

Then what was kept comes out, with its own times and marked `dl.buffered`, and the scope passes everything
through until it ends. The condition spreads as `propagation` says: `up` to the scopes around, `down`
to those inside, or `both`. What no condition brings out is discarded with the end of its scope. Starts and ends of
scopes always pass, so that the skeleton of each tree survives.

Requests that run at the same time have rings of their own. Each ring is bounded, and so is the sum of all;
the oldest record goes, and the flush tells how many did (`dl.evicted`). What a record says is fixed when it is logged:
values get the form that they have in JSON then, and long ones are shortened, as text.
"""

from __future__ import annotations

import collections
import copy
import itertools
import logging
import os
import threading
import weakref
from typing import Any, Deque, List, Optional, Tuple, Union

from .current import _listeners, current_scope
from .plain import capped_repr, plain
from .scope import Task, attach

__all__ = ["ConditionalHandler", "flush_scope"]

# Characters that are kept of a value that is no number.
_MOST_CHARACTERS = 500
# What no later change can touch.
_SCALARS = frozenset((str, int, float, bool, type(None)))
# Attributes of a record that are values of the application.
_NATIVE = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__)


class _Ring:
    """What is kept for a scope, and whether it passes everything."""

    __slots__ = ("__weakref__", "children", "evicted", "passing", "records", "sampled", "scope")

    def __init__(self, scope: Task) -> None:
        self.scope = weakref.ref(scope)
        self.records: Deque[logging.LogRecord] = collections.deque()
        self.children: "weakref.WeakSet[_Ring]" = weakref.WeakSet()
        self.evicted = 0
        self.passing = False
        self.sampled = False


class ConditionalHandler(logging.Handler):
    """Wraps a handler, and keeps what is below `level` until it is wanted.

    :param target: the handler; with `dictConfig`, `cfg://handlers.NAME`.
    :param level: what passes at once.
    :param flush_level: what brings the kept records out.
    :param capacity: records kept for a scope.
    :param total: records kept in all.
    :param propagation: `up`, `down` or `both`.
    :param sample: one of so many trees passes everything from its beginning; 0 for none.
    """

    def __init__(
        self,
        target: logging.Handler,
        level: Union[int, str] = logging.INFO,
        *,
        flush_level: Union[int, str] = logging.ERROR,
        capacity: int = 200,
        total: int = 20_000,
        propagation: str = "both",
        sample: int = 0,
    ) -> None:
        # Everything has to come here; what passes is decided below.
        super().__init__(logging.NOTSET)
        if propagation not in ("up", "down", "both"):
            raise ValueError(f"propagation is up, down or both, not {propagation!r}")
        if capacity < 1 or total < 1 or sample < 0:
            raise ValueError("capacity and total are at least 1, sample at least 0")
        self.target = target
        # `basicConfig` gives a formatter to who has none.
        self.formatter = target.formatter
        self.threshold = logging._checkLevel(level)  # type: ignore[attr-defined]
        self.flush_level = logging._checkLevel(flush_level)  # type: ignore[attr-defined]
        self.capacity, self.total = capacity, total
        self.up, self.down = propagation != "down", propagation != "up"
        self.sample = sample
        self._trees = itertools.count()
        self._kept = 0
        # All rings that hold something, the one that has waited longest first.
        self._order: "collections.OrderedDict[int, _Ring]" = collections.OrderedDict()
        self._rings: "weakref.WeakKeyDictionary[Task, _Ring]" = weakref.WeakKeyDictionary()
        self._mutex = threading.RLock()
        _handlers.add(self)

    def setFormatter(self, fmt: Optional[logging.Formatter]) -> None:  # noqa: N802
        """Gives the formatter to the wrapped handler, which is who writes."""
        self.target.setFormatter(fmt)
        self.formatter = self.target.formatter

    def handle(self, record: logging.LogRecord) -> Any:
        """Passes a record on, or keeps it."""
        chosen: Any = self.filter(record)
        if chosen:
            self.emit(chosen if isinstance(chosen, logging.LogRecord) else record)
        return chosen

    def emit(self, record: logging.LogRecord) -> None:
        """Passes a record on, or keeps it."""
        scope = current_scope()
        if scope is None:
            if record.levelno >= self.threshold:
                self._pass(record)
            return
        attach(record)
        bounds = "dl" in record.__dict__ and "event" in (record.__dict__["dl"] or ())
        brings = (record.levelno >= self.flush_level or record.exc_info) and not (
            bounds and record.__dict__["dl"].get("status") == "succeeded"
        )
        with self._mutex:
            ring = self._ring(scope)
            if brings or bounds and record.__dict__["dl"].get("slow"):
                self._bring(ring)
            keeps = not bounds and record.levelno < self.threshold and not ring.passing
            if keeps:
                self._keep(ring, record)
        if not keeps:
            self._pass(record)

    def _pass(self, record: logging.LogRecord) -> None:
        if record.levelno >= self.target.level:
            self.target.handle(record)

    def _ring(self, scope: Task) -> _Ring:
        """The ring of a scope, known to that of the scope around it."""
        found = self._rings.get(scope)
        if found is None:
            found = self._rings[scope] = _Ring(scope)
            above = scope.above
            if above is None:
                found.sampled = found.passing = bool(self.sample) and next(self._trees) % self.sample == 0
            else:
                around = self._ring(above)
                around.children.add(found)
                # A scope that opens where everything passes, passes everything.
                found.sampled = around.sampled
                found.passing = around.passing and (self.down or around.sampled)
        return found

    def _keep(self, ring: _Ring, record: logging.LogRecord) -> None:
        if len(ring.records) >= self.capacity:
            ring.records.popleft()
            ring.evicted += 1
            self._kept -= 1
        elif self._kept >= self.total:
            self._evict()
        ring.records.append(_fixed(record))
        self._kept += 1
        self._order.setdefault(id(ring), ring)

    def _evict(self) -> None:
        """The total is reached: the ring that has waited longest gives its oldest record."""
        while self._order:
            number, ring = next(iter(self._order.items()))
            if ring.records:
                ring.records.popleft()
                ring.evicted += 1
                self._kept -= 1
                if not ring.records:
                    del self._order[number]
                return
            del self._order[number]

    def _bring(self, ring: _Ring) -> None:
        """The condition holds for a scope: brings out what was kept for it and for those it spreads to."""
        reached = [ring]
        if self.up:
            scope = ring.scope()
            above = scope.above if scope is not None else None
            while above is not None:
                if not above.ended:
                    reached.append(self._ring(above))
                above = above.above
        if self.down:
            # From the topmost that is reached, if it spreads both ways.
            waiting: List[_Ring] = list(reached)
            seen = {id(one) for one in reached}
            while waiting:
                for child in list(waiting.pop().children):
                    if id(child) not in seen:
                        seen.add(id(child))
                        reached.append(child)
                        waiting.append(child)
        kept: List[Tuple[float, logging.LogRecord]] = []
        for one in reached:
            one.passing = True
            evicted, one.evicted = one.evicted, 0
            for record in one.records:
                own = record.__dict__
                own["dl"] = {**(own.get("dl") or {}), "buffered": True}
                if evicted:
                    # Told once, by the first record that is left.
                    own["dl"]["evicted"], evicted = evicted, 0
                kept.append((record.created, record))
            if evicted:
                # Nothing of the ring is left that could tell.
                kept.append((0.0, self._notice(one, evicted)))
            self._kept -= len(one.records)
            one.records.clear()
            self._order.pop(id(one), None)
        kept.sort(key=lambda pair: pair[0])
        for _, record in kept:
            self._pass(record)

    def _notice(self, ring: _Ring, evicted: int) -> logging.LogRecord:
        record = logging.LogRecord(
            __name__, logging.WARNING, __file__, 0, "records of this scope were evicted", (), None, "_notice"
        )
        scope = ring.scope()
        record.__dict__["context"] = scope.context if scope is not None else None
        record.__dict__["dl"] = {"evicted": evicted}
        return record

    def flush_scope(self, scope: Optional[Task] = None) -> None:
        """Brings out what was kept for the scope, the current one by default."""
        scope = scope if scope is not None else current_scope()
        if scope is not None:
            with self._mutex:
                self._bring(self._ring(scope))

    def _ended(self, scope: Task) -> None:
        """Discards what nobody wanted. With the root of this process's part goes everything."""
        with self._mutex:
            ring = self._rings.get(scope)
            if ring is None:
                return
            above = scope.above
            if above is not None and self.down and not above.ended:
                # A failure of the scope around may still want it: it waits there.
                around = self._ring(above)
                self._inherit(around, ring)
            self._kept -= len(ring.records)
            ring.records.clear()
            self._order.pop(id(ring), None)
            self._rings.pop(scope, None)

    def _inherit(self, around: _Ring, ring: _Ring) -> None:
        """What a scope has kept goes to the one around it, within that one's bounds."""
        if around.passing:
            return
        merged = sorted([*around.records, *ring.records], key=lambda record: record.created)
        ring.records.clear()
        around.evicted += ring.evicted
        over = max(0, len(merged) - self.capacity)
        around.evicted += over
        self._kept -= over
        around.records = collections.deque(merged[over:])
        if around.records:
            self._order.setdefault(id(around), around)

    @property
    def kept(self) -> int:
        """How many records are kept now."""
        return self._kept

    def flush(self) -> None:
        """Flushes the wrapped handler; what is kept stays."""
        self.target.flush()

    def close(self) -> None:
        """Closes the wrapped handler."""
        self.target.close()
        super().close()

    def _forked(self) -> None:
        """A forked process keeps nothing of its parent, which has it still."""
        self._mutex = threading.RLock()
        self._kept = 0
        self._order.clear()
        self._rings = weakref.WeakKeyDictionary()


def _fixed(record: logging.LogRecord) -> logging.LogRecord:
    """A record of which no later change of a value shows."""
    fixed = copy.copy(record)
    own = fixed.__dict__
    if not isinstance(record.msg, str) or record.args and not _are_fixed(record.args):
        try:
            own["msg"] = record.getMessage()
        except Exception as error:
            own["msg"] = f"{capped_repr(record.msg)} % {capped_repr(record.args)}"
            own["dl"] = {**(own.get("dl") or {}), "format_error": f"{type(error).__name__}: {error}"}
        own["args"] = ()
    for name, value in own.items():
        if name == "context" and value is not None:
            own[name] = type(value)((key, _shown(item)) for key, item in value.items())
        elif name not in _NATIVE and name != "dl":
            own[name] = _shown(value)
    return fixed


def _are_fixed(args: Any) -> bool:
    """Whether the message can be put together later, and these stay what they are."""
    if args.__class__ is not tuple:
        return False
    for value in args:
        if value.__class__ not in _SCALARS or value.__class__ is str and len(value) > _MOST_CHARACTERS:
            return False
    return True


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str) and len(value) <= _MOST_CHARACTERS:
        return value
    text = capped_repr(value, _MOST_CHARACTERS)
    return text if len(text) > _MOST_CHARACTERS else plain(value)


def flush_scope(scope: Optional[Task] = None) -> None:
    """Brings out what all conditional handlers have kept for the scope, the current one by default."""
    for handler in list(_handlers):
        handler.flush_scope(scope)


_handlers: "weakref.WeakSet[ConditionalHandler]" = weakref.WeakSet()


def _listen(scope: Task, starts: bool) -> None:
    if not starts:
        for handler in list(_handlers):
            handler._ended(scope)


def _forked() -> None:
    for handler in list(_handlers):
        handler._forked()


_listeners.append(_listen)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
