"""The real samples of tests/data/samples as cases, in the form of pickle_cases.py.

Expected text comes from the decoded neighbour where there is one, else from pickle.loads, which
is safe on our own samples. Its output is committed as tests/data/pickle/samples.ndjson.
"""

import ast
import json
import pathlib
import pickle
import sys

from pickle_forms import encode

SAMPLES = pathlib.Path(__file__).parent.parent / "data" / "samples"


def counted(data):
    """Splits frames that each have a 4-byte big-endian length before them."""
    while data:
        length = int.from_bytes(data[:4], "big")
        yield data[4 : 4 + length]
        data = data[4 + length :]


def messages(data):
    """Splits ZeroMQ messages: a frame count before the counted frames."""
    while data:
        count, data = int.from_bytes(data[:4], "big"), data[4:]
        frames = []
        for _ in range(count):
            length = int.from_bytes(data[:4], "big")
            frames.append(data[4 : 4 + length])
            data = data[4 + length :]
        yield frames


def cases():
    bodies = [body for _, body in messages((SAMPLES / "distlog-pickle-frames.bin").read_bytes())]
    for n, body in enumerate(bodies):
        yield f"distlog/{n}", body, encode(pickle.loads(body))
    bodies = list(counted((SAMPLES / "stdlib-sockethandler.bin").read_bytes()))
    lines = (SAMPLES / "stdlib-sockethandler.decoded.txt").read_text("utf-8").splitlines()
    assert len(bodies) == len(lines)
    for n, (body, line) in enumerate(zip(bodies, lines)):
        yield f"socket/{n}", body, encode(ast.literal_eval(line[line.index("] {") + 2 :]))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    for name, pickled, expect in cases():
        print(json.dumps({"name": name, "pickle": pickled.hex(), "expect": expect}))
