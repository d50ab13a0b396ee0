#!/usr/bin/env python3
"""Python's own handlers, and the OpenTelemetry SDK, as senders.

    net_send.py KIND HOST PORT [COUNT]

Sends COUNT records (3 if it is not told) and ends when they are out. The path of a Unix socket
stands in the place of HOST for ndjson+unix.
"""

import json
import logging
import logging.handlers
import socket
import sys
from urllib.request import Request, urlopen


def log(handler, count):
    logger = logging.Logger("shop.db", logging.DEBUG)
    logger.addHandler(handler)
    for number in range(count):
        if number == 1:
            try:
                raise KeyError("gone")
            except KeyError:
                logger.exception("step %d", number)
        else:
            logger.warning("step %d of %s", number, "ä\n<b>", extra={"number": number})
    handler.close()


def pylog_tcp(host, port, count):
    handler = logging.handlers.SocketHandler(host, port)
    log(handler, count)


def pylog_udp(host, port, count):
    log(logging.handlers.DatagramHandler(host, port), count)


def pylog_http(host, port, count):
    log(logging.handlers.HTTPHandler(f"{host}:{port}", "/log", method="POST"), count)


def pylog_http_get(host, port, count):
    log(logging.handlers.HTTPHandler(f"{host}:{port}", "/log", method="GET"), count)


def syslog_udp(host, port, count):
    log(logging.handlers.SysLogHandler((host, port)), count)


def syslog_tcp(host, port, count):
    log(logging.handlers.SysLogHandler((host, port), socktype=socket.SOCK_STREAM), count)


def ndjson(stream, count):
    for number in range(count):
        stream.sendall(json.dumps({"number": number, "text": "ä\n"}).encode() + b"\n")
    stream.close()


def ndjson_tcp(host, port, count):
    ndjson(socket.create_connection((host, port)), count)


def ndjson_unix(path, _port, count):
    stream = socket.socket(socket.AF_UNIX)
    stream.connect(path)
    ndjson(stream, count)


def otlp(host, port, count, compression=None):
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    options = {"compression": getattr(Compression, compression or "NoCompression")}
    at = f"http://{host}:{port}/v1/"
    resource = Resource.create({"service.name": "shop", "host.name": "h1", "process.pid": 7})
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(at + "logs", **options)))
    spans = TracerProvider(resource=resource)
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(at + "traces", **options)))
    logger = logging.Logger("shop.db", logging.DEBUG)
    logger.addHandler(LoggingHandler(logger_provider=logs))
    tracer = spans.get_tracer("shop")
    with tracer.start_as_current_span("request"):
        for number in range(count):
            with tracer.start_as_current_span("step", attributes={"number": number, "ok": True}) as span:
                logger.warning("step %d", number, extra={"bytes": b"\xff", "ratio": 0.5})
                if number == 1:
                    span.set_status(trace.StatusCode.ERROR, "it failed")
    if not (logs.force_flush() and spans.force_flush()):
        sys.exit("an export failed")
    logs.shutdown()
    spans.shutdown()


def otlp_gzip(host, port, count):
    otlp(host, port, count, "Gzip")


def otlp_deflate(host, port, count):
    otlp(host, port, count, "Deflate")


def otlp_json(host, port, count):
    """What the exporter of Node sends: JSON."""
    records = [{"timeUnixNano": "1795177628000000000", "severityNumber": 13, "severityText": "WARN",
                "body": {"stringValue": f"step {number}"}, "attributes": [{"key": "number", "value": {"intValue": number}}]}
               for number in range(count)]
    body = {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"scope": {"name": "s"}, "logRecords": records}]}]}
    request = Request(f"http://{host}:{port}/v1/logs", json.dumps(body, indent=1).encode(),
                      {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        print(answer.status, answer.headers["Content-Type"], answer.read().decode())


def main():
    kind, host, port = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    globals()[kind.replace("-", "_").replace("+", "_")](host, int(port), count)


if __name__ == "__main__":
    main()
