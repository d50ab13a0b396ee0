"""Levels of this program, changed from outside while it runs, for a while: the side of `dl-ctl` in each process.

    control.start("ndjson+unix:///run/distlog/control.sock.levels", process="orders-api")

A thread connects to dl-recv (`--control`) and is told the rules that are for this process: which loggers,
which level, for how long. They are an overlay (see `levels`): the program's own settings stay as they are.
Each rule ends by itself, on this process's monotonic clock, whatever becomes of the connection.

What becomes of a rule here is logged by `distlog.control`, one record each: when it is applied, refused, or has
ended. These records go to all handlers that take INFO, and to those that ship records whatever their level,
because they are the answer that `dl-ctl` waits for.

Only data comes in: names, patterns, numbers. Nothing of it is imported, evaluated or configured.

A rule for one task holds where that task is at work, in all processes that are connected. To those that are not, it
goes along with the task (`Distlog-Levels` beside `Distlog-Task`), and is taken from there only where
`accept_task_levels` was called: a header that anybody can send must not make a program write.
"""

from __future__ import annotations

import collections
import datetime
import json
import logging
import os
import random
import select
import socket
import sys
import threading
import time
from typing import Any, Deque, Dict, Iterable, List, Optional, Tuple, Union

from . import levels
from .handlers import _parse
from .levels import Rule
from .shipping import ShippingHandler, _say

__all__ = ["accept_task_levels", "rules", "start", "stop"]

#: The logger of the answers.
LOGGER = "distlog.control"

# The longest line: 64 rules with all their texts at the longest are less than 100 kB.
LONGEST_LINE = 1 << 20
# Rules at a time, whoever they come from.
MOST_RULES = 64
# Loggers that an answer names.
MOST_NAMED = 50
# Rules that are remembered after their end, so that they do not begin again when they are told once more.
REMEMBERED = 256
# dl-recv tells the rules every 5 seconds; who says nothing for so long is not there.
SILENCE_SECONDS = 20.0
# How often the thread looks for loggers that were made behind its back.
LOOK_SECONDS = 1.0
# Rules and bytes that go along with a task.
MOST_CARRIED = 4
LONGEST_CARRIED = 1024


class _Bad(Exception):
    """What came is not what this version speaks."""


def start(
    endpoint: Optional[str] = None,
    *,
    process: Optional[str] = None,
    host: Optional[str] = None,
    max_ttl: float = 86_400.0,
) -> None:
    """Lets dl-ctl change the levels of this process, until `stop`.

    Forked processes go on by themselves, under a name of their own pid; processes made by spawn or forkserver
    have to call it themselves. Called again, it takes the place of the call before.

    :param endpoint: where dl-recv tells rules: `ndjson+tcp://host:port` or `ndjson+unix:///path`; without,
        what the environment has in `DISTLOG_LEVELS`.
    :param process: the name that `dl-ctl --process` is about; the program's by default.
    :param host: the name that `dl-ctl --host` is about; the machine's by default.
    :param max_ttl: seconds that a rule may last, whatever it says.
    """
    place = endpoint if endpoint is not None else os.environ.get("DISTLOG_LEVELS")
    if not place:
        raise ValueError("where dl-recv tells rules is given by the endpoint or DISTLOG_LEVELS")
    address = _parse(place)
    if not max_ttl > 0:
        raise ValueError("max_ttl is more than 0 seconds")
    stop()
    _Process.client = _Client(
        place, address, host or socket.gethostname(), process or _program(), float(max_ttl)
    )
    _Process.client.begin()


def stop() -> None:
    """Ends the connection and all rules."""
    client = _Process.client
    if client is not None:
        client.end()
    ended = levels.in_force()
    levels.replace(lambda rules: ())
    for rule in ended:
        _log(_answer("ended", rule, reason="stopped"))
    _Process.client = None


def rules() -> List[Dict[str, Any]]:
    """The rules in force in this process: id, loggers, level, task, why and the seconds that are left."""
    now = time.monotonic()
    return [
        {
            "id": rule.id,
            "loggers": rule.loggers,
            "level": rule.level,
            "task": rule.task,
            "why": rule.why,
            "left": max(0.0, rule.deadline - now),
        }
        for rule in levels.in_force()
    ]


