"""Writes the invented customers and staff: users, each with one address."""

from collections.abc import Sequence

from app.accounts.models import Address, User
from app.demo.customers import Customer
from app.demo.loading import Table


def save(people: Sequence[Customer], password_hash: str, roles: dict[int, str]) -> None:
    """Users with one address each; `roles` by user id, customers else."""
    users = Table(
        User, "id", "email", "password_hash", "first_name", "last_name", "phone", "date_of_birth", "gender",
        "skin_type", "skin_concerns", "language", "role", "email_verified", "email_verified_at", "marketing_opt_in",
        "created_at", "updated_at",
    )  # fmt: skip
    homes = Table(
        Address, "user_id", "full_name", "phone", "province_code", "district_code", "commune_code", "address_line1",
        "city", "state", "is_default", "created_at",
    )  # fmt: skip
    for one in people:
        users.add(
            one.id, one.email, password_hash, one.first_name, one.last_name, one.phone, one.birth, one.gender,
            one.skin_type, one.concerns if one.skin_type else (), one.language, roles.get(one.id or 0, "customer"),
            True, one.joined, bool((one.id or 0) % 3), one.joined, one.joined,
        )  # fmt: skip
        homes.add(
            one.id, one.name, one.phone, one.place.province, one.place.district, one.place.commune, one.house,
            one.place.district_en, one.place.province_en, True, one.joined,
        )  # fmt: skip
    users.save()
    homes.save()
