"""The gateway: the only service that customers reach. Each order is a new task, and starts here."""

from __future__ import annotations

import logging

from . import service, shoplog

log = logging.getLogger("shop.gateway")


def checkout(cart: dict) -> dict:
    customer = cart["customer"]
    with shoplog.to("check the session of %s", customer) as scope:
        scope.bind(session=f"s-{cart['order']:04d}")
        log.debug("session is valid for another 27 minutes")
    log.info("in the cart: %s", ", ".join(cart["items"]), extra={"express": cart["express"]})
    placed = service.call("orders", "/orders", cart)
    log.info("%s gets parcel %s", customer, placed["parcel"])
    return placed


routes = {"/checkout": service.Route("order {order} of {customer}", checkout, status=201)}

if __name__ == "__main__":
    service.run("gateway", routes, peers=("orders",), edge=True)