def accept_task_levels(
    loggers: Union[str, Iterable[str]] = "*", *, lowest: str = "DEBUG", per_minute: int = 10, max_ttl: float = 300.0
) -> None:
    """Takes rules that come with a task from other processes: call it behind an ingress that strips
    `Distlog-Levels` from what strangers send.

    :param loggers: the patterns that such rules may have: these, letter by letter, or any if `*` is one of them.
    :param lowest: the lowest level that they may set.
    :param per_minute: tasks a minute that may bring rules; those beyond bring none.
    :param max_ttl: seconds that such a rule may last.
    """
    patterns = (loggers,) if isinstance(loggers, str) else tuple(loggers)
    if per_minute < 1 or not max_ttl > 0:
        raise ValueError("per_minute is at least 1, max_ttl more than 0 seconds")
    _Process.ingress = _Ingress(frozenset(patterns), levels.number_of(lowest), per_minute, float(max_ttl))


def _program() -> str:
    """The name of the program: of the module that `-m` ran, or of its file."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and spec.name:
        name: str = spec.name
        return name[: -len(".__main__")] if name.endswith(".__main__") else name
    name = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    return name[:-3] if name.endswith(".py") else name or "python"


# -- answers --------------------------------------------------------------------------------------


def _answer(event: str, rule: Rule, **more: Any) -> Dict[str, Any]:
    """What is logged of a rule, as data."""
    changes = levels.changes(rule)
    answer: Dict[str, Any] = {
        "event": event,
        "rule": rule.id,
        **_who(),
        "pattern": rule.loggers,
        "level": _name(rule.level),
        "task": rule.task,
        "why": rule.why,
        "loggers": len(changes),
        **more,
    }
    if event in ("applied", "matched"):
        answer["matched"] = [
            {"logger": change.logger, "old": _name(change.old), "new": _name(change.new)}
            for change in changes[:MOST_NAMED]
        ]
        answer["unheard"] = levels.unheard(rule)
        ends = time.time() + max(0.0, rule.deadline - time.monotonic())
        moment = datetime.datetime.fromtimestamp(ends, datetime.timezone.utc)
        answer["expires"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return answer


def _name(level: int) -> str:
    """The name of a level: the program's own, if it has one."""
    name: str = logging.getLevelName(level)
    return _NAMES.get(level, name) if name == f"Level {level}" else name


_NAMES = {number: name for name, number in levels.LEVELS.items()}


def _who() -> Dict[str, Any]:
    client = _Process.client
    if client is None:
        return {"process_id": _Process.id, "host": socket.gethostname(), "process": _program(), "pid": os.getpid()}
    return {"process_id": _Process.id, "host": client.host, "process": client.process, "pid": os.getpid()}


def _words(answer: Dict[str, Any]) -> str:
    what = f"levels: {answer['pattern']} {answer['level']}" if "pattern" in answer else "levels: a rule"
    if answer.get("task"):
        what += f" for task {answer['task']}"
    if answer.get("why"):
        what += f" ({answer['why']})"
    loggers = "1 logger" if answer.get("loggers") == 1 else f"{answer.get('loggers', 0)} loggers"
    done = {
        "applied": f"applied to {loggers} until {answer.get('expires')}",
        "matched": f"would apply to {loggers}",
        "refused": f"refused: {answer.get('reason')}",
        "ended": f"{answer.get('reason')}, {loggers}",
    }
    return f"{what}: {done[answer['event']]}"


