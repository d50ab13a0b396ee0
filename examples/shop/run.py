#!/usr/bin/env python3
"""Starts the four services of the shop, sends customers in, and shuts all down, every record flushed.

The log goes where --sink, --out or stdout says; what came of the requests is said on stderr. Exit
status: 0 if each request ended as planned (planned failures are part of it), 1 if not, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Iterator, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from examples.shop.customers import KINDS, Visit, plan  # noqa: E402  (works from any folder, as a file too)

# In the order in which they stop: whoever calls stops before whoever is called.
SERVICES = ("gateway", "orders", "payments", "worker")
PEERS = {"gateway": ("orders",), "orders": ("payments", "worker"), "payments": (), "worker": ()}
# Far above what a loaded machine needs: these only keep a broken run from lasting forever.
REQUEST_SECONDS = 60.0
STOP_SECONDS = 30.0
SINK_SECONDS = 120.0


class Running(NamedTuple):
    """A service, with what takes its log: a sink process, a thread that copies lines, or neither."""

    name: str
    service: subprocess.Popen
    sink: subprocess.Popen | None
    copier: threading.Thread | None


class Outcome(NamedTuple):
    """What came of a visit: the HTTP status (None: no answer) and the task id that the gateway told."""

    visit: Visit
    status: int | None
    task: str | None
    seconds: float


def main() -> int:
    options = parse_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    problems: list[str] = []
    with listeners() as sockets:
        url = address(sockets["gateway"])
        running = [start(name, sockets, options) for name in SERVICES]
    try:
        outcomes = send_customers(url, options)
    except KeyboardInterrupt:
        outcomes = []
        problems.append("interrupted")
    finally:
        problems += [problem for one in running for problem in stop(one)]
    problems += [unplanned(outcome) for outcome in outcomes if outcome.status != outcome.visit.kind.status]
    if options.report:
        write_report(options.report, outcomes)
    summarize(outcomes, time.monotonic() - started)
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py", description="Runs the example shop, and logs it.")
    parser.add_argument("--requests", type=int, default=300, metavar="N", help="orders to place (default: 300)")
    parser.add_argument("--concurrency", type=int, default=8, metavar="N", help="at the same time (default: 8)")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="chooses which fail, which are slow")
    parser.add_argument("--report", type=Path, metavar="FILE", help="writes one JSON line per request")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--sink", metavar="COMMAND",
                       help="shell command that reads a service's log ({service}: its name)")
    where.add_argument("--out", type=Path, metavar="DIR", help="writes DIR/SERVICE.ndjson (default: all to stdout)")
    where.add_argument("--collector", metavar="ENDPOINT",
                       help="lets the services send their logs by themselves: ndjson+tcp://, or tcp:// with pyzmq")
    parser.add_argument("--log", choices=("distlog", "stdlib"), default="distlog",
                        help="what the services log with: the package in python/, or the standard library alone")
    parser.add_argument("--levels", metavar="ENDPOINT",
                        help="where dl-recv --control tells rules over levels: logs from INFO, until dl-ctl wants more")
    options = parser.parse_args()
    if options.levels and options.log == "stdlib":
        parser.error("--levels needs --log distlog")
    if options.collector and options.log == "stdlib":
        parser.error("--collector needs --log distlog")
    if options.requests < 0 or options.concurrency < 1:
        parser.error("--requests wants 0 or more, --concurrency 1 or more")
    return options


# -- services -------------------------------------------------------------------------------------


@contextlib.contextmanager
def listeners() -> Iterator[dict[str, socket.socket]]:
    """A listening socket per service, to be inherited.

    So no port is guessed, and nobody waits for a service to be up: the kernel queues the first callers.
    """
    with contextlib.ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in SERVICES}
        for listener in sockets.values():
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
        yield sockets


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def start(name: str, sockets: dict[str, socket.socket], options: argparse.Namespace) -> Running:
    fd = sockets[name].fileno()
    command = [sys.executable, "-m", f"examples.shop.{name}", "--fd", str(fd)]
    for peer in PEERS[name]:
        command += [f"--{peer}", address(sockets[peer])]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # Sessions of their own: a Ctrl-C reaches this program only, which then stops them in order.
    common = {"start_new_session": True}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "SHOP_LOG": options.log}
    environment["SHOP_COLLECTOR"] = options.collector or ""
    environment["DISTLOG_LEVELS"] = options.levels or ""
    service = {**common, "pass_fds": [fd], "env": environment}
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        with open(options.out / f"{name}.ndjson", "wb") as file:
            return Running(name, start_process(command, stdout=file, **service), None, None)
    process = start_process(command, stdout=subprocess.PIPE, **service)
    if options.sink:
        shell = options.sink.replace("{service}", name)
        sink = subprocess.Popen(shell, shell=True, stdin=process.stdout, **common)
        process.stdout.close()
        return Running(name, process, sink, None)
    copier = threading.Thread(target=copy_lines, args=(process.stdout,), name=f"copy {name}")
    copier.start()
    return Running(name, process, None, copier)


def start_process(command: list[str], **how) -> subprocess.Popen:
    """Starts a service with SIGTERM blocked, as it wants it: so it can be stopped before it is up."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        return subprocess.Popen(command, **how)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


