"""A handler that ships records from a thread of its own: what the transports have in common.

The caller serialises the record and appends it to a queue, and that is all that an application
ever waits for (unless it asks for `overflow="block"`). One thread, started with the first record, owns
the connection. It never logs and never takes a lock of the logging module.

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
* A forked process starts with an empty queue and a connection of its own.
"""

from __future__ import annotations

import collections
import itertools
import logging
import os
import random
import signal
import sys
import threading
import time
import weakref
from typing import Any, Callable, Deque, Dict, List, NamedTuple, Optional, Tuple, Union

from .bounds import Bound
from .record import JSONFormatter, Serializer
from .spool import Spool

__all__ = ["Lost", "ShippingHandler", "Stats", "Transport"]

#: How long the sender waits for more, once it has sent what there was: a tick costs the callers no wake-up.
TICK_SECONDS = 0.01
# Ticks without a record until the sender sleeps; the next record then has to wake it.
IDLE_TICKS = 20
# Taken from the queue at once.
BATCH = 2000
# Handed to the transport at once, before it is noted that they are.
SLICE = 500
# Starts and ends that wait to be serialised by the sender, at most: with more of them, their callers do it.
MOST_LATER = 1000
# Serialised by the sender in one go, which takes less than half a millisecond, and the pause after it.
LATER_SLICE = 50
LATER_PAUSE = 50e-6
# How long the sender sleeps at most while a connection is to be watched.
WATCH_SECONDS = 0.5


class Lost(Exception):
    """The connection is gone; what was sent last may not have arrived."""


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


class Transport:
    """A way to a collector. Used by one thread at a time."""

    def send(self, body: bytes) -> bool:
        """Takes a record, or says False because it cannot now; raises `Lost`."""
        raise NotImplementedError

    def send_many(self, bodies: Deque[bytes]) -> int:
        """Takes records from the beginning, as many as it can, and says how many; the queue stays as it is."""
        taken = 0
        for body in bodies:
            if taken == SLICE or not self.send(body):
                break
            taken += 1
        return taken

    def settle(self) -> bool:
        """Hands on what was taken; True if nothing is left to hand on. Raises `Lost`."""
        return True

    def press(self, seconds: float) -> Optional[bool]:
        """Sees to it that the system has all that was taken, whatever becomes of this process.

        True or False says whether it has, None that it took the end of this connection to make sure.
        """
        return self.settle()

    def check(self) -> None:
        """Raises `Lost` if the connection has been lost since it was asked last."""

    def wait(self, seconds: float) -> None:
        """Waits until something can be sent, for some time."""
        time.sleep(seconds)

    def is_connected(self) -> bool:
        """Whether there is somebody at the other end, as far as is known."""
        raise NotImplementedError

    def close(self, seconds: float) -> bool:
        """Closes the connection, waiting so long for what is under way; False if it may not have arrived."""
        raise NotImplementedError

    def forget(self) -> None:
        """Lets go of what a forked process has inherited, without a word to the other end."""


_handlers: "weakref.WeakSet[ShippingHandler]" = weakref.WeakSet()


