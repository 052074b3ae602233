"""Who buys what and when in the invented shop.

Assumptions, all invented, made so that there is something true to learn:
- skin type and concerns decide what a person tries first; nobody keeps buying what did not suit them;
- a product lasts six to ten weeks and is bought again then, if it suited; before that, hardly ever;
- the hot months sell sunscreen, the wet ones clay and light gels, the cool and dry ones creams, oils and lip care;
- shoppers order before Khmer New Year and the November and December sales, and hardly during the holidays;
- dear things sell less, the more so to people with small budgets; a routine is filled up step by step;
- products have their own appeal; some appeared within the period and one of them became the talk of the last weeks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.demo.customers import Customer

ZONE = ZoneInfo("Asia/Phnom_Penh")
OWN_SKIN, SUITS_IT, SUITS_ALL, NEAR_SKIN, OTHER_SKIN = 3.4, 2.0, 1.6, 0.8, 0.2
NEAR = {
    "oily": {"combination", "acne"}, "combination": {"oily", "normal"}, "acne": {"oily"},
    "dry": {"sensitive", "normal"}, "sensitive": {"dry"}, "normal": {"combination", "dry"},
}  # fmt: skip
SHARED_CONCERN = 1.7
SEASONS = {
    (3, 4, 5): {"sunscreen": 2.6, "body": 1.4, "toner": 1.2, "moisturizer": 0.8, "mask": 0.9},
    (6, 7, 8, 9, 10): {"cleanser": 1.25, "mask": 1.3, "treatment": 1.2, "sunscreen": 0.8},
    (11, 12, 1, 2): {"moisturizer": 1.6, "lip": 1.7, "eye": 1.2, "sunscreen": 0.75},
}
SEASON = {month: wishes for months, wishes in SEASONS.items() for month in months}
LASTS_DAYS = {
    "sunscreen": 44,
    "cleanser": 58,
    "serum": 52,
    "toner": 60,
    "moisturizer": 56,
    "treatment": 66,
    "lip": 62,
}
LASTS_OTHER = 70
TOO_SOON, BOUGHT_AGAIN, DID_NOT_SUIT = 0.015, 7.0, 0.06
SAME_SHELF, MISSING_STEP = 0.45, 1.7
SHELVES = {
    "sunscreen": 2.4,
    "serum": 1.4,
    "cleanser": 1.2,
    "moisturizer": 1.5,
    "treatment": 0.9,
    "toner": 0.8,
}
OTHER_SHELVES = 0.55
ROUTINE = {"cleanser", "moisturizer", "sunscreen", "serum"}
BASKET = {1: 34, 2: 31, 3: 20, 4: 10, 5: 5}
TWO_OF_ONE = 0.07
GUESTS = 0.13
GROWTH = 0.5
HOURS = (2, 1, 0, 0, 0, 1, 3, 6, 8, 9, 9, 10, 13, 11, 8, 8, 9, 11, 14, 18, 22, 21, 14, 6)


@dataclass(frozen=True)
class Goods:
    """What the generator knows of a product; `quality` is around 0, `appeal` around 1."""

    id: int
    category: str
    skin: str
    suits: frozenset[str]
    concerns: frozenset[str]
    price: float
    launched: date
    appeal: float
    quality: float
    surges: date | None = None
    withdrawn: date | None = None
    slug: str = ""


@dataclass(frozen=True)
class Purchase:
    """One basket: (product id, quantity) pairs at a time, by a customer (`id` None: a guest)."""

    at: datetime
    customer: Customer
    lines: tuple[tuple[int, int], ...]
    first: bool


@dataclass
class Habit:
    """What a customer has bought so far: the last time by product, and the shelves."""

    last: dict[int, datetime] = field(default_factory=dict)
    shelves: set[str] = field(default_factory=set)
    ordered: datetime | None = None


def fit(customer: Customer, goods: Goods) -> float:
    """How well a product answers a customer's skin and concerns, 1 being indifferent."""
    if customer.true_skin == goods.skin:
        skin = OWN_SKIN
    elif customer.true_skin in goods.suits:
        skin = SUITS_IT
    elif "all" in goods.suits:
        skin = SUITS_ALL
    else:
        skin = NEAR_SKIN if NEAR[customer.true_skin] & goods.suits else OTHER_SKIN
    shared: int = len(goods.concerns.intersection(customer.concerns))
    return skin * SHARED_CONCERN**shared


def liking(customer: Customer, goods: Goods, seed: int) -> float:
    """How a customer takes to a product, from about -2 to 2: its quality, the fit and their own taste."""
    taste = Random(f"{seed}/{customer.phone}/{goods.id}").gauss(0, 0.55)
    return (
        goods.quality
        + 0.35 * (fit(customer, goods) > SUITS_ALL)
        - 0.5 * (fit(customer, goods) < NEAR_SKIN)
        + taste
    )


