#!/usr/bin/env python3
"""Sends each line of a file through a real ZeroMQ PUSH socket, and ends when all of them have left.

    zmq_push.py ENDPOINT [--frames distlog|single] [--topic PLJ] [--seconds S] FILE

`distlog` (the default) sends two frames, the topic and the line; `single` the line alone. `-` is stdin.
Says `sent N` on stderr; ends with 1 if nobody takes the messages for S seconds (default 60).
"""

import argparse
import sys
import time

import zmq


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("endpoint")
    parser.add_argument("--frames", choices=["distlog", "single"], default="distlog")
    parser.add_argument("--topic", default="PLJ")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("file")
    options = parser.parse_args()
    patience_ms = int(options.seconds * 1000)

    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    socket.sndtimeo = patience_ms
    socket.connect(options.endpoint)
    head = [options.topic.encode()] if options.frames == "distlog" else []
    sent = 0
    with sys.stdin.buffer if options.file == "-" else open(options.file, "rb") as lines:
        try:
            for line in lines:
                socket.send_multipart([*head, line.rstrip(b"\n")])
                sent += 1
        except zmq.Again:
            print(f"zmq_push: nobody took message {sent + 1}", file=sys.stderr)
            socket.close(linger=0)
            return 1
    # Returns when the last message has left for the receiver, or the linger time is over.
    closed = time.monotonic()
    socket.close(linger=patience_ms)
    context.term()
    # Its timer counts milliseconds, and may end the wait a little before the time.
    if time.monotonic() - closed >= 0.95 * options.seconds:
        print("zmq_push: nobody took the last messages", file=sys.stderr)
        return 1
    print("sent", sent, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
