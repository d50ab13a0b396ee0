"""ClickHouse's HTTP interface in front of chdb, which is ClickHouse in a process of Python: for tests that want a server
where none can be installed. It takes what dl-send and dl-recv send: a query in the address or in the body, settings in the
address, data in the body, compressed by zstd or gzip or not; and answers with the headers, codes and words of a server.
Everything that is SQL or a format is done by ClickHouse.

    clickhouse_front.py PORT FOLDER

It answers one query at a time. A word CRASH in FOLDER/next makes it end after the next INSERT, before it answers."""

import gzip
import http.server
import os
import re
import signal
import socketserver
import sys
import threading
import urllib.parse

import pyarrow
from chdb import session

USER, PASSWORD = "ada", "love lace"
# How long a client may say nothing.
SILENCE = 60
# Parameters of the interface that are no settings of a query.
OTHERS = {"query", "database", "wait_end_of_query", "user", "password"}
# What stands behind the last row. Each piece of chdb's streams is a whole result, those of a server are one.
AFTER = "format_custom_result_after_delimiter"

lock = threading.Lock()


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def plain(body, encoding):
    if encoding == "zstd":
        return pyarrow.input_stream(pyarrow.BufferReader(body), compression="zstd").read()
    return gzip.decompress(body) if encoding == "gzip" else body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SILENCE

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        options = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
        if (self.headers.get("X-ClickHouse-User"), self.headers.get("X-ClickHouse-Key")) != (USER, PASSWORD):
            return self.fail(f"Code: 516. DB::Exception: {USER}: Authentication failed. (AUTHENTICATION_FAILED)", 403)
        body = plain(body, self.headers.get("Content-Encoding"))
        settings = ", ".join(f"{name} = {literal(text)}" for name, text in options.items() if name not in OTHERS)
        with lock:
            try:
                self.server.session.query(f"USE {options.get('database', 'default')}")
                if "query" in options:
                    self.put(options["query"], settings, body)
                else:
                    self.ask(body.decode(), settings, options.get(AFTER, "").encode())
            except (RuntimeError, ValueError) as error:
                self.fail(str(error))
            except ConnectionError:
                # Who asked has gone.
                self.close_connection = True

    def put(self, query, settings, data):
        before, form = query.rsplit(" FORMAT ", 1)
        query = before + (f" SETTINGS {settings}" if settings else "") + f" FORMAT {form}\n"
        # Not a word of the data is a word of the query.
        self.server.session.query(query.encode() + data)
        if self.server.crashes():
            os.kill(os.getpid(), signal.SIGKILL)
        self.answer(b"")

    def ask(self, query, settings, after):
        found = re.search(r" FORMAT (\w+)$", query)
        if not found:
            # A statement, or a question whose answer is a word.
            if settings:
                # What a mutation is written into must not be part of its condition.
                for setting in settings.split(", "):
                    self.server.session.query(f"SET {setting}")
            return self.answer(self.server.session.query(query, "TSV").bytes() or b"")
        query = query[: found.start()] + (f" SETTINGS {settings}" if settings else "") + found[0]
        self.send_response(200)
        self.send_header("X-ClickHouse-Query-Id", "front")
        self.send_header("Transfer-Encoding", "chunked")
        # The status has gone when the first rows come, as with the server.
        try:
            stream = self.server.session.send_query(query, found[1])
            rows = iter(stream)
            first = next(rows, None)
        except RuntimeError as error:
            self._headers_buffer = []
            return self.fail(str(error))
        self.end_headers()
        try:
            while first is not None:
                self.chunk(first.bytes().removesuffix(after))
                first = next(rows, None)
        except RuntimeError as error:
            self.chunk(f"\r\n__exception__\r\nfront\r\n{str(error).partition(': ')[2]}\r\n__exception__\r\n".encode())
            self.close_connection = True
            return
        self.chunk(after)
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        if data:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, text in {"X-ClickHouse-Query-Id": "front", **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, words, status=500):
        words = words[max(words.find("Code: "), 0) :]
        code = re.match(r"Code: (\d+)", words)
        self.answer(
            f"{words} (version 0)\n".encode(), status, **{"X-ClickHouse-Exception-Code": code[1] if code else "1002"}
        )


    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True


class Front(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, port, folder):
        self.folder = folder
        self.session = session.Session(os.path.join(folder, "data"))
        self.session.query("CREATE DATABASE IF NOT EXISTS logs")
        super().__init__(("127.0.0.1", port), Handler)

    def crashes(self):
        try:
            os.remove(os.path.join(self.folder, "next"))
            return True
        except FileNotFoundError:
            return False


if __name__ == "__main__":
    front = Front(int(sys.argv[1]), sys.argv[2])
    print(front.server_address[1], flush=True)
    front.serve_forever()
