"""Rules over levels as others tell them: only data, of which each part is looked at."""

from __future__ import annotations

import time
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
    return Rule(rule_id, loggers, level, deadline, _text(told, "task", 200), _text(told, "why", 200))
