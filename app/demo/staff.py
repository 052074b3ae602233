"""The demo accounts: a customer with a history, a moderator, an admin. Their password is public, so demo only."""

from dataclasses import replace
from datetime import date, datetime

from app.accounts import passwords
from app.demo.customers import Customer, Place

PASSWORD = "kesor-demo-2026"  # noqa: S105
SALT = b"the demo shop's!"
CUSTOMER, MODERATOR, ADMIN = "sokha@kesor.example", "dara@kesor.example", "admin@kesor.example"
ACCOUNTS = {CUSTOMER: "customer", MODERATOR: "moderator", ADMIN: "admin"}


def password_hash() -> str:
    """The one hash that all invented people share, the same at every seed."""
    return passwords.HASHER.hash(PASSWORD, salt=SALT)


def greet(customers: list[Customer]) -> None:
    """Make the first customer Sokha, who shops a lot."""
    customers[0] = replace(
        customers[0],
        email=CUSTOMER,
        first_name="Sokha",
        last_name="Chan",
        language="en",
        gender="female",
        birth=date(1997, 5, 14),
        skin_type="combination",
        true_skin="combination",
        concerns=("acne_marks", "shine", "pores"),
        leaves=None,
        budget=24.0,
        pace=26.0,
    )


def team(first_id: int, joined: datetime, place: Place) -> list[Customer]:
    """The moderator and the admin, who buy nothing."""
    people = ((MODERATOR, "Dara", "Heng", "male"), (ADMIN, "Bopha", "Keo", "female"))
    return [
        Customer(
            id=first_id + number,
            first_name=first,
            last_name=last,
            email=email,
            phone=f"+855{12_000_001 + number}",
            language="en",
            gender=gender,
            birth=date(1990 + number, 2, 3),
            skin_type=None,
            concerns=(),
            joined=joined,
            leaves=joined,
            place=place,
            house="18, St. 240",
            budget=0.0,
            pace=0.0,
            true_skin="normal",
        )
        for number, (email, first, last, gender) in enumerate(people)
    ]
