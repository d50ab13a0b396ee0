#!/usr/bin/env python3
"""Writes seeds for a fuzz target into a folder.

    fuzz-seeds.py TARGET FOLDER

They come from tests/data/samples: lines for `record` and `redact`, lines below an expression for
`sieve`, files of lines for `tree`, frames for `zmtp`, `curve` and `pickle`,
the values of time-like fields for `time`, what the wire carries for the listeners, compressed for `unpack`; for the text formats pieces of the samples that are written in them. Expressions are those of the manual and the tests.
"""

import gzip
import hashlib
import json
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "tests/data/samples"


def lines():
    for path in sorted(SAMPLES.glob("*.ndjson")):
        yield from path.read_bytes().splitlines()


def record():
    return (line for line in lines() if len(line) < 4000)


def tree():
    for path in sorted(SAMPLES.glob("eliot*.ndjson")) + sorted(SAMPLES.glob("distlog*.ndjson")):
        whole = path.read_bytes().splitlines(keepends=True)
        for start in range(0, len(whole), 10):
            yield b"".join(whole[start:start + 10])


def expr():
    found = set()
    for path in [ROOT / "man/dl-expr.7", *sorted((ROOT / "tests/it/expr").glob("*.rs"))]:
        for text in re.findall(r"['\"`]([^'\"`\n]{3,80})['\"`]", path.read_text("utf-8")):
            found.add(text)
    found |= {"level >= warning", "time > now-3h", "message ~ 'time.?out'", "a in (1, 2.5, \"x\", null)",
              "not (.a.b[0] == 1 or exists(c))", "duration > 2s and status == failed"}
    return (text.encode() for text in sorted(found))


def sieve():
    """Expressions over real lines, in turn."""
    samples = [line for line in lines() if len(line) < 1000]
    for number, text in enumerate(expr()):
        start = number * 7 % len(samples)
        yield text + b"\n" + b"\n".join(samples[start : start + 4])


def redact():
    return record()


