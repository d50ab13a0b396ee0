#!/usr/bin/env python3
"""Reads a request of OTLP in protobuf by the types that OpenTelemetry's Python SDK sends with.

    otlp_read.py logs FILE       a line for each log record: JSON of its time, severity, ids and text
    otlp_read.py traces FILE     a line for each span: JSON of its name, ids, times and status
"""

import json
import sys

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def logs(bytes_):
    for resource in ExportLogsServiceRequest.FromString(bytes_).resource_logs:
        for scope in resource.scope_logs:
            for log in scope.log_records:
                ids = log.trace_id.hex(), log.span_id.hex()
                yield log.time_unix_nano, log.severity_number, *ids, log.body.string_value


def traces(bytes_):
    for resource in ExportTraceServiceRequest.FromString(bytes_).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                ids = span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
                yield span.name, *ids, span.start_time_unix_nano, span.end_time_unix_nano, span.status.code


def main(what, file):
    with open(file, "rb") as request:
        for one in {"logs": logs, "traces": traces}[what](request.read()):
            print(json.dumps(one, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
