"""A collector of lines, of plain Python: what a stream handler is tested against."""

import contextlib
import os
import socket
import threading

from support import parse


class LineServer:
    """Can be stopped and started again at its address."""

    def __init__(self, address=None, family=socket.AF_INET):
        self.family, self.address = family, address or ("127.0.0.1", 0)
        self.received = b""
        self.threads, self.connections = [], []
        self.open = False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        if self.family == socket.AF_UNIX:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.address)
        self.socket = socket.socket(self.family, socket.SOCK_STREAM)
        if self.family == socket.AF_INET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.address)
        self.address = self.socket.getsockname()
        self.socket.listen()
        self.open = True
        self.accepting = threading.Thread(target=self.accept, args=(self.socket,))
        self.accepting.start()

    @property
    def endpoint(self):
        if self.family == socket.AF_UNIX:
            return f"ndjson+unix://{self.address}"
        return f"ndjson+tcp://127.0.0.1:{self.address[1]}"

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            thread = threading.Thread(target=self.read, args=(connection,))
            thread.start()
            self.threads.append(thread)

    def read(self, connection):
        pieces = []
        with connection, contextlib.suppress(OSError):
            while True:
                piece = connection.recv(1 << 16)
                if not piece:
                    break
                self.received += piece
        del pieces

    def stop(self):
        """Closes everything; what is under way is lost, as when a process is killed."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        # It may just have accepted one more, which has to be closed, too.
        self.accepting.join()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.threads, self.connections = [], []
        self.open = False

    def records(self):
        return [parse(line) for line in self.received.splitlines()]
