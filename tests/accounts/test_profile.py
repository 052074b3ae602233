"""One's own pages: facts, picture, skin, addresses; nobody else's, and only the columns that a form names."""

import os
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.accounts import names, pictures
from app.core import db, uploads
from tests.accounts.conftest import own_address
from tests.accounts.people import make_user, send, signed_in
from tests.conftest import FULL
from tests.core import photos

HOME = {
    "name": "Sok Dara", "phone": "012 345 678", "province": "12", "district": "1201", "commune": "120101",
    "address_line": "No. 12, Street 51",
}  # fmt: skip
ABOUT = {"first_name": "Dara", "last_name": "Sok", "gender": "", "language": "en", "theme": "auto"}


def row(user_id: int) -> Any:
    return db.row(text("SELECT * FROM users WHERE id = :id"), {"id": user_id})


def kept(user_id: int) -> list[Any]:
    statement = text("SELECT * FROM user_addresses WHERE user_id = :id ORDER BY id")
    return list(db.rows(statement, {"id": user_id}))


@pytest.fixture
def user(db_session: Any) -> Any:
    return make_user(first_name="Dara", last_name="Sok")


@pytest.fixture
def person(client: FlaskClient, user: Any) -> FlaskClient:
    return signed_in(client, user)


def test_names_stand_in_the_order_of_the_reader(app: Flask) -> None:
    assert names.full("Dara", "Sok", "en") == "Dara Sok"
    assert names.full("ដារ៉ា", "សុខ", "km") == "សុខ ដារ៉ា"
    with app.test_request_context("/en/"):
        assert names.initials("Dara", "Sok") == "DS"
        assert names.initials("ស្រីនាង", None) == "ស្រី"
        assert names.initials(None, None, "x@y.example") == "X"


def header(page: str) -> str:
    return page[page.index("<header") : page.index("</header>")]


@pytest.mark.parametrize(("lang", "letters"), [("en", "DS"), ("km", "SD")])
def test_the_header_shows_who_is_signed_in(
    client: FlaskClient, user: Any, counted: Any, lang: str, letters: str
) -> None:
    nobody = client.get(f"/{lang}/shop").text
    assert 'class="me"' not in nobody
    signed_in(client, user)
    mark = f'<span class="me" aria-hidden="true">{letters}</span>'
    for path in ("/shop", "/", "/products/niacinamide", "/cart", "/help", "/nowhere"):
        client.get(f"/{lang}{path}")
        with counted() as statements:
            page = client.get(f"/{lang}{path}").text
        assert page.count(mark) == 2, path
        assert mark in header(page)
        assert len(statements) <= (5 if "/products" in path else 4)
    client.delete_cookie("session")
    client.delete_cookie("csrf")
    assert client.get(f"/{lang}/shop").text == nobody


def test_the_header_shows_the_picture(person: FlaskClient) -> None:
    upload(person, photos.saved(photos.drawn(size=(300, 300)), "JPEG"))
    page = header(person.get("/km/shop").text)
    found = re.search(r'<picture class="me">.*?srcset="([^"]+)".*?src="([^"]+)"', page)
    assert found
    for address in found.groups():
        shown = person.get(address)
        assert shown.status_code == 200
        shown.close()


def test_facts_are_kept_and_language_and_colours_follow(person: FlaskClient, user: Any) -> None:
    answer = send(
        person,
        "/en/account/profile",
        ABOUT
        | {
            "phone": "០១២ ៣៤៥ ៦៧៨",
            "date_of_birth": "1990-02-28",
            "gender": "female",
            "language": "km",
            "theme": "dark",
        },
    )
    assert answer.headers["Location"] == "/km/account/profile"
    assert "theme=dark" in ";".join(answer.headers.getlist("Set-Cookie"))
    found = row(user.id)
    assert (found.first_name, found.last_name, found.phone) == ("Dara", "Sok", "+85512345678")
    assert (str(found.date_of_birth), found.gender, found.language) == ("1990-02-28", "female", "kh")
    page = person.get("/km/account/profile").text
    assert page.index('name="last_name"') < page.index('name="first_name"')
    assert 'data-theme="dark"' in page


