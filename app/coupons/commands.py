"""`flask coupons ...`: what there is, what a code would save, switching one on and off."""

from decimal import Decimal, InvalidOperation

import click
from flask.cli import AppGroup
from sqlalchemy import text

from app.checkout import discounts
from app.core.db import db, rows, scalar
from app.core.money import usd
from app.coupons import queries, rules
from app.coupons.models import Coupon

coupons = AppGroup("coupons", help="Discount codes.")
SWITCH = text("UPDATE coupons SET status = CAST(:status AS coupon_status) WHERE code = :code RETURNING id")
RECOUNT = text(
    """
    UPDATE coupons c SET used_count = u.uses FROM (
        SELECT k.id, (SELECT count(*) FROM coupon_usage WHERE coupon_id = k.id AND released_at IS NULL) AS uses
        FROM coupons k
    ) u WHERE u.id = c.id AND c.used_count <> u.uses RETURNING c.code, old.used_count, new.used_count AS uses
    """
)


@coupons.command("list")
def show() -> None:
    """Every code with its uses and days."""
    for one in map(queries.offer, rows(queries.offers().order_by(Coupon.code))):
        if one is not None:
            limit = "" if one.limit is None else f" of {one.limit}"
            days = f"{one.starts or 'always'} to {one.ends or 'ever'}"
            click.echo(f"{one.code:<16} {one.status:<8} {days}  used {one.used}{limit}  {one.name_en}")


@coupons.command("try")
@click.argument("code")
@click.argument("worth")
def try_code(code: str, worth: str) -> None:
    """What CODE saves on goods of WORTH dollars, or why nothing: `flask coupons try SUOSDEY10 56`."""
    try:
        goods = Decimal(worth).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise click.BadParameter(f"{worth!r} is no amount") from error
    offer = queries.by_code(rules.fold(code))
    refusal = rules.judge(offer, goods, True, rules.Past())
    if refusal or offer is None:
        raise click.ClickException(str(refusal.message if refusal else ""))
    if offer.kind == "free_shipping":
        click.echo(f"on {usd(goods)} delivery is free")
    else:
        click.echo(f"on {usd(goods)} saves {usd(discounts.example(offer, goods))}")


@coupons.command("switch")
@click.argument("code")
@click.argument("status", type=click.Choice(["active", "inactive"]))
def switch(code: str, status: str) -> None:
    """Switch CODE on or off."""
    if scalar(SWITCH, {"code": rules.fold(code), "status": status}) is None:
        raise click.ClickException(f"no coupon {code}")
    db.session.commit()
    click.echo(f"{rules.fold(code)} is {status}")


@coupons.command("prove")
def prove() -> None:
    """Set used_count to the uses of live orders, and say where it was wrong (exit code 1)."""
    wrong = rows(RECOUNT)
    db.session.commit()
    for one in wrong:
        click.echo(f"{one.code}: {one.used_count} noted, {one.uses} live")
    if wrong:
        raise SystemExit(1)
    click.echo("every count is right")
