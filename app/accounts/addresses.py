"""The address book: where somebody wants parcels, one of them the usual one. Every statement names the owner."""

from dataclasses import asdict, dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.core import db
from app.core.errors import Invalid, NotFound, Refused

MOST = 20
BOOK = """
    SELECT a.id, a.full_name, a.phone, a.address_line1, a.note, a.is_default, a.province_code, a.district_code,
        a.commune_code, coalesce(p.name_en, a.state) AS province_en, p.name_kh AS province_kh,
        coalesce(d.name_en, a.city) AS district_en, d.name_kh AS district_kh,
        c.name_en AS commune_en, c.name_kh AS commune_kh
    FROM user_addresses a LEFT JOIN provinces p ON p.code = a.province_code
    LEFT JOIN districts d ON d.code = a.district_code LEFT JOIN communes c ON c.code = a.commune_code
    WHERE a.user_id = :user_id AND a.type = 'shipping'
"""
ALL = text(BOOK + " ORDER BY a.is_default DESC, a.id")
ONE = text(BOOK + " AND a.id = :id")
USUAL = text(BOOK + " ORDER BY a.is_default DESC, a.id DESC LIMIT 1")
LOCK = text("SELECT id FROM users WHERE id = :user_id FOR NO KEY UPDATE")
COUNT = text("SELECT count(*) FROM user_addresses WHERE user_id = :user_id")
ADD = text(
    """
    INSERT INTO user_addresses (user_id, full_name, phone, address_line1, note, province_code, district_code,
        commune_code, state, city)
    SELECT :user_id, :name, :phone, :address_line, :note, p.code, d.code, c.code, p.name_en, d.name_en
    FROM provinces p JOIN districts d ON d.province_code = p.code JOIN communes c ON c.district_code = d.code
    WHERE p.code = :province AND d.code = :district AND c.code = :commune RETURNING id
    """
)
CHANGE = text(
    """
    UPDATE user_addresses SET full_name = :name, phone = :phone, address_line1 = :address_line, note = :note,
        province_code = p.code, district_code = d.code, commune_code = c.code, state = p.name_en, city = d.name_en
    FROM provinces p JOIN districts d ON d.province_code = p.code JOIN communes c ON c.district_code = d.code
    WHERE p.code = :province AND d.code = :district AND c.code = :commune
        AND user_addresses.id = :id AND user_id = :user_id AND type = 'shipping' RETURNING user_addresses.id
    """
)
DROP = text(
    "DELETE FROM user_addresses WHERE id = :id AND user_id = :user_id AND type = 'shipping' RETURNING id"
)
MAKE_USUAL = text(
    """
    UPDATE user_addresses SET is_default = (id = :id)
    WHERE user_id = :user_id AND type = 'shipping' AND is_default <> (id = :id)
    """
)
SOME_USUAL = text(
    """
    UPDATE user_addresses SET is_default = true WHERE id = (
        SELECT max(id) FROM user_addresses WHERE user_id = :user_id AND type = 'shipping' HAVING NOT bool_or(is_default)
    )
    """
)


@dataclass(frozen=True)
class Details:
    """An address as it was typed in, in stored form: places by their official codes, the phone as E.164."""

    name: str
    phone: str
    province: str
    district: str
    commune: str
    address_line: str
    note: str | None = None


def book(user_id: int) -> list[Row[Any]]:
    """All addresses of a user, the usual one first; one statement."""
    return list(db.rows(ALL, {"user_id": user_id}))


def one(user_id: int, address_id: int) -> Row[Any]:
    """An address of this user; one statement. Raises NotFound, also for other people's."""
    found = db.row(ONE, {"user_id": user_id, "id": address_id})
    if found is None:
        raise NotFound(_l("We could not find that address."))
    return found


def usual(user_id: int) -> Row[Any] | None:
    """The address that a user's parcels usually go to; one statement."""
    return db.row(USUAL, {"user_id": user_id})


def add(user_id: int, details: Details, is_usual: bool = False) -> int:
    """A new address; the first one is the usual one. Returns its id. Raises Invalid (no such place) or Refused."""
    _lock(user_id)
    if int(db.scalar(COUNT, {"user_id": user_id})) >= MOST:
        raise Refused(_l("Your address book is full. Please delete an address that you no longer need."))
    added = db.scalar(ADD, asdict(details) | {"user_id": user_id})
    if added is None:
        raise _no_place()
    _settle_usual(user_id, int(added) if is_usual else None)
    return int(added)


def change(user_id: int, address_id: int, details: Details, is_usual: bool = False) -> None:
    """Write an address anew. Raises NotFound or Invalid (no such place)."""
    _lock(user_id)
    one(user_id, address_id)
    if db.scalar(CHANGE, asdict(details) | {"user_id": user_id, "id": address_id}) is None:
        raise _no_place()
    _settle_usual(user_id, address_id if is_usual else None)


def drop(user_id: int, address_id: int) -> None:
    """Delete an address; when it was the usual one, the newest other one is. Raises NotFound."""
    _lock(user_id)
    if db.scalar(DROP, {"user_id": user_id, "id": address_id}) is None:
        raise NotFound(_l("We could not find that address."))
    _settle_usual(user_id, None)


def make_usual(user_id: int, address_id: int) -> None:
    """Parcels usually go there from now on. Raises NotFound."""
    _lock(user_id)
    one(user_id, address_id)
    _settle_usual(user_id, address_id)


def _lock(user_id: int) -> None:
    """One change of an address book at a time."""
    db.scalar(LOCK, {"user_id": user_id})


def _settle_usual(user_id: int, address_id: int | None) -> None:
    if address_id is not None:
        db.db.session.execute(MAKE_USUAL, {"user_id": user_id, "id": address_id})
    db.db.session.execute(SOME_USUAL, {"user_id": user_id})


def _no_place() -> Invalid:
    return Invalid(fields={"commune": _l("Choose a commune.")})
