"""2012: a blank minimum became 0.01, and things were sold for a penny. Whichever way it comes in, no price leaves."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from seller_kit import AMAZON, PERSON, REPRICING, Seller, rows
from sqlalchemy import text

from ecom_agent.cli.limits import read
from ecom_agent.errors import BadInput
from ecom_agent.records.views import LimitsView
from ecom_agent.wiring import App
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services


def by_file(app: App, folder: Path, minimum: str, row: LimitsView) -> None:
    """As `ecom limits set --csv FILE` does."""
    file = folder / "limits.csv"
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["account", "marketplace", "sku", "hard_min"])
        writer.writerow([row.account, row.marketplace, row.sku, minimum])
    app.set_limits(read(file, {(x.account, x.marketplace, x.sku): x for x in app.limits()}), by=PERSON)


def by_hand_in_the_database(app: App, minor: int | None, row: LimitsView) -> None:
    with app.parts.database.unit() as unit:
        change = (
            "UPDATE price_limits SET hard_min_minor = :minor WHERE account = :account AND sku = :sku AND is_current"
        )
        asked = {"minor": minor, "account": row.account, "sku": row.sku}
        unit.session.connection().execute(text(change), asked)


def test_a_blank_minimum_by_file_by_call_or_by_hand_lets_no_price_out(seller: Seller, tmp_path: Path) -> None:
    app = seller.alone()
    blank, penny, none, cent, empty, one, zero, sane = rows(app, 8)
    limits = {x.sku: x for x in app.limits() if x.account == AMAZON}
    by_file(app, tmp_path, "", limits[blank.sku])
    by_file(app, tmp_path, "0.01", limits[penny.sku])
    app.set_limits([replace(limits[none.sku], hard_min=None)], by=PERSON)
    app.set_limits([replace(limits[cent.sku], hard_min="0.01")], by=PERSON)
    by_hand_in_the_database(app, None, limits[empty.sku])
    by_hand_in_the_database(app, 1, limits[one.sku])
    by_hand_in_the_database(app, 0, limits[zero.sku])
    for refused in ("0", "0.00", "-1", "free"):
        with pytest.raises(BadInput, match=f"hard_min of {sane.sku}"):
            app.set_limits([replace(limits[sane.sku], hard_min=refused)], by=PERSON)
        with pytest.raises(BadInput, match=f"hard_min of {sane.sku}"):
            by_file(app, tmp_path, refused, limits[sane.sku])

    hit = (blank, penny, none, cent, empty, one, zero)
    for share in (97, 90, 1):  # rivals fall, at last to a hundredth
        seller.wait(minutes=5)
        for row in (*hit, sane):
            seller.tell(row, share)
        app.consume(wait_s=0)
        app.propose(REPRICING, AMAZON, MARKETPLACE, seller.clock.now())
        seller.settle(app)

    assert [seller.writes(row.sku) for row in hit] == [[]] * len(hit)
    assert seller.writes(sane.sku), "the one with a minimum moved"
    assert min(seller.writes(sane.sku)) >= int(float(limits[sane.sku].hard_min or 0) * 100)
    assert app.watch()["floor_held"] == 0
