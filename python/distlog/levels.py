"""Rules over the levels of loggers: an overlay, with nothing saved and nothing restored.

A rule gives the loggers whose names match a pattern another level, until its time is over. What a logger's own
level is stays what it is: `Logger.level` is never written, so whatever the application sets meanwhile
holds as soon as the rule has ended. Effective levels are computed anew from what is in force.

Only while there are rules, and only on the loggers that they reach, what `isEnabledFor` remembers is exchanged, and
`getEffectiveLevel` is covered on the instance; the logging module's `getLogger` is watched for loggers that are made
later. Without rules nothing of this is there. Logger classes and record factories stay as they are.

This module knows no network: see `control`.
"""

from __future__ import annotations

import logging
import math
import re
import time
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Set, Tuple

from .current import _get_current

__all__ = ["Change", "Rule", "changes", "expire", "in_force", "refresh", "replace", "unheard"]

_monotonic = time.monotonic
# The one lock: that of the logging module, under which it makes loggers and forks. A second one could wait for it
# while somebody who holds it, such as dictConfig, waits for ours.
_lock: Any = logging._lock  # type: ignore[attr-defined]

#: The names that rules may use, whatever the program has called its levels.
LEVELS = {
    "TRACE": 5, "DEBUG": 10, "INFO": 20, "NOTICE": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50,
}


def number_of(level: Any) -> int:
    """The number of a rule's level; raises ValueError if it is none."""
    if isinstance(level, str):
        known = LEVELS.get(level)
        if known is not None:
            return known
        # `isdigit` alone takes the digits of all scripts.
        if re.fullmatch("[0-9]{1,3}", level) and 1 <= int(level) <= 100:
            return int(level)
    raise ValueError(f"{level!r:.40} is no level")


