"""`@trace`: a scope around each call of a function.

    @trace("charge card of order {order}", redact=("card",))
    def charge(order, card, amount): ...

Works for functions, coroutines, generators and asynchronous generators. A generator's scope is current only
while the generator itself runs, never for the one who consumes it.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import logging
from typing import Any, AsyncIterator, Callable, Dict, Generator, Iterable, Optional, TypeVar, Union, overload

from .plain import capped_repr
from .current import _get_current, _set_current
from .scope import Task, to

__all__ = ["REDACTED", "SECRET", "trace"]

_F = TypeVar("_F", bound=Callable[..., Any])

#: What stands in place of an argument that is not to be logged.
REDACTED = "[redacted]"
#: Arguments with one of these in their names are never logged.
SECRET = ("password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "credential", "cookie")
# Long enough to recognise a value, short enough to have many of them in a line.
_MOST_CHARACTERS = 200
_METHODS = (staticmethod, classmethod)


@overload
def trace(goal: _F) -> _F: ...
@overload
def trace(
    goal: Optional[str] = None,
    *,
    capture: Union[bool, Iterable[str]] = True,
    redact: Iterable[str] = (),
    result: bool = False,
    level: int = logging.INFO,
    warn_duration: Optional[float] = None,
) -> Callable[[_F], _F]: ...


def trace(
    goal: Any = None,
    *,
    capture: Union[bool, Iterable[str]] = True,
    redact: Iterable[str] = (),
    result: bool = False,
    level: int = logging.INFO,
    warn_duration: Optional[float] = None,
) -> Any:
    """Opens a scope for each call.

    :param goal: the message, which may name arguments in braces; the qualified name of the function by default.
    :param capture: whether arguments become fields of the scope, or which.
    :param redact: names of arguments that become `[redacted]`, beside those that look like secrets.
    :param result: whether the end tells the result.
    :param level: of start and end.
    :param warn_duration: seconds after which the end is a WARNING.
    """
    if callable(goal) or isinstance(goal, _METHODS):
        return trace()(goal)
    if goal is not None and not isinstance(goal, str):
        raise TypeError(f"{goal!r} is neither a function nor the text of a goal")
    wanted = capture if isinstance(capture, bool) else frozenset(capture)
    hidden = frozenset(redact)

    def decorate(function: _F) -> _F:
        if isinstance(function, _METHODS):
            # What is called is inside, and may be a coroutine.
            return type(function)(decorate(function.__func__))
        signature = inspect.signature(function)
        name = goal or function.__qualname__
        template = goal is not None and "{" in goal
        # The scope tells of the module of the function, not of this one.
        logger = logging.getLogger(function.__module__)

        def scope(args: Any, kwargs: Any) -> Task:
            fields = _captured(signature, args, kwargs, wanted, hidden)
            text = name
            if template:
                try:
                    text = name.format_map(fields if wanted is True else _captured(signature, args, kwargs, True, hidden))
                except Exception:
                    text = name
            made = to(text)
            made.bind(**fields)
            made.logger, made.level, made.warn_duration = logger, level, warn_duration
            return made

        def ended(made: Task, value: Any) -> None:
            if result:
                made.bind(result=capped_repr(value, _MOST_CHARACTERS))

        wrapper: Callable[..., Any]
        if inspect.isasyncgenfunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
                made = scope(args, kwargs)
                outside = _Aside(made)
                generator = function(*args, **kwargs)
                try:
                    step: Any = generator.__anext__()
                    while True:
                        with outside:
                            try:
                                value = await step
                            except StopAsyncIteration:
                                break
                        try:
                            sent = yield value
                        except GeneratorExit:
                            raise
                        except BaseException as error:
                            step = generator.athrow(error)
                        else:
                            step = generator.asend(sent)
                except GeneratorExit:
                    with outside:
                        await generator.aclose()
                    outside.end(None)
                    raise
                except BaseException as error:
                    outside.end(error)
                    raise
                outside.end(None)

        elif inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with scope(args, kwargs) as made:
                    value = await function(*args, **kwargs)
                    ended(made, value)
                    return value

        elif inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
                made = scope(args, kwargs)
                # All steps run in one context, which the consumer never sees.
                context = contextvars.copy_context()
                context.run(made.__enter__)
                try:
                    value = yield from _in_context(context, function(*args, **kwargs))
                except BaseException as error:
                    context.run(made.__exit__, type(error), error, error.__traceback__)
                    raise
                context.run(ended, made, value)
                context.run(made.__exit__, None, None, None)
                return value

        else:

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with scope(args, kwargs) as made:
                    value = function(*args, **kwargs)
                    ended(made, value)
                    return value

        return wrapper  # type: ignore[return-value]

    return decorate


def _captured(
    signature: inspect.Signature, args: Any, kwargs: Any, wanted: Any, hidden: Iterable[str]
) -> Dict[str, Any]:
    if wanted is False:
        return {}
    try:
        bound = signature.bind_partial(*args, **kwargs)
    except TypeError:
        # The call itself is about to say what is wrong with it.
        return {}
    found: Dict[str, Any] = {}
    for name, value in bound.arguments.items():
        if name in ("self", "cls") or wanted is not True and name not in wanted:
            continue
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            found.update((key, _shown(key, item, hidden)) for key, item in value.items())
        else:
            found[name] = _shown(name, value, hidden)
    return found


def _shown(name: str, value: Any, hidden: Iterable[str]) -> Any:
    """The value as it is now: a later change of it must not show."""
    lower = name.lower()
    if name in hidden or any(word in lower for word in SECRET):
        return REDACTED
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value if len(value) <= _MOST_CHARACTERS else capped_repr(value, _MOST_CHARACTERS)
    return capped_repr(value, _MOST_CHARACTERS)


def _in_context(context: contextvars.Context, generator: Any) -> Generator[Any, Any, Any]:
    """`yield from`, each step of it inside of the context."""
    try:
        value = context.run(next, generator)
    except StopIteration as stop:
        return stop.value
    while True:
        try:
            sent = yield value
        except GeneratorExit:
            context.run(generator.close)
            raise
        except BaseException as error:
            step: Any = generator.throw
            argument: Any = error
        else:
            step, argument = generator.send, sent
        try:
            value = context.run(step, argument)
        except StopIteration as stop:
            return stop.value


class _Aside:
    """Makes the scope of an asynchronous generator current for a step of it, and the consumer's again after it."""

    def __init__(self, scope: Task) -> None:
        self._scope = scope
        # Where the generator has been, which may be a scope of its own, and who consumes it.
        self._inside: Optional[Task] = scope
        self._context_before: Optional[Task] = None
        self._entered = False

    def __enter__(self) -> None:
        self._context_before = _get_current()
        if self._entered:
            _set_current(self._inside)
        else:
            self._entered = True
            self._scope.__enter__()

    def __exit__(self, *_: Any) -> None:
        self._inside = _get_current()
        _set_current(self._context_before)

    def end(self, error: Optional[BaseException]) -> None:
        """Ends the scope, which need not be current for that."""
        if error is None:
            self._scope.__exit__(None, None, None)
        else:
            self._scope.__exit__(type(error), error, error.__traceback__)