@pytest.mark.parametrize("day", ["2090-01-01", "1850-01-01", "nonsense"])
def test_nobody_was_born_then(person: FlaskClient, user: Any, day: str) -> None:
    assert send(person, "/en/account/profile", ABOUT | {"date_of_birth": day}).status_code == 422
    assert row(user.id).date_of_birth is None


def test_forms_change_no_column_that_they_do_not_name(person: FlaskClient, user: Any) -> None:
    """S11: every column of every table as a further field, on each of the account's forms."""
    columns = db.rows(text("SELECT DISTINCT column_name AS name FROM information_schema.columns"
                           " WHERE table_schema = 'public'"))  # fmt: skip
    extra = {column.name: "1" for column in columns}
    own = {"first_name", "last_name", "phone", "date_of_birth", "gender", "language", "skin_type", "skin_concerns",
           "skin_goals", "avoid_ingredients", "marketing_opt_in", "updated_at"}  # fmt: skip
    before = row(user.id)._asdict()
    for path, form in (
        ("profile", ABOUT | {"phone": "", "date_of_birth": ""}),
        ("skin", {"others": ""}),
        ("privacy/consent", {}),
        ("addresses", HOME),
    ):
        assert send(person, f"/en/account/{path}", extra | form).status_code == 303, path
    after = row(user.id)._asdict()
    assert {name for name in after if after[name] != before[name]} <= own
    assert [one.user_id for one in kept(user.id)] == [user.id]


def test_addresses_are_written_chosen_and_deleted(person: FlaskClient, user: Any) -> None:
    assert send(person, "/en/account/addresses", HOME).status_code == 303
    assert send(person, "/en/account/addresses", HOME | {"name": "Mother", "usual": "y"}).status_code == 303
    first, second = kept(user.id)
    assert (first.state, first.city, first.phone) == ("Phnom Penh", "Chamkar Mon", "+85512345678")
    assert (first.is_default, second.is_default) == (False, True)
    send(person, f"/en/account/addresses/{first.id}/default")
    assert [one.is_default for one in kept(user.id)] == [True, False]
    send(person, f"/en/account/addresses/{first.id}", HOME | {"address_line": "St. 9", "province": "12"})
    assert kept(user.id)[0].address_line1 == "St. 9"
    page = person.get(f"/km/account/addresses/{first.id}").text
    assert 'value="St. 9"' in page
    assert '<option selected value="120101"' in page
    send(person, f"/en/account/addresses/{first.id}/removal")
    assert [(one.full_name, one.is_default) for one in kept(user.id)] == [("Mother", True)]


def test_places_must_belong_together(person: FlaskClient, user: Any) -> None:
    answer = send(person, "/en/account/addresses", HOME | {"province": "17"})
    assert answer.status_code == 422
    assert "Choose a commune." in answer.text
    shown = send(person, "/en/account/addresses", HOME | {"places": "1", "province": "17", "name": ""})
    assert shown.status_code == 200
    assert "There is a problem" not in shown.text
    assert not kept(user.id)


def test_other_peoples_addresses_do_not_exist(person: FlaskClient, stranger: Any) -> None:
    """S10: reading, changing, choosing and deleting answer 404 and change nothing."""
    other = make_user()
    send(signed_in(stranger(), other), "/en/account/addresses", HOME)
    theirs = kept(other.id)
    place = f"/en/account/addresses/{theirs[0].id}"
    assert person.get(place).status_code == 404
    for act in ("", "/removal", "/default"):
        assert send(person, place + act, HOME | {"name": "Thief"}).status_code == 404
    assert kept(other.id) == theirs


def test_a_book_has_an_end(person: FlaskClient, user: Any) -> None:
    answers = [send(person, "/en/account/addresses", HOME).status_code for _ in range(21)]
    assert answers == [303] * 20 + [409]