def _log(answer: Dict[str, Any]) -> None:
    """Logs an answer, past the levels of loggers and of what ships records; see the head of this file."""
    record = logging.LogRecord(LOGGER, logging.INFO, __file__, 0, "%s", (_words(answer),), None, "control")
    record.__dict__["control"] = answer
    record.__dict__["context"] = None
    at: Optional[logging.Logger] = logging.getLogger(LOGGER)
    while at is not None:
        for handler in list(at.handlers):
            target = handler
            wrapped = getattr(handler, "target", None)
            if isinstance(wrapped, ShippingHandler):
                # What keeps records back until something goes wrong is not asked.
                target = wrapped
            if isinstance(target, ShippingHandler) or record.levelno >= target.level:
                try:
                    target.handle(record)
                except Exception as error:
                    _say(f"control: {type(target).__name__} failed: {error!r:.200}")
        if not at.propagate:
            break
        at = at.parent


# -- what comes in --------------------------------------------------------------------------------


def _text(told: Dict[str, Any], name: str, most: int) -> Optional[str]:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError(f"{name} is no text of 1 to {most} characters")
    return value


def _read_rule(told: Dict[str, Any], rule_id: str, max_ttl: float) -> Rule:
    """The rule that was told; raises ValueError if it cannot be one."""
    loggers = _text(told, "loggers", 256)
    if loggers is None:
        raise ValueError("it names no loggers")
    ttl = told.get("ttl")
    if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not 0 <= ttl <= 1e9:
        raise ValueError("ttl is no number of seconds")
    deadline = time.monotonic() + min(float(ttl), max_ttl)
    level = levels.number_of(told.get("level"))
    return Rule(rule_id, loggers, level, deadline, _text(told, "task", 200), _text(told, "why", 200))


