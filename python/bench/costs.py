#!/usr/bin/env python3
"""What logging costs the one who calls, beside other libraries, in one run of pyperf.

    pip install -r python/bench/requirements.txt
    PYTHONPATH=python python3 python/bench/costs.py [--fast] [--only EXPRESSION] [-o costs.json] [other options of pyperf]

Each case logs the same: a line with three arguments, or a scope with two fields. Files are in a temporary folder,
sinks are processes of their own: dl-recv, and a server that reads what SocketHandler sends. A record for our handlers is
serialised and queued by the caller, and sent by a thread in between (`burst`: 100 records, and then the queue
is empty before the next hundred) or at the same time (`sustained`: as fast as it goes; nothing is dropped).

"""

import logging
import logging.handlers
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyperf

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

import distlog  # noqa: E402

BURST = 100
ORDER = ("order %d of %s costs %.2f", 17, "ada", 24.9)
log = logging.getLogger("bench.shop")


def alone(handler):
    """The one logger that the case uses, with the one handler."""
    for logger in (log, logging.getLogger(__name__)):
        logger.handlers[:] = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False


def timed(work, rest=None):
    """A case of pyperf: so many calls, in bursts, with a rest in between that nobody pays for."""

    def run(loops):
        spent = 0.0
        left = loops
        while left:
            count = min(left, BURST)
            began = time.perf_counter()
            for _ in range(count):
                work()
            spent += time.perf_counter() - began
            left -= count
            if rest is not None:
                rest()
        return spent

    return run


def emit():
    log.info(*ORDER)


def scope():
    with distlog.to("charge card of order %d", 17, amount=24.9, currency="EUR"):
        pass


def drained(handler):
    def rest():
        while handler._queue or handler._backlog.waiting:
            time.sleep(0.001)

    return rest


def shipping(make, sustained=False):
    def case(work=emit):
        handler = make(overflow="block", block_seconds=600)
        alone(handler)
        emit()
        if not handler.flush(60):
            sys.exit("costs: the sink takes nothing")
        emit()
        run = timed(work, None if sustained else drained(handler))

        def checked(loops):
            spent = run(loops)
            if handler.stats.dropped:
                sys.exit("costs: records were dropped")
            drained(handler)()
            return spent

        return checked

    return case


def file_handler(formatter):
    def case(work=emit):
        handler = logging.FileHandler(Path(os.environ["BENCH_FOLDER"], "log"), mode="w")
        handler.setFormatter(formatter())
        alone(handler)
        return timed(work)

    return case


def python_json_logger(fields):
    def make():
        from pythonjsonlogger.json import JsonFormatter

        return JsonFormatter(" ".join(f"%({name})s" for name in fields.split()))

    return make


USUAL = "asctime levelname name message"
ALL = (
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created"
    " msecs relativeCreated thread threadName processName process message asctime"
)


def stdlib_alone(work=emit):
    class Nothing(logging.Handler):
        def handle(self, record):
            return True

    alone(Nothing())
    return timed(work)


def socket_handler():
    alone(logging.handlers.SocketHandler("127.0.0.1", int(os.environ["BENCH_SOCKET"])))
    return timed(emit)


def with_structlog():
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=open(Path(os.environ["BENCH_FOLDER"], "log"), "w")),
        cache_logger_on_first_use=True,
    )
    logger = structlog.get_logger()
    return timed(lambda: logger.info("order costs", order=17, customer="ada", amount=24.9))


def with_loguru():
    from loguru import logger

    logger.remove()
    logger.add(Path(os.environ["BENCH_FOLDER"], "log"), serialize=True)
    return timed(lambda: logger.info("order {} of {} costs {:.2f}", 17, "ada", 24.9))


def eliot_to_file():
    import eliot

    eliot.add_destinations(eliot.FileDestination(file=open(Path(os.environ["BENCH_FOLDER"], "log"), "wb")))
    return eliot


def eliot_message():
    eliot = eliot_to_file()
    return timed(lambda: eliot.log_message("order", order=17, customer="ada", amount=24.9))


def pause():
    """As long as our own bursts rest: what has been asleep begins slower."""
    time.sleep(0.015)


def eliot_action(rest=None):
    eliot = eliot_to_file()

    def work():
        with eliot.start_action(action_type="charge card", order=17, amount=24.9, currency="EUR"):
            pass

    outer = eliot.start_action(action_type="request")
    outer.__enter__()
    return timed(work, rest)


