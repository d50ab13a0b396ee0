"""What a process answers to rules over levels: one record each, when a rule is applied, refused, or has ended.

They are logged by `distlog.control`, as data in `control` (dl-control(7)), and go to all handlers that take INFO, and
to those that ship records whatever their level, because they are what `dl-ctl` waits for.
"""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any, Dict, Optional

from . import levels
from .controlled import who
from .levels import Rule
from .shipping import ShippingHandler
from .stderr import say

__all__ = ["LOGGER", "answer_of", "log_answer"]

#: The logger of the answers.
LOGGER = "distlog.control"
# Loggers that an answer names.
_MOST_NAMED = 50


def answer_of(event: str, rule: Rule, **more: Any) -> Dict[str, Any]:
    """What is logged of a rule, as data: what became of it here, and which loggers it reaches."""
    changes = levels.changes(rule)
    answer: Dict[str, Any] = {
        "event": event,
        "rule": rule.id,
        **who(),
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
            for change in changes[:_MOST_NAMED]
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


def log_answer(answer: Dict[str, Any]) -> None:
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
                    say(f"control: {type(target).__name__} failed: {error!r:.200}")
        if not at.propagate:
            break
        at = at.parent
