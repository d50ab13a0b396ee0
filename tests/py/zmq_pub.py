#!/usr/bin/env python3
"""A publisher: pyzmq's PUB and PUBHandler, Logbook's handler, distlog's frames.

    zmq_pub.py KIND bind|connect ADDRESS

Prints the address that it is bound to. All kinds but `stream` are XPUB sockets that wait for a
subscription, print it, and send then, so that nothing is lost; `stream` is a PUB socket that sends
numbers for as long as it runs.
"""

import json
import logging
import pickle
import sys
import time

import zmq
from zmq.log.handlers import PUBHandler


def pubhandler(socket):
    handler = PUBHandler(socket)
    handler.setRootTopic("app.db")
    logger = logging.Logger("any", logging.DEBUG)
    logger.addHandler(handler)
    logger.warning("slow %s", "query")
    logger.info("step::one\nand more")
    try:
        raise KeyError("gone")
    except KeyError:
        logger.exception("failed")


def logbook(socket):
    from logbook import Logger
    from logbook.queues import ZeroMQHandler

    handler = ZeroMQHandler("inproc://unused")
    handler.socket.close()
    handler.socket = socket
    with handler.applicationbound():
        Logger("shop").warning("from logbook {}", 7)


def distlog(socket):
    record = {"name": "shop", "message": "text"}
    socket.send_multipart([b"PLJ", json.dumps(record).encode()])
    socket.send_multipart([b"PLP", pickle.dumps(record, 2)])
    socket.send_multipart([b"TLJ", json.dumps(record).encode()])


def stream(socket):
    number = 0
    while True:
        socket.send_multipart([b"PLJ", b'{"n":%d}' % number])
        number += 1
        time.sleep(0.001)


def clock(socket):
    while True:
        socket.send_multipart([b"PLJ", b'{"sent":%d}' % time.time_ns()])
        time.sleep(0.02)


def main():
    kind, how, address = sys.argv[1:]
    socket = zmq.Context().socket(zmq.PUB if kind == "stream" else zmq.XPUB)
    getattr(socket, how)(address)
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT).rstrip("\0"), flush=True)
    if kind != "stream":
        print(socket.recv(), flush=True)
    globals()[kind](socket)
    socket.close(linger=10_000)
    zmq.Context.instance().term()


if __name__ == "__main__":
    main()