class ShippingHandler(logging.Handler):
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
        level: int = logging.NOTSET,
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
        super().__init__(level)
        if overflow not in ("drop_new", "drop_old", "block"):
            raise ValueError(f"overflow is drop_new, drop_old or block, not {overflow!r}")
        if capacity < 1 or max_bytes < 1 or resend < 0:
            raise ValueError("capacity and max_bytes are at least 1, resend at least 0")
        if spool is not None and not hasattr(os, "pread"):
            raise ValueError("spool files need a POSIX system")
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
        _handlers.add(self)
        _watch_sigterm(sigterm)

    def _fresh(self) -> None:
        """The state of a process that has sent nothing."""
        self._queue: Deque[Union[bytes, Bound]] = collections.deque()
        self._numbers = itertools.count(1)
        self._mark = f',"record_id":"{random.SystemRandom().getrandbits(48):012x}-'
        self._dropped_at_door = itertools.count(1)
        self._door = 0
        self._thread: Optional[threading.Thread] = None
        self._starting = threading.Lock()
        self._awake = threading.Event()
        self._space = threading.Event()
        # Whether somebody has to wake the sender, or to start it.
        self._asleep = True
        # So many may be queued without looking at anything else: none while the sender is at work.
        self._room = min(MOST_LATER, self.capacity)
        self._stop: Optional[float] = None
        self._over = False
        self._gave_up = float("-inf")
        # From here on all belongs to the sender.
        self._backlog: Deque[bytes] = collections.deque()
        self._backlog_bytes = 0
        self._recent: Deque[bytes] = collections.deque()
        self._recent_bytes = 0
        # How many of the backlog's first were sent before.
        self._again = 0
        self._sent = 0
        self._resent = 0
        self._dropped = 0
        self._reported = 0
        self._transport: Optional[Transport] = None
        self._spool: Optional[Spool] = None
        self._next_try = 0.0

    # -- the caller's side ------------------------------------------------------------------------

    def open(self) -> Transport:
        """Makes a new connection, without waiting for it."""
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where the records go, for messages."""
        raise NotImplementedError

    def setFormatter(self, fmt: Optional[logging.Formatter]) -> None:  # noqa: N802
        """Takes a `JSONFormatter` or a `PickleFormatter`."""
        if not isinstance(fmt, Serializer):
            raise TypeError(
                f"{type(self).__name__} takes a JSONFormatter or a PickleFormatter, not {type(fmt).__name__}"
            )
        if fmt.encoding != "J" and self._spool_path is not None:
            raise TypeError("a spool file holds lines of JSON: use a JSONFormatter")
        super().setFormatter(fmt)
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
            self.handleError(record)
            # It has a number, so it counts: as dropped.
            self._door = next(self._dropped_at_door)
            return
        self._put(body)

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

    def _body(self, bound: Bound, fixed: bool) -> Optional[bytes]:
        """Serialises a start or an end; None if that cannot be done, which is counted."""
        encode: Callable[[Bound, bool, str], bytes] = bound[1]
        try:
            return encode(bound, fixed, f'{self._mark}{bound[0]}"' if self._marks else "")
        except Exception as error:
            self._door = next(self._dropped_at_door)
            _say(f"{self.place}: a scope's record is dropped: {type(error).__name__}: {error}")
            return None

    def _put(self, body: Union[bytes, Bound]) -> None:
        if self._over:
            self._late()
            return
        queue = self._queue
        if len(queue) + len(self._backlog) >= self.capacity and not self._make_room():
            return
        queue.append(body)
        if self._asleep:
            self._wake()

    def _wake(self) -> None:
        if self._thread is None:
            self._start()
        else:
            self._awake.set()

    def _late(self) -> None:
        """A record that comes after `close` goes nowhere."""
        self._door = next(self._dropped_at_door)
        if not self._told_late:
            self._told_late = True
            _say(f"{self.place}: a record came after the handler was closed")

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
                    self._queue.popleft()
                    self._door = next(self._dropped_at_door)
                except IndexError:
                    pass
            return True
        if (self.overflow == "block" or ahead is not None) and threading.current_thread() is not self._thread:
            deadline = time.monotonic() + self.block_seconds
            while True:
                self._space.clear()
                if len(self._queue) + (0 if ahead is not None else len(self._backlog)) < self.capacity:
                    return True
                if self._thread is None:
                    self._start()
                self._awake.set()
                left = deadline - time.monotonic()
                if left <= 0 or not self._space.wait(left):
                    break
        self._door = next(self._dropped_at_door)
        return False

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None or self._closed:
                return
            thread = threading.Thread(target=self._run, name="distlog-sender", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                # The interpreter is ending: `close` will send what there is.
                return
            self._thread = thread
        _end_with_process(self.sigterm)

    @property
    def stats(self) -> Stats:
        """What has become of the records so far."""
        spool = self._spool
        queued = len(self._queue) + max(0, len(self._backlog) - self._again) + (spool.waiting if spool else 0)
        # `count(5)`: five is the next number. Reading it takes no number, and no lock.
        accepted = int(repr(self._numbers)[len("count(") : -1]) - 1
        return Stats(
            accepted, self._sent, queued, self._dropped + self._door, self._resent, spool.written if spool else 0
        )

    def flush(self, timeout: Optional[float] = None) -> bool:  # type: ignore[override]
        """Waits until the system has all that was logged; False if there was no time for it."""
        if self._over:
            return not self._queue
        deadline = time.monotonic() + (self.flush_timeout if timeout is None else timeout)
        if self._thread is None and (self._queue or self._backlog) and not self._closed:
            self._start()
        try:
            return self._flush(deadline)
        finally:
            # Whoever else flushes says so again.
            self._press_until = 0.0

    def _flush(self, deadline: float) -> bool:
        while True:
            self._press_until = max(self._press_until, deadline)
            if not self._queue and self._is_settled and self._is_pressed:
                return True
            if self._thread is None or not self._thread.is_alive():
                # At the end of an interpreter no thread can be started: `close` sends what there is.
                return False
            if time.monotonic() >= deadline:
                self._gave_up = time.monotonic()
                return False
            self._awake.set()
            time.sleep(0.001)

    _is_settled = True
    _is_pressed = True
    _press_until = 0.0

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
            self._awake.set()
            thread.join(self.flush_timeout + 1.0)
        elif self._queue or self._backlog:
            self._run()
        self._over = True
        self._room = 0
        super().close()

    # -- the sender's side ------------------------------------------------------------------------

    def _run(self) -> None:
        """The thread: takes what is queued and hands it to the transport."""
        self._asleep = False
        try:
            self._open_spool()
            idle = 0
            while True:
                self._is_settled = False
                self._room = 0
                moved = self._take()
                blocked = not self._deliver()
                self._room = min(MOST_LATER, self.capacity - len(self._backlog))
                settled = not blocked and not self._queue and not self._backlog
                if settled and not self._is_pressed and self._press_until > time.monotonic():
                    self._is_pressed = self._press()
                self._is_settled = settled and not self._queue
                if self._stop is not None and (self._is_settled or time.monotonic() >= self._stop):
                    break
                self._report_drops(blocked)
                if blocked:
                    self._rest(TICK_SECONDS * 2)
                elif moved:
                    idle = 0
                    if moved < BATCH:
                        self._tick()
                elif idle < IDLE_TICKS:
                    idle += 1
                    self._tick()
                else:
                    self._sleep()
            self._finish()
        except Exception as error:
            # A defect of ours: what cannot be sent any more is counted, and told.
            _say(f"{self.place}: the sender has failed: {type(error).__name__}: {error}")
        finally:
            self._over = True
            self._room = 0

    def _open_spool(self) -> None:
        if self._spool_path is None:
            return
        try:
            self._spool = Spool.claim(self._spool_path, self._spool_bytes)
        except OSError as error:
            # Without the file the queue is as long as it is; that is no reason to send nothing.
            _say(f"{self._spool_path}: no spool file: {error}")
            self._spool_path = None

    def _tick(self) -> None:
        """Waits for more to come, or for somebody who waits for us."""
        self._awake.wait(TICK_SECONDS)
        self._awake.clear()

    def _sleep(self) -> None:
        """Sleeps until the next record, or until the connection has to be looked at."""
        self._awake.clear()
        self._asleep = True
        # A record that came between the last look and this line would be waited for in vain.
        if not self._queue and self._stop is None:
            self._awake.wait(WATCH_SECONDS)
        self._asleep = False

    def _rest(self, seconds: float) -> None:
        """Waits until the transport can take more."""
        if self._transport is None:
            time.sleep(seconds)
        else:
            self._transport.wait(seconds)

    def _take(self) -> int:
        """Moves what is queued to the backlog, where its bytes are counted."""
        queue, backlog = self._queue, self._backlog
        moved = later = 0
        while queue and moved < BATCH:
            taken = queue.popleft()
            moved += 1
            if isinstance(taken, bytes):
                body = taken
            else:
                made = self._body(taken, True)
                later += 1
                if later % LATER_SLICE == 0:
                    # Whoever waits for the interpreter gets it now, instead of after 5 ms.
                    time.sleep(LATER_PAUSE)
                if made is None:
                    continue
                body = made
            full = self._backlog_bytes + len(body) > self.max_bytes or len(backlog) >= self.capacity
            spool = self._spool
            if spool is not None and (full or spool.waiting):
                # Once something waits in the file, all that is younger has to wait behind it.
                if not spool.append(body):
                    self._dropped += 1
                continue
            if full and backlog and self.overflow == "drop_old":
                while backlog and (
                    self._backlog_bytes + len(body) > self.max_bytes or len(backlog) >= self.capacity
                ):
                    self._backlog_bytes -= len(backlog.popleft())
                    self._count_drop()
            elif full:
                self._dropped += 1
                continue
            backlog.append(body)
            self._backlog_bytes += len(body)
        if moved:
            self._space.set()
        return moved

    def _count_drop(self) -> None:
        """The oldest of the backlog is dropped; if it was sent before, it may have arrived and is not lost."""
        if self._again:
            self._again -= 1
        else:
            self._dropped += 1

    def _deliver(self) -> bool:
        """Hands on what it can; False if something is left."""
        try:
            transport = self._transport
            if transport is None:
                if not self._backlog and not (self._spool is not None and self._spool.waiting):
                    return True
                if time.monotonic() < self._next_try:
                    return False
                self._next_try = time.monotonic() + 0.2
                transport = self._transport = self.open()
            transport.check()
            backlog, recent, resend = self._backlog, self._recent, self.resend
            while True:
                if not backlog:
                    self._unspool()
                    if not backlog:
                        break
                taken = transport.send_many(backlog)
                if not taken:
                    return False
                self._is_pressed = False
                size = 0
                for _ in range(taken):
                    body = backlog.popleft()
                    size += len(body)
                    if resend:
                        recent.append(body)
                self._backlog_bytes -= size
                again = min(taken, self._again)
                self._again -= again
                self._resent += again
                self._sent += taken - again
                if resend:
                    self._recent_bytes += size
                    while self._recent_bytes > resend:
                        self._recent_bytes -= len(recent.popleft())
                self._space.set()
            self._space.set()
            return transport.settle()
        except (Lost, OSError):
            self._lost()
            return False

    def _press(self) -> bool:
        """Sees to it, for `flush`, that the system has what was handed over."""
        transport = self._transport
        if transport is None:
            return not self._recent
        try:
            done = transport.press(max(0.0, self._press_until - time.monotonic()))
        except (Lost, OSError):
            self._lost()
            return False
        if done is None:
            # The next record opens another connection.
            self._transport = None
            return True
        return done

    def _unspool(self) -> None:
        if self._spool is not None and self._spool.waiting:
            for body in self._spool.read(BATCH):
                self._backlog.append(body)
                self._backlog_bytes += len(body)

    def _lost(self) -> None:
        """The connection is gone: what may have been lost with it stands first in the backlog again."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close(0)
        recent = self._recent
        self._again += len(recent)
        self._backlog.extendleft(reversed(recent))
        self._backlog_bytes += self._recent_bytes
        recent.clear()
        self._recent_bytes = 0

    def _report_drops(self, blocked: bool) -> None:
        """Tells how many were dropped: on stderr when it begins, and in the stream once there is room."""
        dropped = self._dropped + self._door
        new = dropped - self._reported
        if not new:
            self._told = False
            return
        if not self._told:
            self._told = True
            _say(f"{self.place}: the queue is full, records are dropped")
        if blocked:
            return
        self._reported = dropped
        words = "1 record was dropped" if new == 1 else f"{new} records were dropped"
        record = logging.LogRecord(
            __name__, logging.WARNING, __file__, 0, "%s, because the queue was full", (words,), None, "_report_drops"
        )
        record.__dict__["context"] = None
        record.__dict__["dropped"] = new
        self.emit(record)

    _told = False
    _told_late = False

    def _finish(self) -> None:
        """The end: closes the connection, and keeps or counts what could not be delivered."""
        transport, self._transport = self._transport, None
        left = max(0.0, (self._stop or 0.0) - time.monotonic())
        arrived = True
        if transport is not None:
            was_connected = transport.is_connected()
            arrived = transport.close(left if was_connected else 0)
        while self._queue:
            if not self._take():
                break
        backlog = list(self._backlog)
        # What was handed over last may be lost, if nobody has said that it arrived.
        doubtful = ([] if arrived else list(self._recent)) + backlog[: self._again]
        undelivered = backlog[self._again :]
        if self._spool is not None:
            left_over = set(map(id, self._spool.put_first(doubtful + undelivered)))
            doubtful = [body for body in doubtful if id(body) in left_over]
            undelivered = [body for body in undelivered if id(body) in left_over]
            self._spool.close()
        self._dropped += len(undelivered)
        if undelivered or doubtful or self._dropped + self._door > self._reported:
            self._reported = self._dropped + self._door
            words = f"{_records(len(undelivered))} not delivered at the end"
            if doubtful:
                words += f", of {_records(len(doubtful))} before it is not known whether they arrived"
            _say(f"{self.place}: {words}, {self._reported} dropped in all")
        self._backlog.clear()
        self._backlog_bytes = self._again = 0

    def _forked(self) -> None:
        """Starts anew in a forked process; what the parent has queued, the parent sends."""
        transport, spool = self._transport, self._spool
        if transport is not None:
            transport.forget()
        if spool is not None:
            spool.forget()
        self._fresh()
        self._is_settled = self._is_pressed = True


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


