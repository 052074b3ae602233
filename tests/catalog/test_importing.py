"""A shop's export becomes products: guessed columns, diff, batches, bad rows aside."""

import csv
import gzip
import json
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.catalog import importing_values as values
from app.catalog.commands import run
from app.catalog.importing import survey
from app.catalog.importing_columns import BadMap, choose
from app.catalog.importing_file import BadFile, header, rows
from app.inventory import stock
from tests.conftest import FULL

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "sephora_products.csv.gz"
HEADER = "Item No,Title,Vendor,Department,Sub-Category,Price,Sale Price,Size,Qty,Skin Type,Concerns,Ingredients,Color"
GOOD = [
    'A-1,Mango Cleanser,Tonle Labs,Skincare,Cleansers,$12.00,,6.7 oz/ 200 mL,14,oily|combination,pores,'
    '"Water/Aqua/Eau, Salicylic Acid 2%, Mango Oil.",green',
    'A-2,Mango Cream,Tonle Labs,Skincare,Creams,20,15.00,1.7 oz,,dry,"dryness, damage","AQUA, Glycerin, Mango Oil",',
    "A-3,Mango Cream,Mekong Co,Skincare,Creams,9.5,,50 g,0,,,Water,",
]  # fmt: skip
BAD = [
    "A-4,No price,Tonle Labs,Skincare,Creams,free,,,,,,,",
    ",No number,Tonle Labs,Skincare,Creams,5,,,,,,,",
    "A-1,The same again,Tonle Labs,Skincare,Creams,5,,,,,,,",
    "A-5,Too,many,cells,in,5,,,,,,,,,,,",
]


def write_csv(path: Path, *lines: str, head: str = HEADER) -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8-sig")
    return path


def do_import(path: Path, dry_run: bool = False, overrides: dict[str, Any] | None = None) -> Any:
    columns = choose(header(path), overrides)
    return run(path, columns, survey(path, columns), dry_run)


def product(session: Any, sku: str) -> Any:
    return session.execute(text("SELECT * FROM products WHERE sku = :sku"), {"sku": sku}).one()


def test_columns_are_guessed() -> None:
    chosen = choose(HEADER.split(","))
    assert chosen.used["sku"] == "Item No"
    assert chosen.used["category_2"] == "Sub-Category"
    assert chosen.used["stock"] == "Qty"
    assert chosen.ignored == ("Color",)


def test_a_map_overrules_guesses() -> None:
    chosen = choose(["id", "name", "price", "was"], {"compare_at_price": "was", "sku": "id"})
    assert chosen.used["compare_at_price"] == "was"
    with pytest.raises(BadMap, match="does not have"):
        choose(["id", "name", "price"], {"brand": "Marke"})
    with pytest.raises(BadMap, match="known are"):
        choose(["id", "name", "price"], {"colour": "id"})
    with pytest.raises(BadMap, match="no column looks like price"):
        choose(["id", "name"])


@pytest.mark.parametrize(
    ("written", "amount", "unit"),
    [
        ("1 oz/ 30 mL", "30", "ml"), ("0.7 oz/ 20 g", "20", "g"), ("200ml", "200", "ml"), ("1 L", "1000", "ml"),
        ("2 x 0.5 oz/ 15 mL", "30", "ml"), ("3.4 oz", "101", "ml"), ("14 Capsules", "14", "pcs"),
    ],
)  # fmt: skip
def test_sizes(written: str, amount: str, unit: str) -> None:
    assert values.size(written) == (Decimal(amount), unit)


def test_values_that_say_nothing() -> None:
    for read, written in [(values.price, "0"), (values.price, "12,5"), (values.money, "NaN"), (values.whole, "-3"),
                          (values.rating, "7"), (values.yes, "perhaps"), (values.size, "Standard")]:  # fmt: skip
        with pytest.raises(values.BadValue):
            read(written)


def test_new_products(db_session: Any, tmp_path: Path) -> None:
    report = do_import(write_csv(tmp_path / "shop.csv", *GOOD))
    assert (report.new, report.changed, report.unchanged, report.refused) == (3, 0, 0, 0)
    cleanser, cream, other = (product(db_session, sku) for sku in ("A-1", "A-2", "A-3"))
    assert (cleanser.slug, cream.slug, other.slug) == (
        "mango-cleanser",
        "mango-cream",
        "mekong-co-mango-cream",
    )
    assert (cleanser.price, cleanser.compare_at_price, cream.price) == (
        Decimal("12.00"),
        None,
        Decimal("15.00"),
    )
    assert cream.compare_at_price == Decimal("20.00")
    assert (cleanser.suits, cleanser.skin_type) == (
        "{oily,combination}",
        "oily",
    ) or cleanser.skin_type == "oily"
    assert (cleanser.stock, cleanser.track_inventory, cream.track_inventory) == (14, True, False)
    assert (other.stock, other.track_inventory) == (0, True)
    assert cleanser.ingredients[:2] == [
        {"inci": "Water"},
        {"inci": "Salicylic Acid", "concentration": "2%", "key": True},
    ]
    assert stock.prove() == []


def test_ingredients_are_rows_and_shelves_a_tree(db_session: Any, tmp_path: Path) -> None:
    do_import(write_csv(tmp_path / "shop.csv", *GOOD))
    listed = db_session.execute(
        text("""
        SELECT p.sku, i.inci_name, pi.position FROM product_ingredients pi
        JOIN products p ON p.id = pi.product_id JOIN ingredients i ON i.id = pi.ingredient_id
        WHERE p.sku LIKE 'A-_' ORDER BY 1, 3
    """)
    ).all()
    assert [(row.sku, row.inci_name) for row in listed] == [
        ("A-1", "Water"), ("A-1", "Salicylic Acid"), ("A-1", "Mango Oil"),
        ("A-2", "Water"), ("A-2", "Glycerin"), ("A-2", "Mango Oil"), ("A-3", "Water"),
    ]  # fmt: skip
    mango = db_session.scalar(text("SELECT count(*) FROM ingredients WHERE slug = 'mango-oil'"))
    assert mango == 1
    assert product(db_session, "A-2").category == "creams", "a first shelf that all share is left out"


