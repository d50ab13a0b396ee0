"""A PUSH client that sends COUNT equal messages of two frames as fast as Python can."""

import sys

import zmq

address, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
context = zmq.Context()
socket = context.socket(zmq.PUSH)
socket.connect(address)
send, body, more = socket.send, b"x" * size, zmq.SNDMORE
for _ in range(count):
    send(b"PLJ", more)
    send(body)
socket.close(linger=-1)
context.term()
