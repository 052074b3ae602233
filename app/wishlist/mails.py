"""What the shop writes when a product is back; who left only a phone number is called by staff."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core import db, phones
from app.messaging import letters, sinks
from app.messaging.composers import composes
from app.messaging.letters import Letter, Notice
from app.wishlist.alerts import KIND

ALERT = text(
    """
    SELECT p.slug, p.name_en, p.name_kh, a.phone, coalesce(a.email, u.email) AS email,
        coalesce(u.language, a.language)::text AS language
    FROM stock_alerts a JOIN products p ON p.id = a.product_id
    LEFT JOIN users u ON u.id = a.user_id AND u.deleted_at IS NULL
    WHERE a.id = :id AND p.status = 'active'
    """
)


@composes(KIND)
def back_in_stock(payload: Mapping[str, Any]) -> Letter | Notice | None:
    """The letter about `payload["alert_id"]`; None when the product or the person has gone since."""
    alert = db.row(ALERT, {"id": int(payload["alert_id"])})
    if alert is None or not (alert.email or alert.phone):
        return None
    if not alert.email:
        return _call(alert)
    name = alert.name_kh if alert.language == "kh" and alert.name_kh else alert.name_en
    facts = {
        "heading": _l("%(name)s is back", name=name),
        "lines": [
            _l("You asked us to tell you. It is in stock again, for as long as it lasts."),
        ],
        "button": (_l("See the product"), letters.link("catalog.product", alert.language, slug=alert.slug)),
        "small": [_l("This is the only message about it.")],
    }
    return Letter(alert.email, alert.language, _l("%(name)s is back", name=name), facts=facts)


def _call(alert: Any) -> Letter | Notice:
    said = f"{alert.name_en} is back in stock. Please tell {phones.national(alert.phone)}."
    if sinks.telegram_is_on():
        return Notice(said)
    return Letter(letters.sender(), "en", f"Please call: {alert.name_en} is back", facts={"lines": [said]})
