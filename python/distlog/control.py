"""Levels of this program, changed from outside while it runs, for a while: the side of `dl-ctl` in each process.

    control.start("ndjson+unix:///run/distlog/control.sock.levels", process="orders-api")

A thread connects to dl-recv (`--control`) and is told the rules that are for this process: which loggers,
which level, for how long. They are an overlay (see `levels`): the program's own settings stay as they are.
Each rule ends by itself, on this process's monotonic clock, whatever becomes of the connection.

What becomes of a rule here is logged by `distlog.control`, one record each (see `answers`).

Only data comes in: names, patterns, numbers. Nothing of it is imported, evaluated or configured.

A rule for one task holds where that task is at work, in all processes that are connected. To those that are not, it
goes along with the task (see `carried`), and is taken from there only where `accept_task_levels` was called.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Any, Dict, Iterable, List, Optional, Union

from . import levels
from .answers import LOGGER, answer_of, log_answer
from .controlclient import Client
from .controlled import Ingress, Process, program
from .handlers import _parse

__all__ = ["LOGGER", "accept_task_levels", "rules", "start", "stop"]


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
    Process.client = Client(
        place, address, host or socket.gethostname(), process or program(), float(max_ttl)
    )
    Process.client.begin()


def stop() -> None:
    """Ends the connection and all rules."""
    client = Process.client
    if client is not None:
        client.end()
    ended = levels.in_force()
    levels.replace(lambda rules: ())
    for rule in ended:
        log_answer(answer_of("ended", rule, reason="stopped"))
    Process.client = None


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
    Process.ingress = Ingress(frozenset(patterns), levels.number_of(lowest), per_minute, float(max_ttl))
