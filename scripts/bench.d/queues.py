"""How fast records go to queues: into a stream of NATS beside the client async-nats by itself, and over ZeroMQ beside
libzmq's own loop.

The bare client publishes the same messages in the same way, many on their way at a time and each acknowledged; it has
neither to read records nor to hash them. The server is one of its own on a free port of loopback, with its settings
as they come. Over ZeroMQ, libzmq's receive loop takes the messages of both, and the time runs until it has them all.
"""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

import machine
import stores
import wire

# The work, what it says, and how many records it has.
WORKS = {
    "send-nats": ("records into a stream of NATS JetStream, acknowledged", 200_000),
    "send-zmq": ("records over ZeroMQ to a receive loop of libzmq", 1_000_000),
}

PARTITIONS = 16
PATIENCE = 120


def measure(name, tools, rounds):
    """Rows for the table: records a second, processor time a record, and ratios to ours."""
    if not machine.program("dl-send"):
        return [{"tool": "dl-send", "absent": "dl-send is not built"}]
    return _nats(tools, rounds) if name == "send-nats" else _zmq(tools, rounds)


def _nats(tools, rounds):
    peer = os.environ.get("DISTLOG_NATS", "target/nats/release/distlog-nats")
    if not machine.program("nats-server"):
        return [{"tool": "dl-send", "absent": "nats-server is not installed"}]
    runs, rows = {}, []
    count = WORKS["send-nats"][1]
    has_peer = os.access(peer, os.X_OK)
    if not has_peer:
        rows.append({"tool": "async-nats", "absent": "distlog-nats is not built: scripts/bench --setup --with-nats"})
    with tempfile.TemporaryDirectory() as folder:
        records = os.path.join(folder, "records.ndjson")
        stores.records(records, count)
        for round_ in range(rounds):
            for tool in ["dl-send", "async-nats"]:
                if tool == "async-nats" and (not has_peer or tools and tool not in tools):
                    continue
                with Server(os.path.join(folder, f"{round_}-{tool}")) as server:
                    place = f"nats://127.0.0.1:{server.port}/LOGS"
                    # The stream is made before the clock runs.
                    made = [machine.program("dl-send"), place, "--partitions", str(PARTITIONS)]
                    subprocess.run(made, input=b"", check=True)
                    command = [machine.program("dl-send"), place, records]
                    if tool == "async-nats":
                        command = [peer, f"127.0.0.1:{server.port}", "LOGS", str(PARTITIONS), records]
                    runs.setdefault(tool, []).append(stores.timed(command, count))
                    if server.count() != count:
                        raise RuntimeError(f"{tool}: {server.count()} of {count} records are there")
    return rows + wire.summed(runs, "dl-send")


class Server:
    """A server of NATS with a folder and ports of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.port, self.monitor = machine.free_port(), machine.free_port()

    def __enter__(self):
        command = ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-m", str(self.monitor)]
        self.process = subprocess.Popen([*command, "-js", "-sd", self.folder], stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def count(self):
        place = f"http://127.0.0.1:{self.monitor}/jsz?streams=1"
        with urllib.request.urlopen(place, timeout=PATIENCE) as answer:
            details = json.load(answer)["account_details"]
        streams = [stream for account in details for stream in account.get("stream_detail", [])]
        return sum(stream["state"]["messages"] for stream in streams if stream["name"] == "LOGS")


def _zmq(tools, rounds):
    if not os.access(wire.wire(), os.X_OK):
        absent = "distlog-wire is not built: scripts/bench --setup --with-libzmq"
        return [{"tool": "libzmq", "absent": absent}]
    runs, count = {}, WORKS["send-zmq"][1]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for tool in ["dl-send", "libzmq"]:
                if tool == "libzmq" and tools and tool not in tools:
                    continue
                runs.setdefault(tool, []).append(_pushed(tool, count, folder))
    return wire.summed(runs, "dl-send")


def _pushed(tool, count, folder):
    receive = [wire.wire(), "receive", "tcp://127.0.0.1:*", str(count)]
    receiver = subprocess.Popen(receive, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    place = re.search(r"tcp://\S+", receiver.stderr.readline()).group()
    command = [wire.wire(), "send", place, str(count)]
    if tool == "dl-send":
        command = [machine.program("dl-send"), place, wire.capture(folder, count)]
    begin = time.monotonic()
    sender = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(sender.pid, 0)
    sender.returncode = status
    if status:
        # It would wait for what nobody sends.
        receiver.kill()
    if receiver.wait(PATIENCE) or status:
        raise RuntimeError(f"{tool} has failed")
    seconds = time.monotonic() - begin
    return count / seconds, (usage.ru_utime + usage.ru_stime) / count * 1e6