_stdout_lock = threading.Lock()


def copy_lines(pipe: IO[bytes]) -> None:
    """Copies whole lines to stdout: four writers on one pipe would cut into each other's long ones."""
    gone = False
    for line in pipe:
        if gone:
            continue  # Reading on, so that the service can finish.
        try:
            with _stdout_lock:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        except BrokenPipeError:
            gone = True
            with _stdout_lock:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def stop(running: Running) -> list[str]:
    """Ends a service, then what takes its log; returns what went wrong."""
    running.service.send_signal(signal.SIGTERM)
    problems = wait(running.service, running.name, STOP_SECONDS)
    if running.sink:
        problems += wait(running.sink, f"sink of {running.name}", SINK_SECONDS)
    if running.copier:
        running.copier.join()
    return problems


def wait(process: subprocess.Popen, what: str, seconds: float) -> list[str]:
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return [f"{what} did not end within {seconds:g} s"]
    return [f"{what} ended with status {code}"] if code else []


# -- customers ------------------------------------------------------------------------------------


def send_customers(url: str, options: argparse.Namespace) -> list[Outcome]:
    visits = plan(options.requests, options.seed)
    pool = ThreadPoolExecutor(options.concurrency, thread_name_prefix="customer")
    try:
        return list(pool.map(lambda visit: order(f"{url}/checkout", visit), visits))
    finally:
        pool.shutdown(cancel_futures=True)


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def order(url: str, visit: Visit) -> Outcome:
    request = urllib.request.Request(url, json.dumps(visit.cart).encode(), {"Content-Type": "application/json"})
    started = time.monotonic()
    try:
        with _opener.open(request, timeout=REQUEST_SECONDS) as answer:
            answer.read()
            status, task = answer.status, answer.headers["Distlog-Task"]
    except urllib.error.HTTPError as error:
        with error:
            status, task = error.code, error.headers["Distlog-Task"]
    except OSError:
        status = task = None
    return Outcome(visit, status, task, time.monotonic() - started)


# -- words ----------------------------------------------------------------------------------------


def say(text: str) -> None:
    print(f"shop: {text}", file=sys.stderr)


def unplanned(outcome: Outcome) -> str:
    visit = outcome.visit
    got = outcome.status or "no answer"
    wanted = f"order {visit.cart['order']} ({visit.kind.name}): wanted {visit.kind.status}"
    return f"{wanted}, got {got}, task {outcome.task}"


def summarize(outcomes: list[Outcome], seconds: float) -> None:
    failed = sum(outcome.visit.kind.status >= 400 for outcome in outcomes)
    say(f"{len(outcomes)} requests in {seconds:.1f} s, {failed} of them planned to fail")
    count = collections.Counter(outcome.visit.kind.name for outcome in outcomes)
    first = {outcome.visit.kind.name: outcome.task for outcome in reversed(outcomes)}
    for kind in KINDS:
        if count[kind.name]:
            say(f"{count[kind.name]:5}  {kind.status}  {kind.name:28}  {first[kind.name]}")


def write_report(path: Path, outcomes: list[Outcome]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for visit, status, task, seconds in outcomes:
            row = {"order": visit.cart["order"], "kind": visit.kind.name, "planned": visit.kind.status,
                   "status": status, "task": task, "seconds": round(seconds, 6)}
            print(json.dumps(row), file=file)


if __name__ == "__main__":
    sys.exit(main())