class Rule:
    """A level for the loggers of a pattern: `*` is any text, `?` any character.

    :param deadline: when it ends, on the clock of `time.monotonic`.
    :param task: the id of the one tree that it is about.
    """

    __slots__ = ("_known", "_pattern", "deadline", "id", "level", "loggers", "task", "why")

    def __init__(
        self, id: str, loggers: str, level: int, deadline: float, task: Optional[str] = None, why: Optional[str] = None
    ) -> None:
        self.id, self.loggers, self.level, self.deadline = id, loggers, level, deadline
        self.task, self.why = task, why
        pieces = ({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in loggers)
        self._pattern = re.compile("".join(pieces), re.DOTALL)
        self._known: Dict[str, bool] = {}

    def matches(self, name: str) -> bool:
        """Whether a logger of this name has its level."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._pattern.fullmatch(name) is not None
        return known

    def until(self, deadline: float) -> Rule:
        """The same rule with another end."""
        return Rule(self.id, self.loggers, self.level, deadline, self.task, self.why)


class Change(NamedTuple):
    """A logger, and its effective level without a rule and with it."""

    logger: str
    old: int
    new: int


class _Force:
    """The rules in force, which never change: others take their place."""

    __slots__ = ("rules", "seen", "tasks", "until")

    def __init__(self, rules: Tuple[Rule, ...]) -> None:
        # The youngest first, because it is the one that counts.
        self.rules = rules
        self.until = min((rule.deadline for rule in rules), default=math.inf)
        self.tasks: FrozenSet[str] = frozenset(rule.task for rule in rules if rule.task is not None)
        # Names of loggers that have been looked at.
        self.seen: Set[str] = set()


class _State:
    """What is in force, in one place to look at."""

    now = _Force(())
    # How many loggers there were when all of them had been looked at.
    loggers = 0


def in_force() -> Tuple[Rule, ...]:
    """The rules in force, the youngest first."""
    return _State.now.rules


def replace(change: Callable[[Tuple[Rule, ...]], Iterable[Rule]]) -> None:
    """Puts other rules into force: what `change` makes of those that are, the youngest first."""
    with _lock:
        _State.now = _Force(tuple(change(_State.now.rules)))
        _look_at_all()


def expire() -> List[Rule]:
    """Ends the rules whose time is over, and gives them back."""
    if _monotonic() < _State.now.until:
        return []
    with _lock:
        now = _monotonic()
        over = [rule for rule in _State.now.rules if rule.deadline <= now]
        if over:
            _State.now = _Force(tuple(rule for rule in _State.now.rules if rule.deadline > now))
            _look_at_all()
    return over


def refresh() -> None:
    """Looks for loggers that were made in other ways than by `getLogger`."""
    if _State.now.rules and len(logging.root.manager.loggerDict) != _State.loggers:
        with _lock:
            _look_at_all()


def changes(rule: Rule) -> List[Change]:
    """The loggers that a rule matches, by name, with what it changes; it need not be in force."""
    with _lock:
        # Those that are younger than it count more, and stay.
        others = tuple(one for one in _State.now.rules if one.id != rule.id)
        known = [one.id for one in _State.now.rules]
        at = known.index(rule.id) if rule.id in known else 0
        with_it = (*others[:at], rule, *others[at:])
        found = [
            Change(
                logger.name,
                _effective(logger, others, rule.task, -math.inf),
                _effective(logger, with_it, rule.task, -math.inf),
            )
            for logger in _all_loggers()
            if rule.matches(logger.name)
        ]
    return sorted(found)


def unheard(rule: Rule) -> int:
    """How many of the loggers that a rule matches have no handler that takes records of its level."""
    with _lock:
        return sum(
            1 for logger in _all_loggers() if rule.matches(logger.name) and not _is_heard(logger, rule.level)
        )


def _is_heard(logger: logging.Logger, level: int) -> bool:
    at: Optional[logging.Logger] = logger
    any_handler = False
    while at is not None:
        for handler in at.handlers:
            if level >= handler.level:
                return True
            any_handler = True
        if not at.propagate:
            break
        at = at.parent
    last = logging.lastResort
    return not any_handler and last is not None and level >= last.level


def _all_loggers() -> List[logging.Logger]:
    root: logging.Logger = logging.root
    found = list(logging.root.manager.loggerDict.values())
    return [root, *(logger for logger in found if isinstance(logger, logging.Logger))]


def _effective(logger: logging.Logger, rules: Tuple[Rule, ...], tree: Optional[str], now: float) -> int:
    """What `Logger.getEffectiveLevel` computes, with the levels of rules in front of the loggers' own."""
    at: Optional[logging.Logger] = logger
    while at is not None:
        name = at.name
        for rule in rules:
            if (rule.task is None or rule.task == tree) and rule.deadline > now and rule.matches(name):
                return rule.level
        if at.level:
            return at.level
        at = at.parent
    return logging.NOTSET


def _tree() -> Optional[str]:
    scope = _get_current()
    return None if scope is None else scope.tree


def _is_reached(logger: logging.Logger, rules: Tuple[Rule, ...]) -> bool:
    """Whether a rule matches a logger or one that it may inherit from."""
    at: Optional[logging.Logger] = logger
    while at is not None:
        for rule in rules:
            if rule.matches(at.name):
                return True
        at = at.parent
    return False


# -- loggers ----------------------------------------------------------------------------------------


def _look_at_all() -> None:
    """Covers the loggers that rules reach, and no others. The lock is held."""
    force = _State.now
    manager = logging.root.manager
    for logger in _all_loggers():
        _look_at(logger, force)
    _State.loggers = len(manager.loggerDict)
    _watch(manager, bool(force.rules))
    # What loggers remember of their levels; `setLevel` does the same.
    manager._clear_cache()  # type: ignore[attr-defined]


def _look_at(logger: logging.Logger, force: _Force) -> bool:
    force.seen.add(logger.name)
    reached = _is_reached(logger, force.rules)
    if reached:
        _cover(logger)
    else:
        _uncover(logger)
    return reached


class _Answers(Dict[int, bool]):
    """Takes the place of what a logger remembers of its levels, where `Logger.isEnabledFor` looks first.

    What it has not is computed, and nothing is in it: what holds for one task must not be remembered for all, and a
    rule whose time is over must hold nobody up, whether the thread that ends it has come or not. So no method of the
    logger is covered for the calls that matter, which would slow them down for good: the interpreter then no longer
    knows where to find it.
    """

    __slots__ = ("_force", "_known", "_logger")

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__()
        self._logger = logger
        self._force: Optional[_Force] = None
        self._known: Dict[int, bool] = {}

    def __missing__(self, level: int) -> bool:
        force = _State.now
        tree = _tree() if force.tasks else None
        if _monotonic() < force.until and (tree is None or tree not in force.tasks):
            if self._force is force:
                known = self._known.get(level)
                if known is not None:
                    return known
            with _lock:
                if self._force is not force:
                    self._known, self._force = {}, force
                known = self._known[level] = self._compute(level, force, None)
            return known
        return self._compute(level, force, tree)

    def _compute(self, level: int, force: _Force, tree: Optional[str]) -> bool:
        logger = self._logger
        if logger.manager.disable >= level:
            return False
        return level >= _effective(logger, force.rules, tree, _monotonic())

    def __setitem__(self, level: int, answer: bool) -> None:
        """Somebody has computed it without rules, a moment ago."""

    def clear(self) -> None:
        """Some logger has got another level."""
        self._known, self._force = {}, None


def _cover(logger: logging.Logger) -> None:
    if isinstance(logger._cache, _Answers):  # type: ignore[attr-defined]
        return
    # Those who ask for it get the truth too. Somebody else may have put something there, which then comes back.
    before = logger.getEffectiveLevel
    own = getattr(before, "__func__", None) is not type(logger).getEffectiveLevel

    def getEffectiveLevel() -> int:  # noqa: N802
        force = _State.now
        return _effective(logger, force.rules, _tree() if force.tasks else None, _monotonic())

    getEffectiveLevel.distlog_covers = before if own else None  # type: ignore[attr-defined]
    logger.getEffectiveLevel = getEffectiveLevel  # type: ignore[method-assign]
    logger._cache = _Answers(logger)  # type: ignore[attr-defined]


def _uncover(logger: logging.Logger) -> None:
    if not isinstance(logger._cache, _Answers):  # type: ignore[attr-defined]
        return
    logger._cache = {}  # type: ignore[attr-defined]
    covers = logger.getEffectiveLevel
    if hasattr(covers, "distlog_covers"):
        before = covers.distlog_covers
        if before is None:
            del logger.getEffectiveLevel
        else:
            logger.getEffectiveLevel = before  # type: ignore[method-assign]
    # Else others have put theirs above ours, which computes what there is without rules.


def _watch(manager: logging.Manager, wanted: bool) -> None:
    """Looks at each logger that is made while there are rules."""
    own = manager.__dict__
    watching = getattr(own.get("getLogger"), "distlog_covers", None) is not None
    if wanted and not watching:
        before = manager.getLogger
        is_own = own.get("getLogger")

        def getLogger(name: str) -> logging.Logger:  # noqa: N802
            logger = before(name)
            force = _State.now
            if force.rules and name not in force.seen:
                with _lock:
                    _look_at_new(logger)
            return logger

        getLogger.distlog_covers = (is_own,)  # type: ignore[attr-defined]
        own["getLogger"] = getLogger
    elif watching and not wanted:
        (was,) = own["getLogger"].distlog_covers
        if was is None:
            del own["getLogger"]
        else:
            own["getLogger"] = was


def _look_at_new(logger: logging.Logger) -> None:
    force = _State.now
    if _look_at(logger, force):
        # Those below it were there before, and may inherit from it now.
        below = f"{logger.name}."
        for other in _all_loggers():
            if other.name.startswith(below):
                _look_at(other, force)
        logger.manager._clear_cache()  # type: ignore[attr-defined]
