"""The order service: reserves stock, has the card charged and the order packed, and undoes what it must."""

from __future__ import annotations

import contextvars
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from . import service, shoplog
from .catalogue import CATALOGUE, SLOW_SHELF, slowness

ATTEMPTS = 3
# An express order promises an answer at once: payments gets this long, and no second try.
EXPRESS_PATIENCE_SECONDS = 0.4

log = logging.getLogger("shop.orders")
calculators = ThreadPoolExecutor(max_workers=8, thread_name_prefix="calculator")


class OutOfStock(service.Refused):
    status = 409


def place(order: dict) -> dict:
    reserve(order)
    amount = price(order)
    charge(order, amount)
    try:
        parcel = pack(order)
    except service.RemoteFailure:
        log.warning("order %s is paid and not packed, giving the money back", order["order"])
        refund(order, amount)
        raise
    # Nobody waits for the mail: worker sends it when it comes to it.
    service.call("worker", "/receipts", order)
    return {"parcel": parcel, "amount": amount}


def reserve(order: dict) -> None:
    with shoplog.to("reserve what order %s needs", order["order"]):
        for name in order["items"]:
            with shoplog.to("reserve %s", name, item=name):
                item = CATALOGUE[name]
                if item.shelf == SLOW_SHELF:
                    log.info("%s stands in the far warehouse, asking there", name)
                    time.sleep(slowness(order["order"]))
                if not item.stock:
                    raise OutOfStock(f"no {name} left, next delivery on Tuesday")
                log.debug("shelf %s has %d of %s", item.shelf, item.stock, name)


def price(order: dict) -> float:
    with shoplog.to("price order %s", order["order"]) as scope:
        goods = sum(CATALOGUE[name].price for name in order["items"])
        # Each thread works in a copy of this context: its scopes are children of this one.
        tax = calculators.submit(contextvars.copy_context().run, work_out_tax, goods)
        shipping = calculators.submit(contextvars.copy_context().run, work_out_shipping, order)
        amount = round(goods + tax.result() + shipping.result(), 2)
        scope.bind(amount=amount)
        log.info("order %s costs %.2f EUR", order["order"], amount)
        return amount


def work_out_tax(goods: float) -> float:
    with shoplog.to("work out the tax"):
        log.debug("21 %% of %.2f", goods)
        return goods * 0.21


def work_out_shipping(order: dict) -> float:
    with shoplog.to("work out the shipping"):
        weight = sum(CATALOGUE[name].kilos for name in order["items"])
        log.debug("%.1f kg", weight)
        return 4.95 + 0.5 * weight


def charge(order: dict, amount: float) -> None:
    with shoplog.to("charge card of order %s", order["order"], amount=amount):
        body = {"order": order["order"], "amount": amount, "card": order["card"]}
        if order["express"]:
            service.call("payments", "/charges", body | {"attempt": 1}, EXPRESS_PATIENCE_SECONDS)
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with shoplog.to("attempt %d of %d", attempt, ATTEMPTS):
                    service.call("payments", "/charges", body | {"attempt": attempt})
                return
            except service.RemoteFailure as error:
                if error.status != 503 or attempt == ATTEMPTS:
                    raise
                log.warning("attempt %d failed, trying again: %s", attempt, error, extra={"attempt": attempt})
                time.sleep(0.02 * attempt)


def pack(order: dict) -> str:
    with shoplog.to("have order %s packed", order["order"]):
        return service.call("worker", "/parcels", order)["parcel"]


def refund(order: dict, amount: float) -> None:
    with shoplog.to("refund order %s", order["order"]):
        service.call("payments", "/refunds", {"order": order["order"], "amount": amount})


routes = {"/orders": service.Route("place order {order}", place, status=201)}

if __name__ == "__main__":
    service.run("orders", routes, peers=("payments", "worker"), at_end=calculators.shutdown)
