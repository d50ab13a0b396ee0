#!/usr/bin/env python3
"""A subscriber of pyzmq.

    zmq_sub.py ADDRESS COUNT TOPIC…        prints the numbers of COUNT records that come, one a line
    zmq_sub.py ADDRESS 0 TOPIC…            subscribes, prints `there`, and reads nothing
    zmq_sub.py ADDRESS late:COUNT TOPIC…   begins to read a second later, and sends PINGs meanwhile
"""

import json
import sys
import time

import zmq

address, count, topics = sys.argv[1], sys.argv[2], sys.argv[3:]
is_late = count.startswith("late:")
count = int(count.removeprefix("late:"))
socket = zmq.Context().socket(zmq.SUB)
if is_late:
    socket.heartbeat_ivl = 5
    socket.heartbeat_timeout = 60_000
if is_late or not count:
    # What is not read stays with the publisher.
    socket.rcvhwm = 1
socket.connect(address)
for topic in topics:
    socket.subscribe(topic.encode())
if not count:
    print("there", flush=True)
    time.sleep(3600)
if is_late:
    time.sleep(1)
for _ in range(count):
    *_, body = socket.recv_multipart()
    print(json.loads(body)["number"], flush=True)
