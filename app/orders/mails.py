"""What the shop writes about an order to its buyer, in the order's language, and to staff by Telegram."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import money
from app.messaging import outbox, sinks
from app.messaging.composers import composes
from app.messaging.letters import Letter, Notice, link, reading
from app.orders import queries, returns
from app.orders.queries import OrderView

UNPAID = "expired"
SUBJECTS = {
    "order_placed": _l("We have your order %(number)s"),
    "order_confirmed": _l("Your order %(number)s is confirmed"),
    "order_paid": _l("We have your payment for order %(number)s"),
    "order_shipped": _l("Your order %(number)s is on its way"),
    "order_delivered": _l("Your order %(number)s has arrived"),
    "order_cancelled": _l("Your order %(number)s is cancelled"),
    "order_refunded": _l("Your money back for order %(number)s"),
    "return_decided": _l("Your return for order %(number)s"),
}
HEADINGS = {
    "order_placed": _l("Thank you for your order"),
    "order_confirmed": _l("Your order is confirmed"),
    "order_paid": _l("Thank you, your payment has arrived"),
    "order_shipped": _l("Your parcel is on its way"),
    "order_delivered": _l("Your parcel has arrived"),
    "order_cancelled": _l("Your order is cancelled"),
    "order_refunded": _l("Your money is on its way back"),
    "return_decided": _l("About your return"),
}
STAFF = {
    "order_placed": "New order",
    "order_paid": "Paid",
    "order_cancelled": "Cancelled",
    "return_requested": "Return requested",
}


def write(kind: str, payload: Mapping[str, Any]) -> Letter | None:
    """The letter of one kind about `payload["order_id"]`; None when there is no address or nothing new to say."""
    tell_staff(kind, payload)
    view = queries.by_id(int(payload["order_id"]))
    if view is None or reaches_nobody(view.order.customer_email) or repeats(kind, view):
        return None
    order = view.order
    token = queries.signature(order.order_number, order.access_version)
    endpoint, label = button(kind, view)
    with reading(order.language):
        facts = {
            "view": view,
            "heading": str(HEADINGS[kind]),
            "lines": [line for line in SAYINGS[kind](view, payload) if line],
            "button": (str(label), link(endpoint, order.language, number=order.order_number, token=token)),
        }
        subject = str(SUBJECTS[kind]) % {"number": order.order_number}
    return Letter(order.customer_email, order.language, subject, "order", facts)


def reaches_nobody(address: str | None) -> bool:
    """Whether no letter arrives there: the buyer gave no address, or it went with their account."""
    return not address or address.endswith(".invalid")


def button(kind: str, view: OrderView) -> tuple[str, Any]:
    """Where the letter leads, and the words for it."""
    if kind == "order_placed" and view.order.payment_method != "cod" and view.order.status == "pending":
        return "payments.page", _l("Pay now")
    return "orders.page", _l("Track your parcel") if kind == "order_shipped" else _l("See your order")


def repeats(kind: str, view: OrderView) -> bool:
    """Whether the buyer learns it from another mail: a paid order is confirmed by its payment."""
    order = view.order
    return bool(
        kind == "order_confirmed" and order.payment_method != "cod" and order.payment_status == "paid"
    )


def placed(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """We have it; what comes next depends on the way of paying."""
    del payload
    total = money.usd(view.order.total)
    if view.order.payment_method != "cod" and view.order.status != "pending":
        return [_("We pack it next.")] if view.order.status == "confirmed" else []
    if view.order.payment_method == "khqr":
        return [_("Please pay %(usd)s by KHQR. The code is good for 15 minutes.", usd=total)]
    if view.order.payment_method == "bank_transfer":
        return [_("Please transfer %(usd)s within 24 hours. The payment page shows our account.", usd=total)]
    return [
        _("We call you to confirm it."),
        _(
            "Please have %(usd)s or %(khr)s ready when the parcel arrives.",
            usd=total,
            khr=view.riel,
        ),
    ]


def confirmed(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """We pack it now."""
    del view, payload
    return [_("We pack it next.")]


def paid(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """The money is there."""
    del payload
    return [_("We have received %(usd)s. We pack your order next.", usd=money.usd(view.order.total))]


def shipped(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """By when, who brings it, and under which number."""
    del payload
    order, carrier = view.order, view.fact("carrier")
    return [
        _("Arrives by %(day)s.", day=format_date(view.latest, "EEEE d MMMM"))
        if view.latest and not view.late
        else "",
        _("Carrier: %(name)s", name=carrier) if carrier else "",
        _("Tracking number: %(number)s", number=order.tracking_number) if order.tracking_number else "",
        _(
            "Please have %(usd)s or %(khr)s ready when the parcel arrives.",
            usd=money.usd(order.total),
            khr=view.riel,
        )
        if order.payment_method == "cod"
        else "",
    ]


def delivered(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """Thanks, and what to do if something is wrong."""
    del view, payload
    return [
        _("Thank you for shopping with us."),
        _("Is something not right? Open your order's page and ask for a return."),
    ]


def cancelled(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """Why, and what happens to money that was paid."""
    del payload
    told = [_("It was not paid in time, so we put the products back on the shelf.")] * (
        view.fact("reason") == UNPAID
    )
    if view.order.payment_status in ("paid", "partially_paid"):
        return [*told, _("We give your money back and tell you when it leaves.")]
    if view.order.payment_status in ("refunded", "partially_refunded"):
        return [*told, _("We gave your money back.")]
    return [*told, _("Nothing is owed for this order.")]


def refunded(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """How much."""
    amount = Decimal(str(payload["amount"]))
    return [
        _("We give back %(usd)s (%(khr)s) the way you paid.", usd=money.usd(amount), khr=view.khr(amount))
    ]


def return_decided(view: OrderView, payload: Mapping[str, Any]) -> list[str]:
    """Yes or no, and the words of whoever decided."""
    asked = next(one for one in returns.of_order(view.order.id) if one.id == payload["return_id"])
    if asked.status == "rejected":
        return [_("We are sorry, we cannot take it back."), asked.decision or ""]
    return [_("We take it back. We call you to say how it reaches us."), asked.decision or ""]


SAYINGS = {
    "order_placed": placed,
    "order_confirmed": confirmed,
    "order_paid": paid,
    "order_shipped": shipped,
    "order_delivered": delivered,
    "order_cancelled": cancelled,
    "order_refunded": refunded,
    "return_decided": return_decided,
}
for _kind in SAYINGS:
    composes(_kind)(partial(write, _kind))


def tell_staff(kind: str, payload: Mapping[str, Any]) -> None:
    """Put the notice to staff beside the letter, where Telegram is on: each leaves once, whatever the other does."""
    if kind in STAFF and sinks.telegram_is_on():
        which = ":".join(str(payload[key]) for key in ("order_id", "return_id") if key in payload)
        outbox.put(f"staff_{kind}", {"order_id": payload["order_id"]}, f"staff_{kind}:{which}")


def notice(kind: str, payload: Mapping[str, Any]) -> Notice | None:
    """A few words without anybody's address: the order's page has the rest."""
    view = queries.by_id(int(payload["order_id"]))
    if view is None:
        return None
    order = view.order
    goods = "\n".join(f"{line.quantity} x {line.product_name}" for line in view.lines)
    return Notice(
        f"{STAFF[kind]}: {order.order_number}\n{money.usd(order.total)}, {order.payment_method}\n{goods}"
    )


for _kind in STAFF:
    composes(f"staff_{_kind}")(partial(notice, _kind))


@composes("return_requested")
def asked_for_return(payload: Mapping[str, Any]) -> None:
    """Staff alone are told."""
    tell_staff("return_requested", payload)