def test_search_finds_them(db_session: Any, tmp_path: Path) -> None:
    do_import(write_csv(tmp_path / "shop.csv", *GOOD))
    indexed = (
        "SELECT count(*) FROM product_search s JOIN products p ON p.id = s.product_id WHERE p.sku LIKE 'A-_'"
    )
    assert db_session.scalar(text(indexed)) == 3


def test_the_same_file_changes_nothing(db_session: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", *GOOD)
    do_import(path)
    before = product(db_session, "A-1")
    again = do_import(path)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 3)
    assert product(db_session, "A-1") == before


def test_changes_are_shown_and_written(db_session: Any, tmp_path: Path) -> None:
    do_import(write_csv(tmp_path / "shop.csv", *GOOD))
    path = write_csv(tmp_path / "shop.csv", GOOD[0].replace("$12.00", "13.50"), *GOOD[1:])
    planned = do_import(path, dry_run=True)
    assert planned.examples["~"] == ["A-1  price: 12.00 -> 13.50"]
    assert product(db_session, "A-1").price == Decimal("12.00")
    do_import(path)
    changed = product(db_session, "A-1")
    assert (changed.price, changed.version, changed.slug, changed.stock) == (
        Decimal("13.50"),
        2,
        "mango-cleanser",
        14,
    )


def test_a_dry_run_writes_nothing(db_session: Any, tmp_path: Path) -> None:
    tables = ("products", "brands", "categories", "ingredients", "stock_movements")
    count = text("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
    before = db_session.execute(count).one()
    report = do_import(write_csv(tmp_path / "shop.csv", *GOOD), dry_run=True)
    assert report.new == 3
    assert db_session.execute(count).one() == before


def test_bad_rows_do_not_stop_good_ones(db_session: Any, tmp_path: Path) -> None:
    report = do_import(write_csv(tmp_path / "shop.csv", BAD[0], *GOOD, *BAD[1:]))
    assert (report.new, report.refused) == (3, 4)
    refused = {(problem.line, problem.column, problem.why) for problem in report.problems if problem.refused}
    assert refused == {
        (2, "Price", "is not an amount of dollars"), (6, "Item No", "is empty"),
        (7, "sku", "stands in line 3 already"), (8, "", "has 17 cells where the header has 13"),
    }  # fmt: skip


def test_the_report_names_line_and_column(db_session: Any, tmp_path: Path) -> None:
    report = do_import(write_csv(tmp_path / "shop.csv", *GOOD, "=1+1,Formula,,,,x,,,,,,,"))
    written = report.write(tmp_path / "imports", "shop")
    with written.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert {"line": "3", "sku": "A-2", "column": "Concerns", "value": "damage",
            "problem": "is no concern we know", "row": "taken without it"} in found  # fmt: skip
    assert [row["sku"] for row in found if row["row"] == "refused"] == ["'=1+1"]


def test_files_of_all_kinds(tmp_path: Path) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"sku;name;price\n1;Caf\xc3\xa9;2\n"))
    assert [row.cells["name"] for row in rows(packed)] == ["Caf\u00e9"]
    broken = tmp_path / "b.csv"
    broken.write_bytes(b'sku,name,price\n1,Caf\xe9,2\n\n2,"two\nlines",3\n')
    first, second = rows(broken)
    assert first.fault == "column name is not UTF-8"
    assert (second.line, second.cells["name"]) == (4, "two\nlines")
    empty = tmp_path / "c.csv"
    empty.write_text("")
    no_gzip = tmp_path / "d.csv.gz"
    no_gzip.write_text("sku,name\n")
    for path in (empty, no_gzip):
        with pytest.raises(BadFile):
            header(path)


def test_the_command(app: Flask, db_session: Any, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "shop.csv", "1,Mango Tonic,7", head="nr,what,costs")
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["catalog", "import", str(path)])
    assert refused.exit_code == 1
    assert "no column looks like sku" in refused.output
    mapped = tmp_path / "map.json"
    mapped.write_text(json.dumps({"sku": "nr", "name_en": "what", "price": "costs"}))
    done = runner.invoke(args=["catalog", "import", str(path), "--map", str(mapped), "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "1 new, 0 changed, 0 unchanged, 0 refused" in done.output


@pytest.mark.skipif(not REAL.exists(), reason="the real export is not beside the project")
def test_a_real_export(db_session: Any, counted: Any, tmp_path: Path) -> None:
    """The whole of it in a full run, its first 300 products else."""
    size = 2420 if FULL else 300
    with gzip.open(REAL, "rt", encoding="utf-8", newline="") as file:
        some = list(islice(csv.reader(file), size + 1))
    path = tmp_path / "real.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(some)
    with counted() as statements:
        report = do_import(path)
    assert (report.new, report.refused) == (size, 0)
    assert report.notes < size / 4
    assert len(statements) < 150 + size / 8, "rows go in by the hundred"
    again = do_import(path)
    assert (again.new, again.changed, again.unchanged) == (0, 0, size)
    listed = db_session.scalar(
        text("SELECT count(*) FROM products WHERE sku LIKE 'P%' AND ingredients <> '[]'")
    )
    assert listed > size * 0.9
