"""What is controlled: this process, under which names, and what it takes from whom.

One state for the whole process, which a fork makes new. See `control`.
"""

from __future__ import annotations

import collections
import os
import random
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Deque, Dict, Optional

from .levels import Rule

if TYPE_CHECKING:
    from .controlclient import Client

__all__ = ["Ingress", "Process", "program", "who"]


class Ingress:
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
        """Whether a rule is one that may come so."""
        return rule.level >= self.lowest and ("*" in self.patterns or rule.loggers in self.patterns)


def _new_id() -> str:
    return f"{random.SystemRandom().getrandbits(64):016x}"


class Process:
    """What there is once in each process."""

    id = _new_id()
    client: Optional[Client] = None
    ingress: Optional[Ingress] = None


def who() -> Dict[str, Any]:
    """Which process this is, as dl-ctl calls it."""
    client = Process.client
    host, name = (socket.gethostname(), program()) if client is None else (client.host, client.process)
    return {"process_id": Process.id, "host": host, "process": name, "pid": os.getpid()}


def program() -> str:
    """The name of the program: of the module that `-m` ran, or of its file."""
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and spec.name:
        name: str = spec.name
        return name[: -len(".__main__")] if name.endswith(".__main__") else name
    name = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    return name[:-3] if name.endswith(".py") else name or "python"


def _forked() -> None:
    Process.id = _new_id()
    if Process.ingress is not None:
        Process.ingress._lock = threading.Lock()
    if Process.client is not None:
        Process.client.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