class _Client:
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
        self._thread = threading.Thread(target=self._run, name="distlog-control", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ends = True
        self.wake()
        if self._thread is not threading.current_thread():
            self._thread.join(5.0)

    def wake(self) -> None:
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
            _say(f"control: levels cannot be changed in process {os.getpid()}: {error}")

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
            _log(_answer("ended", rule, reason="expired"))
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
            _say(f"control: {self.place}: {words:.300}")

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
        ready = _wait_for(watched, max(0.0, until - now))
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
            hello = {"id": _Process.id, "host": self.host, "process": self.process, "pid": os.getpid()}
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
        self.reconcile(state["rules"])

    def reconcile(self, told: List[Any]) -> None:
        """Makes the rules from the collector those that were told."""
        wanted: Dict[str, Rule] = {}
        dry: List[Rule] = []
        refused: List[Tuple[str, str]] = []
        for one in told[:MOST_RULES]:
            if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not 0 < len(one["id"]) <= 64:
                continue
            rule_id: str = one["id"]
            if rule_id in self._over or rule_id.startswith(_CARRIED):
                continue
            try:
                rule = _read_rule(one, rule_id, self.max_ttl)
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
                elif rule.id.startswith(_CARRIED):
                    kept.append(rule)
                else:
                    ended.append(rule)
            # The collector tells the oldest first.
            return [*reversed(list(wanted.values())), *kept]

        held = {rule.id: rule for rule in levels.in_force()}
        if wanted.keys() != {name for name in held if not name.startswith(_CARRIED)} or any(
            rule.deadline < held[name].deadline - 0.5 for name, rule in wanted.items()
        ):
            levels.replace(change)
        for rule in ended:
            _remember(self._over, rule.id)
            _log(_answer("ended", rule, reason="cleared"))
        for rule in reversed(levels.in_force()):
            if not rule.id.startswith(_CARRIED) and _remember(self._answered, rule.id):
                _log(_answer("applied", rule))
        for rule in dry:
            if _remember(self._answered, rule.id):
                _log(_answer("matched", rule))
        for rule_id, reason in refused:
            if _remember(self._answered, rule_id):
                _log({"event": "refused", "rule": rule_id, **_who(), "reason": reason})


def _remember(known: "collections.OrderedDict[str, None]", rule_id: str) -> bool:
    """Notes an id; True if it is new."""
    new = rule_id not in known
    known[rule_id] = None
    known.move_to_end(rule_id)
    while len(known) > REMEMBERED:
        known.popitem(last=False)
    return new


def _wait_for(watched: List[socket.socket], seconds: float) -> List[socket.socket]:
    """Those that can be read, after so long at most. Descriptors may be beyond what `select` can take."""
    if not hasattr(select, "poll"):
        return select.select(watched, [], [], seconds)[0]
    poll = select.poll()
    for one in watched:
        poll.register(one, select.POLLIN)
    numbers = {number for number, _ in poll.poll(int(seconds * 1000) + 1)}
    return [one for one in watched if one.fileno() in numbers]


# -- what goes along with a task ------------------------------------------------------------------

# What the ids of rules begin with that came with a task.
_CARRIED = "task:"


class _Ingress:
    """What a process takes from others."""

    def __init__(self, patterns: "frozenset[str]", lowest: int, per_minute: int, max_ttl: float) -> None:
        self.patterns, self.lowest, self.per_minute, self.max_ttl = patterns, lowest, per_minute, max_ttl
        self._taken: Deque[float] = collections.deque()
        self._lock = threading.Lock()

    def has_room(self) -> bool:
        """Whether one more task may bring rules in this minute; if so, it counts."""
        with self._lock:
            now = time.monotonic()
            while self._taken and self._taken[0] <= now - 60.0:
                self._taken.popleft()
            if len(self._taken) >= self.per_minute:
                return False
            self._taken.append(now)
            return True

    def allows(self, rule: Rule) -> bool:
        return rule.level >= self.lowest and ("*" in self.patterns or rule.loggers in self.patterns)


def carried(tree: str) -> Optional[str]:
    """The rules for a task, as they go along with it: a list in JSON, in ASCII; None if there are none."""
    now = time.monotonic()
    found = [
        {
            "loggers": rule.loggers,
            "level": str(rule.level),
            "ttl": round(rule.deadline - now, 3),
            **({"why": rule.why} if rule.why else {}),
        }
        for rule in levels.in_force()
        if rule.task == tree and rule.deadline > now
    ]
    while found:
        text = json.dumps(found[:MOST_CARRIED], separators=(",", ":"))
        if len(text) <= LONGEST_CARRIED:
            return text
        found.pop()
    return None


def take(tree: str, text: str, trusted: bool = False) -> None:
    """Puts the rules that came with a task into force here; what cannot be understood or is not allowed is left.

    `trusted` is what comes from this program itself, by way of a pickle.
    """
    ingress = _Process.ingress
    if ingress is None and not trusted or len(text) > LONGEST_CARRIED:
        return
    known = {rule.id for rule in levels.in_force() if rule.task == tree}
    if known:
        # From the collector, or from the call before: a task has several calls.
        return
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return
    made: List[Rule] = []
    for number, one in enumerate(told[:MOST_CARRIED] if isinstance(told, list) else []):
        try:
            if not isinstance(one, dict):
                continue
            max_ttl = 3600.0 if trusted or ingress is None else ingress.max_ttl
            rule = _read_rule({**one, "task": tree}, f"{_CARRIED}{tree}:{number}", max_ttl)
        except ValueError:
            continue
        if trusted or ingress is not None and ingress.allows(rule):
            made.append(rule)
    if not made or not trusted and ingress is not None and not ingress.has_room():
        return

    def change(now: Tuple[Rule, ...]) -> Iterable[Rule]:
        # Somebody else may have brought the same meanwhile.
        there = {rule.id for rule in now}
        made[:] = [rule for rule in made if rule.id not in there][: max(0, MOST_RULES - len(now))]
        return [*made, *now]

    levels.replace(change)
    client = _Process.client
    if client is None:
        # Somebody has to end them.
        client = _Process.client = _Client(None, None, socket.gethostname(), _program(), 86_400.0)
        client.begin()
    client.wake()
    for rule in made:
        _log(_answer("applied", rule))


# -- processes ------------------------------------------------------------------------------------


def _new_id() -> str:
    return f"{random.SystemRandom().getrandbits(64):016x}"


class _Process:
    """What there is once in each process."""

    id = _new_id()
    client: Optional[_Client] = None
    ingress: Optional[_Ingress] = None


def _forked() -> None:
    _Process.id = _new_id()
    if _Process.ingress is not None:
        _Process.ingress._lock = threading.Lock()
    if _Process.client is not None:
        _Process.client.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
