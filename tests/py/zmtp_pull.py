"""A PULL receiver for the interop tests: prints its address, then a line of totals on demand.

For each line "N" on its standard input it receives until it has N messages in all and prints
"COUNT FIRST LAST ORDERED": messages so far, the smallest and the largest number, and whether
the numbers rose by one each. A message's last frame is b"SENDER NUMBER padding".
"""

import argparse
import sys
import time

import zmq

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--heartbeat", type=int, default=0, help="ms; the timeout is three times that")
parser.add_argument("--hwm", type=int, default=1000)
parser.add_argument("--delay", type=float, default=0, help="seconds before each 1,000th message")
args = parser.parse_args()

context = zmq.Context()
socket = context.socket(zmq.PULL)
socket.setsockopt(zmq.RCVHWM, args.hwm)
if args.heartbeat:
    socket.setsockopt(zmq.HEARTBEAT_IVL, args.heartbeat)
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3 * args.heartbeat)
socket.bind(args.address)
print(socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode(), flush=True)

count, first, last, ordered = 0, None, None, True
for line in sys.stdin:
    while count < int(line):
        if args.delay and count % 1000 == 0:
            time.sleep(args.delay)
        number = int(socket.recv_multipart()[-1].split(b" ", 2)[1])
        ordered = ordered and (last is None or number == last + 1)
        first = number if first is None else first
        last = number
        count += 1
    print(count, first, last, "ordered" if ordered else "mixed", flush=True)
