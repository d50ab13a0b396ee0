"""Exceptions as data: type, message, notes, frames, members of groups, and their causes likewise."""

from __future__ import annotations

import logging
import traceback
from typing import Any, Dict, FrozenSet, Optional, Set

from .plain import capped_repr, plain_text

__all__ = ["describe_exception", "exception_of"]

# Frames and causes of an exception that are told of; recursion makes thousands of them.
_MOST_FRAMES = 50
_MOST_CAUSES = 20


def describe_exception(error: BaseException) -> Dict[str, Any]:
    """An exception as data: type, message, notes, frames, and its `cause` or `context` likewise.

    One that has been told of already, as a cause that members of a group share, has type, message and `$told`.
    """
    return _describe(error, frozenset(), set())


def _describe(error: BaseException, above: FrozenSet[int], told: Set[int]) -> Dict[str, Any]:
    """An exception below those in `above`; `told` are all that have been described so far."""
    if id(error) in above:
        return {"$cycle": True}
    if id(error) in told:
        return {**_in_short(error), "$told": True}
    first = described = _one_exception(error, above, told)
    above |= {id(error)}
    for _ in range(_MOST_CAUSES):
        if error.__cause__ is not None:
            relation, following = "cause", error.__cause__
        elif error.__context__ is not None and not error.__suppress_context__:
            relation, following = "context", error.__context__
        else:
            break
        if id(following) in above or id(following) in told:
            described[relation] = _describe(following, above, told)
            break
        described[relation] = further = _one_exception(following, above, told)
        above |= {id(following)}
        error, described = following, further
    return first


def _in_short(error: BaseException) -> Dict[str, Any]:
    kind = type(error)
    module = kind.__module__
    try:
        message = plain_text(str(error))
    except Exception:
        message = capped_repr(error)
    return {
        "type": kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}",
        "message": message,
    }


def _one_exception(error: BaseException, above: FrozenSet[int], told: Set[int]) -> Dict[str, Any]:
    told.add(id(error))
    described = _in_short(error)
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list) and notes:
        described["notes"] = [plain_text(str(note)) for note in notes[:_MOST_CAUSES]]
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        frames.append({"file": plain_text(code.co_filename), "line": line, "function": code.co_name})
    if len(frames) > _MOST_FRAMES:
        described["frames_left_out"] = len(frames) - _MOST_FRAMES
        frames = frames[-_MOST_FRAMES:]
    described["frames"] = frames
    members = getattr(error, "exceptions", None)
    if isinstance(members, tuple) and members and all(isinstance(e, BaseException) for e in members):
        # An exception group.
        above |= {id(error)}
        described["exceptions"] = [_describe(member, above, told) for member in members[:_MOST_CAUSES]]
    return described


def exception_of(record: logging.LogRecord) -> Optional[Dict[str, Any]]:
    """The exception of a record as data, or None if it has none."""
    info: Any = record.exc_info
    if not info or not isinstance(info, tuple) or len(info) < 2 or info[1] is None:
        return None
    try:
        return describe_exception(info[1])
    except Exception:
        return {"type": getattr(info[0], "__name__", "?"), "message": capped_repr(info[1])}
