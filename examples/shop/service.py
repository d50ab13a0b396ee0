"""What the four services share: an HTTP server and client that carry the task id, start and stop.

The id travels in the header `Distlog-Task`: the client adds it to each request, the server opens the
scope with it. Neither knows what the shop sells.
"""

from __future__ import annotations

import argparse
import contextvars
import json
import logging
import select
import signal
import socket
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, NamedTuple

from . import shoplog

HEADER = "Distlog-Task"
# Where each service listens when nobody says otherwise.
PORTS = {"gateway": 8000, "orders": 8001, "payments": 8002, "worker": 8003}
HEARTBEAT_SECONDS = 0.25
# Long enough for a loaded machine; a call that is meant to time out says so itself.
PATIENCE_SECONDS = 30.0

_urls: dict[str, str] = {}
_connection: contextvars.ContextVar = contextvars.ContextVar("connection")
log = logging.getLogger("shop")


class Refused(Exception):
    """An answer that is not the wanted one; `status` is the HTTP status it goes out with."""

    status = 500

    def __init__(self, reason: str, status: int | None = None):
        super().__init__(reason)
        self.status = status or self.status


class RemoteFailure(Refused):
    """Another service answered with an error, or not in time."""


class Route(NamedTuple):
    """What a path does: `goal` names its scope (filled in from the body), `work` answers the body."""

    goal: str
    work: Callable[[dict], dict]
    status: int = 200


# -- server ---------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Takes over the listening socket of the launcher, or opens one; waits for its threads at the end."""

    daemon_threads = False

    def __init__(self, options: argparse.Namespace, routes: dict[str, Route], edge: bool):
        super().__init__(("127.0.0.1", options.port), Handler, bind_and_activate=options.fd is None)
        if options.fd is not None:
            self.socket.close()
            self.socket = socket.socket(fileno=options.fd)
            self.server_address = self.socket.getsockname()
        self.routes, self.edge = routes, edge

    def handle_error(self, request, client_address) -> None:
        logging.getLogger("socketserver").warning("connection lost", exc_info=True)


class Handler(BaseHTTPRequestHandler):
    """Opens the scope that the caller announced, and answers from inside it."""

    def do_POST(self) -> None:
        route = self.server.routes.get(self.path)
        if route is None:
            self.send_error(404)
            return
        try:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            goal, order = route.goal.format_map(body), body["order"]
        except (TypeError, ValueError, KeyError) as error:
            self.send_error(400, explain=str(error))
            return
        # Whoever comes in from outside gets a new task, whatever header they send.
        caller = None if self.server.edge else self.headers.get(HEADER)
        scope = shoplog.import_task(caller, goal, order=order)
        _connection.set(self.connection)
        try:
            with scope:
                # The status line is logged inside the scope and leaves after its end: so the record
                # of a request lies inside the request, and no caller goes on before its callee ended.
                try:
                    answer = route.work(body)
                    self.send_response(route.status)
                except Exception as error:
                    answer = {"error": type(error).__name__, "reason": str(error)}
                    self.send_response(getattr(error, "status", 500))
                    raise
        except Exception:
            pass  # Its scope has logged it, and the caller learns it from the status.
        self._send(scope.id, json.dumps(answer).encode())

    def _send(self, task: str, body: bytes) -> None:
        self.send_header(HEADER, task)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *args) -> None:
        logging.getLogger("http.server").info(form, *args, extra={"client": self.client_address[0]})


def caller_has_left(within: float) -> bool:
    """Waits until the caller of the current request has closed the connection."""
    return bool(select.select([_connection.get()], [], [], within)[0])


# -- client ---------------------------------------------------------------------------------------


class Instrumented(urllib.request.BaseHandler):
    """Announces the callee's scope in the header and logs the exchange, as instrumentation does."""

    # Before HTTPErrorProcessor (1000), which makes an exception of an error status.
    handler_order = 900
    log = logging.getLogger("urllib.request")

    def http_request(self, request):
        request.add_unredirected_header(HEADER, shoplog.foreign_task() or "")
        self.log.debug("%s %s", request.get_method(), request.full_url)
        return request

    def http_response(self, request, response):
        self.log.debug('%s "%s %s" %d', request.host, request.get_method(), request.selector, response.status)
        return response


# Without proxies: loopback is reached directly, whatever the environment says.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Instrumented)


def call(service: str, path: str, body: dict, patience: float = PATIENCE_SECONDS) -> dict:
    """Asks another service; raises RemoteFailure with its status if it did not do what was asked."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(_urls[service] + path, json.dumps(body).encode(), headers)
    try:
        with _opener.open(request, timeout=patience) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            why = json.load(error)
        reason = f"{service} answered {error.code}, {why['error']}: {why['reason']}"
        raise RemoteFailure(reason, error.code) from None
    except socket.timeout as error:
        raise RemoteFailure(f"{service} did not answer within {patience} s", 504) from error
    except OSError as error:
        raise RemoteFailure(f"{service} cannot be reached: {error}", 503) from error


# -- start and stop -------------------------------------------------------------------------------


def run(
    name: str,
    routes: dict[str, Route],
    peers: tuple[str, ...] = (),
    edge: bool = False,
    at_end: Callable[[], None] = lambda: None,
) -> None:
    """Serves until SIGTERM or SIGINT, finishes the requests under way, and returns."""
    options = _parse_options(name, peers)
    _urls.update((peer, getattr(options, peer)) for peer in peers)
    signals = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the first thread starts, so that the one sigwait below gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    shoplog.setup(name)
    stopped = threading.Event()
    with Server(options, routes, edge) as server:
        log.info("%s listens on %s:%d", name, *server.server_address)
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), name="accept")
        heart = threading.Thread(target=_beat, args=(name, stopped), name="heartbeat")
        serving.start()
        heart.start()
        received = signal.sigwait(signals)
        log.info("%s stops: %s", name, signal.Signals(received).name)
        server.shutdown()
    # The `with` has closed the socket and joined the threads of all requests.
    at_end()
    stopped.set()
    heart.join()
    serving.join()
    log.info("%s has stopped", name)


def _parse_options(name: str, peers: tuple[str, ...]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python3 -m examples.shop.{name}")
    parser.add_argument("--port", type=int, default=PORTS[name], help="port on loopback (default: %(default)s)")
    parser.add_argument("--fd", type=int, help="descriptor of a socket that listens already")
    for peer in peers:
        url = f"http://127.0.0.1:{PORTS[peer]}"
        parser.add_argument(f"--{peer}", metavar="URL", default=url, help="default: %(default)s")
    return parser.parse_args()


def _beat(name: str, stopped: threading.Event) -> None:
    """Logs outside of any request: a thread that enters no scope has none."""
    beat = 0
    while not stopped.wait(HEARTBEAT_SECONDS):
        beat += 1
        log.debug("%s is alive", name, extra={"beat": beat, "threads": threading.active_count()})