class Shoppers:
    """Draws purchases one after another in time, each from what the customer bought before."""

    def __init__(self, draw: Random, seed: int, goods: Sequence[Goods]) -> None:
        self.draw, self.seed, self.goods = draw, seed, goods
        self.habits: dict[str, Habit] = {}
        self.base: dict[str, list[float]] = {}

    def baskets(
        self, count: int, customers: Sequence[Customer], guests: Iterator[Customer], since: date, until: date
    ) -> Iterator[Purchase]:
        """`count` purchases in order of time between two Phnom Penh days, the last excluded."""
        for moment in moments(self.draw, count, since, until):
            known = bisect_left(customers, moment, key=lambda person: person.joined)
            if self.draw.random() < GUESTS or not known:
                customer = next(guests)
            else:
                customer = self._who(customers[:known], moment)
            yield self.purchase(customer, moment)

    def _who(self, customers: Sequence[Customer], moment: datetime) -> Customer:
        weights = [person.pace * self._readiness(person, moment) for person in customers]
        return self.draw.choices(customers, weights)[0]

    def _readiness(self, customer: Customer, moment: datetime) -> float:
        if customer.leaves and customer.leaves < moment:
            return 0.02
        habit = self.habits.get(customer.phone)
        if habit is None or habit.ordered is None:
            return 1.6
        days = (moment - habit.ordered).days
        return 0.1 if days < 9 else 2.4 if 42 <= days <= 80 else 0.9

    def purchase(self, customer: Customer, moment: datetime) -> Purchase:
        """One basket of one customer, remembered for the next one."""
        habit = self.habits.setdefault(customer.phone, Habit())
        weights = self._weights(customer, habit, moment)
        wanted = self.draw.choices(list(BASKET), list(BASKET.values()))[0]
        chosen: list[Goods] = []
        while len(chosen) < wanted:
            place = self.draw.choices(range(len(self.goods)), weights)[0]
            chosen.append(self.goods[place])
            weights[place] = 0.0
            for other, goods in enumerate(self.goods):
                if goods.category == self.goods[place].category:
                    weights[other] *= SAME_SHELF / 2
        first = habit.ordered is None
        habit.ordered = moment
        for goods in chosen:
            habit.last[goods.id] = moment
            habit.shelves.add(goods.category)
        lines = sorted((goods.id, 2 if self.draw.random() < TWO_OF_ONE else 1) for goods in chosen)
        return Purchase(moment, customer, tuple(lines), first)

    def _weights(self, customer: Customer, habit: Habit, moment: datetime) -> list[float]:
        local = moment.astimezone(ZONE).date()
        if customer.phone not in self.base:
            self.base[customer.phone] = [
                fit(customer, goods) * _price(customer, goods) for goods in self.goods
            ]
        season = SEASON[local.month]
        return [
            base
            * appeal(goods, local)
            * season.get(goods.category, 1.0)
            * self._again(customer, habit, goods, moment)
            for base, goods in zip(self.base[customer.phone], self.goods, strict=True)
        ]

    def _again(self, customer: Customer, habit: Habit, goods: Goods, moment: datetime) -> float:
        """How owning a product, or another of its shelf, changes the wish for it."""
        before = habit.last.get(goods.id)
        if before is None:
            missing = goods.category in ROUTINE and goods.category not in habit.shelves
            return MISSING_STEP if missing else SAME_SHELF if goods.category in habit.shelves else 1.0
        if liking(customer, goods, self.seed) < 0:
            return DID_NOT_SUIT
        used_up = (moment - before).days / LASTS_DAYS.get(goods.category, LASTS_OTHER)
        return TOO_SOON if used_up < 0.75 else BOUGHT_AGAIN


def appeal(goods: Goods, day: date) -> float:
    """A product's pull on a day: none before launch or once withdrawn, more while it is new or talked about."""
    if day < goods.launched or (goods.withdrawn and day >= goods.withdrawn):
        return 0.0
    news = 1.6 if (day - goods.launched).days < 35 else 1.0
    talk = 7.0 if goods.surges and day >= goods.surges else 1.0
    return goods.appeal * SHELVES.get(goods.category, OTHER_SHELVES) * news * talk


def moments(draw: Random, count: int, since: date, until: date) -> list[datetime]:
    """`count` times in order, denser on pay days, weekends, before the new year and on sale days, and growing."""
    days = [since + timedelta(days=n) for n in range((until - since).days)]
    weights = [(GROWTH + (1 - GROWTH) * n / len(days)) * pull(day) for n, day in enumerate(days)]
    drawn = draw.choices(days, weights, k=count)
    hours = draw.choices(range(24), HOURS, k=count)
    return sorted(
        datetime(day.year, day.month, day.day, hour, draw.randrange(60), draw.randrange(60), tzinfo=ZONE)
        for day, hour in zip(drawn, hours, strict=True)
    )


def pull(day: date) -> float:
    """How busy a day is against an ordinary one."""
    special: Mapping[tuple[int, int], float] = {
        **{(4, n): 1.6 for n in range(5, 13)}, **{(4, n): 0.25 for n in range(13, 18)},
        (11, 11): 2.4, (12, 12): 2.2, (12, 25): 1.3,
    }  # fmt: skip
    pay_day = 1.3 if day.day >= 28 or day.day <= 3 else 1.0
    return special.get((day.month, day.day), pay_day * (1.15 if day.weekday() >= 5 else 1.0))


def _price(customer: Customer, goods: Goods) -> float:
    return float(min(1.6, (customer.budget / goods.price) ** 0.7))
