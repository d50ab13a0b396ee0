#!/usr/bin/env python3
"""Peers of CurveZMQ: pyzmq, which is libzmq's own.

    curve.py keys FOLDER NAME...
    curve.py push ADDRESS SERVER CLIENT COUNT [--size N] [--parts N] [--heartbeat MS] [--plain]
    curve.py pull ADDRESS SERVER COUNT [--allow FOLDER]
    curve.py pub ADDRESS SERVER COUNT

SERVER and CLIENT are paths without `.key` and `.key_secret`. `push` sends COUNT records, prints
`sent` when all are out, or the event that says why not. `pull` and `pub` bind, print the address,
and go on: `pull` prints how many came and their sum of bytes, `pub` waits for a subscription first.
"""

import argparse
import json
import sys

import zmq
import zmq.auth
from zmq.utils.monitor import recv_monitor_message

FAILURES = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL


def keys(options):
    for name in options.names:
        zmq.auth.create_certificates(options.folder, name)


def public(path):
    return zmq.auth.load_certificate(path + ".key")[0]


def pair(path):
    return zmq.auth.load_certificate(path + ".key_secret")


def record(number, size):
    text = json.dumps({"number": number, "pad": ""})
    return json.dumps({"number": number, "pad": "x" * max(0, size - len(text))}).encode()


def push(options):
    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    if options.heartbeat:
        socket.heartbeat_ivl = options.heartbeat
        socket.heartbeat_timeout = 3 * options.heartbeat
    if not options.plain:
        socket.curve_serverkey = public(options.server)
        socket.curve_publickey, socket.curve_secretkey = pair(options.client)
    socket.reconnect_ivl = 50
    socket.immediate = True
    # Nothing here takes that long, unless it hangs.
    socket.sndtimeo = 60_000
    monitor = socket.get_monitor_socket(FAILURES | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
    socket.connect(options.address)
    event = {"event": 0}
    while monitor.poll(30_000):
        event = recv_monitor_message(monitor)
        if event["event"] != zmq.EVENT_DISCONNECTED or options.plain:
            break
    if event["event"] != zmq.EVENT_HANDSHAKE_SUCCEEDED:
        print(zmq.Event(event["event"]).name, event.get("value"), flush=True)
        socket.disable_monitor()
        monitor.close(linger=0)
        socket.close(linger=0)
        context.term()
        return
    if options.steps:
        print("connected", flush=True)
    number = 0
    for _ in sys.stdin if options.steps else "x":
        for _ in range(options.count):
            head = [b"PLJ"] + [b""] * (options.parts - 2)
            socket.send_multipart((head if options.parts > 1 else []) + [record(number, options.size)])
            number += 1
        if options.steps:
            print("step", flush=True)
    socket.disable_monitor()
    monitor.close(linger=0)
    socket.close(linger=60_000)
    context.term()
    print("sent", flush=True)


def bind(options, kind):
    context = zmq.Context()
    if options.allow:
        from zmq.auth.thread import ThreadAuthenticator

        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticator.configure_curve(domain="*", location=options.allow)
    socket = context.socket(kind)
    socket.curve_server = True
    socket.curve_publickey, socket.curve_secretkey = pair(options.server)
    socket.rcvtimeo = 60_000
    socket.bind(options.address)
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    return socket


def pull(options):
    socket = bind(options, zmq.PULL)
    count = size = 0
    for _ in range(options.count):
        topic, body = socket.recv_multipart()
        assert topic == b"PLJ", topic
        json.loads(body)
        count, size = count + 1, size + len(body)
    print(count, size, flush=True)
    # Reads until the peer has seen that all was taken.
    sys.stdin.read()
    socket.close(linger=0)


def pub(options):
    socket = bind(options, zmq.XPUB)
    print(socket.recv(), flush=True)
    for number in range(options.count):
        socket.send_multipart([b"PLJ", record(number, 100)])
        socket.send_multipart([b"other", record(number, 100)])
    sys.stdin.read()
    socket.close(linger=0)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("keys")
    command.set_defaults(run=keys)
    command.add_argument("folder")
    command.add_argument("names", nargs="+")
    command = commands.add_parser("push")
    command.set_defaults(run=push)
    command.add_argument("address")
    command.add_argument("server")
    command.add_argument("client")
    command.add_argument("count", type=int)
    command.add_argument("--size", type=int, default=100)
    command.add_argument("--parts", type=int, default=2)
    command.add_argument("--heartbeat", type=int, default=0)
    command.add_argument("--plain", action="store_true")
    command.add_argument("--steps", action="store_true", help="COUNT for each line on stdin")
    for name, run in (("pull", pull), ("pub", pub)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("address")
        command.add_argument("server")
        command.add_argument("count", type=int)
        command.add_argument("--allow")
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
