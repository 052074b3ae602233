"""Writing, reading before publication, votes: who may do what, and what products and people keep of it."""

from typing import Any

import pytest
from sqlalchemy import text

from app.core import db
from app.core.errors import Invalid, NotFound
from app.orders import lifecycle, purchases
from app.reviews import moderation, queries, ratings, votes, writing
from tests import trade
from tests.reviews.people import author, average, kept, review, say, write

pytestmark = pytest.mark.usefixtures("db_session")
ORDER = text(
    "INSERT INTO orders (order_number, user_id, status, subtotal, total, customer_name, customer_phone,"
    " shipping_address, payment_method, exchange_rate, shipping_method) VALUES (:number, :user, 'shipped',"
    " 12.50, 12.50, 'A', '+85512345678', '{}', 'cod', 4100, 'standard') RETURNING id"
)


def test_only_what_was_read_counts(db_session: Any) -> None:
    product, who, other = trade.product(), author(), author()
    first = write(who, product, 5, approved=False)
    assert kept(product) == (0, 0)
    moderation.approve(first)
    write(other, product, 2)
    assert kept(product) == (3.5, 2)
    assert average(who.id) == 5
    moderation.reject(first, reason="an address in it")
    assert kept(product) == (2, 1)
    assert average(who.id) == 0


def test_one_a_person_and_product_and_a_change_waits_again() -> None:
    product, who = trade.product(), author()
    first = write(who, product, 5)
    saved = writing.save(who, product, say(1, "Hm"), verified=False)
    assert saved.id == first
    assert saved.was_shown
    assert (review(first).status, review(first).rating, review(first).published_at) == ("pending", 1, None)
    assert kept(product) == (0, 0)
    assert average(who.id) == 0
    moderation.approve(first)
    assert kept(product) == (1, 1)


def test_a_moderator_decides_on_the_words_that_they_read() -> None:
    product, who = trade.product(), author()
    first = write(who, product, approved=False)
    read_at = review(first).updated_at
    writing.save(who, product, say(5, "Buy at evil.test"), verified=False)
    with pytest.raises(moderation.Rewritten):
        moderation.approve(first, read_at=read_at)
    moderation.approve(first, read_at=review(first).updated_at)
    with pytest.raises(moderation.AlreadyDecided):
        moderation.approve(first)
    with pytest.raises(NotFound):
        moderation.reject(10**9)


def test_each_act_of_staff_leaves_a_row_and_the_author_hears_once(db_session: Any) -> None:
    first = write(author(), trade.product())
    moderation.reject(first, reason="rude")
    moderation.approve(first)
    acts = db.rows(
        text("SELECT action, after FROM audit_log WHERE entity_id = :id ORDER BY id"), {"id": str(first)}
    )
    assert [act.action for act in acts] == ["review.approved", "review.rejected", "review.approved"]
    assert acts[1].after == {"status": "rejected", "reason": "rude"}
    told = db.scalar(
        text("SELECT count(*) FROM outbox WHERE dedupe_key = :key"), {"key": f"review_approved:{first}"}
    )
    assert told == 1


def test_a_delivered_line_verifies_before_and_after(db_session: Any) -> None:
    product, who = trade.product(), author()
    assert not purchases.was_delivered(who.id, product)
    early = write(who, product, verified=purchases.was_delivered(who.id, product))
    assert not review(early).is_verified_purchase
    order = db.scalar(ORDER, {"number": "SK-TEST-1", "user": who.id})
    line = (
        "INSERT INTO order_items (order_id, product_id, product_name, quantity, unit_price, total_price)"
        " VALUES (:order, :product, 'Cream', 1, 12.50, 12.50)"
    )
    db_session.execute(text(line), {"order": order, "product": product})
    assert not purchases.was_delivered(who.id, product)
    lifecycle.deliver("SK-TEST-1")
    assert purchases.was_delivered(who.id, product)
    assert review(early).is_verified_purchase
    assert not purchases.was_delivered(author().id, product)


def test_votes(db_session: Any) -> None:
    who, reader = author(), author()
    shown = write(who, trade.product())
    waiting = write(who, trade.product(), approved=False)
    assert votes.vote(shown, reader.id, helpful=True).helpful_count == 1
    assert votes.vote(shown, reader.id, helpful=True).helpful_count == 1
    assert votes.vote(shown, author().id, helpful=True).helpful_count == 2
    assert votes.vote(shown, reader.id, helpful=False).helpful_count == 1
    with pytest.raises(votes.OwnReview):
        votes.vote(shown, who.id, helpful=True)
    for unseen in (waiting, 10**9):
        with pytest.raises(NotFound):
            votes.vote(unseen, reader.id, helpful=True)


def test_photos_up_to_four(db_session: Any) -> None:
    product, who = trade.product(), author()
    four = [f"/uploads/reviews/{n:032x}.webp" for n in range(4)]
    first = write(who, product, photos=four)
    shown = queries.own(who.id, product)
    assert shown
    assert [photo["image_url"] for photo in shown.photos] == four
    with pytest.raises(Invalid):
        writing.save(who, product, say(), verified=False, photos=four[:1])
    db_session.rollback()
    product, who = trade.product(), author()
    write(who, product, photos=four)
    ids = [photo["id"] for photo in queries.own(who.id, product).photos]  # type: ignore[union-attr]
    stranger = write(author(), trade.product(), photos=four[:1])
    foreign = db.scalar(text("SELECT id FROM review_photos WHERE review_id = :id"), {"id": stranger})
    saved = writing.save(
        who, product, say(), False, photos=["/uploads/reviews/aa.webp"], dropped=[ids[1], foreign]
    )
    assert saved.gone == [four[1]]
    assert first


def test_what_is_removed_counts_no_more() -> None:
    product, who = trade.product(), author()
    write(who, product, 4, photos=["/uploads/reviews/aa.webp"])
    assert writing.remove(who.id, product).gone == ["/uploads/reviews/aa.webp"]
    assert kept(product) == (0, 0)
    with pytest.raises(NotFound):
        writing.remove(who.id, product)


def test_nothing_is_written_about_what_is_not_on_sale() -> None:
    product = trade.product(status="archived")
    with pytest.raises(NotFound):
        writing.save(author(), product, say(), verified=False)


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Sokha", "Chan", "Sokha C."),
        ("Sokha", "", "Sokha"),
        ("", "Chan", None),
        ("\u178a\u17b6\u179c\u17b8", "\u1787\u17bb\u17c6", "\u1787. \u178a\u17b6\u179c\u17b8"),
    ],
)
def test_a_name_is_a_first_name_and_an_initial(first: str, last: str, shown: str | None) -> None:
    assert writing.byline(first, last) == shown


def test_the_language_of_a_review_is_that_of_its_words() -> None:
    product, who = trade.product(), author()
    saved = writing.save(who, product, say(5, "\u179b\u17d2\u17a2", ""), verified=False)
    assert review(saved.id).language == "kh"


def test_drift_is_found_and_mended(db_session: Any) -> None:
    product, who = trade.product(), author()
    write(who, product, 4)
    ratings.recount()
    db_session.execute(
        text("UPDATE products SET rating_avg = 5, rating_count = 9 WHERE id = :id"), {"id": product}
    )
    db_session.execute(text("UPDATE users SET avg_rating = 1 WHERE id = :id"), {"id": who.id})
    assert len(ratings.recount()) == 2
    assert kept(product) == (4, 1)
    assert ratings.recount() == []
