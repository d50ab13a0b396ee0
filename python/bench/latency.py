#!/usr/bin/env python3
"""How long a request takes while its log's collector runs, hangs, or is not there.

    PYTHONPATH=python python3 python/bench/latency.py [REQUESTS]

A request computes for about a millisecond, in a scope with two scopes and five records; thirty come, in turn, to each
kind of collector, so that all kinds see the same machine.
"""

import logging
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from support import Collector  # noqa: E402

from distlog import ZmqHandler, task, to  # noqa: E402

TURN = 30
log = logging.getLogger(__name__)


def request(number):
    with task("request %d", number, customer="ada"):
        for part in range(2):
            with to("part %d", part):
                log.info("working on part %d of %d", part, number)
                sum(range(12_000))
        for step in range(3):
            log.info("step %d of %d", step, number)


def main():
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    with Collector(out="/dev/null") as running, Collector(out="/dev/null") as hanging, Collector(out="/dev/null") as gone:
        handlers = {
            "no handler": logging.NullHandler(),
            "running": ZmqHandler(running.endpoint),
            "hanging": ZmqHandler(hanging.endpoint, capacity=1_000_000, max_bytes=1 << 30, flush_timeout=0.1),
            "absent": ZmqHandler(gone.endpoint, capacity=1_000_000, max_bytes=1 << 30, flush_timeout=0.1),
        }
        gone.stop()
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        root.addHandler(handlers["hanging"])
        log.info("before it hangs")
        handlers["hanging"].flush(30)
        hanging.process.send_signal(signal.SIGSTOP)
        took = {name: [] for name in handlers}
        for number in range(requests // TURN):
            for name, handler in handlers.items():
                root.handlers[:] = [handler]
                for one in range(TURN):
                    began = time.perf_counter()
                    request(number * TURN + one)
                    took[name].append(time.perf_counter() - began)
        hanging.process.send_signal(signal.SIGCONT)
        print("| collector | median, ms | p99, ms | p99.9, ms |\n|---|---|---|---|")
        for name, times in took.items():
            times.sort()
            at = [times[int(len(times) * share)] * 1000 for share in (0.5, 0.99, 0.999)]
            print(f"| {name} | {at[0]:.2f} | {at[1]:.2f} | {at[2]:.2f} |")
        for handler in handlers.values():
            handler.close()


if __name__ == "__main__":
    main()
