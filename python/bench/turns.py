#!/usr/bin/env python3
"""What ours costs the caller and what the peer it is held against costs, by turns in one process.

    pip install -r python/bench/requirements.txt
    PYTHONPATH=python python3 python/bench/turns.py [--rounds 400]

`costs` measures each case in processes of its own, one after the other, and a machine that changes its speed
meanwhile changes their ratio. Here a round is a burst of 100 calls of ours and one of the peer's, each after the same
rest: our queue is empty, and 15 ms have passed. The ratio is taken in each round; told are its median and quartiles.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from pathlib import Path

from costs import BURST, ORDER, USUAL, distlog, eliot_to_file, python_json_logger, scope, sinks

REST_SECONDS = 0.015


def logger_with(name, handler):
    logger = logging.getLogger(name)
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return logger


def burst(work, handler):
    """Seconds of a burst of calls, after a rest."""
    rested = time.perf_counter() + REST_SECONDS
    while handler._queue or handler._backlog.waiting or time.perf_counter() < rested:
        time.sleep(0.001)
    began = time.perf_counter()
    for _ in range(BURST):
        work()
    return time.perf_counter() - began


def compare(name, ours, peer, handler, rounds):
    """Prints a row: µs of a call of each, and the quartiles of the ratio."""
    pairs = [(burst(ours, handler), burst(peer, handler)) for _ in range(rounds)]
    low, middle, high = statistics.quantiles([own / other for own, other in pairs], n=4)
    own, other = (statistics.median(column) / BURST * 1e6 for column in zip(*pairs))
    print(f"| {name} | {own:.1f} | {other:.1f} | {middle:.2f} ({low:.2f}–{high:.2f}) |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400, help="bursts of each, 400 unless told")
    rounds = parser.parse_args().rounds
    collector, reader = sinks()
    handler = distlog.ZmqHandler(os.environ["BENCH_ZMQ"], overflow="block", block_seconds=600)
    plain = logging.FileHandler(Path(os.environ["BENCH_FOLDER"], "plain"), mode="w")
    plain.setFormatter(python_json_logger(USUAL)())
    try:
        shipped, filed = logger_with("bench.shop", handler), logger_with("bench.file", plain)
        # The scopes of `costs` log through the logger of that module.
        logger_with(scope.__module__, handler)
        eliot = eliot_to_file()

        def action():
            with eliot.start_action(action_type="charge card", order=17, amount=24.9, currency="EUR"):
                pass

        print("| call | ours, µs | peer's, µs | ours / peer's |\n|---|---|---|---|")
        compare(
            "emit, beside FileHandler with python-json-logger, 4 fields",
            lambda: shipped.info(*ORDER), lambda: filed.info(*ORDER), handler, rounds,
        )  # fmt: skip
        with distlog.task("request"), eliot.start_action(action_type="request"):
            compare("scope, beside Eliot's start_action to a file", scope, action, handler, rounds)
        dropped = handler.stats.dropped
    finally:
        handler.close()
        collector.__exit__()
        reader.kill()
        reader.communicate()
    if dropped:
        sys.exit(f"turns: {dropped} records were dropped")


if __name__ == "__main__":
    main()
