"""The demo shop from nothing: content, people, fifteen months of trade, reviews; the same for the same day."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

from flask import current_app
from sqlalchemy import text

from app.accounts.models import User
from app.catalog import search_index
from app.checkout.pricing import Fee, Tax
from app.core.db import db, rows, scalar
from app.core.shop import forget as forget_shop
from app.core.shop import shop, touch_catalogue
from app.demo import (
    assortment,
    book_people,
    book_reviews,
    customers,
    lending,
    pictures,
    reviewing,
    shelf,
    staff,
)
from app.demo.book_orders import OrderBook
from app.demo.buying import ZONE, Goods, Shoppers
from app.demo.customers import Customer, Place
from app.demo.loading import Table, next_id
from app.demo.selling import Sale, Till
from app.demo.stocking import ledger
from app.inventory.models import StockMovement
from app.orders import ledgers
from app.shipping import loading as geography
from app.shipping import rates

SEED = 20_260_401
DAYS = 456
SMALL = {"orders": 300, "customers": 60, "reviews": 250}
MARKER = "demo_seeded"
PICTURES_SHARE, STEPS = 60, 6
Echo = Callable[..., object]

SOLD_COUNTS = text("""
    UPDATE products p SET sold_count = s.units FROM (
        SELECT i.product_id, sum(i.quantity) AS units FROM order_items i JOIN orders o ON o.id = i.order_id
        WHERE o.status::text = ANY(:counted) GROUP BY 1
    ) s WHERE s.product_id = p.id
""")
COUPON_COUNTS = text("""
    UPDATE coupons c SET used_count = u.uses FROM (
        SELECT coupon_id, count(*) AS uses FROM coupon_usage WHERE released_at IS NULL GROUP BY 1
    ) u WHERE u.coupon_id = c.id
""")
STOCK = text("""
    UPDATE products p SET stock = s.stock, allocated = s.allocated
    FROM unnest(CAST(:ids AS int[]), CAST(:stocks AS int[]), CAST(:allocated AS int[])) AS s(id, stock, allocated)
    WHERE p.id = s.id
""")
COMMUNES = text("""
    SELECT p.code AS province, p.name_en AS province_en, d.code AS district, d.name_en AS district_en,
        c.code AS commune, c.name_en AS commune_en
    FROM communes c JOIN districts d ON d.code = c.district_code JOIN provinces p ON p.code = d.province_code
    ORDER BY c.code
""")
NAMES = text("""
    SELECT code, name_en, name_kh FROM provinces UNION ALL SELECT code, name_en, name_kh FROM districts
    UNION ALL SELECT code, name_en, name_kh FROM communes
""")


def seed(
    *,
    orders: int = 3000,
    customers: int = 400,
    reviews: int = 2000,
    pictures: bool = True,
    today: date | None = None,
    echo: Echo = print,
) -> dict[str, int]:
    """Fill a migrated database and commit once; returns what was made.

    Where a demo shop is already, only missing pictures are made and {} is returned. `today` defaults to
    SEED_TODAY, then to the day in Phnom Penh; nothing invented happens later than its first minute.
    """
    if pictures:
        write_pictures(echo)
    if scalar(text("SELECT 1 FROM settings WHERE key = :key"), {"key": MARKER}):
        echo("the demo shop is there already")
        lend_pictures(pictures)
        return {}
    until = datetime.combine(today or pinned_today(), time.min, ZONE)
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    made = Seeding(until, echo).run(orders, customers, reviews)
    if pictures:
        made["photos of reviews"] = lending.choose()
    marker = text("INSERT INTO settings (key, value) VALUES (:key, to_jsonb(CAST(:day AS text)))")
    db.session.execute(marker, {"key": MARKER, "day": str(until.date())})
    db.session.commit()
    lend_pictures(pictures)
    touch_catalogue()
    rates.forget()
    echo(", ".join(f"{count:,} {name}" for name, count in made.items()))
    return made


def pinned_today() -> date:
    """SEED_TODAY, else today's day in Phnom Penh."""
    pinned = os.environ.get("SEED_TODAY")
    return date.fromisoformat(pinned) if pinned else datetime.now(ZONE).date()


def write_pictures(echo: Echo) -> None:
    """Make the picture variants that are missing, telling how far it is."""
    files = assortment.picture_files()
    started = perf_counter()

    def told(done: int, of: int) -> None:
        if done % 10 == 0:
            echo(f"{PICTURES_SHARE * done // of:3}%  {done} of {of} pictures")

    made = pictures.write(files, Path(current_app.config["UPLOAD_DIR"]), told)
    echo(f"{PICTURES_SHARE}%  {made} pictures made, {perf_counter() - started:.1f} s")


def lend_pictures(wanted: bool) -> None:
    """Copy the photos of reviews that are missing."""
    if wanted:
        lending.write(Path(current_app.config["UPLOAD_DIR"]))


