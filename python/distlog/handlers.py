"""Handlers that ship records to a collector, such as dl-recv.

    logging.getLogger().addHandler(ZmqHandler("tcp://collector.example:5010"))
    logging.getLogger().addHandler(NdjsonHandler("ndjson+tcp://collector.example:5011"))

Both serialise in the caller and send from a thread of their own; what they promise stands in
`shipping`. `ZmqHandler` needs pyzmq (`pip install distlog[zmq]`), `NdjsonHandler` nothing.
"""

from __future__ import annotations

import collections

# Names of hosts go through it. If the sender imported it while another thread forks, the child would have half of it.
import encodings.idna  # noqa: F401
import logging
import os
import re
import socket
import time
from typing import Any, Deque, Dict, List, Optional, Tuple

from .ready import readable, writable
from .record import Serializer
from .shipping import SLICE, Lost, ShippingHandler, Stats, Transport

__all__ = ["NdjsonHandler", "Stats", "ZmqHandler"]

# Messages that libzmq keeps by itself: few, because what it has, nobody can count or spool.
ZMQ_QUEUE = 500
# The system's buffer for what is sent. Together with the queue it has to be smaller than `resend`.
SEND_BUFFER = 256 << 10
# Bytes that go out with one call.
PIECE = 64 << 10


class ZmqHandler(ShippingHandler):
    """Pushes records over ZeroMQ: two frames each, the topic (`PLJ`) and the record.

    :param endpoint: `tcp://host:port` or `ipc:///path`; or a connected PUSH socket of your own, which is then
        used by the sender thread and by nobody else.
    :param context: a `zmq.Context` to make the socket from; one of its own otherwise.
    :param system: the topic's first letter: `P`roduction, `S`taging or `T`est.
    :param curve: keys for CURVE, where the receiver has it (`dl-recv --curve-key`): `{"server": KEY, "public": KEY,
        "secret": KEY}` in Z85, the public key of the receiver and the pair of this program.

    The other parameters are those of `ShippingHandler`.
    """

    def __init__(
        self,
        endpoint: Any,
        context: Any = None,
        system: str = "P",
        *,
        curve: Optional[Dict[str, str]] = None,
        **shipping: Any,
    ) -> None:
        if system not in ("T", "S", "P"):
            raise ValueError(f"system is T, S or P, not {system!r}")
        try:
            import zmq
        except ImportError as error:
            raise ImportError("ZmqHandler needs pyzmq: pip install distlog[zmq]") from error
        self._zmq = zmq
        self.endpoint = endpoint
        self.context = context
        self.system = system
        self._curve = curve
        if isinstance(endpoint, str):
            port = re.fullmatch(r"(?:tcp://.+:([0-9]{1,5})|(?:ipc|inproc)://.+)", endpoint)
            if port is None or int(port[1] or 1) not in range(1, 65536):
                raise ValueError(f"{endpoint}: no ZeroMQ endpoint: tcp://HOST:PORT or ipc://PATH")
        if curve is not None:
            for name in ("server", "public", "secret"):
                key = curve.get(name)
                if not isinstance(key, str) or len(key) != 40:
                    raise ValueError(f"curve: {name} is no key: 40 characters of Z85")
        super().__init__(**shipping)

    @property
    def place(self) -> str:
        """The endpoint."""
        return self.endpoint if isinstance(self.endpoint, str) else "a ZeroMQ socket"

    @property
    def log_topic(self) -> str:
        """The first frame of each message."""
        return f"{self.system}L{self._serializer.encoding}"

    @property
    def socket(self) -> _Closer:
        """For programs that close `handler.socket` by themselves; the real one belongs to the sender."""
        return _Closer(self)

    def open(self) -> Transport:
        """Connects."""
        return _ZmqTransport(self)


class _Closer:
    """What `handler.socket.close(linger=…)` of the original package comes to."""

    def __init__(self, handler: ZmqHandler) -> None:
        self._handler = handler

    def close(self, linger: Optional[int] = None) -> None:
        """Delivers what is queued, for `linger` milliseconds at most."""
        if linger is not None and linger >= 0:
            self._handler.flush_timeout = linger / 1000
        self._handler.close()


