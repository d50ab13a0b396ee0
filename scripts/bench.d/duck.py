"""DuckDB as a filter: runs one query over a file and writes the rows to stdout.

    duck.py columns FILE CONDITION HTTP=TYPE    declared columns, rows as JSON
    duck.py raw FILE CONDITION                  the lines as they came
    duck.py csv FILE CONDITION                  the same, in any order
    duck.py eliot-columns FILE CONDITION        the same with Eliot's columns
    duck.py distlog-columns FILE CONDITION      the same with distlog's
    duck.py group-columns FILE                  Eliot records grouped by task, in tree order
    duck.py group-raw FILE                      Eliot lines grouped by task
    duck.py parquet FILE PARQUET                generic records with the columns that dl-send makes of them
    duck.py computed FILE                       Eliot records counted by kind, with quantiles of their times
    duck.py by-logger FILE                      generic records counted by logger, with quantiles of a duration
"""

import os
import sys

COLUMNS = (
    "level: 'VARCHAR', time: 'VARCHAR', logger: 'VARCHAR', msg: 'VARCHAR', trace_id: 'VARCHAR'"
)
ELIOT = (
    "task_uuid: 'VARCHAR', task_level: 'INTEGER[]', timestamp: 'DOUBLE', "
    "action_type: 'VARCHAR', action_status: 'VARCHAR', message_type: 'VARCHAR'"
)
DISTLOG = (
    "levelno: 'INTEGER', created: 'DOUBLE', name: 'VARCHAR', message: 'VARCHAR', "
    "hostname: 'VARCHAR', process: 'INTEGER', context: 'JSON'"
)
# A separator that no line has makes a whole line one column.
ONE = "delim = '\x01', quote = '', escape = ''"
LINES = f"TO '/dev/stdout' (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '')"
JSON = "TO '/dev/stdout' (FORMAT json)"


def main(variant, file, condition="", http=""):
    name, _, kind = http.partition("=")
    objects = f"(SELECT json AS line FROM read_ndjson_objects('{file}'))"
    columns = f"{{{COLUMNS}, {name or 'http'}: '{kind or 'JSON'}'}}"
    as_json = "format = 'newline_delimited'"
    as_lines = f"columns = {{line: 'VARCHAR'}}, {ONE}, header = false, auto_detect = false"
    task = "json_extract_string(line, '$.task_uuid')"
    queries = {
        "columns": f"COPY (SELECT * FROM read_json('{file}', columns = {columns}, {as_json}) "
        f"WHERE {condition}) {JSON}",
        "raw": f"COPY (SELECT line FROM {objects} WHERE {condition}) {LINES}",
        "csv": "SET preserve_insertion_order = false; COPY (SELECT line FROM "
        f"read_csv('{file}', {as_lines}, max_line_size = 16777216) WHERE {condition}) {LINES}",
        "eliot-columns": f"COPY (SELECT * FROM read_json('{file}', columns = {{{ELIOT}}}, {as_json}) "
        f"WHERE {condition}) {JSON}",
        "distlog-columns": f"COPY (SELECT * FROM read_json('{file}', columns = {{{DISTLOG}}}, "
        f"{as_json}) WHERE {condition}) {JSON}",
        "group-columns": "COPY (SELECT task_uuid, list(r ORDER BY r.task_level) AS records FROM "
        f"read_json('{file}', columns = {{{ELIOT}}}, {as_json}) AS r GROUP BY task_uuid) {JSON}",
        "computed": "COPY (SELECT action_type, count(*), quantile_cont(timestamp, 0.5), "
        f"quantile_cont(timestamp, 0.99) FROM read_json('{file}', columns = {{{ELIOT}}}, {as_json}) "
        f"GROUP BY action_type) {JSON}",
        "by-logger": "COPY (SELECT logger, count(*), quantile_cont(duration_ms, 0.5), "
        f"quantile_cont(duration_ms, 0.99) FROM read_json('{file}', columns = "
        f"{{logger: 'VARCHAR', duration_ms: 'DOUBLE'}}, {as_json}) GROUP BY logger) {JSON}",
        "parquet": "COPY (SELECT unhex(sha256(line)[:32]) AS hash, try_cast(f[1] AS TIMESTAMPTZ) AS time, "
        "f[2] AS level, f[3] AS logger, f[4] AS service, f[5] AS host, f[6] AS tree, line AS record FROM "
        "(SELECT json::VARCHAR AS line, json_extract_string(json, ['$.time', '$.level', '$.logger', "
        f"'$.service', '$.hostname', '$.trace_id']) AS f FROM read_ndjson_objects('{file}'))) "
        f"TO '{condition}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)",
        "group-raw": f"COPY (SELECT {task} AS tree, list(line) AS records FROM {objects} "
        f"GROUP BY tree) {JSON}",
    }
    run(queries[variant])


def run(query):
    try:
        import duckdb
    except ImportError:
        os.execvp("duckdb", ["duckdb", "-c", query])
    duckdb.execute(query)


if __name__ == "__main__":
    main(*sys.argv[1:])
