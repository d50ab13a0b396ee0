"""Runs a work's programs in turn and measures each run."""

import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

import corpus
import machine

CHUNK = 1 << 20
GNU_TIME = shutil.which("time")


def measure(work, corpora, rounds, tools):
    """One row for each program: its runs, medians and ratio to ours; A B A B, not A A B B."""
    rows = [_row(peer, work, corpora) for peer in work.peers if _wanted(peer, tools)]
    for _ in range(rounds):
        for row in rows:
            if not row.get("absent") and not row.get("failure"):
                _round(row, work, corpora)
    ours = next((row for row in rows if row["tool"].startswith("dl-")), None)
    for row in rows:
        _summarize(row, ours)
        del row["peer"]
    return rows


def _wanted(peer, tools):
    return not tools or peer.tool.startswith("dl-") or any(name in peer.tool for name in tools)


def _row(peer, work, corpora):
    row = {"tool": peer.tool, "peer": peer, "runs": []}
    first = peer.command.split()[0] if isinstance(peer.command, str) else peer.command[0]
    for name in {first, peer.needs or first}:
        if not machine.program(name):
            row["absent"] = f"{name} is not installed"
    if peer.module and not machine.has_module(peer.module):
        if peer.module != "duckdb" or not machine.program("duckdb"):
            row["absent"] = f"the Python package {peer.module} is not installed"
    if row.get("absent"):
        return row
    path = corpora.path(work.kind, peer.part)
    row.update(path=path, bytes=os.path.getsize(path), records=corpora.lines(path))
    row["part"] = path != corpora.path(work.kind)
    if peer.counted and work.expected:
        row["expected"] = work.expected(corpora, path)
    return row


def _round(row, work, corpora):
    corpus.warm(row["path"])
    command = work.fill(row["peer"].command, corpora, row["path"])
    run = _run(row["peer"], command, row["path"], work.to_file)
    row["runs"].append(run)
    if run["code"] not in row["peer"].codes:
        row["failure"] = f"exit code {run['code']}: {run['words']}"
    elif row.get("expected", run["lines"]) != run["lines"]:
        row["failure"] = f"{run['lines']} lines came out, {row['expected']} were expected"
    elif not run["lines"]:
        row["failure"] = "nothing came out"


def _run(peer, command, path, to_file):
    peak = tempfile.NamedTemporaryFile(mode="r")
    command = _timed(_start(command), peak.name)
    source = open(path, "rb") if peer.stdin else subprocess.DEVNULL
    words = os.memfd_create("stderr")
    output = tempfile.TemporaryFile(dir=os.path.dirname(path)) if to_file else subprocess.PIPE
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=source, stdout=output, stderr=words, bufsize=0)
    if not to_file:
        size, lines = _drain(child.stdout.fileno())
        child.stdout.close()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if to_file:
        output.seek(0)
        size, lines = _drain(output.fileno())
        output.close()
    if peer.stdin:
        source.close()
    said = os.pread(words, 500, 0).decode(errors="replace").strip()
    os.close(words)
    return {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        # The largest process of a pipe, not their sum: that is what the kernel keeps.
        "memory_mb": (int(peak.read() or 0) or usage.ru_maxrss) / 1000,
        "lines": lines,
        "output_bytes": size,
        "code": child.returncode,
        "words": said.splitlines()[-1] if said else "",
    }


def _start(command):
    if isinstance(command, str):
        return ["sh", "-c", command]
    return [machine.program(command[0]), *command[1:]]


def _timed(command, file):
    """Lets GNU time start the command where it is installed: see `floor_mb`."""
    return [GNU_TIME, "-q", "-f", "%M", "-o", file, *command] if GNU_TIME else command


def _drain(pipe):
    """Reads and throws away: writing to a pipe costs, writing to /dev/null would not.

    Into the same memory each time, because pages that are got anew for each chunk would take
    the reader longer than the chunk, and slow down who writes large ones.
    """
    size = lines = 0
    chunk = bytearray(CHUNK)
    while length := os.readv(pipe, [chunk]):
        size += length
        lines += _newlines(chunk, length)
    return size, lines


def _newlines(chunk, length):
    """How many lines end in a chunk.

    Python counts bytes one by one, and finds one as fast as memory is read: where lines are long,
    counting would take a tenth of two cores from the program that is measured.
    """
    lines, at = 0, -1
    while (at := chunk.find(b"\n", at + 1, length)) >= 0:
        lines += 1
        if lines > length // 2048:
            return chunk.count(b"\n", 0, length)
    return lines


def _summarize(row, ours):
    runs = row["runs"]
    if not runs or row.get("failure"):
        return
    seconds = statistics.median(run["seconds"] for run in runs)
    row["mb_per_s"] = row["bytes"] / seconds / 1e6
    row["records_per_s"] = row["records"] / seconds
    row["memory_mb"] = max(run["memory_mb"] for run in runs)
    row["lines"] = runs[0]["lines"]
    if ours and ours is not row and ours["runs"] and not ours.get("failure"):
        pairs = [
            (ours["records"] / mine["seconds"]) / (row["records"] / theirs["seconds"])
            for mine, theirs in zip(ours["runs"], runs)
        ]
        row["ratio"] = [statistics.median(pairs), min(pairs), max(pairs)]


def floor_mb():
    """The smallest peak that can be seen.

    A child's peak is never below that of the process that starts it, since it begins as a copy;
    GNU time is small, Python is not.
    """
    return 2.5 if GNU_TIME else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
