"""A task as a list of rows, which is what both sides are brought into.

An action or a message is a row, an action's own row stands in front of what is inside it, and a row says how deep it
is: so equal lists are equal trees, in equal order. Records are compared as values, and times as the same doubles.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Row:
    """An action; or a message, which has only a place and a record."""

    depth: int
    level: tuple
    # What was logged of it: a message's record, or those that start and end an action.
    records: tuple
    type: str | None = None
    status: str | None = None
    start: float | None = None
    end: float | None = None


@dataclass(slots=True)
class Task:
    """A task as one side sees it."""

    complete: bool
    rows: list


def differences(theirs, ours):
    """What is not the same, in words."""
    if theirs.complete != ours.complete:
        yield f'complete: theirs {theirs.complete}, ours {ours.complete}'
    places = [[(row.depth, row.level) for row in task.rows] for task in (theirs, ours)]
    if places[0] != places[1]:
        lost = [place for place in places[0] if place not in places[1]]
        more = [place for place in places[1] if place not in places[0]]
        yield f'nesting: only theirs {lost[:5]}, only ours {more[:5]}, or another order'
        return
    for a, b in zip(theirs.rows, ours.rows):
        for name in ('type', 'status', 'start', 'end', 'records'):
            one, other = getattr(a, name), getattr(b, name)
            if one != other:
                yield f'{a.level}: {name}: theirs {one!r}, ours {other!r}'
