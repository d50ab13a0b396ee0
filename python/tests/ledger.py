#!/usr/bin/env python3
"""Many processes log while their collector is restarted: what was logged and what came must be the same.

    ledger.py [--processes 8] [--records 100000] [--restarts 2] [--kill] [--handler zmq|ndjson]

Every second restart is a kill -9 with --kill; otherwise all are SIGTERM. The producers outlive the last one: what
a process that has ended had handed to the system, nobody can send again. Prints the ledger as JSON, and ends with
1 if it does not balance.
"""

import argparse
import collections
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import Collector, PYTHON  # noqa: E402

PRODUCER = """
import json, logging, sys
import distlog
handler = getattr(distlog, sys.argv[1])(sys.argv[2], overflow="block", block_seconds=600, flush_timeout=600)
logging.basicConfig(level=logging.INFO, handlers=[handler])
log = logging.getLogger("ledger")
print("ready", flush=True)
sys.stdin.readline()
records = int(sys.argv[3])
for number in range(records):
    if number == records * 9 // 10:
        # A process that has ended sends nothing again: it has to outlive the last restart.
        sys.stdin.readline()
    log.info("record %d of many", number, extra={"n": number})
handler.close()
print(json.dumps(handler.stats._asdict()), flush=True)
"""

RECORD_ID = re.compile(rb'"record_id":"([0-9a-f]+)-([0-9]+)"')


def run(processes, records, restarts, kill=False, handler="zmq"):
    """The ledger of one run."""
    name = {"zmq": "ZmqHandler", "ndjson": "NdjsonHandler"}[handler]
    endpoint = {"zmq": "tcp://127.0.0.1:0", "ndjson": "ndjson+tcp://127.0.0.1:0"}[handler]
    environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
    with Collector(endpoint) as collector:
        command = [sys.executable, "-c", PRODUCER, name, collector.endpoint, str(records)]
        producers = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            for _ in range(processes)
        ]
        for producer in producers:
            producer.stdout.readline()
        began = time.monotonic()
        for producer in producers:
            producer.stdin.write(b"go\n")
            producer.stdin.flush()
        whole = processes * records
        for number in range(1, restarts + 1):
            # At equal distances of what is to come.
            while count(collector.out) < whole * number // (restarts + 1):
                time.sleep(0.02)
            collector.stop(signal.SIGKILL if kill and number % 2 == 0 else signal.SIGTERM)
            cut_off_half_a_line(collector.out)
            collector.start()
        for producer in producers:
            producer.stdin.write(b"go on\n")
            producer.stdin.flush()
        stats = [json.loads(producer.stdout.read()) for producer in producers]
        for producer in producers:
            producer.wait()
            producer.stdin.close()
            producer.stdout.close()
        seconds = time.monotonic() - began
        # A second without anything new: the collector has read all that the producers left behind.
        while True:
            before = count(collector.out)
            time.sleep(1)
            if count(collector.out) == before:
                break
        collector.stop()
        came = collections.defaultdict(set)
        lines = 0
        with collector.out.open("rb") as file:
            for line in file:
                lines += 1
                origin, number = RECORD_ID.findall(line)[-1]
                came[origin].add(int(number))
        distinct = sum(map(len, came.values()))
        gaps = sum(max(numbers) - len(numbers) for numbers in came.values())
        return {
            "processes": processes, "logged": whole, "accepted": sum(s["accepted"] for s in stats),
            "sent": sum(s["sent"] for s in stats), "dropped": sum(s["dropped"] for s in stats),
            "resent": sum(s["resent"] for s in stats), "written": lines, "distinct": distinct,
            "duplicates": lines - distinct, "origins": len(came), "gaps": gaps, "restarts": restarts,
            "rejected": sum(ledger[3] for ledger in collector.ledger), "seconds": round(seconds, 1),
        }


def count(path):
    """Lines of a growing file."""
    size = path.stat().st_size if path.exists() else 0
    known = _counted.setdefault(path, [0, 0])
    if size > known[0]:
        with path.open("rb") as file:
            file.seek(known[0])
            piece = file.read(size - known[0])
        known[1] += piece.count(b"\n")
        known[0] = size
    return known[1]


_counted = {}


def cut_off_half_a_line(path):
    """What a killed program has written of a line is no line."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        start = max(0, size - (1 << 20))
        file.seek(start)
        tail = file.read()
        whole = start + tail.rfind(b"\n") + 1
        file.truncate(whole)
    known = _counted.get(path)
    if known and known[0] > whole:
        known[0] = whole


def balances(ledger):
    return (
        ledger["logged"] == ledger["accepted"] == ledger["sent"] == ledger["distinct"]
        and not ledger["dropped"] and not ledger["gaps"] and not ledger["rejected"]
        and ledger["origins"] == ledger["processes"]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--handler", choices=("zmq", "ndjson"), default="zmq")
    found = run(**vars(parser.parse_args()))
    print(json.dumps(found))
    sys.exit(not balances(found))
