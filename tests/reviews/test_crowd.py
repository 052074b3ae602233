"""Many at once: averages, counts and votes stay what the reviews say, nobody waits for ever, one review a person."""

from collections.abc import Callable
from functools import partial
from random import Random

from flask import Flask
from sqlalchemy import text

from app.core import db
from app.core.errors import ShopError
from app.reviews import moderation, ratings, votes, writing
from tests import trade
from tests.checkout.crowd import FULL, THREADS, at_once, widen
from tests.reviews.people import author, say, write

ACTS = 60 if FULL else 12
TRUTH = text("SELECT count(*) FROM reviews WHERE product_id = :id AND user_id = :user")


def acting(seed: int, people: list[writing.Author], products: list[int]) -> Callable[[], int]:
    """Someone who writes, approves, rejects, removes and votes at random; the number of acts that the rules allowed."""
    draw = Random(seed)

    def one() -> None:
        who, product = draw.choice(people), draw.choice(products)
        found = db.scalar(
            text("SELECT id FROM reviews WHERE product_id = :id ORDER BY random()"), {"id": product}
        )
        acts: list[Callable[[], object]] = [
            partial(writing.save, who, product, say(draw.randint(1, 5)), verified=draw.random() < 0.5),
            partial(moderation.approve, found or 0),
            partial(moderation.approve, found or 0),
            partial(moderation.reject, found or 0),
            partial(writing.remove, who.id, product),
            partial(votes.vote, found or 0, who.id, draw.random() < 0.7),
        ]
        draw.choice(acts)()

    def work() -> int:
        done = 0
        for _ in range(ACTS):
            try:
                one()
                db.db.session.commit()
                done += 1
            except ShopError:
                db.db.session.rollback()
        return done

    return work


def test_averages_stay_right(shop_app: Flask) -> None:
    with shop_app.app_context():
        widen(shop_app, THREADS)
        people, products = [author() for _ in range(6)], [trade.product() for _ in range(3)]
        db.db.session.commit()
        ratings.recount()
        db.db.session.commit()
        done = at_once(shop_app, [acting(seed, people, products) for seed in range(THREADS)])
        assert not [one for one in done if isinstance(one, Exception)]
        assert sum(one for one in done if isinstance(one, int)) > THREADS
        assert ratings.recount() == []


def test_every_vote_counts_once(shop_app: Flask) -> None:
    with shop_app.app_context():
        widen(shop_app, THREADS)
        shown = write(author(), trade.product())
        readers = [author().id for _ in range(THREADS // 2)]
        db.db.session.commit()

        def vote(reader: int) -> int:
            count = votes.vote(shown, reader, helpful=True).helpful_count
            db.db.session.commit()
            return count

        counts = at_once(shop_app, [partial(vote, reader) for reader in readers * 2])
        assert not [one for one in counts if isinstance(one, Exception)]
        kept = db.scalar(text("SELECT helpful_count FROM reviews WHERE id = :id"), {"id": shown})
        assert kept == len(readers)


def test_many_tabs_write_one_review(shop_app: Flask) -> None:
    with shop_app.app_context():
        widen(shop_app, THREADS)
        who, product = author(), trade.product()
        db.db.session.commit()

        def send(stars: int) -> int:
            saved = writing.save(who, product, say(stars), verified=False)
            db.db.session.commit()
            return saved.id

        ids = at_once(shop_app, [partial(send, number % 5 + 1) for number in range(THREADS)])
        assert len(set(ids)) == 1
        assert db.scalar(TRUTH, {"id": product, "user": who.id}) == 1
