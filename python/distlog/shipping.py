"""A handler that ships records from a thread of its own: what the transports have in common.

The caller serialises the record and appends it to a queue, and that is all that an application
ever waits for (unless it asks for `overflow="block"`). Starts and ends of scopes of which nothing can change
are appended as they are (`bounds`), and serialised by the thread, if less than a thousand records wait. That thread,
started with the first record, owns the connection: it is `sender`, and what it has taken is `backlog`.

What is promised:

* Records leave in the order in which they were logged.
* The queue is bounded, in records and in bytes. What does not fit goes to the spool file if there is one,
  else it is dropped by the stated policy and counted; the count is logged as soon as there is room, and
  told on stderr when it begins.
* A collector that is absent, restarts or is killed loses nothing that fits: the last records that were
  handed to the system (`resend` bytes of them) are kept, and sent again when a connection was lost,
  because nobody knows what of them arrived. So a record may arrive twice, never silently: both have the
  same `record_id`, which counts the records of this handler in this process.
* `flush(timeout)` waits until all is in the hands of the system (over ZeroMQ it ends the connection for that, and the
  next record opens another), and so do the end of the interpreter, of a
  multiprocessing child and SIGTERM (where the application has not its own handler), for at most
  `flush_timeout` seconds. What is left then goes to the spool, or is counted on stderr.
* What goes wrong with one record or one connection, in whatever way, ends nothing else and is told on stderr, once for
  each kind of error. A record that cannot be sent counts as dropped.
* A forked process starts with an empty queue and a connection of its own.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import threading
import time
from typing import Any, Callable, NamedTuple, Optional, Tuple, Union

from .bell import Bell
from .bounds import Bound
from .ending import end_with_process, handlers, watch_sigterm
from .record import JSONFormatter, PickleFormatter, Serializer
from .sender import MOST_LATER, Report, Sender
from .stderr import say
from .transport import SLICE, Lost, Transport

__all__ = ["SLICE", "Lost", "ShippingHandler", "Stats", "Transport"]


class Stats(NamedTuple):
    """What became of the records of a handler: `accepted = sent + queued + dropped`, but for what is under way.

    A record counts once as sent, however often it was; `resent` tells how many were sent again.
    """

    accepted: int
    sent: int
    queued: int
    dropped: int
    resent: int
    spooled: int


class ShippingHandler(Sender, logging.Handler):
    """The queue, the thread and the promises; a subclass gives the transport.

    :param capacity: records that the queue holds.
    :param max_bytes: bytes that records wait in, at most.
    :param overflow: `drop_new`, `drop_old` or `block`; with `block` a call waits up to `block_seconds`, and
        then the record is dropped.
    :param resend: bytes of records that are sent again after a connection was lost; 0 for at most once.
    :param spool: a file for what does not fit, for each process of its own: if `path` is in use by another one,
        it is `path.1`, and so on. What a process has left there, the next one sends.
    :param flush_timeout: seconds that the end of the process may take.
    :param ids: whether JSON records get a `record_id`.
    :param sigterm: whether SIGTERM delivers what is queued, if nobody else handles it.
    """

    def __init__(
        self,
        level: Union[int, str] = logging.NOTSET,
        *,
        capacity: int = 100_000,
        max_bytes: int = 64 << 20,
        overflow: str = "drop_new",
        block_seconds: float = 1.0,
        resend: int = 8 << 20,
        spool: Optional[str] = None,
        spool_bytes: int = 1 << 30,
        flush_timeout: float = 5.0,
        ids: bool = True,
        sigterm: bool = True,
    ) -> None:
        if overflow not in ("drop_new", "drop_old", "block"):
            raise ValueError(f"overflow is drop_new, drop_old or block, not {overflow!r}")
        if capacity < 1 or max_bytes < 1 or resend < 0:
            raise ValueError("capacity and max_bytes are at least 1, resend at least 0")
        if spool is not None and not hasattr(os, "pread"):
            raise ValueError("spool files need a POSIX system")
        # From here on `logging` knows the handler, and flushes it at the end.
        logging.Handler.__init__(self, level)
        self.capacity, self.max_bytes = capacity, max_bytes
        self.overflow, self.block_seconds = overflow, block_seconds
        self.resend, self.flush_timeout = resend, flush_timeout
        self.sigterm, self.ids = sigterm, ids
        self._spool_path, self._spool_bytes = spool, spool_bytes
        self._serializer: Serializer = JSONFormatter()
        self.formatter = self._serializer
        self._encode = self._serializer.encode
        self._look_at_formatter()
        self._closed = False
        self._fresh()
        handlers.add(self)
        watch_sigterm(sigterm)

    def _fresh(self) -> None:
        """The state of a process that has logged nothing."""
        self._fresh_sender()
        self._numbers = itertools.count(1)
        self._mark = f',"record_id":"{random.SystemRandom().getrandbits(48):012x}-'
        self._dropped_at_door = itertools.count(1)
        self._door = 0
        # Those of them that could not be serialised.
        self._broken_at_door = itertools.count(1)
        self._broken = 0
        self._told_late = False
        self._thread: Optional[threading.Thread] = None
        self._starting = threading.Lock()
        self._gave_up = float("-inf")
        self._flushes = itertools.count(1)

    def setFormatter(self, fmt: Optional[logging.Formatter]) -> None:  # noqa: N802
        """Takes a `JSONFormatter` or a `PickleFormatter`."""
        if not isinstance(fmt, Serializer):
            raise TypeError(
                f"{type(self).__name__} takes a JSONFormatter or a PickleFormatter, not {type(fmt).__name__}"
            )
        if fmt.encoding != "J" and self._spool_path is not None:
            raise TypeError("a spool file holds lines of JSON: use a JSONFormatter")
        logging.Handler.setFormatter(self, fmt)
        self._serializer = fmt
        self._encode = fmt.encode
        self._look_at_formatter()

    def _look_at_formatter(self) -> None:
        self._marks = self.ids and self._serializer.encoding == "J"
        make = getattr(self._serializer, "bound_encoder", None)
        kind = type(self)
        usual = kind.emit is ShippingHandler.emit and kind.handle is ShippingHandler.handle
        encode = make() if make is not None and usual else None
        self.takes_bounds = encode is not None
        if encode is not None:
            self._encode_bound = encode

    def handle(self, record: logging.LogRecord) -> Any:
        """As `logging.Handler`, but without its lock: a queue needs none."""
        chosen: Any = self.filter(record) if self.filters else True
        if chosen:
            self.emit(chosen if isinstance(chosen, logging.LogRecord) else record)
        return chosen

    def emit(self, record: logging.LogRecord) -> None:
        """Serialises the record and puts it into the queue."""
        number = next(self._numbers)
        try:
            body = self._encode(record, f'{self._mark}{number}"' if self._marks else "")
        except Exception:
            # It has a number, so it counts: as dropped, also if telling of it fails.
            self._broken = next(self._broken_at_door)
            self._door = next(self._dropped_at_door)
            self.handleError(record)
            return
        self._put(body)

    def _report(self, record: logging.LogRecord, told: Tuple[int, int]) -> None:
        number = next(self._numbers)
        mark = f'{self._mark}{number}"' if self._marks else ""
        try:
            body: Any = self._encode(record, mark)
        except Exception:
            body = None
        if not isinstance(body, bytes):
            # What the formatter of the application makes of nothing, it makes of this neither.
            usual = PickleFormatter() if self._serializer.encoding == "P" else JSONFormatter()
            body = usual.encode(record, mark)
        if len(body) > self.max_bytes:
            # It would be dropped, and be told of by the next one. stderr has been told.
            self._door = next(self._dropped_at_door)
            self._reported += 1
            return
        report = Report(body)
        report.told = told
        self._put(report)

    #: Whether starts and ends of scopes may come by `emit_bound`.
    takes_bounds = False
    _encode_bound: Callable[[Bound, bool, str], bytes]

    def emit_bound(self, bound: Bound, fixed: bool) -> None:
        """Takes the start or the end of a scope, of which nothing can change if it is `fixed`.

        That is not serialised here, but by the sender; unless there is so much of it that the sender, which needs the
        interpreter for it, would come in the way of the application.
        """
        if fixed and len(self._queue) < MOST_LATER:
            self._put(bound)
            return
        body = self._body(bound, fixed)
        if body is not None:
            self._put(body)

    def _put(self, body: Union[bytes, Bound]) -> None:
        if self._over:
            self._late()
            self._gone(body)
            return
        queue = self._queue
        if len(queue) + len(self._backlog.waiting) >= self.capacity and not self._make_room():
            self._gone(body)
            return
        queue.append(body)
        if self._asleep:
            self._wake()

    def _wake(self) -> None:
        if self._thread is None:
            self._start()
        else:
            self._awake.ring()

    def _late(self) -> None:
        """A record that comes after `close` goes nowhere."""
        self._door = next(self._dropped_at_door)
        if not self._told_late:
            self._told_late = True
            say(f"{self.place}: a record came after the handler was closed, and is lost, as are those that follow")

    def _make_room(self) -> bool:
        """Does what the policy says when the queue is full; False if the new record is dropped."""
        # With a spool file the sender moves what waits there, which it has to be given the time for.
        ahead = self._queue if self._spool_path is not None else None
        if ahead is not None and len(ahead) < self.capacity:
            return True
        if self.overflow == "drop_old" and ahead is None:
            # The oldest are with the sender, which drops them when it takes younger ones.
            if len(self._queue) >= self.capacity:
                try:
                    self._gone(self._queue.popleft())
                    self._door = next(self._dropped_at_door)
                except IndexError:
                    pass
            return True
        if (self.overflow == "block" or ahead is not None) and threading.current_thread() is not self._thread:
            deadline = time.monotonic() + self.block_seconds
            while True:
                self._space.hush()
                if len(self._queue) + (0 if ahead is not None else len(self._backlog.waiting)) < self.capacity:
                    # There may be room for the next one who waits, too.
                    self._space.ring()
                    return True
                if self._thread is None:
                    self._start()
                self._awake.ring()
                left = deadline - time.monotonic()
                if left <= 0 or not self._space.wait(left):
                    break
        self._door = next(self._dropped_at_door)
        return False

    def _start(self) -> None:
        # Nobody waits for it: who starts the thread may be interrupted by a signal, whose handler logs.
        if not self._starting.acquire(blocking=False):
            return
        try:
            if self._thread is not None or self._closed:
                return
            # By what threads wait now: gevent may have replaced it since the handler was made, or the process forked, and
            # a lock of before would keep all greenlets from running.
            self._awake, self._space = Bell(), Bell()
            thread = threading.Thread(target=self._run, name="distlog-sender", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is ending: `close` will send what there is.
                return
            self._thread = thread
        finally:
            self._starting.release()
        end_with_process(self.sigterm)

    @property
    def stats(self) -> Stats:
        """What has become of the records so far."""
        spool, backlog = self._spool, self._backlog
        queued = len(self._queue) + backlog.unsent + (spool.waiting if spool else 0)
        # `count(5)`: five is the next number. Reading it takes no number, and no lock.
        accepted = int(repr(self._numbers)[len("count(") : -1]) - 1
        return Stats(
            accepted, backlog.sent, queued, backlog.dropped + self._door, backlog.resent, spool.written if spool else 0
        )

    def flush(self, timeout: Optional[float] = None) -> bool:  # type: ignore[override]
        """Waits until the system has all that was logged before; False if there was no time for it."""
        if self._over:
            return not self._queue and not self._backlog.waiting
        deadline = time.monotonic() + (self.flush_timeout if timeout is None else timeout)
        if self._thread is None and (self._queue or self._backlog.waiting) and not self._closed:
            self._start()
        try:
            return self._flush(deadline)
        finally:
            # Whoever else flushes says so again.
            self._press_until = 0.0

    def _flush(self, deadline: float) -> bool:
        number = next(self._flushes)
        while True:
            self._asked = max(self._asked, number)
            self._press_until = max(self._press_until, deadline)
            if self._answered >= number or not self._queue and self._is_settled and self._is_pressed:
                return True
            thread = self._thread
            if not self._starting.locked() and (thread is None or not thread.is_alive()):
                # At the end of an interpreter no thread can be started: `close` sends what there is.
                return False
            if time.monotonic() >= deadline:
                self._gave_up = time.monotonic()
                return False
            self._awake.ring()
            time.sleep(0.001)

    def close(self) -> None:
        """Delivers what is queued, for at most `flush_timeout` seconds, and ends the thread."""
        if self._closed:
            return
        self._closed = True
        now = time.monotonic()
        # `logging.shutdown` flushes and then closes: who has just waited in vain does not wait again.
        self._stop = now if now - self._gave_up < 0.1 else now + self.flush_timeout
        thread = self._thread
        if thread is not None and thread.is_alive():
            self._awake.ring()
            try:
                thread.join(self.flush_timeout + 1.0)
            except Exception:
                # A greenlet that another thread has started, which gevent cannot join from here.
                self._await_end()
        elif self._queue or self._backlog.waiting:
            self._run()
            # A signal ends the process while its first record starts the thread, which delivers.
            self._await_end()
        self._over = True
        self._room = 0
        logging.Handler.close(self)

    def _await_end(self) -> None:
        while not self._over and time.monotonic() < (self._stop or 0.0) + 1.0:
            time.sleep(0.001)

    def _forked(self) -> None:
        """Starts anew in a forked process; what the parent has queued, the parent sends."""
        self._forget()
        self._fresh()