def test_skin_is_told_and_ingredients_are_understood(person: FlaskClient, user: Any) -> None:
    form = {
        "skin_type": "oily",
        "concerns": ["acne", "sun", "nonsense"],
        "goals": ["calm"],
        "kinds": ["fragrance"],
    }
    answer = send(person, "/en/account/skin", form | {"others": "Niacinamide, unobtainium"})
    assert answer.status_code == 422
    assert "We do not know this ingredient: unobtainium" in answer.text
    assert (
        send(person, "/en/account/skin", form | {"others": " NIACINAMIDE ,, Niacinamide"}).status_code == 303
    )
    found = row(user.id)
    assert (found.skin_type, found.skin_concerns, found.skin_goals) == ("oily", ["acne", "sun"], ["calm"])
    assert found.avoid_ingredients == ["fragrance", "niacinamide"]
    assert 'value="Niacinamide (vitamin B3)"' in person.get("/en/account/skin").text
    send(person, "/en/account/skin", {"skin_type": "all", "others": ""})
    assert (row(user.id).skin_type, row(user.id).avoid_ingredients) == (None, [])


def upload(person: FlaskClient, data: bytes, name: str = "x.jpg") -> Any:
    """Send a photo as a browser does (the test client would leave large bodies in open files)."""
    cookie = person.get_cookie("csrf")
    file_name = name.replace('"', "%22").replace("\0", "%00").encode()
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
        + (cookie.value if cookie else "").encode()
        + b'\r\n--cut\r\nContent-Disposition: form-data; name="picture"; filename="'
        + file_name
        + b'"\r\nContent-Type: image/jpeg\r\n\r\n'
        + data
        + b"\r\n--cut--\r\n"
    )
    return person.post("/en/account/picture", data=body, content_type="multipart/form-data; boundary=cut")


def files() -> list[Path]:
    return sorted((uploads.root() / pictures.AREA).glob("*.*"))


def test_a_picture_is_a_clean_square_that_can_go_and_come_back(person: FlaskClient, user: Any) -> None:
    data = photos.saved(photos.drawn(size=(300, 500)), "JPEG", exif=photos.exif(6))
    assert upload(person, data).status_code == 303
    address = row(user.id).profile_picture
    shown = person.get(address)
    kept_bytes = shown.data
    shown.close()
    assert (shown.mimetype, shown.headers["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    with Image.open(BytesIO(kept_bytes)) as picture:
        assert picture.size == (400, 400)
    assert photos.MARK not in kept_bytes
    gone = send(person, "/en/account/picture/removal")
    undo = re.search(r"undo=([^&]+)", gone.headers["Location"])
    assert undo
    assert row(user.id).profile_picture is None
    assert undo[1] in person.get(gone.headers["Location"]).text
    thief = signed_in(person.application.test_client(), make_user())
    assert send(thief, "/en/account/picture/restoration", {"undo": undo[1]}).status_code == 404
    assert send(person, "/en/account/picture/restoration", {"undo": undo[1]}).status_code == 303
    assert row(user.id).profile_picture == address
    send(person, "/en/account/picture/removal")
    for path in files():
        os.utime(path, (0, 0))
    assert pictures.sweep(uploads.root()) >= 5
    assert not [path for path in files() if path.stem.startswith(Path(address).stem)]
    assert send(person, "/en/account/picture/restoration", {"undo": undo[1]}).status_code == 404


def test_the_corpus_through_the_page(person: FlaskClient, user: Any) -> None:
    """X10: no upload of the corpus, whatever its name, is answered with a crash; nothing but clean squares is kept."""
    for photo in [*photos.corpus(1 if FULL else 20), *photos.named()]:
        own_address(person)
        answer = upload(person, photo.data, photo.name or "x")
        wanted = {True: (303,), False: (422, 413), None: (303, 422)}[photo.good]
        assert answer.status_code in wanted, (photo.label, answer.status_code)
    assert {path.name.lstrip("0123456789abcdef") for path in files()} <= {
        ".webp", "-96.webp", "-96.avif", "-200.webp", "-200.avif",
    }  # fmt: skip


def test_a_refused_photo_is_explained_beside_the_field(person: FlaskClient) -> None:
    for data, reason in (
        (b"GIF89a", "could not read this photo"),
        (b"", "choose a photo"),
        (b"x" * 9_000_000, "8 MB"),
    ):
        answer = upload(person, data)
        assert answer.status_code == 422
        assert reason in answer.text
        assert 'aria-invalid="true"' in answer.text
