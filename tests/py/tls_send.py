#!/usr/bin/env python3
"""Python's own handlers, sockets of ssl, and the OpenTelemetry SDK, as senders over TLS.

    tls_send.py KIND HOST PORT COUNT CA CERTIFICATE KEY

Sends COUNT records, shows CERTIFICATE, and trusts those that CA has issued.
"""

import json
import logging
import logging.handlers
import os
import socket
import ssl
import sys


class Sender:
    def __init__(self, host, port, count, files):
        self.host, self.port, self.count = host, int(port), int(count)
        self.ca, self.certificate, self.key = files
        self.context = ssl.create_default_context(cafile=self.ca)
        self.context.load_cert_chain(self.certificate, self.key)

    def connect(self):
        plain = socket.create_connection((self.host, self.port), timeout=30)
        return self.context.wrap_socket(plain, server_hostname=self.host)

    def send(self, messages):
        with self.connect() as stream:
            for message in messages:
                stream.sendall(message)
            # Ends TLS in order, and waits until the other end has seen it.
            stream.unwrap()

    def log(self, handler):
        logger = logging.Logger("shop.db", logging.DEBUG)
        logger.addHandler(handler)
        for number in range(self.count):
            logger.warning("step %d", number, extra={"number": number})
        handler.close()

    def ndjson(self):
        self.send(json.dumps({"number": number}).encode() + b"\n" for number in range(self.count))

    def syslog(self):
        def message(number):
            text = f"<12>1 - h app {number} - - step".encode()
            return b"%d %s" % (len(text), text)

        self.send(message(number) for number in range(self.count))

    def gelf(self):
        def message(number):
            fields = {"version": "1.1", "host": "h", "short_message": f"step {number}"}
            return json.dumps(fields).encode() + b"\0"

        self.send(message(number) for number in range(self.count))

    def pylog(self):
        sender = self

        class Handler(logging.handlers.SocketHandler):
            def makeSocket(self, timeout=1):
                return sender.connect()

        self.log(Handler(self.host, self.port))

    def pylog_http(self):
        address = f"{self.host}:{self.port}"
        self.log(logging.handlers.HTTPHandler(address, "/log", method="POST", secure=True, context=self.context))

    def otlp(self):
        # They would go before the file that the exporter is given.
        for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            os.environ.pop(variable, None)
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
        from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

        exporter = OTLPLogExporter(
            f"https://{self.host}:{self.port}/v1/logs",
            certificate_file=self.ca,
            client_certificate_file=self.certificate,
            client_key_file=self.key,
        )
        logs = LoggerProvider()
        logs.add_log_record_processor(BatchLogRecordProcessor(exporter))
        self.log(LoggingHandler(logger_provider=logs))
        if not logs.force_flush():
            sys.exit("an export failed")
        logs.shutdown()


def main():
    kind, host, port, count, *files = sys.argv[1:]
    getattr(Sender(host, port, count, files), kind.replace("-", "_"))()


if __name__ == "__main__":
    main()
