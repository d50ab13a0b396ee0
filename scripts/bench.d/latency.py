"""How soon a record comes out of a program that waits for more."""

import os
import select
import statistics
import subprocess
import time

import machine

REPEATS = 20
# A program that has not answered by then holds records back until its input ends.
PATIENCE = 3.0

RECORD = (
    '{{"time":"2026-11-20T12:00:00.000000Z","level":"error","logger":"orders.db",'
    '"msg":"number {n}","http":{{"method":"GET","path":"/","status":500,"bytes":1}}}}\n'
)
# A whole request, since a tree comes out only when its root has ended.
TASK = (
    '{{"action_status":"started","timestamp":1795176000.1,"task_uuid":"{uuid}",'
    '"action_type":"a","task_level":[1]}}\n'
    '{{"action_status":"succeeded","timestamp":1795176000.2,"task_uuid":"{uuid}",'
    '"action_type":"a","task_level":[2]}}\n'
)

TOOLS = [
    ("dl-filter", ["dl-filter", "level >= error"]),
    ("dl-fmt", ["dl-fmt"]),
    ("dl-tree", ["dl-tree", "--live-window", "30s"]),
    ("dl-recv", ["dl-recv", "-"]),
    ("dl-send", ["dl-send", "-"]),
    ("cat", ["cat"]),
    ("hl", ["hl", "-P", "--raw"]),
    ("rg", ["rg", "error"]),
    ("rg --line-buffered", ["rg", "--line-buffered", "error"]),
    ("jq", ["jq", "-c", "."]),
    ("jq --unbuffered", ["jq", "-c", "--unbuffered", "."]),
    ("jaq", ["jaq", "-c", "."]),
    ("mlr", ["mlr", "--ijsonl", "--ojsonl", "cat"]),
    ("mlr --fflush", "mlr --fflush --records-per-batch 1 --ijsonl --ojsonl cat".split()),
    ("eliot.filter", ["python3", "-m", "eliot.filter", "J"]),
]


def measure(tools):
    wanted = lambda name: not tools or name.startswith("dl-") or any(tool in name for tool in tools)
    return [_measure(name, command) for name, command in TOOLS if wanted(name)]


def _measure(name, command):
    program = machine.program(command[0])
    if not program:
        return {"tool": name, "absent": f"{command[0]} is not installed"}
    if name == "eliot.filter" and not machine.has_module("eliot"):
        return {"tool": name, "absent": "the Python package eliot is not installed"}
    begin = time.monotonic()
    child = subprocess.Popen(
        [program, *command[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    try:
        # The first answer has the program's start in it, so it is told apart.
        first = _answer(child, 0, begin, name)
        times = []
        while first is not None and len(times) < REPEATS:
            time.sleep(0.005)
            times.append(_answer(child, len(times) + 1, time.monotonic(), name))
            if times[-1] is None:
                break
    finally:
        child.kill()
        child.wait()
    if first is None or times[-1] is None:
        return {"tool": name, "silent": f"nothing within {PATIENCE:.0f} s"}
    return {
        "tool": name,
        "first_ms": first * 1000,
        "median_ms": statistics.median(times) * 1000,
        "max_ms": max(times) * 1000,
    }


def _answer(child, number, begin, name):
    """Writes a record and waits for a line; the seconds since `begin`, or nothing."""
    uuid = f"00000000-0000-4000-8000-{number:012}"
    record = (TASK if name == "dl-tree" else RECORD).format(n=number, uuid=uuid)
    try:
        os.write(child.stdin.fileno(), record.encode())
    except BrokenPipeError:
        return None
    end = time.monotonic() + PATIENCE
    answer = b""
    while not answer.endswith(b"\n"):
        ready, _, _ = select.select([child.stdout], [], [], max(0, end - time.monotonic()))
        chunk = os.read(child.stdout.fileno(), 1 << 16) if ready else b""
        if not chunk:
            return None
        answer += chunk
    return time.monotonic() - begin