# Kept, so that the collection of garbage does not touch what belongs to the parent process.
_forgotten: List[Transport] = []


class _ZmqTransport(Transport):
    def __init__(self, handler: ZmqHandler) -> None:
        zmq = self._zmq = handler._zmq
        self._topic = handler.log_topic.encode()
        self._own_context = None
        self._monitor: Any = None
        self._connected = False
        self._closed = False
        if isinstance(handler.endpoint, str):
            context = handler.context
            if context is None:
                context = self._own_context = zmq.Context()
            made = context.socket(zmq.PUSH)
            made.setsockopt(zmq.SNDHWM, ZMQ_QUEUE)
            made.setsockopt(zmq.SNDBUF, SEND_BUFFER)
            made.setsockopt(zmq.RECONNECT_IVL, 50)
            made.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
            made.setsockopt(zmq.LINGER, 0)
            if handler._curve is not None:
                made.setsockopt_string(zmq.CURVE_SERVERKEY, handler._curve["server"])
                made.setsockopt_string(zmq.CURVE_PUBLICKEY, handler._curve["public"])
                made.setsockopt_string(zmq.CURVE_SECRETKEY, handler._curve["secret"])
            events = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
            self._monitor = made.get_monitor_socket(events)
            made.connect(handler.endpoint)
        else:
            made = handler.endpoint
            self._connected = True
        self._socket = made
        self._borrowed = not isinstance(handler.endpoint, str)
        self._more = int(zmq.SNDMORE | zmq.DONTWAIT)
        self._last = int(zmq.DONTWAIT)
        # Without the wrapper around it, which takes twice as long as what it wraps.
        self._send = zmq.backend.Socket.send

    def send(self, body: bytes) -> bool:
        return bool(self.send_many(collections.deque([body])))

    def send_many(self, bodies: Deque[bytes]) -> int:
        if not self._connected:
            # libzmq would take some, and nobody could tell what became of them.
            return 0
        send, to, topic, more, last = self._send, self._socket, self._topic, self._more, self._last
        taken = 0
        try:
            for body in bodies:
                if taken == SLICE:
                    break
                send(to, topic, more)
                # The second part of a message is always taken with the first.
                send(to, body, last)
                taken += 1
        except self._zmq.Again:
            if not taken:
                self.check()
        return taken

    def press(self, seconds: float) -> Optional[bool]:
        if self._borrowed:
            return True
        # Only the end of a connection tells that libzmq has nothing left in its own buffers.
        if not self.is_connected():
            raise Lost
        if self.close(seconds):
            return None
        raise Lost

    def check(self) -> None:
        monitor = self._monitor
        if monitor is None:
            return
        lost = False
        while monitor.getsockopt(self._zmq.EVENTS) & self._zmq.POLLIN:
            frames = monitor.recv_multipart(self._zmq.DONTWAIT)
            event = int.from_bytes(frames[0][:2], "little")
            if event == self._zmq.EVENT_DISCONNECTED:
                lost = lost or self._connected
                self._connected = False
            elif event == self._zmq.EVENT_HANDSHAKE_SUCCEEDED:
                self._connected = True
        if lost:
            raise Lost

    def wait(self, seconds: float) -> None:
        waiting, event = (self._socket, self._zmq.POLLOUT) if self._connected else (self._monitor, self._zmq.POLLIN)
        # Its own `poll` is one that gevent knows nothing of: while nobody is connected, nothing else would ever run.
        # The descriptor tells that the events may be others than they were when they were asked for.
        if not waiting.getsockopt(self._zmq.EVENTS) & event:
            readable([waiting], seconds)

    def is_connected(self) -> bool:
        try:
            self.check()
        except Lost:
            return False
        return self._connected

    def close(self, seconds: float) -> bool:
        connected, self._connected = self._connected, False
        if self._closed:
            return connected
        self._closed = True
        if self._monitor is not None:
            self._socket.disable_monitor()
            self._monitor.close(0)
            self._monitor = None
        began = time.monotonic()
        if self._borrowed:
            return True
        self._socket.close(linger=int(seconds * 1000))
        if self._own_context is not None:
            # Returns when the last message has left, or the time is over.
            self._own_context.term()
        return connected and (seconds == 0 or time.monotonic() - began < seconds * 0.95)

    def forget(self) -> None:
        # pyzmq leaves sockets of another process alone, unless it is asked to close them.
        _forgotten.append(self)


