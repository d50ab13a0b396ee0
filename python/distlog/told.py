"""Rules over levels as others tell them: only data, of which each part is looked at."""

from __future__ import annotations

import time
import uuid
from typing import Any, Dict, Optional

from . import levels
from .levels import Rule

__all__ = ["CARRIED", "MOST_RULES", "read_rule"]

#: Rules at a time, whoever they come from.
MOST_RULES = 64
#: What the ids of rules begin with that came with a task.
CARRIED = "task:"


def _text(told: Dict[str, Any], name: str, most: int) -> Optional[str]:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError(f"{name} is no text of 1 to {most} characters")
    return value


def _task(told: Dict[str, Any]) -> Optional[str]:
    """The id of a tree as scopes have it. A part of one would match nothing, or what it is not about."""
    text = _text(told, "task", 200)
    if text is None:
        return None
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError(f"{text!r:.50} is no task here: their ids are UUIDs, and the whole one is needed") from None


def read_rule(told: Dict[str, Any], rule_id: str, max_ttl: float) -> Rule:
    """The rule that was told; raises ValueError if it cannot be one."""
    loggers = _text(told, "loggers", 256)
    if loggers is None:
        raise ValueError("it names no loggers")
    ttl = told.get("ttl")
    if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not 0 <= ttl <= 1e9:
        raise ValueError("ttl is no number of seconds")
    deadline = time.monotonic() + min(float(ttl), max_ttl)
    level = levels.number_of(told.get("level"))
    return Rule(rule_id, loggers, level, deadline, _task(told), _text(told, "why", 200))
