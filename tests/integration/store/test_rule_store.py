"""Rules in the database: each edit a version with who, when and why; any moment can be asked for; nothing goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import ATV, T0, US, a_line, a_listing, an_expected_price, an_order, at, usd

from ecom_agent.ids import MarketplaceId, OrderId, Sku
from ecom_agent.records.orders import OrderStatus
from ecom_agent.records.rules import Circumstance, RuleBook
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.db import Database
from ecom_agent.store.expected_prices import ExpectedPriceStore
from ecom_agent.store.facts import FactStore
from ecom_agent.store.orders import OrderStore
from ecom_agent.store.rules import Edit, RuleStore

pytestmark = pytest.mark.services
MUG, CUP = (US, ATV, Sku("MUG-01")), (US, ATV, Sku("CUP-01"))
DOCUMENT = "rule: match\nclauses:\n  - target: lowest\n"


def edit(minutes: float, by: str = "anna", note: str = "") -> Edit:
    return Edit(by, at(minutes), note)


def test_every_edit_is_a_version_and_the_same_again_is_none(database: Database) -> None:
    with database.unit() as unit:
        store = RuleStore(unit.session)
        assert store.put_rules({"match": DOCUMENT}, edit(0, note="first")) == {"match": 1}
        assert store.put_rules({"match": DOCUMENT}, edit(1)) == {}
        assert store.put_rules({"match": None}, edit(2, "ben")) == {"match": 2}
        assert store.put_rules({"match": DOCUMENT}, edit(3)) == {"match": 3}
        told = [(v.version, v.by, v.at, v.note, v.document is None) for v in store.versions("match")]
    assert told == [
        (3, "anna", at(3), "", False),
        (2, "ben", at(2), "", True),
        (1, "anna", at(0), "first", False),
    ]


def test_the_book_of_any_moment(database: Database) -> None:
    with database.unit() as unit:
        store = RuleStore(unit.session)
        store.put_rules({"match": DOCUMENT, "beat": DOCUMENT.replace("match", "beat")}, edit(0))
        assert store.put_assignments({"default": "match", "tag:winter": "beat"}, edit(1)) == 2
        assert store.put_tags({MUG: frozenset({"winter", "brand:acme"}), CUP: frozenset()}, edit(2)) == 1
        assert store.put_assignments({"default": "match", "tag:winter": None}, edit(3)) == 1
        assert store.put_tags({MUG: frozenset({"brand:acme", "sale"})}, edit(4)) == 1
        assert store.put_tags({MUG: frozenset({"brand:acme", "sale"})}, edit(5)) == 0
        assert store.book(at(-1)) == RuleBook()
        then, now = store.book(at(2)), store.book()
        assert store.book(at(99)) == now
        assert [(a.scope, a.rule, a.version) for a in store.assignment_versions()] == [
            ("tag:winter", None, 2), ("default", "match", 1), ("tag:winter", "beat", 1),
        ]  # fmt: skip
    assert {scope: a.rule for scope, a in then.assignments.items()} == {"default": "match", "tag:winter": "beat"}
    assert then.tags == {MUG: {"winter", "brand:acme"}}
    assert {scope: a.rule for scope, a in now.assignments.items()} == {"default": "match"}
    assert now.tags == {MUG: {"brand:acme", "sale"}}


EDITS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.none() | st.sampled_from(["x", "y", "z"])), min_size=1, max_size=8
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS, st.integers(0, 8))
def test_putting_back_a_former_book_is_that_book_again(
    database: Database, edits: list[tuple[str, str | None]], back_to: int
) -> None:
    with database.unit() as unit:
        store = RuleStore(unit.session)
        for minute, (name, document) in enumerate(edits, 1):
            store.put_rules({name: document}, edit(minute))
        then = store.book(at(back_to))
        wanted = {name: then.rules[name].document if name in then.rules else None for name in ("a", "b")}
        store.put_rules(wanted, edit(100))
        now = store.book()
        assert {n: r.document for n, r in now.rules.items()} == {n: r.document for n, r in then.rules.items()}
        unit.session.rollback()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO pricing_rule VALUES ('Bad Name', 'x', 1, 'a', now(), '')",
        "INSERT INTO pricing_rule VALUES ('good', '', 1, 'a', now(), '')",
        "INSERT INTO pricing_rule VALUES ('good', 'x', 0, 'a', now(), '')",
        "INSERT INTO rule_assignment VALUES ('everything', 'x', 1, 'a', now(), '')",
        "INSERT INTO rule_assignment VALUES ('default', 'x', 1, '', now(), '')",
    ],
)
def test_the_database_refuses_what_is_none(postgres_url: str, sql: str) -> None:
    with psycopg.connect(postgres_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(sql.encode())


def test_what_is_known_of_a_listing_beside_its_page(database: Database) -> None:
    def sold(order_id: str, days_ago: float, units: int, price: int, status: OrderStatus = OrderStatus.SHIPPED) -> None:
        order = an_order(order_id, status=status, lines=(a_line(quantity=units, price=price),))
        bought = replace(order, order_id=OrderId(order_id), purchased_at=T0 - timedelta(days=days_ago))
        OrderStore(unit.session).upsert([bought], seen_at=T0)

    with database.unit() as unit:
        ListingStore(unit.session).upsert([a_listing(seen=-60), a_listing("CUP-01", seen=-30, external_id="B2")])
        ListingStore(unit.session).upsert([a_listing(seen=0, price=1500, updated=5)])
        ExpectedPriceStore(unit.session).upsert([an_expected_price(), an_expected_price("CUP-01", seen=-60 * 25)])
        sold("1", 100, 9, 900)
        sold("2", 40, 1, 1_100)
        sold("3", 20, 5, 1_200)
        sold("4", 3, 2, 1_300)
        sold("5", 3, 50, 1, OrderStatus.CANCELLED)
        sold("6", -1, 50, 1)
        facts = FactStore(unit.session)
        found = facts.circumstances(US, ATV, T0, mode="live", usual=True)
        assert facts.circumstances(US, ATV, T0, mode="live", usual=False)[Sku("MUG-01")].usual is None
        assert facts.circumstances(US, MarketplaceId("OTHER"), T0, mode="live", usual=True) == {}
    assert found == {
        Sku("MUG-01"): Circumstance(2, 7, 100, at(-60), an_expected_price(), usd(1_200), None),
        Sku("CUP-01"): Circumstance(0, 0, 100, at(-30), None, None, None),
    }