class NdjsonHandler(ShippingHandler):
    """Sends records as lines of JSON over a stream.

    :param endpoint: `ndjson+tcp://host:port` or `ndjson+unix:///path` (also without `ndjson+`).

    The other parameters are those of `ShippingHandler`.
    """

    def __init__(self, endpoint: str, **shipping: Any) -> None:
        self.endpoint = endpoint
        self._family, self._address = _parse(endpoint)
        super().__init__(**shipping)

    @property
    def place(self) -> str:
        """The endpoint."""
        return self.endpoint

    def setFormatter(self, fmt: Optional[logging.Formatter]) -> None:  # noqa: N802
        """Takes a `JSONFormatter`."""
        if isinstance(fmt, Serializer) and fmt.encoding != "J":
            raise TypeError("NdjsonHandler sends lines of JSON: it takes a JSONFormatter")
        super().setFormatter(fmt)

    def open(self) -> Transport:
        """Connects."""
        return _StreamTransport(self._family, self._address)


def _parse(endpoint: str) -> Tuple[int, Any]:
    scheme, mark, rest = endpoint.partition("://")
    scheme = scheme[len("ndjson+") :] if scheme.startswith("ndjson+") else scheme
    if mark and scheme == "unix" and rest and hasattr(socket, "AF_UNIX"):
        return socket.AF_UNIX, rest
    host, colon, port = rest.rpartition(":")
    if mark and scheme == "tcp" and colon and host and port.isdigit() and int(port) < 65536:
        return socket.AF_UNSPEC, (host.strip("[]"), int(port))
    raise ValueError(f"{endpoint}: no such endpoint: ndjson+tcp://HOST:PORT or ndjson+unix://PATH")


class _StreamTransport(Transport):
    def __init__(self, family: int, address: Any) -> None:
        if family == socket.AF_UNSPEC:
            # Tries the addresses of the name one after the other; a dead host may take a second.
            self._socket = socket.create_connection(address, timeout=1.0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        else:
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            try:
                self._socket.settimeout(1.0)
                self._socket.connect(address)
            except OSError:
                self._socket.close()
                raise
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._socket.setblocking(False)
        self._lines: List[bytes] = []
        self._bytes = 0
        self._rest = memoryview(b"")

    def send(self, body: bytes) -> bool:
        if self._bytes >= PIECE and not self.settle():
            return False
        self._lines.append(body)
        self._bytes += len(body) + 1
        return True

    def settle(self) -> bool:
        while True:
            if not self._rest:
                if not self._lines:
                    return True
                self._lines.append(b"")
                self._rest = memoryview(b"\n".join(self._lines))
                self._lines.clear()
                self._bytes = 0
            try:
                count = self._socket.send(self._rest)
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                raise Lost from error
            self._rest = self._rest[count:]

    def check(self) -> None:
        # A collector says nothing; that something can be read means that it has left.
        while True:
            try:
                if not self._socket.recv(4096):
                    raise Lost
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                raise Lost from error

    def wait(self, seconds: float) -> None:
        writable([self._socket], seconds)

    def is_connected(self) -> bool:
        try:
            self.check()
        except Lost:
            return False
        return True

    def close(self, seconds: float) -> bool:
        """Says that this is the end, and waits until the other end has said so too: then it has read all."""
        deadline = time.monotonic() + seconds
        arrived = False
        try:
            while seconds and not self.settle() and time.monotonic() < deadline:
                self.wait(0.02)
            if seconds and self.settle():
                self._socket.shutdown(socket.SHUT_WR)
                while time.monotonic() < deadline:
                    readable([self._socket], max(0.0, deadline - time.monotonic()))
                    try:
                        if not self._socket.recv(4096):
                            arrived = True
                            break
                    except (BlockingIOError, InterruptedError):
                        continue
        except (Lost, OSError):
            pass
        finally:
            self._socket.close()
        return arrived

    def forget(self) -> None:
        # Closing our descriptor says nothing to the other end while the parent has its own.
        os.close(self._socket.detach())
