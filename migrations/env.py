"""How migrations meet the shop's database: `flask db upgrade` and its siblings run this."""

from alembic import context
from flask import current_app
from sqlalchemy import Engine, MetaData, text

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('migrations'))")


def target() -> tuple[Engine, MetaData]:
    """The engine and the models of the application that runs the migrations."""
    db = current_app.extensions["migrate"].db
    return db.engine, db.metadata


def offline() -> None:
    """Print the statements instead of running them (`flask db upgrade --sql`)."""
    engine, metadata = target()
    context.configure(url=engine.url, target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def online() -> None:
    """Run all pending migrations in one transaction; a second run at the same time waits for the first."""
    engine, metadata = target()
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(ONE_AT_A_TIME)
            context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
