"""The thread that sends what a shipping handler has queued: the handler's other side.

It takes what is queued, serialises what is not serialised yet, and hands it to the transport, which it opens, watches
and opens again. It never logs and never takes a lock of the logging module. What is promised stands in `shipping`.

Whatever goes wrong with a record costs that one, and whatever goes wrong with a connection costs the connection: the
thread goes on, because without it all that is logged later would be lost.
"""

from __future__ import annotations

import collections
import logging
import threading
import time
from typing import Callable, Deque, Iterator, Optional, Set, Tuple, Union

from .backlog import Backlog
from .bell import Bell
from .bounds import Bound
from .spool import Spool
from .stderr import say
from .transport import Lost, Transport

__all__ = ["Report", "Sender"]

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
# How long it leaves a place alone where no connection could be opened.
AGAIN_SECONDS = 0.2
# How long the sender sleeps at most while a connection is to be watched.
WATCH_SECONDS = 0.5


class Report(bytes):
    """A record that tells of others that were dropped. Where it has to go itself, another one has to tell of them."""

    #: How many those are, and how many of them could not be sent.
    told = (0, 0)


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
    _broken: int
    _broken_at_door: Iterator[int]

    def open(self) -> Transport:
        """Makes a new connection, without waiting for it."""
        raise NotImplementedError

    @property
    def place(self) -> str:
        """Where the records go, for messages."""
        raise NotImplementedError

    def _report(self, record: logging.LogRecord, told: Tuple[int, int]) -> None:
        """Puts a record of the sender's own into the queue, which tells of so many."""
        raise NotImplementedError

    def _fresh_sender(self) -> None:
        """The state of a process that has sent nothing."""
        # Shared with the callers.
        self._queue: Deque[Union[bytes, Bound]] = collections.deque()
        # What reports have told that were dropped themselves.
        self._untold: Deque[Tuple[int, int]] = collections.deque()
        self._awake = Bell()
        self._space = Bell()
        # Whether somebody has to wake the sender, or to start it.
        self._asleep = True
        # Held by who sends.
        self._only_one = threading.Lock()
        # So many may be queued without looking at anything else: none while the sender is at work.
        self._room = min(MOST_LATER, self.capacity)
        self._stop: Optional[float] = None
        self._over = False
        # What `flush` waits for, and until when.
        self._is_settled = self._is_pressed = True
        self._press_until = 0.0
        # The number of the last flush, and of the last one before which all that was logged has been handed over.
        self._asked = self._answered = 0
        # The last flush that the sender has seen, and how many are queued that were logged before it.
        self._seen = self._ahead = 0
        # From here on all belongs to the sender.
        self._backlog = Backlog(self.resend)
        self._reported = 0
        self._transport: Optional[Transport] = None
        self._spool: Optional[Spool] = None
        self._next_try = 0.0
        # Why the last connection, or the attempt at one, has come to nothing.
        self._trouble: Optional[BaseException] = None
        # What has failed unexpectedly, and was told.
        self._complained: Set[str] = set()
        # Records that could not be sent, among those that are dropped, and how many of them the stream tells of.
        self._unsendable = self._unsendable_reported = 0
        # So many records go one by one, because one of them may be what a connection failed with; and the one that
        # a connection has failed with while it was given nothing else.
        self._suspects = 0
        self._suspect: Optional[bytes] = None
        # Turns without a record.
        self._idle = 0

    def _run(self) -> None:
        """The thread: takes what is queued and hands it to the transport."""
        if not self._only_one.acquire(blocking=False):
            return
        self._asleep = False
        try:
            self._open_spool()
            while self._goes_on():
                pass
            self._finish()
        except Exception as error:
            # A defect of ours: what cannot be sent any more is counted, and told.
            say(f"{self.place}: the sender has failed: {type(error).__name__}: {error}")
        finally:
            self._over = True
            self._room = 0

    def _goes_on(self) -> bool:
        """Takes, hands on and waits, once; False at the end."""
        try:
            self._is_settled = False
            self._room = 0
            if self._seen != self._asked:
                self._seen = self._asked
                self._ahead = len(self._queue)
            moved = self._take()
            # Callers may have dropped some of them meanwhile.
            self._ahead = self._ahead - moved if self._queue else 0
            blocked = not self._deliver()
            self._room = min(MOST_LATER, self.capacity - len(self._backlog.waiting))
            settled = not blocked and not self._backlog.waiting
            if settled and self._ahead <= 0:
                if not self._is_pressed and self._answered < self._seen and self._press_until > time.monotonic():
                    self._is_pressed = self._press()
                if self._is_pressed:
                    # Whatever others have logged meanwhile.
                    self._answered = self._seen
            self._is_settled = settled and not self._queue
            if self._is_settled and self._stop is not None:
                return False
            if not self._is_late():
                self._report_drops(blocked)
                self._pause(moved, blocked)
        except Exception as error:
            self._connection_failed(error)
            time.sleep(TICK_SECONDS)
        return not self._is_late()

    def _is_late(self) -> bool:
        return self._stop is not None and time.monotonic() >= self._stop

    def _pause(self, moved: int, blocked: bool) -> None:
        """Waits for something to do."""
        if blocked:
            self._rest(TICK_SECONDS * 2)
        elif moved:
            self._idle = 0
            if moved < BATCH:
                self._tick()
        elif self._idle < IDLE_TICKS:
            self._idle += 1
            self._tick()
        else:
            self._sleep()

    def _open_spool(self) -> None:
        if self._spool_path is None:
            return
        try:
            self._spool = Spool.claim(self._spool_path, self._spool_bytes)
        except Exception as error:
            # Without the file the queue is as long as it is; that is no reason to send nothing.
            say(f"{self._spool_path}: no spool file: {error}")
            self._spool_path = None

    def _tick(self) -> None:
        """Waits for more to come, or for somebody who waits for us."""
        self._awake.wait(TICK_SECONDS)

    def _sleep(self) -> None:
        """Sleeps until the next record, or until the connection has to be looked at."""
        self._awake.hush()
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
            try:
                if isinstance(taken, tuple):
                    made = self._body(taken, True)
                    later += 1
                    if later % LATER_SLICE == 0:
                        # Whoever waits for the interpreter gets it now, instead of after 5 ms.
                        time.sleep(LATER_PAUSE)
                    if made is None:
                        continue
                    body = made
                else:
                    body = taken
                if not isinstance(body, bytes):
                    raise TypeError(f"its formatter has made a {type(body).__name__} of it, not bytes")
                full = backlog.bytes + len(body) > self.max_bytes or len(backlog.waiting) >= self.capacity
                spool = self._spool
                if spool is None and len(body) > self.max_bytes:
                    # Nothing that has to go would make room for it.
                    raise ValueError(f"it has {len(body)} bytes, and max_bytes is {self.max_bytes}")
                if spool is not None and (full or spool.waiting):
                    # Once something waits in the file, all that is younger has to wait behind it.
                    if not spool.append(body):
                        backlog.dropped += 1
                        self._gone(body)
                    continue
                if full and backlog.waiting and self.overflow == "drop_old":
                    while backlog.waiting and (
                        backlog.bytes + len(body) > self.max_bytes or len(backlog.waiting) >= self.capacity
                    ):
                        self._gone(backlog.drop_oldest())
                elif full:
                    backlog.dropped += 1
                    self._gone(body)
                    continue
                backlog.add(body)
            except Exception as error:
                backlog.dropped += 1
                self._record_failed(error)
        if moved:
            self._space.ring()
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
                self._next_try = time.monotonic() + AGAIN_SECONDS
                transport = self._transport = self.open()
                self._trouble = None
            transport.check()
            backlog = self._backlog
            while True:
                if not backlog.waiting:
                    self._unspool()
                    if not backlog.waiting:
                        break
                taken = self._send(transport)
                if not taken:
                    return False
                self._is_pressed = False
                backlog.handed_on(taken)
                self._space.ring()
            self._space.ring()
            return transport.settle()
        except (Lost, OSError) as error:
            self._trouble = error.__cause__ or error
            self._lost()
            return False
        except Exception as error:
            self._trouble = error
            self._connection_failed(error)
            return False

    def _send(self, transport: Transport) -> int:
        """Gives the transport what waits, and says how many records it has taken."""
        backlog = self._backlog
        if not self._suspects:
            try:
                return transport.send_many(backlog.waiting)
            except (Lost, OSError):
                raise
            except Exception:
                # Which one it was is found out over the next connection, where what may be lost now comes first.
                self._suspects = len(backlog.waiting) + backlog.in_doubt
                raise
        first = backlog.waiting[0]
        try:
            taken = int(transport.send(first))
        except (Lost, OSError):
            raise
        except Exception as error:
            if first is self._suspect:
                # No connection takes it, and none would ever take what waits behind it.
                self._suspect = None
                before = backlog.dropped
                self._gone(backlog.drop_oldest())
                self._record_failed(error, backlog.dropped - before)
            else:
                self._suspect = first
            self._suspects = len(backlog.waiting) + backlog.in_doubt
            raise
        self._suspects -= taken
        return taken

    def _press(self) -> bool:
        """Sees to it, for `flush`, that the system has what was handed over."""
        transport = self._transport
        if transport is None:
            return not self._backlog.in_doubt
        try:
            done = transport.press(max(0.0, self._press_until - time.monotonic()))
        except (Lost, OSError):
            self._lost()
            return False
        except Exception as error:
            self._connection_failed(error)
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
        # First of all, because closing may fail too.
        self._backlog.recall()
        if transport is not None:
            transport.close(0)

    def _connection_failed(self, error: Exception) -> None:
        """A connection has failed in a way that nobody expects: it is lost like others, and told of."""
        self._complain(error, "the connection has failed", "; trying again")
        try:
            self._lost()
        except Exception as again:
            self._complain(again, "the connection has failed", "; trying again")

    def _record_failed(self, error: Exception, dropped: int = 1) -> None:
        """A record cannot be sent: it is one of those that are dropped, and told of."""
        self._unsendable += dropped
        self._complain(error, "a record is dropped", "")

    def _complain(self, error: Exception, what: str, then: str) -> None:
        """Tells each kind of error once: the same may come with each record."""
        kind = f"{what}: {type(error).__name__}"
        if kind not in self._complained:
            self._complained.add(kind)
            say(f"{self.place}: {kind}: {error}{then}")

    def _gone(self, body: Union[bytes, Bound, None]) -> None:
        """Notes that this one was dropped; the callers drop some, too."""
        if isinstance(body, Report):
            self._untold.append(body.told)

    def _take_back(self) -> None:
        """What dropped reports have told, nobody knows."""
        while self._untold:
            new, unsendable = self._untold.popleft()
            self._reported -= new
            self._unsendable_reported -= unsendable

    def _report_drops(self, blocked: bool) -> None:
        """Tells how many were dropped: on stderr when it begins, and in the stream once there is room."""
        self._take_back()
        dropped = self._backlog.dropped + self._door
        new = dropped - self._reported
        broken = self._unsendable + self._broken
        unsendable = broken - self._unsendable_reported
        if not new:
            self._told = False
            return
        if not self._told and new > unsendable:
            self._told = True
            say(f"{self.place}: the queue is full, records are dropped")
        if blocked or len(self._queue) >= self.capacity:
            return
        self._reported = dropped
        self._unsendable_reported = broken
        why = "the queue was full"
        if unsendable:
            they = "it" if new == 1 else "they"
            why = f"{they} could not be sent" + ("" if new == unsendable else " or the queue was full")
        words = "1 record was dropped" if new == 1 else f"{new} records were dropped"
        record = logging.LogRecord(
            __name__, logging.WARNING, __file__, 0, "%s, because %s", (words, why), None, "_report_drops"
        )
        record.__dict__["context"] = None
        record.__dict__["dropped"] = new
        self._report(record, (new, unsendable))

    _told = False

    def _finish(self) -> None:
        """The end: closes the connection, and keeps or counts what could not be delivered."""
        transport, self._transport = self._transport, None
        left = max(0.0, (self._stop or 0.0) - time.monotonic())
        arrived, connected = True, False
        if transport is not None:
            try:
                connected = transport.is_connected()
                arrived = transport.close(left if connected else 0)
            except Exception as error:
                arrived = False
                self._complain(error, "the connection has failed", "")
        while self._queue:
            if not self._take():
                break
        # What was handed over last may be lost, if nobody has said that it arrived.
        doubtful, undelivered = self._backlog.leave(arrived)
        if self._spool is not None:
            try:
                left_over = set(map(id, self._spool.put_first(doubtful + undelivered)))
                doubtful = [body for body in doubtful if id(body) in left_over]
                undelivered = [body for body in undelivered if id(body) in left_over]
                self._spool.close()
            except Exception as error:
                self._complain(error, "the spool file has failed", "")
        self._backlog.dropped += len(undelivered)
        self._take_back()
        if undelivered or doubtful or self._backlog.dropped + self._door > self._reported:
            self._reported = self._backlog.dropped + self._door
            words = f"{_records(len(undelivered))} not delivered at the end"
            if doubtful and not undelivered:
                they = "it" if len(doubtful) == 1 else "they"
                words = f"of {_records(len(doubtful))} it is not known at the end whether {they} arrived"
            elif doubtful:
                words += f", of {_records(len(doubtful))} before it is not known whether they arrived"
            words += f", {self._reported} dropped in all"
            if undelivered and not connected:
                why = str(self._trouble or "")
                words += f"; nobody was connected there: {why}" if why else "; nobody was connected there"
            say(f"{self.place}: {words}")

    def _body(self, bound: Bound, fixed: bool) -> Optional[bytes]:
        """Serialises a start or an end; None if that cannot be done, which is counted."""
        encode: Callable[[Bound, bool, str], bytes] = bound[1]
        try:
            return encode(bound, fixed, f'{self._mark}{bound[0]}"' if self._marks else "")
        except Exception as error:
            self._broken = next(self._broken_at_door)
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
