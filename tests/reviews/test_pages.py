"""The pages of reviews: who may write, what others see of it, photos, votes, filters, sorts, the rating sort."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.catalog import facet_index
from app.core import db, uploads
from app.reviews import moderation
from tests import trade
from tests.accounts.people import make_user, send, signed_in
from tests.reviews.people import author, review, write

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Site": "same-origin"}
SLUG = text("SELECT slug FROM products WHERE id = :id")


def slug(product_id: int) -> str:
    return str(db.scalar(SLUG, {"id": product_id}))


def latest() -> Any:
    return db.row(text("SELECT * FROM reviews ORDER BY id DESC LIMIT 1"))


def picture(kind: str = "JPEG") -> tuple[io.BytesIO, str]:
    """A photo with notes about its camera inside."""
    notes = Image.Exif()
    notes[0x010F] = "SecretCam"
    body = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(body, kind, exif=notes)
    body.seek(0)
    return body, "../../secret.jpg"


def files() -> set[Path]:
    return set((uploads.root() / "reviews").glob("*"))


@pytest.fixture
def product(db_session: Any) -> int:
    made = trade.product()
    db_session.commit()
    return made


@pytest.fixture
def writer(client: FlaskClient, product: int) -> FlaskClient:
    return signed_in(client, make_user(first_name="Dara", skin_type="dry"))


def post(client: FlaskClient, product_id: int, **fields: Any) -> Any:
    form = {"rating": "4", "title": "Fine", "comment": "It works.", **fields}
    return send(client, f"/en/products/{slug(product_id)}/review", form)


def test_strangers_are_asked_to_sign_in(client: FlaskClient, product: int) -> None:
    address = f"/en/products/{slug(product)}/review"
    answer = client.get(address)
    assert answer.status_code == 303
    assert f"signin?next={address}" in answer.headers["Location"]
    vote = client.post("/en/reviews/votes", data={"helpful": "1"}, headers=HTMX)
    assert "/en/account/signin" in vote.headers["HX-Redirect"]
    assert f'href="{address}"' in client.get(f"/en/products/{slug(product)}").text


def test_what_one_writes_waits_and_then_appears(writer: FlaskClient, product: int) -> None:
    page = f"/en/products/{slug(product)}"
    sly = {
        "status": "approved",
        "is_verified_purchase": "1",
        "user_id": "1",
        "helpful_count": "99",
        "id": "1",
    }
    answer = post(writer, product, comment="<script>alert(1)</script>\nSecond line", **sly)
    assert answer.status_code == 303
    kept = latest()
    assert (kept.status, kept.is_verified_purchase, kept.helpful_count) == ("pending", False, 0)
    assert (kept.customer_name, kept.skin_type, kept.rating) == ("Dara C.", "dry", 4)
    assert "yours is next in line" in writer.get(page).text
    stranger = writer.application.test_client()
    assert "Second line" not in stranger.get(page).text
    moderation.approve(kept.id)
    shown = stranger.get(page).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nSecond line" in shown
    assert "Dara C." in shown


@pytest.mark.parametrize("rating", ["", "0", "6", "4.5", "abc", "\u17e5"])
def test_stars_are_one_to_five(writer: FlaskClient, product: int, rating: str) -> None:
    answer = post(writer, product, rating=rating)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "It works." in answer.text


def test_photos_come_without_their_notes_and_go_with_the_review(writer: FlaskClient, product: int) -> None:
    before = files()
    post(writer, product, photos=[picture(), picture("PNG")])
    added = files() - before
    assert len(added) == 10
    assert not [path for path in added if b"SecretCam" in path.read_bytes() or "secret" in path.name]
    address = db.scalar(
        text("SELECT image_url FROM review_photos WHERE review_id = :id"), {"id": latest().id}
    )
    shown = writer.get(address)
    assert shown.status_code == 200
    shown.close()
    send(writer, f"/en/products/{slug(product)}/review/removal")
    assert files() == before
    assert send(writer, f"/en/products/{slug(product)}/review/removal").status_code == 404


def test_a_bad_photo_leaves_nothing(writer: FlaskClient, product: int) -> None:
    before = files()
    bad = (io.BytesIO(b"<svg onload=alert(1)>"), "a.png")
    answer = post(writer, product, photos=[picture(), bad])
    assert answer.status_code == 422
    assert "could not read this photo" in answer.text
    five = post(writer, product, photos=[picture() for _ in range(5)])
    assert five.status_code == 422
    assert "4 photos at most" in five.text
    assert files() == before
    assert "What you wrote" not in writer.get("/en/account/reviews").text
    assert db.scalar(text("SELECT count(*) FROM reviews WHERE product_id = :id"), {"id": product}) == 0


def test_votes_by_htmx_and_without(writer: FlaskClient, product: int, db_session: Any) -> None:
    shown = write(author(), product)
    db_session.commit()
    part = send(writer, "/en/reviews/votes", {"helpful": shown}, headers=HTMX).text
    assert re.search(
        rf'<button[^>]* id="v{shown}"[^>]*aria-pressed="true" hx-swap-oob="true">Helpful \(1\)', part
    )
    assert (
        f'name="unhelpful" value="{shown}" aria-pressed="true"'
        in writer.get(f"/en/products/{slug(product)}").text
    )
    answer = send(writer, "/en/reviews/votes", {"unhelpful": shown})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("#reviews")
    assert review(shown).helpful_count == 0
    post(writer, product)
    own = latest().id
    moderation.approve(own)
    assert send(writer, "/en/reviews/votes", {"helpful": own}).status_code == 409
    assert f'value="{own}"' not in writer.get(f"/en/products/{slug(product)}").text
    for wrong in ("abc", "-1", str(2**40), "", "999999999"):
        assert send(writer, "/en/reviews/votes", {"helpful": wrong}).status_code == 404


def test_filters_and_sorts(client: FlaskClient, product: int, db_session: Any) -> None:
    one = write(author("Anna", skin="oily"), product, 5, verified=True)
    two = write(author("Bora", skin="dry"), product, 3, photos=["/uploads/reviews/ab.webp"])
    three = write(author("Chan", skin="dry"), product, 1, verified=True)
    db_session.execute(text("UPDATE reviews SET helpful_count = 5 WHERE id = :id"), {"id": two})
    for days, number in enumerate((three, two, one)):
        moved = text("UPDATE reviews SET published_at = now() - make_interval(days => :days) WHERE id = :id")
        db_session.execute(moved, {"days": days, "id": number})
    db_session.commit()
    page = f"/en/products/{slug(product)}"

    def names(query: str) -> str:
        part = client.get(f"{page}?{query}", headers=HTMX | {"HX-Target": "div#revlist"}).text
        assert part.startswith('<div id="revlist"')
        return "".join(re.findall(r"(\w)\w+ C\.", part))

    assert names("reviews=1")[0] == "B"
    assert names("order=newest") == "CBA"
    assert names("order=rating") == "ABC"
    assert names("order=-rating") == "CBA"
    assert names("order=nonsense&reviewer=dry&verified=1") == "C"
    assert names("photos=1") == "B"
    assert names("stars=5&reviewer=dry") == ""
    assert len(re.findall('class="rev"', client.get(page).text)) == 2
    assert 'href="?reviewer=dry#reviews">Skin like mine' in client.get(
        f"{page}?skin=dry&reviews=1"
    ).text.replace("&amp;skin=dry", "")


def test_a_signed_in_reader_costs_one_statement_more(
    writer: FlaskClient, product: int, counted: Callable[[], Any]
) -> None:
    writer.get("/en/products/niacinamide")
    with counted() as statements:
        assert writer.get("/en/products/niacinamide").status_code == 200
    assert len(statements) <= 5, [one.split()[:30] for one in statements]


def test_ones_own_reviews(writer: FlaskClient, product: int) -> None:
    post(writer, product, title="Mine alone")
    page = writer.get("/en/account/reviews")
    assert "Mine alone" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    other = signed_in(writer.application.test_client(), make_user())
    assert "Mine alone" not in other.get("/en/account/reviews").text
    assert "Mine alone" not in other.get(f"/en/products/{slug(product)}/review").text
    assert send(other, f"/en/products/{slug(product)}/review/removal").status_code == 404


def test_one_enthusiast_does_not_lead_the_rating_sort(db_session: Any) -> None:
    loved, new = trade.product(), trade.product()
    for stars in [5] * 18 + [4] * 2:
        write(author(), loved, stars)
    write(author(), new, 5)
    db_session.commit()
    found = facet_index.build(0)
    order = found.page(found.among([loved, new]), "rating", 0, 2)
    assert order == [loved, new]


def test_staff_decide_by_command(writer: FlaskClient, product: int) -> None:
    post(writer, product, title="Read me")
    runner = writer.application.test_cli_runner()
    number = str(latest().id)
    assert "Read me" in runner.invoke(args=["reviews", "list", "--most", "999"]).output
    assert runner.invoke(args=["reviews", "approve", number]).exit_code == 0
    again = runner.invoke(args=["reviews", "approve", number, "999999999"])
    assert again.exit_code == 1
    assert "decided already" in again.output
    assert runner.invoke(args=["reviews", "reject", number, "--reason", "rude"]).exit_code == 0
    assert review(int(number)).status == "rejected"
    assert "0 corrected" in runner.invoke(args=["reviews", "recount"]).output