def frames():
    """The frames of distlog's captures: a count, then each with its length."""
    for path in sorted(SAMPLES.glob("distlog-*-frames.bin")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (count,) = struct.unpack_from(">I", data, at)
            at += 4
            message = []
            for _ in range(count):
                (size,) = struct.unpack_from(">I", data, at)
                message.append(data[at + 4:at + 4 + size])
                at += 4 + size
            yield message


def pickle():
    for message in frames():
        if message[0][2:3] == b"P":
            yield message[1]
    for path in sorted((ROOT / "tests/data/pickle").glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            if len(row.get("pickle", "")) < 4000:
                yield bytes.fromhex(row["pickle"])


def zmtp():
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + b"\0" + bytes(31)
    ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x04PUSH"
    # In front: how the bytes are cut.
    start = bytes([11, 1, 53, 1, 1, 7, 100, 3]) + greeting + bytes([4, len(ready)]) + ready
    yield start
    for message in list(frames())[:20]:
        yield start + b"".join(frame(part, last=part is message[-1]) for part in message)


def curve():
    cuts = bytes([11, 1, 53, 1, 1, 7, 100, 3])
    hello = b"\x05HELLO\x01\x00" + bytes(72 + 32 + 8 + 80)
    yield cuts + bytes([4, len(hello)]) + hello
    for message in list(frames())[:20]:
        # Each frame as its kind and its length, a command and bytes that are not sealed between them.
        parts = [bytes([0 if part is message[-1] else 1, min(len(part), 255)]) + part[:255] for part in message]
        yield cuts + b"\x02\x07\x04PING\0\0".join(parts)
        yield cuts + b"".join(parts) + b"\x03\x02\0\0"


def frame(body, last):
    if len(body) < 256:
        return bytes([0 if last else 1, len(body)]) + body
    return bytes([2 if last else 3]) + struct.pack(">Q", len(body)) + body


def time():
    for line in lines():
        for match in re.finditer(rb'"[^"]*(?:time|level|date|created|ts)[^"]*":\s*"?([^",}]{1,60})', line, re.I):
            yield match.group(1)


def pieces(*names):
    """Ten lines at a time of these samples, so that what spans lines is there too."""
    for name in names:
        whole = (SAMPLES / name).read_bytes().splitlines(keepends=True)
        for start in range(0, len(whole), 10):
            yield b"".join(whole[start:start + 10])
        yield b"".join(interrupted(whole[:10]))


def interrupted(whole):
    """Lines, with what a reader tells between them: see fuzz_targets/text."""
    for number, line in enumerate(whole):
        yield line
        yield bytes([1 + number % 3]) + b"\n"


def logfmt():
    yield from pieces("go-slog-text.txt", "go-logrus-text.txt", "java-logback-pattern.txt")
    yield b"2026-11-25 12:00:00,123 INFO shop trace_id=ae.73 event=started op=[a [b] c] k=\"v\\\"\"\n"
    traceback = [b"level=error msg=failed\n", b"Traceback (most recent call last):\n", b'  File "a.py", line 1, in f\n', b"KeyError: 'x'\n",
                 b"\n", b"During handling of the above exception, another exception occurred:\n", b"\n",
                 b"Traceback (most recent call last):\n", b"ValueError: y\n", b"java.lang.X: z\n", b"\tat a.B(C.java:1)\n", b"level=info\n"]
    yield b"".join(traceback)
    yield b"".join(interrupted(traceback))


def syslog():
    yield from pieces("rsyslog-5424.txt", "rsyslog-traditional.txt", "java-log4j2-rfc5424.txt",
                      "stdlib-sysloghandler-tcp.bin", "rfc5424-logging-handler.bin", "util-linux-logger.bin")


# What programs write into a container's log.
TEXTS = [b"2026-11-20 12:00:00,100 ERROR app.orders failed order=7", b"Traceback (most recent call last):",
         b'  File "a.py", line 1', b"KeyError: 'x'", b"During handling of the above exception, another exception occurred:",
         b"Exception in thread a:", b"java.io.IOException: no", b"\tat a.B.c(B.java:1)", b"Caused by: a.b.Error: x",
         b"plain", b"", b"ts=1 service=a stream=b dl=c", b"ERROR:app:x"]


def docker():
    yield from pieces("docker-json-file.ndjson")
    yield b"".join(json.dumps({"log": text.decode() + "\n", "stream": ["stdout", "stderr"][number % 7 == 3],
                               "time": "2026-11-20T12:00:00Z"}).encode() + b"\n" for number, text in enumerate(TEXTS))


def timestamps():
    yield b"".join(b"2026-11-20T12:00:00.123456789Z " + text + b"\n" for text in TEXTS)


def cri():
    parts = [b"2026-11-20T12:00:00Z stdout %s x\n" % tag for tag in (b"P", b"P", b"F", b"P", b"F")]
    yield b"".join(interrupted(parts))
    texts = [line for line in lines() if len(line) < 200][:20] + [b"plain", b""]
    for number, text in enumerate(texts):
        tag = b"P" if number % 3 else b"F"
        yield b"2026-11-20T12:00:00.123456789Z stdout " + tag + b" " + text + b"\n"
    yield b"".join(b"2026-11-20T12:00:00Z stderr F " + text + b"\n" for text in TEXTS)


def compose():
    yield b"".join(b"web-%d | " % (number % 7 == 3) + text + b"\n" for number, text in enumerate(TEXTS))
    for text in [line for line in lines() if len(line) < 200][:20]:
        yield b"web-1  | " + text + b"\n\x1b[36mdb-1 |\x1b[0m 2026-11-20T12:00:00Z x\n[pod/a/b] " + text + b"\n"


def access():
    yield from pieces("access-combined.txt", "access-development.txt")
    for rest in [b"", b' "-" "curl/8"', b' "a\\"b" "c" rt=0.1 x', b' "-"']:
        for request in [b"GET / HTTP/1.1", b"\\x16\\x03", b"-", b""]:
            yield b'a.example:443 ::1 - u [20/Nov/2026:12:00:00 +0000] "' + request + b'" 200 -' + rest + b"\n"


def nginx():
    yield from pieces("nginx-error.txt")
    for rest in [b"", b', client: ::1, server: _, request: "GET /"x HTTP/1.1", host: "a"b", referrer: "x', b", client: a, b"]:
        yield b"nginx: [emerg] x\n2026/11/20 12:00:00 [warn] 7#8: *9 x" + rest + b"\nmore\n"
        yield b'2026/11/20 12:00:00 [warn] 7#8: *9 FastCGI sent in stderr: "x\nmore\ny" while z' + rest + b"\nmore\n"


def haproxy():
    yield from pieces("haproxy.txt")
    head = b"::1:7 [20/Nov/2026:12:00:00.949] web~ "
    yield head + b'app/s1 10/0/30/69/+109 200 +2750 a=1 b=2 SVII 1/1/1/1/0 0/0 {x|y} {} "GET /x HTTP/2.0" id=7 up\n'
    yield head + b'app/s1 1/-1/0 7 -- 1/1/0/0/+1 0/0\n' + head[:-5] + b"/1: SSL handshake failure\n"


def uwsgi():
    yield from pieces("uwsgi.txt")
    own = [b"DAMN ! worker 1 (pid: 7) died", b"Fri Nov 20 12:00:00 2026 - x [a.c line 7] during GET /x (1.2.3.4)", b"*** Starting uWSGI 2 on [x] ***"]
    for front in [b"", b"a.example ", b"{rss usage: 7 bytes/0MB} {x} "]:
        for middle in [b"GET /x => generated 7 bytes in 1 msecs via x() (HTTP/1.1 200)", b"- - => generated 7 bytes in 1 micros (- 200)", b" => generated "]:
            yield (front + b"[pid: 7|app: -1|req: 1/1] ::1 (a) {3 vars in 4 bytes} [Fri Nov 20 12:00:00 2026] " + middle
                   + b" 2 headers in 79 bytes (1 switches on core 0)\nmore\n" + own[len(front) % 3] + b"\nmore\n")


def redis():
    yield from pieces("redis.txt")
    for role in b"MSCXQ":
        for sign in [b".", b"-", b"*", b"#", b"?", b""]:
            yield b"7:%c 20 Nov 2026 12:00:00.123 %s x\nmore\n" % (role, sign)


def rabbitmq():
    yield from pieces("rabbitmq.txt")
    for time in [b"12:00:00.123456+00:00", b"12:00:00.123", b"12:00:00"]:
        for level in [b"info", b"warn", b"x"]:
            head = b"2026-11-20 " + time + b" [" + level + b"] <0.1.0>"
            yield head + b" x\n" + head + b"\nmore\n" + head + b"  y\nTraceback (most recent call last):\n" + head + b" z\n"


def postgres():
    yield from pieces("postgres-stderr.txt")
    for head in [b"UTC [7] ", b"CET [7]: [3-1] user=a,db=b,app=c,client=::1(5) ", b"UTC:[local]:a@b:[7]:", b"+01 [7-3] a@b "]:
        for severity in [b"LOG", b"DEBUG5", b"DETAIL", b"LOCATION", b"X"]:
            yield b"2026-11-20 12:00:00.1 " + head + b"ERROR:  x\n2026-11-20 12:00:00 " + head + severity + b":  f, g:7\n\tmore\n"


def mysql():
    yield from pieces("mariadb-error.txt")
    for time in [b"2026-11-20  2:00:00 7", b"2026-11-20T12:00:00.123456Z 7", b"261120 12:00:00", b"2026-11-20 12:00:00+00:00"]:
        for text in [b"x", b"[MY-010116] [Server] x", b"[MY-x] [y", b"[Entrypoint]: x"]:
            yield time + b" [Note] " + text + b"\nmore\n" + time + b" [System] " + text + b"\n"


def mysql_slow():
    yield from pieces("mariadb-slow.txt")
    for time in [b"# Time: 261120  2:00:00\n", b"# Time: 2026-11-20T12:00:00.5Z\n", b""]:
        for head in [b"# A: b c  D: 1\n#\n# explain: x\n# explain: y\n", b"use `x`;\nSET a=1,timestamp=1795176000;\n", b""]:
            for text in [b"x\n\ny;\nz\n", b"# administrator command: Quit;\n", b""]:
                yield time + b"# User@Host: a[b] @ c [::1]  Id: 7\n" + head + text + time


def dotnet():
    yield from pieces("dotnet.txt")
    for time in [b"", b"12:00:00.5 ", b"[2026-11-20T12:00:00Z] "]:
        for below in [b"      => A:b, C:d => e\n      x\n", b"      a.bException: c\n       at d\n", b"      \n", b" x\n"]:
            yield time + b"fail: a.B[-1]\n" + below + time + b"dbug: c[0] x\n"


def apache():
    yield from pieces("apache-error.txt", "apache-wsgi.txt")
    for level in [b"core:error", b"error", b"-:trace8", b"x"]:
        for head in [b"[pid 7:tid 8] ", b"[pid 7] a.c(7): (13)No: [client ::1:5] AH00035: ", b"[client 1.2.3.4] ", b"[remote x] "]:
            yield b"AH00558: x\n[Fri Nov 20 12:00:00.5 2026] [" + level + b"] " + head + b"a\\t\\xff, referer: b\nmore\n"


def jul():
    yield from pieces("java-jul-simple.txt")
    for blank in ["\u202f", " ", ""]:
        for second in ["INFO: x", "FINE:", "x", "java.lang.Error: x"]:
            yield f"Nov 2, 2026 1:00:00{blank}AM a.B c d\n{second}\nmore\na.b.Error: x\n\tat y\n".encode()


def glog():
    yield from pieces("absl-python.txt")
    for head in [b"I1120 ", b"W20261120 ", b"F0229 ", b"E1131 "]:
        for text in [b"x", b'"x y" a=1 b="c\\"d"', b'"x" y', b'"x', b""]:
            yield head + b"12:00:00.123456    7 a.go:12] " + text + b"\nmore\n"


def pattern():
    forms = [rb"(?<time>\S+ \S+) \[(?<thread>[^]]+)\] (?<level>\S+) +(?<logger>\S+) - (?<message>.*)",
             rb"(?x) (?<a>(?-u:.)*?) (?: = (?<b>\d+) )? # c", rb"\[(?<time>[^]]+)\] (?<message>.*)"]
    for form in forms:
        for text in pieces("java-logback-pattern.txt", "go-slog-text.txt"):
            yield form + b"\n" + text
    yield forms[2] + b"\n[10/Oct/2000:13:55:36 -0700] x\n"


def journald_export():
    yield (SAMPLES / "journald-export.txt").read_bytes()[:2000]
    for value in [b"", b"a", b"a\nb\n\n", b"\xff\0"]:
        yield b"A=1\nB\n" + struct.pack("<Q", len(value)) + value + b"\nC=2\n\n"


def json_documents():
    yield from pieces("journald-json-pretty.txt", "journald-json-seq.txt", "otel-console-spans.txt",
                      "eliot-twisted-jsonobserver.bin")


# In front of streams and requests: what is spoken, and how the bytes are cut.
def cut(kind):
    return bytes([kind, 3, 50, 1, 7, 100, 3, 200])


def framing():
    for line in [b"\n".join(list(lines())[:3])[:250] + b"\n", b"{}\r\n\n{"]:
        yield cut(0) + line
    yield cut(1) + (SAMPLES / "stdlib-sockethandler.bin").read_bytes()[:600]
    for name in ["stdlib-sysloghandler-tcp.bin", "util-linux-logger.bin", "rsyslog-5424.txt"]:
        yield cut(2) + (SAMPLES / name).read_bytes()[:600]
    yield cut(2) + b"7 <13>a\nb9 <13>1 - -\n"
    yield cut(3) + (SAMPLES / "gelf-graypy-tcp.bin").read_bytes()[:600]


def http():
    post = b"POST /v1/logs?a=b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n"
    yield cut(5) + post + b"Content-Length: 2\r\n\r\n{}GET / HTTP/1.0\r\n\r\n"
    yield cut(9) + post + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: y\r\n\r\n" + post
    yield cut(1) + post + b"Expect: 100-continue\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def unpack():
    """Streams of lines as dl-send and the tools of gzip and zstd make them: whole, one behind the other, and cut."""
    skipped = b"\x50\x2a\x4d\x18\x03\0\0\0odd"
    # How much it may expand, how often the cuts are made, and the cuts.
    fronts = [bytes([200, 255, 1, 0, 7, 100, 3, 200]), bytes([20, 3, 255, 0, 0, 90, 250, 1])]
    for number, text in enumerate(pieces("eliot.ndjson", "structlog.ndjson", "distlog-client.ndjson", "go-slog.ndjson")):
        if len(text) > 8000:
            continue
        half = text.index(b"\n") + 1
        first, second = text[:half], text[half:]
        gzipped, packed = gzip.compress(text, 6), zstd(text)
        streams = [gzipped, packed, gzipped[: len(gzipped) // 2], packed[: len(packed) // 2], text,
                   gzip.compress(first) + zstd(second), skipped + zstd(first) + skipped + gzip.compress(second),
                   packed + text, packed[:-3] + b"\0\0\0", gzipped[:-8] + bytes(8), flushed(text)]
        for stream in streams[number % 3 :: 3] if number > 8 else streams:
            yield fronts[number % 2] + stream
    for many in (gzip.compress(bytes(3 << 20)), zstd(bytes(3 << 20))):
        yield fronts[1] + many


def zstd(text):
    """A frame, with its size and its sum, by the program zstd or, without it, of blocks that are not compressed."""
    if shutil.which("zstd"):
        return subprocess.run(["zstd", "-qc"], input=text, stdout=subprocess.PIPE, check=True).stdout
    most = 1 << 17
    parts = [text[at : at + most] for at in range(0, len(text), most)] or [b""]
    heads = [len(part) << 3 | (number == len(parts) - 1) for number, part in enumerate(parts)]
    blocks = b"".join(struct.pack("<I", head)[:3] + part for head, part in zip(heads, parts))
    return b"\x28\xb5\x2f\xfd\x00\x38" + blocks


def flushed(text):
    """A member of gzip of which each line can be read when it has come."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    lines = (packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH) for line in text.splitlines(keepends=True))
    return b"".join(lines) + packer.flush()


def chunks():
    chunk = lambda number, count: b"\x1e\x0f" + b"abcdefgh" + bytes([number, count]) + b"part"
    for order in [[0, 1, 2], [2, 0, 1], [0, 0], [1]]:
        yield b"".join(bytes([0, 1, 16]) + chunk(number, 3) for number in order)


def gelf():
    message = b'{"version":"1.1","host":"h",\n"short_message":"text","_n":1}'
    yield from [message, zlib.compress(message), gzip.compress(message), gzip.compress(message) * 2]


def pylog():
    for body in pickle():
        yield struct.pack(">L", len(body)) + body
        yield body


def form():
    for line in (SAMPLES / "stdlib-httphandler.ndjson").read_bytes().splitlines():
        request = json.loads(line)
        yield (request.get("body") or request["path"].partition("?")[2]).encode()


def otlp():
    for kind, name in [(0, "otlp-http-logs.protobuf.bin"), (1, "otlp-http-traces.protobuf.bin")]:
        body = (SAMPLES / name).read_bytes()
        yield bytes([kind]) + body
        yield bytes([kind | 4]) + gzip.compress(body)
        yield bytes([kind | 8]) + zlib.compress(body)
    logs = {"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "a"}}]},
                              "scopeLogs": [{"scope": {"name": "s"}, "logRecords": [{"body": {"stringValue": "b"}}, {}]}]}]}
    yield bytes([2]) + json.dumps(logs, indent=1).encode()


def zmq_frames():
    for topic, body in [(b"app.INFO.sub", b"text\n"), (b"DEBUG", b"a"), (b"", b'{"a":\n1}')]:
        yield bytes([len(topic)]) + topic + body
    for message in list(frames())[:40]:
        yield bytes([len(message[0])]) + b"".join(message)


# Targets whose names are names of modules here.
TARGETS = {"json": json_documents, "frames": zmq_frames}


def main():
    target, folder = sys.argv[1], Path(sys.argv[2])
    for seed in TARGETS.get(target, globals().get(target))():
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


if __name__ == "__main__":
    main()