def _say(words: str) -> None:
    """One line on stderr, whatever has become of it."""
    try:
        print(f"distlog: {words}", file=sys.stderr)
    except Exception:
        pass


# -- the end of a process -------------------------------------------------------------------------

_arranged: Dict[str, Any] = {}


def _deliver_all() -> None:
    """Delivers what all handlers of this process have, side by side."""
    busy: List[ShippingHandler] = [handler for handler in _handlers if not handler._closed]
    for handler in busy:
        handler._stop = time.monotonic() + handler.flush_timeout
        handler._awake.set()
    for handler in busy:
        handler.close()


def _end_with_process(sigterm: bool) -> None:
    """Sees to it that the end of this process delivers. `logging.shutdown` does so for most: see atexit."""
    pid = os.getpid()
    if _arranged.get("pid") != pid:
        _arranged["pid"] = pid
        # A child of multiprocessing ends by os._exit, after these.
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            util.Finalize(None, _deliver_all, exitpriority=0)
    _watch_sigterm(sigterm)


def _watch_sigterm(wanted: bool) -> None:
    """Lets SIGTERM deliver, where it would just end the process; only the main thread may say so."""
    if (
        wanted
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ):
        try:
            signal.signal(signal.SIGTERM, _on_sigterm)
        except ValueError:
            # A main thread, but not that of the main interpreter.
            pass


def _on_sigterm(number: int, frame: Any) -> None:
    """Delivers, and then ends the process as the signal would have."""
    _deliver_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _forked() -> None:
    for handler in list(_handlers):
        handler._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
