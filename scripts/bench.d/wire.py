"""How fast records come in over ZeroMQ, beside libzmq's and pyzmq's receive loops.

Every receiver gets the same messages: a topic of 3 bytes and a record of 600, over TCP on loopback. The time
runs from the start of the senders until the receiver has ended. A loop ends when it has them all; dl-recv is
asked to end when the senders have, takes what has arrived, and says how many that were.
"""

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import machine

# Enough that the start of a process does not count.
MESSAGES = 2_000_000
PATIENCE = 300

OURS = ("push", "dl-send")

PYZMQ = """
import sys, zmq
socket = zmq.Context().socket(zmq.PULL)
socket.bind("tcp://127.0.0.1:*")
print("listening on", socket.getsockopt_string(zmq.LAST_ENDPOINT), file=sys.stderr, flush=True)
receive = socket.recv_multipart
for _ in range(int(sys.argv[1])):
    receive()
"""

# The work, what it says, and how many of libzmq's senders it has, or which of ours.
WORKS = {
    "recv-1": ("records from one sender of libzmq", 1),
    "recv-8": ("records from 8 senders of libzmq", 8),
    "recv-push": ("records from our sender, which has them in memory as libzmq's has", "push"),
    "recv-own": ("records from dl-send, which reads and checks them first", "dl-send"),
}


def measure(name, tools, rounds):
    """Rows for the table: records a second, processor time a record, and ratios to ours."""
    _, senders = WORKS[name]
    receivers = [("dl-recv", MESSAGES), ("libzmq", MESSAGES), ("pyzmq", MESSAGES // 4)]
    if senders in OURS:
        receivers = receivers[:1]
    rows, speeds = [], {}
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(rounds):
            for tool, count in receivers:
                if tools and tool != "dl-recv" and not any(word in tool for word in tools):
                    continue
                missing = _missing(tool)
                if missing:
                    if not round_:
                        rows.append({"tool": tool, "absent": missing})
                    continue
                speeds.setdefault(tool, []).append(_run(tool, senders, count, folder))
    return rows + summed(speeds)


def summed(runs, our="dl-recv"):
    """A row for each tool: medians of its runs, and ratios of ours to them, round by round."""
    rows = []
    for tool, its in runs.items():
        row = {
            "tool": tool,
            "records_per_s": statistics.median(speed for speed, _ in its),
            "cpu_us": statistics.median(cpu for _, cpu in its),
        }
        if tool != our:
            ratios = [ours / peer for (ours, _), (peer, _) in zip(runs[our], its)]
            row["ratio"] = (statistics.median(ratios), min(ratios), max(ratios))
        rows.append(row)
    return rows


def _missing(tool):
    if tool == "dl-recv":
        return None if machine.program("dl-recv") else "dl-recv is not built"
    if not os.access(wire(), os.X_OK):
        return "distlog-wire is not built: scripts/bench --setup --with-libzmq"
    if tool == "pyzmq" and not machine.has_module("zmq"):
        return "the Python package pyzmq is not installed"
    return None


def wire():
    """The path of libzmq's loops."""
    return os.environ.get("DISTLOG_WIRE", "target/wire/release/distlog-wire")


def _run(tool, senders, count, folder):
    commands = {
        "dl-recv": [machine.program("dl-recv"), "--stats", "tcp://127.0.0.1:0"],
        "libzmq": [wire(), "receive", "tcp://127.0.0.1:*", str(count)],
        "pyzmq": [sys.executable, "-c", PYZMQ, str(count)],
    }
    receiver = subprocess.Popen(
        commands[tool], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    place = re.search(r"tcp://\S+", receiver.stderr.readline()).group()
    begin = time.monotonic()
    peers = [subprocess.Popen(command) for command in _commands(senders, place, count, folder)]
    for peer in peers:
        if peer.wait(PATIENCE):
            raise RuntimeError(f"a sender to {tool} failed")
    if tool == "dl-recv":
        receiver.send_signal(signal.SIGTERM)
    said = receiver.stderr.read()
    _, status, usage = os.wait4(receiver.pid, 0)
    seconds = time.monotonic() - begin
    receiver.returncode = status
    if tool == "dl-recv" and f"{count:,} read".replace(",", "") not in said.replace(",", ""):
        raise RuntimeError(f"dl-recv has not received {count} records: {said}")
    return count / seconds, (usage.ru_utime + usage.ru_stime) / count * 1e6


def _commands(senders, place, count, folder):
    """What sends so many records: each command a process."""
    if senders == "push":
        push = os.environ.get("DISTLOG_PUSH", "target/release/examples/push")
        return [[push, place, str(count)]]
    if senders == "dl-send":
        return [[machine.program("dl-send"), place, capture(folder, count)]]
    return [[wire(), "send", place, str(count // senders)]] * senders


def capture(folder, count):
    """A file of so many records of 600 bytes."""
    path = os.path.join(folder, "records.ndjson")
    if not os.path.exists(path):
        head = '{"name":"orders.db","levelname":"INFO","levelno":20,"created":1795176000.125,"text":"'
        line = head + "x" * (600 - len(head) - 2) + '"}\n'
        with open(path, "w", encoding="utf-8") as out:
            for _ in range(count // 1000):
                out.write(line * 1000)
    return path