class Seeding:
    """One run: each step reads what the ones before left."""

    def __init__(self, until: datetime, echo: Echo) -> None:
        self.until, self.since, self.echo = until, until - timedelta(days=DAYS), echo
        self.made: dict[str, int] = {}
        self.steps = 0

    def run(self, orders: int, people: int, reviews: int) -> dict[str, int]:
        """All steps in their order."""
        with self.step("catalogue, places and delivery"):
            self.content()
        with self.step("people"):
            everybody = self.people(people)
        with self.step("baskets"):
            sales = self.trade(orders, everybody)
        with self.step("orders"):
            self.books(sales)
        with self.step("reviews"):
            self.reviews(reviews, sales, everybody)
        with self.step("search"):
            search_index.write()
        return self.made

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell a step's name and time."""
        started = perf_counter()
        yield
        self.steps += 1
        done = PICTURES_SHARE + (100 - PICTURES_SHARE) * self.steps // STEPS
        self.echo(f"{done:3}%  {name}, {perf_counter() - started:.1f} s")

    def content(self) -> None:
        """Places, tariff and catalogue."""
        places = geography.load_places()
        geography.load_tariff()
        ids = assortment.load(self.until.date(), self.until)
        forget_shop()
        rates.forget()
        self.free = {ids[product["slug"]]: int(product["stock"]) for product in assortment.products()}
        self.goods: list[Goods] = shelf.goods(Random(f"{SEED}/goods"), self.until, ids.values())
        self.made |= {"products": len(ids), "ingredients": len(assortment.read("ingredients")), **places}

    def people(self, count: int) -> list[Customer]:
        """Customers by the time they joined, Sokha first; the team is written beside them."""
        self.places: dict[str, list[Place]] = {}
        for row in rows(COMMUNES):
            self.places.setdefault(row.province, []).append(Place(**row._asdict()))
        draw = Random(f"{SEED}/people")
        everybody = customers.invent(draw, count, next_id(User), self.since, self.until, self.places)
        staff.greet(everybody)
        team = staff.team((everybody[-1].id or 0) + 1, self.since, self.places["12"][0])
        roles = {one.id or 0: staff.ACCOUNTS[one.email or ""] for one in team}
        self.admin = team[-1].id or 0
        book_people.save([*everybody, *team], staff.password_hash(), roles)
        self.made["customers"] = len(everybody)
        return everybody

    def trade(self, count: int, everybody: Sequence[Customer]) -> list[Sale]:
        """What was bought, for how much, and what became of it."""
        draw = Random(f"{SEED}/trade")
        shoppers = Shoppers(draw, SEED, self.goods)
        till = Till(Random(f"{SEED}/till"), self.until, shelf.sold(), shelf.offers())
        tax = Tax(shop().tax_rate, bool(shop().tax_inclusive))
        self.rates = {code: found[0] for code, found in rates.tariff().rates.items()}
        fees = {code: Fee(rate.price, rate.free_over) for code, rate in self.rates.items()}
        baskets = shoppers.baskets(count, everybody, self.guests(), self.since.date(), self.until.date())
        return [till.sell(basket, fees[basket.customer.place.province], tax) for basket in baskets]

    def guests(self) -> Iterator[Customer]:
        """People who buy without an account."""
        draw = Random(f"{SEED}/guests")
        while True:
            yield customers.one(draw, None, self.since, self.until, self.places)

    def books(self, sales: Sequence[Sale]) -> None:
        """Orders and the stock ledger."""
        names = {row.code: rates.Place(**row._asdict()) for row in rows(NAMES)}
        book = OrderBook(names, self.rates, shop().rate, self.admin)
        for sale in sales:
            book.add(sale)
        book.save()
        moves, levels = ledger(Random(f"{SEED}/stock"), book.moves, self.free, self.since, self.until)
        table = Table(
            StockMovement, "product_id", "kind", "stock_delta", "allocated_delta", "order_item_id", "shipment_id",
            "actor_id", "reason", "created_at",
        )  # fmt: skip
        for move in moves:
            actor = self.admin if move.kind != "allocated" else None
            table.add(
                move.product_id, move.kind, move.stock, move.allocated, move.item_id, move.shipment_id, actor,
                move.reason, move.at,
            )  # fmt: skip
        self.made |= {"orders": len(sales), "order lines": len(book.items.rows), "stock moves": table.save()}
        stocks, held = (list(figures) for figures in zip(*levels.values(), strict=True))
        db.session.execute(STOCK, {"ids": list(levels), "stocks": stocks, "allocated": held})
        db.session.execute(text("ANALYZE users, orders, order_items, payments, refunds, stock_movements"))
        db.session.execute(SOLD_COUNTS, {"counted": sorted(ledgers.COUNTED)})
        db.session.execute(COUPON_COUNTS)
        ledgers.recount()

    def reviews(self, count: int, sales: Sequence[Sale], everybody: Sequence[Customer]) -> None:
        """Words and stars of those whose parcels arrived."""
        by_id = {one.id: one for one in self.goods}
        bought = [
            reviewing.Bought(sale.customer, by_id[product.id], arrived)
            for sale in sales
            if (arrived := sale.at("delivered")) and sale.customer.id
            for product, _ in sale.lines
        ]
        draw = Random(f"{SEED}/reviews")
        written = reviewing.write(draw, SEED, count, bought, everybody, self.goods, self.until)
        book_reviews.save(written, {one.id or 0: one.joined for one in everybody})
        self.made["reviews"] = len(written)
