"""Invented customers: names, skin, budget, habits and addresses, drawn from a seeded generator."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

PEOPLE = json.loads((Path(__file__).parent / "people.json").read_text(encoding="utf-8"))

SKIN = {"oily": 28, "combination": 27, "acne": 14, "sensitive": 12, "dry": 10, "normal": 9}
UNKNOWN_SKIN = 0.06
KHMER_SPEAKERS = 0.68
WOMEN = 0.78
CONCERNS = {
    "oily": {"shine": 8, "acne": 5, "pores": 5, "blackheads": 4, "acne_marks": 3, "sun": 2},
    "combination": {"shine": 4, "pores": 4, "acne_marks": 5, "dark_spots": 4, "dullness": 3, "sun": 2},
    "acne": {"acne": 9, "acne_marks": 6, "blackheads": 4, "pores": 3, "redness": 2},
    "sensitive": {"redness": 7, "sensitivity": 8, "dryness": 3, "sun": 2},
    "dry": {"dryness": 9, "dullness": 4, "hydration": 5, "aging": 4, "sensitivity": 2},
    "normal": {"dullness": 4, "dark_spots": 4, "aging": 4, "sun": 3, "texture": 3, "dark_circles": 2},
}
PLACES = {"12": 52, "17": 9, "02": 8, "08": 9, "03": 5, "18": 4, "21": 4, "07": 3, "14": 3, "01": 2, "06": 1}
PREFIXES = ("10", "11", "12", "15", "16", "17", "69", "70", "77", "85", "92", "93", "96", "98")
OPERATORS_LONG = {"96"}


@dataclass(frozen=True)
class Place:
    """A commune with what stands above it, names in English."""

    province: str
    province_en: str
    district: str
    district_en: str
    commune: str
    commune_en: str


@dataclass(frozen=True)
class Customer:
    """A person who buys: `pace` is orders a year, `budget` the dollars at which a price feels dear."""

    id: int | None
    first_name: str
    last_name: str
    email: str | None
    phone: str
    language: str
    gender: str
    birth: date
    skin_type: str | None
    concerns: tuple[str, ...]
    joined: datetime
    leaves: datetime | None
    place: Place
    house: str
    budget: float
    pace: float
    true_skin: str

    @property
    def name(self) -> str:
        """As people write it on a parcel: the family name first in Khmer."""
        pair = (
            (self.last_name, self.first_name) if self.language == "kh" else (self.first_name, self.last_name)
        )
        return " ".join(pair)


def invent(
    draw: Random, count: int, first_id: int, since: datetime, until: datetime, places: dict[str, list[Place]]
) -> list[Customer]:
    """`count` customers with ids from `first_id`, who joined between `since` and `until`, more of them lately."""
    joined = sorted(_joined(draw, since, until) for _ in range(count))
    return [one(draw, number, moment, until, places) for number, moment in enumerate(joined, first_id)]


def one(
    draw: Random, number: int | None, since: datetime, until: datetime, places: dict[str, list[Place]]
) -> Customer:
    """One customer; a guest where `number` is None."""
    gender = "female" if draw.random() < WOMEN else "male"
    family, given = draw.choice(PEOPLE["family"]), draw.choice(PEOPLE[gender])
    khmer = draw.random() < KHMER_SPEAKERS
    skin = _one_of(draw, SKIN)
    wished = list(CONCERNS[skin])
    concerns = tuple(
        dict.fromkeys(draw.choices(wished, list(CONCERNS[skin].values()), k=draw.choice((1, 2, 2, 3))))
    )
    email = f"{given[0]}.{family[0]}{number}@kesor.example".lower() if number else None
    return Customer(
        id=number,
        first_name=given[khmer],
        last_name=family[khmer],
        email=email,
        phone=_phone(draw),
        language="kh" if khmer else "en",
        gender=gender,
        birth=date(1968, 1, 1) + timedelta(days=int(draw.triangular(0, 15_000, 11_000))),
        skin_type=None if draw.random() < UNKNOWN_SKIN else skin,
        concerns=concerns,
        joined=since,
        leaves=since + (until - since) * draw.uniform(0.2, 0.9) if draw.random() < 0.25 else None,
        place=draw.choice(places[_one_of(draw, PLACES)]),
        house=f"{draw.randint(1, 480)}{draw.choice(('', 'A', 'B', 'E0'))}, St. {draw.randint(1, 598)}",
        budget=draw.lognormvariate(3.0, 0.35),
        pace=draw.gammavariate(1.6, 3.4) + 0.6,
        true_skin=skin,
    )


def _joined(draw: Random, since: datetime, until: datetime) -> datetime:
    """A third was there from the first weeks on; the others came evenly since."""
    share = draw.random() * 0.06 if draw.random() < 0.35 else draw.random() ** 0.85 * 0.97
    return since + (until - since) * share


def _phone(draw: Random) -> str:
    prefix = draw.choice(PREFIXES)
    digits = 7 if prefix in OPERATORS_LONG else 6
    return f"+855{prefix}{draw.randrange(10 ** (digits - 4)):0{digits - 4}d}{draw.randrange(10**4):04d}"


def _one_of(draw: Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]
