#!/usr/bin/env python3
"""Binds a real ZeroMQ PULL socket and writes the body of each message as a line to stdout.

    zmq_pull.py ENDPOINT COUNT [--frames] [--seconds S]

Says `ready ENDPOINT` on stderr once it is bound (with the port that was found for `tcp://127.0.0.1:*`).
Ends after COUNT messages with 0, or with 1 when none came for S seconds (default 30). A pickled body
cannot be a line; `--frames` writes each message as a JSON array of its frames in base64 instead.
"""

import argparse
import base64
import json
import sys

import zmq


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("endpoint")
    parser.add_argument("count", type=int)
    parser.add_argument("--frames", action="store_true")
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()

    context = zmq.Context()
    socket = context.socket(zmq.PULL)
    socket.rcvtimeo = int(options.seconds * 1000)
    socket.bind(options.endpoint)
    bound = socket.getsockopt_string(zmq.LAST_ENDPOINT)
    print("ready", bound, file=sys.stderr, flush=True)

    received = 0
    try:
        while received < options.count:
            frames = socket.recv_multipart()
            received += 1
            if options.frames:
                line = json.dumps([base64.b64encode(frame).decode() for frame in frames]).encode()
            else:
                line = frames[-1]
            sys.stdout.buffer.write(line + b"\n")
    except zmq.Again:
        print(f"zmq_pull: {received} of {options.count} messages came", file=sys.stderr)
    sys.stdout.buffer.flush()
    socket.close(linger=0)
    context.term()
    return 0 if received == options.count else 1


if __name__ == "__main__":
    sys.exit(main())
