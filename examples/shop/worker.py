"""The worker: packs parcels and sends receipts, from a queue, in threads of its own.

A parcel is waited for; a receipt is not, so its scope ends after the order's.
"""

from __future__ import annotations

import contextvars
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable

from . import service, shoplog
from .catalogue import CATALOGUE, FRAGILE_SECONDS, slowness

# A bug to be found: nobody told this table that the shop sells garden gnomes now.
BOX_OF_SIZE = {"small": "B1", "medium": "B3", "large": "B5"}

log = logging.getLogger("shop.worker")
queue = ThreadPoolExecutor(max_workers=4, thread_name_prefix="packer")


class MailBounced(Exception):
    """The mail server of the customer does not take the mail."""


def enqueue(scope: shoplog.Scope, work: Callable[[dict], str], body: dict) -> Future:
    """Queues the work under a scope that is counted now and starts when a thread is free."""
    queued = time.monotonic()

    def job() -> str:
        with scope:
            waited = time.monotonic() - queued
            log.debug("taken from the queue", extra={"waited": round(waited, 6)})
            return work(body)

    return queue.submit(contextvars.copy_context().run, job)


def pack(body: dict) -> dict:
    scope = shoplog.to("pack %s", ", ".join(body["items"]), queue="parcels")
    return {"parcel": enqueue(scope, fill_parcel, body).result()}


def fill_parcel(body: dict) -> str:
    boxes = []
    for name in body["items"]:
        with shoplog.to("choose a box for %s", name, item=name):
            boxes.append(BOX_OF_SIZE[CATALOGUE[name].size])
            log.debug("%s goes into box %s", name, boxes[-1])
    with shoplog.to("wrap and close %s", ", ".join(boxes)):
        if any(CATALOGUE[name].fragile for name in body["items"]):
            log.info("fragile: wrapping twice")
            # A whole tea service takes its time.
            time.sleep(slowness(body["order"]) if len(boxes) > 1 else FRAGILE_SECONDS)
    parcel = f"P{body['order']:05d}-{max(boxes)}"
    log.info("parcel %s is ready", parcel, extra={"parcel": parcel})
    return parcel


def send_receipt(body: dict) -> dict:
    enqueue(shoplog.to("mail the receipt to %s", body["mail"], queue="receipts"), mail, body)
    return {}


def mail(body: dict) -> str:
    with shoplog.to("hand the mail to the mail server"):
        if body["mail"].endswith(".invalid"):
            raise MailBounced(f"550 5.1.2 {body['mail']}: no such domain")
        log.info("250 2.0.0 queued", extra={"mail": body["mail"]})
    return body["mail"]


routes = {
    "/parcels": service.Route("make a parcel of order {order}", pack, status=201),
    "/receipts": service.Route("accept the receipt of order {order}", send_receipt, status=202),
}

if __name__ == "__main__":
    service.run("worker", routes, at_end=queue.shutdown)
