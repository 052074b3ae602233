"""The bag's pages and fragments."""

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from app.accounts import owners
from app.accounts.owners import Owner
from app.analytics import events
from app.cart import badge, basket, codes, forms
from app.cart.basket import BasketView
from app.catalog import steps
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.limits import limiter

bp = Blueprint("cart", __name__)
REGIONS = ("cart/_badge.html", "cart/_live.html")


@bp.app_context_processor
def offer_count() -> dict[str, object]:
    """`bag_count()` for the header."""
    return {"bag_count": badge.count}


@bp.get("/cart")
@access("public")
def page() -> Response:
    told = {"undo": forms.undo(), "lost": forms.lost()}
    answer = htmx.page_or("cart/page.html", "cart/_bag.html", **shown(basket.current()), **told)
    return security.no_store(answer)


@bp.get("/cart/drawer")
@access("public")
def drawer() -> Response:
    return security.no_store(htmx.page_or("cart/page.html", "cart/_bag.html", **shown(basket.current())))


@bp.post("/cart/lines")
@access("public")
@limiter.limit("600/minute")
def add_line() -> Response:
    wanted = forms.wanted()
    owner = owners.current()
    fresh = None if owner else security.new_token()
    owner = owner or Owner(guest=security.digest(fresh or ""))
    cart_id = basket.add(owner, wanted.product_id, wanted.quantity)
    g.gains_authority = True
    response = changed(owner, cart_id, _("Added to bag."), added=wanted.product_id)
    events.record("cart_add", product_id=wanted.product_id, quantity=wanted.quantity)
    if fresh:
        security.set_cookie(response, "cart", fresh, days=basket.GUEST_DAYS)
    return response


@bp.post("/cart/lines/<int:line_id>/quantity")
@access("public")
def set_quantity(line_id: int) -> Response:
    quantity = forms.quantity()
    step = {"fewer": -1, "more": 1}.get(request.form.get("step", ""), 0)
    owner = owners.current()
    cart_id = basket.set_quantity(owner, line_id, quantity + step)
    return changed(owner, cart_id, _("Bag updated."))


@bp.post("/cart/lines/<int:line_id>/removal")
@access("public")
def remove_line(line_id: int) -> Response:
    owner = owners.current()
    cart_id, product_id, quantity = basket.remove(owner, line_id)
    return changed(owner, cart_id, _("Removed."), undo={"product_id": product_id, "quantity": quantity})


def changed(owner: Owner, cart_id: int, message: str, **facts: object) -> Response:
    """Commit, then the bag with its badge and spoken message; without htmx the bag's page (303)."""
    bag, lost = codes.settle(basket.view(cart_id))
    db.session.commit()
    badge.keep(owner, bag.count)
    if not htmx.is_partial():
        return htmx.go(_page_after(facts, lost))
    answer = htmx.parts("cart/_bag.html", *REGIONS, **shown(bag), message=message, lost=lost, **facts)
    return security.no_store(answer)


def shown(bag: BasketView) -> dict[str, object]:
    """A bag, and what its routine leaves out."""
    return {"bag": bag, "also": steps.missing(line.product_id for line in bag.lines)}


def _page_after(facts: dict[str, object], lost: str | None) -> str:
    undo = facts.get("undo")
    told = undo if isinstance(undo, dict) else {}
    return url_for("cart.page", **told, lost=lost)
