"""Middleware that opens a scope for each request: for WSGI (Flask, Django) and ASGI (FastAPI, Starlette).

    app.wsgi_app = WsgiMiddleware(app.wsgi_app)
    app = AsgiMiddleware(app)

The scope is the one that the caller announced in its headers, if `trusted`; a service at the edge says
`trusted=False`, and each request from outside begins a tree of its own.
"""

from __future__ import annotations

import sys
from typing import Any, Awaitable, Callable, Iterable, Iterator, MutableMapping, Optional

from .current import _get_current, _leave, _set_current
from .propagate import HEADER, accept
from .scope import Task

__all__ = ["AsgiMiddleware", "WsgiMiddleware"]


def _status(scope: Task, code: int) -> None:
    scope.bind(status=code)
    if code >= 500:
        scope.fail("FAILED %s: HTTP status %d", scope.msg % scope.args if scope.args else scope.msg, code)


class WsgiMiddleware:
    """Opens a scope around a WSGI application, until its answer is read to the end."""

    def __init__(self, app: Callable[..., Iterable[bytes]], trusted: bool = True) -> None:
        self.app, self.trusted = app, trusted

    def __call__(self, environ: MutableMapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serves a request."""
        method, path = environ.get("REQUEST_METHOD", "?"), environ.get("PATH_INFO", "")
        scope = accept(environ if self.trusted else {}, "%s %s", method, path)

        def answer(status: str, headers: Any, exc_info: Any = None) -> Any:
            code = status[:3]
            if code.isdigit():
                _status(scope, int(code))
            return start_response(status, [*headers, (HEADER, scope.id)], exc_info)

        scope.__enter__()
        try:
            body = self.app(environ, answer)
        except BaseException:
            scope.__exit__(*sys.exc_info())
            raise
        if isinstance(body, (list, tuple)):
            # Nothing is left to be done but to send it.
            scope.__exit__(None, None, None)
            return body
        # The thread may serve something else before the body is read.
        _leave(scope)
        return _Body(scope, body)


class _Body:
    """The body of an answer, which ends the scope with its own end."""

    def __init__(self, scope: Task, body: Iterable[bytes]) -> None:
        self._scope, self._body = scope, body
        # Where the body has been when it gave its last piece, which may be a scope of its own.
        self._inside: Optional[Task] = scope
        self._pieces: Optional[Iterator[bytes]] = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        before = _get_current()
        _set_current(self._inside)
        try:
            if self._pieces is None:
                self._pieces = iter(self._body)
            return next(self._pieces)
        except StopIteration:
            raise
        except BaseException:
            self._scope.__exit__(*sys.exc_info())
            raise
        finally:
            self._inside = _get_current()
            _set_current(before)

    def close(self) -> None:
        """Called by the server when all is sent, or the client has left."""
        before = _get_current()
        _set_current(self._inside)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            _set_current(before)
            self._scope.__exit__(None, None, None)


class AsgiMiddleware:
    """Opens a scope around each HTTP request and WebSocket of an ASGI application."""

    def __init__(self, app: Callable[..., Awaitable[None]], trusted: bool = True) -> None:
        self.app, self.trusted = app, trusted

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serves a connection."""
        if scope.get("type") not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = scope.get("headers") or [] if self.trusted else []
        method = scope.get("method") or "WEBSOCKET"
        with accept(headers, "%s %s", method, scope.get("path", "")) as opened:

            async def answer(message: MutableMapping[str, Any]) -> None:
                if message.get("type") == "http.response.start":
                    _status(opened, int(message.get("status", 0)))
                    # The application may send the same message again, for another request.
                    headers = [*message.get("headers", []), (HEADER.lower().encode(), opened.id.encode())]
                    message = {**message, "headers": headers}
                await send(message)

            await self.app(scope, receive, answer)
