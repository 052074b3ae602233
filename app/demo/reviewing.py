"""What customers write about what they bought: stars from how it suited them, words from `voices.json`."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from app.demo.buying import Goods, liking
from app.demo.customers import Customer

VOICES = json.loads((Path(__file__).parent / "voices.json").read_text(encoding="utf-8"))
WITHOUT_BUYING = 0.06
SILENT = 0.07
MISHAPS = 0.035
APPROVED, WAITING = 0.93, 0.045
ANSWERED = 0.35


@dataclass(frozen=True)
class Bought:
    """A customer had a product delivered at a time."""

    customer: Customer
    goods: Goods
    at: datetime


@dataclass
class Written:
    """A review; `voters` are the ids of those who called it helpful."""

    customer: Customer
    product_id: int
    rating: int
    title: str | None
    comment: str | None
    status: str
    verified: bool
    at: datetime
    published: datetime | None
    reply: str | None
    voters: list[int]


def write(
    draw: Random,
    seed: int,
    count: int,
    bought: Sequence[Bought],
    customers: Sequence[Customer],
    goods: Sequence[Goods],
    until: datetime,
) -> list[Written]:
    """Up to `count` reviews, one a person and product, in order of time."""  # fmt: skip
    firsts: dict[tuple[int, int], Bought] = {}
    for one in bought:
        firsts.setdefault((one.customer.id or 0, one.goods.id), one)
    chosen = draw.sample(list(firsts.values()), min(len(firsts), round(count * (1 - WITHOUT_BUYING))))
    written = [_write(draw, seed, one, True, until) for one in chosen]
    for customer, product in _strangers(draw, customers, goods, firsts):
        if len(written) >= count:
            break
        earliest = max(customer.joined, until - timedelta(days=360))
        at = earliest + (until - earliest) * draw.random()
        written.append(_write(draw, seed, Bought(customer, product, at), False, until))
    written.sort(key=lambda review: (review.at, review.customer.id or 0, review.product_id))
    _own_words(written, goods)
    _vote(draw, written, customers)
    return written


def _strangers(
    draw: Random,
    customers: Sequence[Customer],
    goods: Sequence[Goods],
    owners: Mapping[tuple[int, int], Bought],
) -> Iterator[tuple[Customer, Goods]]:
    """People with products that they did not buy here, each pair once."""
    seen: set[tuple[int, int]] = set()
    for _ in range(20 * len(customers)):
        customer, product = draw.choice(customers), draw.choice(goods)
        pair = (customer.id or 0, product.id)
        if pair not in owners and pair not in seen:
            seen.add(pair)
            yield customer, product


def _write(draw: Random, seed: int, one: Bought, verified: bool, until: datetime) -> Written:
    liked = liking(one.customer, one.goods, seed)
    mishap = 2.2 if draw.random() < MISHAPS else 0.0
    rating = max(1, min(5, round(4.2 + 0.95 * liked + draw.gauss(0, 0.7) - mishap)))
    at = min(
        one.at + timedelta(days=draw.triangular(3, 60, 14)),
        until - timedelta(minutes=draw.randrange(5, 3000)),
    )
    at = max(at, one.at)
    chance = draw.random()
    status = "approved" if chance < APPROVED else "pending" if chance < APPROVED + WAITING else "rejected"
    if (until - at).days < 2 and draw.random() < 0.6:
        status = "pending"
    published = at + timedelta(hours=draw.uniform(1, 20)) if status == "approved" else None
    title, comment = _words(draw, one, rating)
    voice = VOICES[one.customer.language]
    answered = rating <= 3 and status == "approved" and draw.random() < ANSWERED
    reply = voice["replies"][rating == 1] if answered else None
    return Written(
        one.customer, one.goods.id, rating, title, comment, status, verified, at,
        min(published, until) if published else None, reply, [],
    )  # fmt: skip


def _words(draw: Random, one: Bought, rating: int) -> tuple[str | None, str | None]:
    if draw.random() < SILENT:
        return None, None
    voice = VOICES[one.customer.language]
    mood = "good" if rating >= 4 else "fair" if rating == 3 else "poor"
    about = voice[mood][one.goods.category]
    said = [draw.choice(about)]
    shared = sorted(one.goods.concerns.intersection(one.customer.concerns))
    if shared and draw.random() < 0.5:
        said.append(draw.choice(voice["concerns"][mood][draw.choice(shared)]))
    if draw.random() < 0.35 and one.customer.skin_type:
        said.insert(0, draw.choice(voice["skin"][one.customer.skin_type]))
    elif draw.random() < 0.45:
        said.insert(0, draw.choice(voice["openings"][mood]))
    if draw.random() < 0.3 and len(about) > 1:
        said.append(draw.choice([line for line in about if line not in said]))
    if draw.random() < 0.3:
        said.append(draw.choice(voice[mood]["any"]))
    if mood == "good" and draw.random() < 0.2:
        said.append(draw.choice(voice["service"]))
    return draw.choice(voice["titles"][mood]), " ".join(said)


def _own_words(written: Sequence[Written], goods: Sequence[Goods]) -> None:
    """What was said of one product alone goes to its latest reviews of that many stars, each line once."""
    slugs = {product.id: product.slug for product in goods}
    used: Counter[tuple[int, int]] = Counter()
    for review in reversed(written):
        if review.status == "approved" and review.comment:
            own = VOICES[review.customer.language]["own"]
            said = own.get(slugs[review.product_id], {}).get(str(review.rating), [])
            place = (review.product_id, review.rating)
            if used[place] < len(said):
                review.comment = said[used[place]]
                used[place] += 1


def _vote(draw: Random, written: Sequence[Written], customers: Sequence[Customer]) -> None:
    """Readers call reviews with words helpful, the longer and older ones more."""
    for review in written:
        if review.status != "approved" or not review.comment:
            continue
        expected = min(9.0, 0.4 + len(review.comment) / 60)
        number = min(int(draw.expovariate(1 / expected)), len(customers) // 4)
        voters = draw.sample(customers, number)
        review.voters = sorted(voter.id for voter in voters if voter.id and voter.id != review.customer.id)