def zmq_handler(**options):
    return distlog.ZmqHandler(os.environ["BENCH_ZMQ"], **options)


def in_scope(case):
    def made():
        distlog.task("request").__enter__()
        return case(scope)

    return made


def off():
    alone(logging.NullHandler())
    log.setLevel(logging.ERROR)
    logging.getLogger(__name__).setLevel(logging.ERROR)
    distlog.task("request").__enter__()
    return timed(scope)


CASES = {
    "emit: logging alone, a handler that does nothing": stdlib_alone,
    "emit: FileHandler, text": file_handler(lambda: logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")),
    "emit: FileHandler, python-json-logger, 4 fields": file_handler(python_json_logger(USUAL)),
    "emit: FileHandler, python-json-logger, all fields": file_handler(python_json_logger(ALL)),
    "emit: FileHandler, distlog.JSONFormatter": file_handler(lambda: distlog.JSONFormatter()),
    "emit: SocketHandler": socket_handler,
    "emit: structlog, JSON, to a file": with_structlog,
    "emit: loguru, serialize, to a file": with_loguru,
    "emit: Eliot, log_message, to a file": eliot_message,
    "emit: distlog.ZmqHandler, burst": shipping(zmq_handler),
    "emit: distlog.ZmqHandler, sustained": shipping(zmq_handler, sustained=True),
    "scope: Eliot, start_action, to a file": eliot_action,
    "scope: Eliot, start_action, to a file, burst": lambda: eliot_action(pause),
    "scope: distlog, ZmqHandler, burst": in_scope(shipping(zmq_handler)),
    "scope: distlog, ZmqHandler, sustained": in_scope(shipping(zmq_handler, sustained=True)),
    "scope: distlog, handler that does nothing": in_scope(stdlib_alone),
    "scope: distlog, level off": off,
}


def read_all(listener):
    def read(connection):
        while connection.recv(1 << 16):
            pass

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=read, args=(connection,), daemon=True).start()


def sinks():
    """Starts what the cases send to, and tells the workers by the environment."""
    from support import Collector

    folder = tempfile.mkdtemp()
    collector = Collector(out="/dev/null")
    collector.start()
    code = (
        "import socket,sys; sys.path.insert(0, sys.argv[1]); import costs;"
        "s = socket.create_server(('127.0.0.1', 0), backlog=64); print(s.getsockname()[1], flush=True); costs.read_all(s)"
    )
    reader = subprocess.Popen([sys.executable, "-c", code, str(HERE)], stdout=subprocess.PIPE)
    os.environ.update(
        BENCH_FOLDER=folder, BENCH_ZMQ=collector.endpoint, BENCH_SOCKET=reader.stdout.readline().decode().strip()
    )
    return collector, reader


def main():
    runner = pyperf.Runner(
        add_cmdline_args=lambda command, args: command.extend(["--only", args.only] if args.only else [])
    )
    runner.argparser.add_argument("--only", help="cases whose names match this expression")
    args = runner.parse_args()
    names = "BENCH_FOLDER", "BENCH_ZMQ", "BENCH_SOCKET", "PYTHONPATH"
    args.inherit_environ = [*(args.inherit_environ or []), *names]
    started = sinks() if not args.worker else None
    found = {}
    try:
        for name, case in CASES.items():
            if args.only and not re.search(args.only, name):
                continue
            # What a case sets up, it sets up in the worker that runs it.
            bench = runner.bench_time_func(name, lambda loops, case=case: _made(case)(loops))
            if bench is not None and not args.worker:
                found[name] = bench.median()
    finally:
        if started is not None:
            started[0].__exit__()
            started[1].kill()
            started[1].communicate()
    if found:
        table(found)


_kept = {}


def _made(case):
    if case not in _kept:
        _kept[case] = case()
    return _kept[case]


def table(found):
    """The medians in microseconds, beside the two that ours are measured by."""
    bases = {
        "emit": found.get("emit: FileHandler, python-json-logger, 4 fields"),
        "scope": found.get("scope: Eliot, start_action, to a file"),
    }
    print("\n| case | µs | of the base |\n|---|---|---|")
    for name, seconds in found.items():
        base = bases[name.partition(":")[0]]
        print(f"| {name} | {seconds * 1e6:.1f} | {f'{seconds / base:.2f}' if base else '–'} |")


if __name__ == "__main__":
    main()
