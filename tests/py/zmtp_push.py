"""A PUSH client for the interop tests: sends numbered messages, in steps on demand.

A message is [topic, b"SENDER NUMBER padding"], or as --parts says. With --steps the client
sends COUNT messages for each line on its standard input and prints "sent" after each step.
"""

import argparse
import sys

import zmq

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("sender", type=int)
parser.add_argument("count", type=int)
parser.add_argument("--size", type=int, default=300)
parser.add_argument("--parts", type=int, default=2)
parser.add_argument("--empty", action="store_true", help="every frame but the last is empty")
parser.add_argument("--heartbeat", type=int, default=0, help="ms; the timeout is three times that")
parser.add_argument("--hwm", type=int, default=1000)
parser.add_argument("--steps", action="store_true")
args = parser.parse_args()

context = zmq.Context()
socket = context.socket(zmq.PUSH)
socket.setsockopt(zmq.SNDHWM, args.hwm)
if args.heartbeat:
    socket.setsockopt(zmq.HEARTBEAT_IVL, args.heartbeat)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * args.heartbeat)
socket.connect(args.address)

head = [b"" if args.empty else b"PLJ"] * (args.parts - 1)
number = 0


def step():
    global number
    for _ in range(args.count):
        body = b"%d %d " % (args.sender, number)
        socket.send_multipart(head + [body.ljust(args.size, b"x")])
        number += 1
    print("sent", flush=True)


if args.steps:
    for _ in sys.stdin:
        step()
else:
    step()
socket.close(linger=-1)
context.term()
