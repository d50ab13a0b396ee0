"""A shop in five processes that writes down on the side what it does: see test_truth.py.

    load.py web    COLLECTOR TRUTH AIO_PORT WORKER_PORT    a threaded WSGI application
    load.py aio    COLLECTOR TRUTH                         an asyncio service
    load.py worker COLLECTOR TRUTH KILL_AT                 three forked workers, one job at a time each

Each prints its port. The truth names a scope by the names of those above it, which travel in the body of each
call, beside the headers of distlog and independent of them.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import socketserver
import sys
from concurrent.futures import ThreadPoolExecutor
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from distlog import ZmqHandler, external_call, extract, headers, import_task, preserve_context, to
from distlog.middleware import WsgiMiddleware
from distlog.propagate import extract_celery

log = logging.getLogger("load")


class Truth:
    """Lines of what happened, each written at once, so that a killed process has told all that it did."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, **what):
        os.write(self.file, json.dumps({**what, "pid": os.getpid()}).encode() + b"\n")


class Goal:
    """A scope, and the truth about it."""

    def __init__(self, scope, name, above=""):
        self.scope, self.path, self.records = scope, f"{above}>{name}" if above else name, 2

    def say(self, *words):
        self.records += 1
        log.info(*words)

    def __enter__(self):
        self.scope.__enter__()
        truth.note(path=self.path, event="start")
        return self

    def __exit__(self, kind, error, traceback):
        self.scope.__exit__(kind, error, traceback)
        truth.note(path=self.path, event="end", status="failed" if kind else "succeeded", records=self.records)


class Refused(Exception):
    pass


def ask(port, **body):
    """Asks another process over TCP: a line of JSON there, a line back."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection, connection.makefile("rwb") as stream:
        stream.write(json.dumps(body).encode() + b"\n")
        stream.flush()
        answer = stream.readline()
    if not answer or not json.loads(answer)["ok"]:
        raise Refused(f"no answer for {body['order']}" if not answer else "refused")


# -- web ------------------------------------------------------------------------------------------


def web(aio_port, worker_port):
    pool = ThreadPoolExecutor(8)

    def place(order, path):
        with Goal(to("reserve for %d", order), f"reserve for {order}", path) as reserve:
            for number in range(order % 3):
                with Goal(to("item %d", number), f"item {number}", reserve.path) as item:
                    item.say("item %d of order %d", number, order)

        def work_out(what):
            with Goal(to("work out %s", what), f"work out {what}", path) as goal:
                goal.say("%s of order %d", what, order)

        # Two threads, each working for this request.
        for done in [pool.submit(preserve_context(work_out), what) for what in ("tax", "shipping")]:
            done.result()
        with Goal(external_call("aio", "get a quote"), "get a quote", path) as quote:
            ask(aio_port, headers=headers(), order=order, path=quote.path)
        with Goal(to("pack order %d", order), f"pack order {order}", path) as pack:
            pack.say("handing order %d over", order)
            ask(worker_port, headers=headers(), order=order, path=pack.path)

    def app(environ, start_response):
        order = int(environ["PATH_INFO"].rpartition("/")[2])
        path = f"POST /orders/{order}"
        truth.note(path=path, event="start")
        log.info("order %d has come", order)
        try:
            place(order, path)
            status = "200 OK"
        except Refused:
            status = "503 Service Unavailable"
        truth.note(path=path, event="end", status="succeeded" if status[0] == "2" else "failed", records=3)
        start_response(status, [("Content-Type", "text/plain")])
        return [b"done\n"]

    class Threaded(socketserver.ThreadingMixIn, WSGIServer):
        request_queue_size = 128

    class Silent(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    server = make_server("127.0.0.1", 0, WsgiMiddleware(app, trusted=False), Threaded, Silent)
    print(server.server_port, flush=True)
    server.serve_forever()


# -- aio ------------------------------------------------------------------------------------------


async def aio():
    async def leg(number, order, path):
        with Goal(to("leg %d", number), f"leg {number}", path) as goal:
            for step in range(3):
                goal.say("order %d, leg %d, step %d", order, number, step)
                await asyncio.sleep(0.001 * ((order + number) % 3))
            if order % 7 == 0 and number == 1:
                raise Refused("no way")

    async def serve(reader, writer):
        asked = json.loads(await reader.readline())
        order = asked["order"]
        try:
            with Goal(
                import_task(extract(asked["headers"]), "quote for %d", order), f"quote for {order}", asked["path"]
            ) as goal:
                # One that fails ends the goal, while the others go on and outlive it.
                await asyncio.gather(*(leg(number, order, goal.path) for number in range(3)))
            ok = True
        except Refused:
            ok = False
        writer.write(json.dumps({"ok": ok}).encode() + b"\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


# -- worker ---------------------------------------------------------------------------------------


class Request:
    """What Celery gives a bound task."""

    def __init__(self, found):
        self.headers = found


def worker(kill_at):
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    children = []
    for _ in range(3):
        child = os.fork()
        if not child:
            while True:
                serve_one(listener, kill_at)
        children.append(child)
    signal.sigwait({signal.SIGTERM})
    for child in children:
        os.kill(child, signal.SIGTERM)
    for child in children:
        os.waitpid(child, 0)


def serve_one(listener, kill_at):
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        job = json.loads(stream.readline())
        order = job["order"]
        ok = True
        try:
            opened = import_task(extract_celery(Request(job["headers"])), "pack %d", order)
            with Goal(opened, f"pack {order}", job["path"]) as goal:
                goal.say("packing %d", order)
                with Goal(to("wrap"), "wrap", goal.path) as wrap:
                    wrap.say("wrapping %d", order)
                    if order == kill_at:
                        handler.flush(60)
                        os.kill(os.getpid(), signal.SIGKILL)
                    if order % 11 == 0:
                        raise Refused("no paper")
        except Refused:
            ok = False
        stream.write(json.dumps({"ok": ok}).encode() + b"\n")
        stream.flush()


if __name__ == "__main__":
    role, collector, file, *rest = sys.argv[1:]
    truth = Truth(file)
    handler = ZmqHandler(collector, flush_timeout=60)
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    if role == "worker":
        # Blocked for sigwait in the parent; each child takes it off again.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        os.register_at_fork(after_in_child=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM}))
        worker(int(rest[0]))
    elif role == "aio":
        asyncio.run(aio())
    else:
        web(*map(int, rest))
