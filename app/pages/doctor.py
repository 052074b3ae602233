"""What `flask doctor` looks at: servers and versions, migrations, locale, search, indexes, the stock ledger, words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Index, text

from app.catalog import search
from app.config import ROOT
from app.core import db, mongo, redis, translations
from app.core.khmer import fold, norm
from app.inventory import stock

MIGRATIONS = ROOT / "migrations"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it holds, and what was seen."""

    name: str
    holds: bool
    seen: str


def examine() -> Iterator[Finding]:
    """Every finding; a look that fails is itself a finding."""
    looks: list[Callable[[], Finding]] = [
        postgres, valkey, mongodb, migrations, locale, khmer_search, indexes, ledger, words,
    ]  # fmt: skip
    for look in looks:
        try:
            yield look()
        except Exception as error:  # noqa: BLE001 - the doctor reports what fails and goes on
            db.db.session.rollback()
            yield Finding(look.__name__, False, f"{type(error).__name__}: {error}".splitlines()[0])


def postgres() -> Finding:
    return Finding("PostgreSQL", True, str(db.scalar(text("SHOW server_version"))))


def valkey() -> Finding:
    facts: Any = redis.connection().info("server")
    return Finding("Redis", True, f"{facts.get('server_name', 'redis')} {facts['redis_version']}")


def mongodb() -> Finding:
    facts = mongo.database().client.server_info()
    return Finding("MongoDB", True, str(facts["version"]))


def migrations() -> Finding:
    wanted = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    found = MigrationContext.configure(db.db.session.connection()).get_current_revision()
    return Finding("migrations", wanted == found, f"at {found}, newest is {wanted}")


def locale() -> Finding:
    row = db.row(text("SELECT datcollate, datctype FROM pg_database WHERE datname = current_database()"))
    assert row is not None  # noqa: S101 - the current database is always listed
    return Finding("locale", row.datctype not in ("C", "POSIX"), f"LC_CTYPE {row.datctype}")


def khmer_search() -> Finding:
    """A variant spelling must fold to its standard form, and a name in the shop must be found by itself."""
    variant, standard = "\u179f\u17c1\u179a\u17bc\u17c9\u1798", "\u179f\u17c1\u179a\u17c9\u17bc\u1798"
    sample = db.row(text("SELECT id, name_en FROM products WHERE status = 'active' ORDER BY id LIMIT 1"))
    if sample is None:
        return Finding("search", fold(variant) == fold(standard), "no products to look for")
    hits = search.find(sample.name_en)
    return Finding(
        "search", sample.id in hits.ids and norm(variant) == standard, f"{sample.name_en}: {hits.total}"
    )


def indexes() -> Finding:
    present = {
        row.indexname for row in db.rows(text("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'"))
    }
    wanted = {
        str(i.name)
        for table in db.Base.metadata.tables.values()
        for i in table.indexes
        if isinstance(i, Index)
    }
    missing = sorted(wanted - present)
    return Finding(
        "indexes", not missing, f"missing: {', '.join(missing)}" if missing else f"{len(wanted)} present"
    )


def ledger() -> Finding:
    wrong = stock.prove()
    return Finding(
        "stock ledger", not wrong, f"{len(wrong)} products differ" if wrong else "every product agrees"
    )


def words() -> Finding:
    faults = list(translations.faults())
    return Finding("translations", not faults, f"{len(faults)} faults" if faults else "every text translated")
