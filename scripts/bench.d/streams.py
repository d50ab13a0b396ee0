"""How fast records of Python, syslog and OTLP come in, beside Python's own reader and rsyslog.

A sender writes one prepared stream into a connection on loopback. The time runs from its start until the
receiver has ended, with all records in a file. dl-recv is asked to end when the sender has, takes what has arrived,
and says how many that were; rsyslog is asked when its file has them all. `pickle.loads` gets the same pickles from
memory, without a socket and without writing anything.
"""

import logging.handlers
import os
import pickle
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import machine
import wire

PATIENCE = 120

# The work, what it says, and how many records it has.
WORKS = {
    "recv-pickle": ("records of SocketHandler over TCP", 500_000),
    "recv-syslog-tcp": ("RFC 5424 by lines over TCP", 1_000_000),
    "recv-syslog-udp": ("RFC 5424 over UDP, as many as a sender can; the rate is of those that came", 500_000),
    "recv-otlp": ("OTLP/HTTP logs in protobuf, 1,000 records a request", 500_000),
}

LOADS = """
import pickle, struct, sys, time
data = open(sys.argv[1], "rb").read()
begin, at, count = time.perf_counter(), 0, 0
loads = pickle.loads
while at < len(data):
    length, = struct.unpack_from(">L", data, at)
    loads(data[at + 4 : at + 4 + length])
    at += 4 + length
    count += 1
print(count / (time.perf_counter() - begin))
"""

# Arguments: kind, port, file.
SENDER = """
import os, socket, sys, time
kind, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if kind == "udp":
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(("127.0.0.1", port))
    with open(path, "rb") as lines:
        for line in lines:
            out.send(line[:-1])
else:
    out = socket.create_connection(("127.0.0.1", port))
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        sent = 0
        while sent < size:
            sent += os.sendfile(out.fileno(), file.fileno(), sent, size - sent)
    out.shutdown(socket.SHUT_WR)
    # Replies, and then the end; who sends none closes when all has been read.
    while out.recv(1 << 16):
        pass
"""


