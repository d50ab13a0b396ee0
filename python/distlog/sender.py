"""The thread that sends what a shipping handler has queued: the handler's other side.

It takes what is queued, serialises what is not serialised yet, and hands it to the transport, which it opens, watches
and opens again. It never logs and never takes a lock of the logging module. What is promised stands in `shipping`.
"""

from __future__ import annotations

import collections
import logging
import threading
import time
from typing import Callable, Deque, Iterator, Optional, Union

from .backlog import Backlog
from .bounds import Bound
from .spool import Spool
from .stderr import say
from .transport import Lost, Transport

__all__ = ["Sender"]

#: How long the sender waits for more, once it has sent what there was: a tick costs the callers no wake-up.
TICK_SECONDS = 0.01
# Ticks without a record until the sender sleeps; the next record then has to wake it.
IDLE_TICKS = 20
# Taken from the queue at once.
BATCH = 2000
# Starts and ends that wait to be serialised by the sender, at most: with more of them, their callers do it.
MOST_LATER = 1000
# Serialised by the sender in one go, which takes less than half a millisecond, and the pause after it.
LATER_SLICE = 50
LATER_PAUSE = 50e-6
# How long the sender sleeps at most while a connection is to be watched.
WATCH_SECONDS = 0.5


class Sender:
    """What a handler is to its own thread: `_run` and all below it is called by that thread only."""

    capacity: int
    max_bytes: int
    overflow: str
    resend: int
    _spool_path: Optional[str]
    _spool_bytes: int
    _marks: bool
    _mark: str
    _door: int
    _numbers: Iterator[int]
    _dropped_at_door: Iterator[int]

    def open(self) -> Transport:
        """Makes a new connection, without waiting for it."""
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where the records go, for messages."""
        raise NotImplementedError

    def emit(self, record: logging.LogRecord) -> None:
        """Puts a record into the queue."""
        raise NotImplementedError

    def _fresh_sender(self) -> None:
        """The state of a process that has sent nothing."""
        # Shared with the callers.
        self._queue: Deque[Union[bytes, Bound]] = collections.deque()
        self._awake = threading.Event()
        self._space = threading.Event()
        # Whether somebody has to wake the sender, or to start it.
        self._asleep = True
        # So many may be queued without looking at anything else: none while the sender is at work.
        self._room = min(MOST_LATER, self.capacity)
        self._stop: Optional[float] = None
        self._over = False
        # What `flush` waits for, and until when.
        self._is_settled = self._is_pressed = True
        self._press_until = 0.0
        # From here on all belongs to the sender.
        self._backlog = Backlog(self.resend)
        self._reported = 0
        self._transport: Optional[Transport] = None
        self._spool: Optional[Spool] = None
        self._next_try = 0.0

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
                self._room = min(MOST_LATER, self.capacity - len(self._backlog.waiting))
                settled = not blocked and not self._queue and not self._backlog.waiting
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
            say(f"{self.place}: the sender has failed: {type(error).__name__}: {error}")
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
            say(f"{self._spool_path}: no spool file: {error}")
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
            full = backlog.bytes + len(body) > self.max_bytes or len(backlog.waiting) >= self.capacity
            spool = self._spool
            if spool is not None and (full or spool.waiting):
                # Once something waits in the file, all that is younger has to wait behind it.
                if not spool.append(body):
                    backlog.dropped += 1
                continue
            if full and backlog.waiting and self.overflow == "drop_old":
                while backlog.waiting and (
                    backlog.bytes + len(body) > self.max_bytes or len(backlog.waiting) >= self.capacity
                ):
                    backlog.drop_oldest()
            elif full:
                backlog.dropped += 1
                continue
            backlog.add(body)
        if moved:
            self._space.set()
        return moved

    def _deliver(self) -> bool:
        """Hands on what it can; False if something is left."""
        try:
            transport = self._transport
            if transport is None:
                if not self._backlog.waiting and not (self._spool is not None and self._spool.waiting):
                    return True
                if time.monotonic() < self._next_try:
                    return False
                self._next_try = time.monotonic() + 0.2
                transport = self._transport = self.open()
            transport.check()
            backlog = self._backlog
            while True:
                if not backlog.waiting:
                    self._unspool()
                    if not backlog.waiting:
                        break
                taken = transport.send_many(backlog.waiting)
                if not taken:
                    return False
                self._is_pressed = False
                backlog.handed_on(taken)
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
            return not self._backlog.is_in_doubt
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
                self._backlog.add(body)

    def _lost(self) -> None:
        """The connection is gone: what may have been lost with it stands first in the backlog again."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close(0)
        self._backlog.recall()

    def _report_drops(self, blocked: bool) -> None:
        """Tells how many were dropped: on stderr when it begins, and in the stream once there is room."""
        dropped = self._backlog.dropped + self._door
        new = dropped - self._reported
        if not new:
            self._told = False
            return
        if not self._told:
            self._told = True
            say(f"{self.place}: the queue is full, records are dropped")
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
        # What was handed over last may be lost, if nobody has said that it arrived.
        doubtful, undelivered = self._backlog.leave(arrived)
        if self._spool is not None:
            left_over = set(map(id, self._spool.put_first(doubtful + undelivered)))
            doubtful = [body for body in doubtful if id(body) in left_over]
            undelivered = [body for body in undelivered if id(body) in left_over]
            self._spool.close()
        self._backlog.dropped += len(undelivered)
        if undelivered or doubtful or self._backlog.dropped + self._door > self._reported:
            self._reported = self._backlog.dropped + self._door
            words = f"{_records(len(undelivered))} not delivered at the end"
            if doubtful:
                words += f", of {_records(len(doubtful))} before it is not known whether they arrived"
            say(f"{self.place}: {words}, {self._reported} dropped in all")

    def _body(self, bound: Bound, fixed: bool) -> Optional[bytes]:
        """Serialises a start or an end; None if that cannot be done, which is counted."""
        encode: Callable[[Bound, bool, str], bytes] = bound[1]
        try:
            return encode(bound, fixed, f'{self._mark}{bound[0]}"' if self._marks else "")
        except Exception as error:
            self._door = next(self._dropped_at_door)
            say(f"{self.place}: a scope's record is dropped: {type(error).__name__}: {error}")
            return None

    def _forget(self) -> None:
        """Lets go of what a forked process has inherited."""
        if self._transport is not None:
            self._transport.forget()
        if self._spool is not None:
            self._spool.forget()


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"
