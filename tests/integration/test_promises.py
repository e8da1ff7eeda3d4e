"""What a seller fears most, over the whole App: writes nobody allowed, below the minimum, or while halted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from seller_kit import AMAZON, PERSON, REPRICING, Seller, market, only, rows
from sqlalchemy import text

from ecom_agent.errors import BadInput, IllegalTransition, NotFound
from ecom_agent.runtime.demo import Drive
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services


# Dry run: everything is decided and previewed, nothing is sent, and nothing of it can be sent later.


@pytest.mark.slow
def test_an_hour_of_dry_run_decides_and_previews_but_writes_nothing(postgres_url: str, tmp_path: Path) -> None:
    with market(tmp_path / "market") as world:
        seller = Seller(world, postgres_url, tmp_path)
        try:
            _rehearse(seller)
        finally:
            seller.close()


def _rehearse(seller: Seller) -> None:
    app = seller.alone(ECOM_MODE="dry-run")
    for lane in app.lanes.values():
        lane.subscribe()
    Drive(app, seller.market, seller.clock, lambda _line: None).run(seller.clock.now() + timedelta(hours=1))
    assert app.tally()["decisions"] > 0
    assert app.actions(state="previewed")
    assert {action.mode for action in app.actions()} == {"dry-run"}
    assert any(write["preview"] for write in seller.truth()["price_writes"])
    assert seller.writes() == []


def test_what_was_wished_in_a_dry_run_is_never_sent_by_a_process_that_may_send(seller: Seller) -> None:
    rehearsal = seller.alone(ECOM_MODE="dry-run")
    approved, held = rows(rehearsal, 2)
    seller.tell(approved, 97)
    rehearsal.consume(wait_s=0)
    rehearsal.set_autonomy(REPRICING, AMAZON, "suggest", by=PERSON)
    seller.tell(held, 97)
    rehearsal.consume(wait_s=0)
    assert only(rehearsal, approved.sku).state == "approved"
    assert only(rehearsal, held.sku).state == "held"

    real = seller.open(ECOM_MODE="sandbox")
    real.recover()
    assert real.execute() == {}
    assert real.approve(only(real, held.sku).key, by=PERSON).state == "denied"
    seller.settle(real)
    assert only(real, approved.sku).state == "approved"
    assert seller.writes() == []


# Autonomy as shipped: nothing goes without a person.


def test_as_shipped_everything_waits_for_a_person_who_may_say_yes_or_no(seller: Seller) -> None:
    app = seller.ready()
    yes, no = rows(app, 2)
    for row in (yes, no):
        seller.tell(row, 97)
    app.consume(wait_s=0)
    app.execute()
    assert {action.state for action in app.actions()} == {"held"}
    assert any("waiting for approval" in x.title for x in app.overview().exceptions)
    assert seller.writes() == []

    with pytest.raises(BadInput):
        app.approve(only(app, yes.sku).key, by="system:lane")
    app.approve(only(app, yes.sku).key, by=PERSON)
    app.deny(only(app, no.sku).key, by=PERSON, reason="not this one")
    seller.settle(app)
    assert only(app, yes.sku).state == "verified"
    assert only(app, no.sku).state == "denied"
    assert no.price is not None
    assert seller.price(no.sku) == no.price.minor
    assert seller.writes() == [seller.price(yes.sku)]
    with pytest.raises(IllegalTransition):
        app.approve(only(app, no.sku).key, by=PERSON)


def test_an_undo_passes_the_same_gate_and_brings_the_old_price_back(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    assert row.price is not None
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.settle(app)
    done = only(app, row.sku)
    assert done.state == "verified"
    assert seller.price(row.sku) < row.price.minor

    app.halt("all", by=PERSON, reason="stock-taking")
    assert app.undo(done.key, by=PERSON).state == "denied"
    app.resume("all", by=PERSON)
    seller.wait(minutes=1)
    back = app.undo(done.key, by=PERSON)
    if back.state == "held":
        app.approve(back.key, by="bert")
    seller.settle(app)
    assert app.explain(back.key)[0].state == "verified"
    assert seller.price(row.sku) == row.price.minor


# No minimum, no write.


def test_a_listing_without_a_minimum_is_never_written_while_others_move(seller: Seller) -> None:
    app = seller.alone()
    without, other = rows(app, 2)
    app.set_limits([replace(x, hard_min=None) for x in app.limits() if x.sku == without.sku], by=PERSON)
    for row in (without, other):
        seller.tell(row, 97)
    app.consume(wait_s=0)
    app.propose(REPRICING, AMAZON, MARKETPLACE, seller.clock.now())
    seller.settle(app)
    assert seller.writes(other.sku)
    assert seller.writes(without.sku) == []
    shown = next(row for row in app.pricing() if (row.account, row.sku) == (AMAZON, without.sku))
    assert shown.floor is None
    assert shown.floor_reason
    assert any("without a minimum" in x.title for x in app.overview().exceptions)


def test_a_minimum_taken_away_stops_what_was_already_approved(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert only(app, row.sku).state == "approved"
    app.set_limits([replace(x, hard_min=None) for x in app.limits() if x.sku == row.sku], by=PERSON)
    app.execute()
    assert only(app, row.sku).state == "denied"
    assert seller.writes(row.sku) == []


def test_no_rival_is_followed_below_the_minimum(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    assert row.price is not None
    limits = [x for x in app.limits() if (x.account, x.sku) == (AMAZON, row.sku)]
    least = row.price.minor - 20
    app.set_limits([replace(x, hard_min=f"{least / 100:.2f}") for x in limits], by=PERSON)
    for _ in range(3):
        seller.tell(row, 60)
        app.consume(wait_s=0)
        app.propose(REPRICING, AMAZON, MARKETPLACE, seller.clock.now())
        seller.settle(app)
        seller.wait(minutes=5)
    assert seller.writes(row.sku)
    assert min(seller.writes(row.sku)) >= least
    assert app.watch()["violations"] == 0


def test_a_floor_above_its_ceiling_is_refused_by_name_and_none_of_the_rows_is_kept(seller: Seller) -> None:
    app = seller.ready()
    before = app.limits()
    good, bad = before[:2]
    wrong = [replace(good, hard_min="0.01"), replace(bad, hard_min="900.00", ceiling="1.00")]
    with pytest.raises(BadInput, match=bad.sku):
        app.set_limits(wrong, by=PERSON)
    assert app.limits() == before


# Halts.


@pytest.mark.parametrize("kind", ["all", "marketplace", "automation", "sku"])
def test_nothing_in_the_scope_of_a_halt_is_sent_until_a_person_lifts_it(seller: Seller, kind: str) -> None:
    app = seller.alone()
    row, other = rows(app, 2)
    scope = {
        "all": "all",
        "marketplace": f"marketplace:{AMAZON}/{MARKETPLACE}",
        "automation": f"automation:{REPRICING}",
        "sku": f"sku:{AMAZON}/{MARKETPLACE}/{row.sku}",
    }[kind]
    seller.tell(row, 97)
    app.consume(wait_s=0)
    assert only(app, row.sku).state == "approved"
    app.halt(scope, by=PERSON, reason="a look at it first")

    seller.wait(minutes=1)
    seller.tell(row, 96)
    seller.tell(other, 97)
    app.consume(wait_s=0)
    app.propose(REPRICING, AMAZON, MARKETPLACE, seller.clock.now())
    seller.settle(app)
    assert seller.writes(row.sku) == []
    assert bool(seller.writes(other.sku)) is (kind == "sku")
    assert [halt.scope for halt in app.halts()] == [scope]
    assert any(scope in x.title for x in app.overview().exceptions)

    with pytest.raises(BadInput):
        app.resume(scope, by="system:lane")
    assert seller.writes(row.sku) == []
    app.resume(scope, by=PERSON)
    seller.wait(minutes=1)
    seller.tell(row, 95)
    app.consume(wait_s=0)
    seller.settle(app)
    assert len(seller.writes(row.sku)) == 1
    with pytest.raises(NotFound):
        app.resume(scope, by=PERSON)
    told = [(e.step, e.actor) for e in app.audit_events(limit=2000) if e.detail.get("scope") == scope]
    assert told == [("resumed", PERSON), ("halted", PERSON)]


# The audit.


def test_the_audit_tells_a_change_from_wish_to_proof_and_finds_any_tampering(seller: Seller) -> None:
    app = seller.alone()
    (row,) = rows(app, 1)
    seller.tell(row, 97)
    app.consume(wait_s=0)
    seller.settle(app)
    view, events = app.explain(only(app, row.sku).key[:10])
    steps = [event.step for event in events]
    assert steps[-4:] == ["approved", "executing", "applied", "verified"]
    assert view.reason
    assert view.verdicts
    assert app.audit_verify().ok

    target = events[1].seq
    with app.parts.database.unit() as unit, pytest.raises(Exception, match="append-only"):
        unit.session.connection().execute(text("UPDATE audit_event SET actor = 'nobody' WHERE seq = :n"), {"n": target})
    assert app.audit_verify().ok
    with app.parts.database.unit() as unit:
        tamper = unit.session.connection().execute
        tamper(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        tamper(text("UPDATE audit_event SET actor = 'nobody' WHERE seq = :n"), {"n": target})
        tamper(text("ALTER TABLE audit_event ENABLE TRIGGER ALL"))
    report = app.audit_verify()
    assert not report.ok
    assert report.broken_at == target