def measure(name, tools, rounds):
    """Rows for the table: records a second, processor time a record, and ratios to ours."""
    _, count = WORKS[name]
    ways = {"dl-recv": _ours}
    if name == "recv-pickle":
        ways["pickle.loads"] = _loads
    elif name.startswith("recv-syslog"):
        ways["rsyslog"] = _rsyslog
    rows, runs = [], {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stream")
        try:
            with open(path, "wb") as out:
                STREAMS[name](out, count)
        except ImportError as error:
            return [{"tool": "dl-recv", "absent": str(error)}]
        for round_ in range(rounds):
            for tool, run in ways.items():
                if tools and tool != "dl-recv" and tool not in tools:
                    continue
                missing = _missing(tool)
                if missing and not round_:
                    rows.append({"tool": tool, "absent": missing})
                if not missing:
                    runs.setdefault(tool, []).append(run(name, path, count, folder))
    return rows + wire.summed(runs)


def _missing(tool):
    if tool == "dl-recv" and not machine.program("dl-recv"):
        return "dl-recv is not built"
    if tool == "rsyslog" and not machine.program("rsyslogd"):
        return "rsyslogd is not installed"
    return None


def _pickles(out, count):
    handler = logging.handlers.SocketHandler("127.0.0.1", 1)
    fields = {"request_id": "c0ffee-17", "user": "anna", "amount": 12.5}
    made = []
    for number in range(1000):
        record = logging.LogRecord(
            "orders.db", logging.INFO, "/srv/orders/db.py", 120 + number % 50, "query %s took %d ms",
            (f"orders-{number}", number), None, "query",
        )
        record.__dict__.update(fields)
        made.append(handler.makePickle(record))
    assert struct.unpack(">L", made[0][:4])[0] == len(made[0]) - 4 and pickle.loads(made[0][4:])
    for _ in range(count // 1000):
        out.write(b"".join(made))


def _syslog(out, count):
    for number in range(count):
        out.write(
            b'<14>1 2026-11-20T12:33:39.654321Z web-1 orders 4711 - [request@32473 id="c0ffee-%d"] '
            b"query took %d ms and found what it looked for\n" % (number, number % 500)
        )


def _otlp(out, count):
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    attribute = resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = "orders"
    scope = resource.scope_logs.add()
    for number in range(1000):
        record = scope.log_records.add(
            time_unix_nano=1795176000000000000 + number * 1000,
            severity_number=9,
            severity_text="INFO",
            trace_id=bytes(range(16)),
            span_id=bytes(range(8)),
        )
        record.body.string_value = f"query took {number} ms and found what it looked for"
        record.attributes.add(key="user").value.string_value = "anna"
        record.attributes.add(key="amount").value.double_value = 12.5
    body = request.SerializeToString()
    head = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
    for left in range(count // 1000, 0, -1):
        close = "Connection: close\r\n" if left == 1 else ""
        out.write(f"{head}{close}Content-Length: {len(body)}\r\n\r\n".encode() + body)


STREAMS = {
    "recv-pickle": _pickles,
    "recv-syslog-tcp": _syslog,
    "recv-syslog-udp": _syslog,
    "recv-otlp": _otlp,
}
ENDPOINTS = {
    "recv-pickle": "pylog+tcp",
    "recv-syslog-tcp": "syslog+tcp",
    "recv-syslog-udp": "syslog+udp",
    "recv-otlp": "otlp+http",
}


def _send(name, port, path):
    kind = "udp" if name.endswith("udp") else "tcp"
    return subprocess.Popen([sys.executable, "-c", SENDER, kind, str(port), path])


def _finish(receiver, begin, came):
    _, status, usage = os.wait4(receiver.pid, 0)
    seconds = time.monotonic() - begin
    receiver.returncode = status
    return came / seconds, (usage.ru_utime + usage.ru_stime) / max(came, 1) * 1e6


def _ours(name, path, count, folder):
    output = os.path.join(folder, "ours")
    command = [machine.program("dl-recv"), "--stats", "-o", output, ENDPOINTS[name] + "://:0"]
    receiver = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    port = int(re.search(r":(\d+)$", receiver.stderr.readline().strip()).group(1))
    begin = time.monotonic()
    if _send(name, port, path).wait(PATIENCE):
        raise RuntimeError("the sender failed")
    receiver.send_signal(signal.SIGTERM)
    said = receiver.stderr.read()
    written = int(re.search(r"(\d+) written", said).group(1))
    if written != count and not name.endswith("udp"):
        raise RuntimeError(f"dl-recv has not written {count} records: {said}")
    os.remove(output)
    return _finish(receiver, begin, written)


def _loads(_name, path, count, _folder):
    done = subprocess.run([sys.executable, "-c", LOADS, path], capture_output=True, text=True, check=True)
    speed = float(done.stdout)
    return speed, 1e6 / speed


def _rsyslog(name, path, count, folder):
    kind = name.rpartition("-")[2]
    port = machine.free_port(socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    output = os.path.join(folder, "theirs")
    config = os.path.join(folder, "rsyslog.conf")
    with open(config, "w", encoding="utf-8") as file:
        file.write(
            f'module(load="im{kind}")\n'
            f'input(type="im{kind}" address="127.0.0.1" port="{port}")\n'
            "main_queue(queue.type=\"LinkedList\" queue.size=\"2000000\" queue.timeoutshutdown=\"60000\")\n"
            f'action(type="omfile" file="{output}" template="RSYSLOG_SyslogProtocol23Format")\n'
        )
    command = [machine.program("rsyslogd"), "-n", "-f", config, "-i", os.path.join(folder, "pid")]
    receiver = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _wait_for_port(kind, port)
    begin = time.monotonic()
    sender = _send(name, port, path)
    came, still = 0, time.monotonic()
    size = position = 0
    while came < count and time.monotonic() - still < (2 if sender.poll() is not None else PATIENCE):
        time.sleep(0.01)
        now = os.path.getsize(output) if os.path.exists(output) else 0
        if now != size:
            size, still = now, time.monotonic()
            with open(output, "rb") as file:
                file.seek(position)
                while block := file.read(1 << 20):
                    came += block.count(b"\n")
                    position += len(block)
    waited = time.monotonic() - still
    receiver.send_signal(signal.SIGTERM)
    if kind == "tcp" and came < count:
        raise RuntimeError(f"rsyslog has written {came} of {count} records")
    sender.kill()
    sender.wait()
    os.remove(output)
    # The time that nothing came in is none of its own.
    return _finish(receiver, begin + waited, came)


def _wait_for_port(kind, port):
    name = f"/proc/net/{kind}"
    for _ in range(500):
        with open(name, encoding="ascii") as lines:
            if any(f":{port:04X} " in line.split(None, 2)[1] + " " for line in lines):
                return
        time.sleep(0.01)
    raise RuntimeError("rsyslogd does not listen")
