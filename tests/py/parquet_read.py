#!/usr/bin/env python3
"""Reads a folder that `dl-send parquet:DIR` has written, as users of DuckDB do.

    parquet_read.py DIR            writes each record as a line, in the order of time
    parquet_read.py DIR columns    writes each row as JSON, in the order of time, with the columns of the folders
    parquet_read.py DIR one FILE   puts all rows into one file, as DuckDB writes it
"""

import sys

import duckdb


def main(folder, what="records", file=None):
    rows = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    if what == "one":
        duckdb.sql(f"COPY (SELECT * FROM {rows} ORDER BY time, record) TO '{file}' (FORMAT parquet)")
        return
    shown = "record"
    if what == "columns":
        names = "epoch_ns(time) AS time, level, logger, service, host, tree, lower(hex(hash)) AS hash"
        shown = f"to_json(r) FROM (SELECT {names}, date::VARCHAR AS date, hour, record FROM {rows}) AS r"
        query = f"SELECT {shown} ORDER BY time, record"
    else:
        query = f"SELECT {shown} FROM {rows} ORDER BY time, record"
    for (row,) in duckdb.sql(query).fetchall():
        sys.stdout.write(row + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
