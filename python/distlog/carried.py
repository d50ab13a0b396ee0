"""Rules over levels that go along with a task to processes that no collector tells them.

They travel beside the task's id (`Distlog-Levels`), and are taken only where `control.accept_task_levels` was
called: a header that anybody can send must not make a program write.
"""

from __future__ import annotations

import json
import socket
import time
from typing import Iterable, List, Optional, Tuple

from . import levels
from .answers import answer_of, log_answer
from .controlclient import Client
from .controlled import Process, program
from .levels import Rule
from .told import CARRIED, MOST_RULES, read_rule

__all__ = ["carried", "take"]

# Rules and bytes that go along with a task.
_MOST_CARRIED = 4
_LONGEST_CARRIED = 1024


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
        text = json.dumps(found[:_MOST_CARRIED], separators=(",", ":"))
        if len(text) <= _LONGEST_CARRIED:
            return text
        found.pop()
    return None


def take(tree: str, text: str, trusted: bool = False) -> None:
    """Puts the rules that came with a task into force here; what cannot be understood or is not allowed is left.

    `trusted` is what comes from this program itself, by way of a pickle.
    """
    ingress = Process.ingress
    if ingress is None and not trusted or len(text) > _LONGEST_CARRIED:
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
    for number, one in enumerate(told[:_MOST_CARRIED] if isinstance(told, list) else []):
        try:
            if not isinstance(one, dict):
                continue
            max_ttl = 3600.0 if trusted or ingress is None else ingress.max_ttl
            rule = read_rule({**one, "task": tree}, f"{CARRIED}{tree}:{number}", max_ttl)
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
    client = Process.client
    if client is None:
        # Somebody has to end them.
        client = Process.client = Client(None, None, socket.gethostname(), program(), 86_400.0)
        client.begin()
    client.wake()
    for rule in made:
        log_answer(answer_of("applied", rule))
