"""What many records have in common, made JSON once: the line of the program, and the thread.

A part is the text between what differs from record to record, so that a record is put together from a dozen
pieces. That takes a third of the time that encoding each field takes.
"""

from __future__ import annotations

import logging
from typing import Any, Dict, Tuple

from .encoder import encode
from .serializer import NATIVE

__all__ = ["Parts", "Place"]

# Parts that are kept. A program has that many lines that log, or else it makes their names up.
_MOST_PARTS = 4096
_HAS_TASK = "taskName" in NATIVE

#: What stands in front of `msg`, of `exc_info` and of `created`.
Place = Tuple[str, str, str]


class Parts:
    """The parts that a formatter has made so far; the dicts are there to be read."""

    def __init__(self) -> None:
        self.places: Dict[Tuple[Any, ...], Place] = {}
        self.threads: Dict[Tuple[Any, ...], str] = {}

    def place(self, record: logging.LogRecord, key: Tuple[Any, ...]) -> Place:
        """Makes what is the same for all records of a line of the program."""
        if len(self.places) >= _MOST_PARTS:
            self.places.clear()
        made = (
            f'{{"name":{encode(record.name)},"msg":',
            f',"levelname":{encode(record.levelname)},"levelno":{encode(record.levelno)}'
            f',"pathname":{encode(record.pathname)},"filename":{encode(record.filename)}'
            f',"module":{encode(record.module)},"exc_info":',
            f',"lineno":{encode(record.lineno)},"funcName":{encode(record.funcName)},"created":',
        )
        self.places[key] = made
        return made

    def thread(self, who: Tuple[Any, ...]) -> str:
        """Makes what is the same for all records of a thread."""
        if len(self.threads) >= _MOST_PARTS:
            self.threads.clear()
        thread, thread_name, process_name, process, task = who
        made = (
            f',"thread":{encode(thread)},"threadName":{encode(thread_name)}'
            f',"processName":{encode(process_name)},"process":{encode(process)}'
        )
        if _HAS_TASK or task is not None:
            made += f',"taskName":{encode(task)}'
        self.threads[who] = made
        return made
