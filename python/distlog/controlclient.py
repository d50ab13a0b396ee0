"""The thread that is told the rules over levels: its connection to dl-recv, and what it makes of what comes.

Each line tells all rules that are for this process. The thread makes those in force the same (`levels`), and
answers (`answers`). Rules end by this process's own clock, whatever becomes of the connection.
"""

from __future__ import annotations

import collections
import json
import os
import random
import socket
import threading
import time
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from . import levels
from .answers import answer_of, log_answer
from .controlled import Process, who
from .levels import Rule
from .ready import readable
from .stderr import say
from .told import CARRIED, MOST_RULES, read_rule

__all__ = ["Client"]

# The longest line: 64 rules with all their texts at the longest are less than 100 kB.
LONGEST_LINE = 1 << 20
# Rules that are remembered after their end, so that they do not begin again when they are told once more.
REMEMBERED = 256
# dl-recv tells the rules every 5 seconds; who says nothing for so long is not there.
SILENCE_SECONDS = 20.0
# The collector's clock was started first, and ends a rule first, by what the way from there has taken.
ALMOST_SECONDS = 1.0
# How often the thread looks for loggers that were made behind its back.
LOOK_SECONDS = 1.0


class _Bad(Exception):
    """What came is not what this version speaks."""


class Client:
    """The thread and its connection."""

    def __init__(
        self, place: Optional[str], address: Optional[Tuple[int, Any]], host: str, process: str, max_ttl: float
    ) -> None:
        self.place, self._address = place, address
        self.host, self.process, self.max_ttl = host, process, max_ttl
        self._fresh()

    def _fresh(self) -> None:
        self._ends = False
        self._socket: Optional[socket.socket] = None
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._came = b""
        self._next_try = 0.0
        self._wait = 0.2
        self._heard = 0.0
        self._complained = ""
        # Rules that this process has answered, and those that are over.
        self._answered: "collections.OrderedDict[str, None]" = collections.OrderedDict()
        self._over: "collections.OrderedDict[str, None]" = collections.OrderedDict()

    def begin(self) -> None:
        """Starts the thread."""
        self._thread = threading.Thread(target=self._run, name="distlog-control", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ends the connection and the thread."""
        self._ends = True
        self.wake()
        if self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def wake(self) -> None:
        """Lets the thread look at the rules."""
        try:
            self._waker.send(b"x")
        except OSError:
            # It is full of reasons to wake up already, or closed.
            pass

    def forked(self) -> None:
        """Starts anew in a forked process: the connection is the parent's."""
        for inherited in (self._socket, self._wake, self._waker):
            if inherited is not None:
                # Closing the descriptor says nothing to the other end while the parent has its own.
                try:
                    os.close(inherited.detach())
                except OSError:
                    pass
        self._fresh()
        try:
            self.begin()
        except RuntimeError as error:
            # Rules end all the same: loggers look at the clock.
            say(f"control: levels cannot be changed in process {os.getpid()}: {error}")

    def _run(self) -> None:
        try:
            while not self._ends:
                try:
                    self._turn()
                except Exception as error:
                    self._complain(str(error) if isinstance(error, _Bad) else repr(error))
                    self._lost()
        finally:
            self._lost()
            self._wake.close()
            self._waker.close()

    def _turn(self) -> None:
        for rule in levels.expire():
            _remember(self._over, rule.id)
            log_answer(answer_of("ended", rule, reason="expired"))
        levels.refresh()
        now = time.monotonic()
        if self._address is not None and self._socket is None and now >= self._next_try:
            self._connect()
        if self._socket is not None and now - self._heard > SILENCE_SECONDS:
            self._lost()
        self._pause()

    def _complain(self, words: str) -> None:
        """Once, because the same will be wrong at the next try."""
        if words != self._complained:
            self._complained = words
            say(f"control: {self.place}: {words:.300}")

    def _pause(self) -> None:
        """Waits for something to do."""
        now = time.monotonic()
        until = min((rule.deadline for rule in levels.in_force()), default=now + 60.0)
        if levels.in_force():
            until = min(until, now + LOOK_SECONDS)
        watched: List[socket.socket] = [self._wake]
        if self._socket is not None:
            watched.append(self._socket)
            until = min(until, self._heard + SILENCE_SECONDS + 0.1)
        elif self._address is not None:
            until = min(until, self._next_try)
        ready = readable(watched, max(0.0, until - now))
        if self._wake in ready:
            try:
                self._wake.recv(4096)
            except OSError:
                pass
        if self._socket in ready:
            self._receive()

    def _connect(self) -> None:
        assert self._address is not None
        family, address = self._address
        self._wait = min(self._wait * 2, 5.0)
        # Not all at once, after their collector has come back.
        self._next_try = time.monotonic() + self._wait * random.uniform(0.5, 1.0)
        made: Optional[socket.socket] = None
        try:
            if family == socket.AF_UNSPEC:
                made = socket.create_connection(address, timeout=2.0)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            else:
                made = socket.socket(family, socket.SOCK_STREAM)
                made.settimeout(2.0)
                made.connect(address)
            hello = {"id": Process.id, "host": self.host, "process": self.process, "pid": os.getpid()}
            made.sendall(json.dumps(hello).encode() + b"\n")
            made.setblocking(False)
        except OSError:
            if made is not None:
                made.close()
            return
        self._socket, self._came = made, b""
        self._heard = time.monotonic()

    def _lost(self) -> None:
        lost, self._socket = self._socket, None
        self._came = b""
        if lost is not None:
            lost.close()
            self._next_try = time.monotonic() + self._wait * random.uniform(0.5, 1.0)

    def _receive(self) -> None:
        assert self._socket is not None
        try:
            piece = self._socket.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            piece = b""
        if not piece:
            self._lost()
            return
        self._heard = time.monotonic()
        self._came += piece
        lines = self._came.split(b"\n")
        self._came = lines.pop()
        if len(self._came) > LONGEST_LINE:
            raise _Bad("the collector sends a line that has no end")
        # Each line tells everything, so only the last one counts.
        if lines:
            self._wait = 0.2
            self._told(lines[-1])

    def _told(self, line: bytes) -> None:
        try:
            state = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _Bad(f"the collector does not speak JSON: {error}") from None
        if not isinstance(state, dict) or state.get("distlog") != 1 or not isinstance(state.get("rules"), list):
            raise _Bad("the collector speaks another version")
        cleared = state.get("cleared")
        self.reconcile(state["rules"], cleared if isinstance(cleared, list) else ())

    def reconcile(self, told: List[Any], cleared: Sequence[Any] = ()) -> None:
        """Makes the rules from the collector those that were told; `cleared` are ids of rules that somebody has ended."""
        wanted: Dict[str, Rule] = {}
        dry: List[Rule] = []
        refused: List[Tuple[str, str]] = []
        for one in told[:MOST_RULES]:
            if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not 0 < len(one["id"]) <= 64:
                continue
            rule_id: str = one["id"]
            if rule_id in self._over or rule_id.startswith(CARRIED):
                continue
            try:
                rule = read_rule(one, rule_id, self.max_ttl)
            except ValueError as error:
                refused.append((rule_id, str(error)))
                continue
            if one.get("dry_run") is True:
                dry.append(rule)
            else:
                wanted[rule_id] = rule
        ended: List[Rule] = []

        def change(now: Tuple[Rule, ...]) -> Iterable[Rule]:
            kept: List[Rule] = []
            for rule in now:
                again = wanted.pop(rule.id, None)
                if again is not None:
                    # A line that was long under way makes no rule longer.
                    kept.append(rule if rule.deadline <= again.deadline else rule.until(again.deadline))
                elif rule.id.startswith(CARRIED):
                    kept.append(rule)
                else:
                    ended.append(rule)
            # The collector tells the oldest first.
            return [*reversed(list(wanted.values())), *kept]

        held = {rule.id: rule for rule in levels.in_force()}
        if wanted.keys() != {name for name in held if not name.startswith(CARRIED)} or any(
            rule.deadline < held[name].deadline - 0.5 for name, rule in wanted.items()
        ):
            levels.replace(change)
        for rule in ended:
            _remember(self._over, rule.id)
            over = rule.id not in cleared and rule.deadline - time.monotonic() < ALMOST_SECONDS
            log_answer(answer_of("ended", rule, reason="expired" if over else "cleared"))
        for rule in reversed(levels.in_force()):
            if not rule.id.startswith(CARRIED) and _remember(self._answered, rule.id):
                log_answer(answer_of("applied", rule))
        for rule in dry:
            if _remember(self._answered, rule.id):
                log_answer(answer_of("matched", rule))
        for rule_id, reason in refused:
            if _remember(self._answered, rule_id):
                log_answer({"event": "refused", "rule": rule_id, **who(), "reason": reason})


def _remember(known: "collections.OrderedDict[str, None]", rule_id: str) -> bool:
    """Notes an id; True if it is new."""
    new = rule_id not in known
    known[rule_id] = None
    known.move_to_end(rule_id)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return new
