"""What stands in the database against what the market's own books say, row by row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import psycopg

from ecom_agent.connector import Capability
from ecom_agent.evaluate.sync.statements import ChargeKey, Line, numbered
from ecom_agent.evaluate.sync.truth import AD_FIGURES, Books, KnownListing, KnownOrder
from platforms import registry
from platforms.simulated.accounts import SimulatedAccount
from platforms.simulated.channels.ids import read_unit
from platforms.simulated.state import TIKTOK

K = TypeVar("K")
AdRow = tuple[int | None, ...]
_SHOWN: Final = 12


@dataclass
class Verdict:
    """`lost`: rows, or their newest state, that the world has and we have not; `doubled`: rows that it has not."""

    checked: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def rows(self, what: str, account: str, wanted: Mapping[K, Any], found: Mapping[K, Any]) -> None:
        """Hold the rows of one account against the truth."""
        self.checked[what] += len(wanted)
        for key, row in wanted.items():
            if key not in found or found[key] != row:
                self.lost[what] += 1
                self._show(f"{account}: {what} {key}: the world has {row}, we have {found.get(key)}")
        for key in found.keys() - wanted.keys():
            self.doubled[what] += 1
            self._show(f"{account}: {what} {key}: the world has it not, we have {found[key]}")

    def ids(self, what: str, account: str, wanted: Iterable[str], found: Iterable[str]) -> None:
        self.rows(what, account, dict.fromkeys(wanted, "it"), dict.fromkeys(found, "it"))

    def _show(self, line: str) -> None:
        if len(self.examples) < _SHOWN:
            self.examples.append(line)


def compare(connection: psycopg.Connection[Any], seat: SimulatedAccount, books: Books, verdict: Verdict) -> None:
    """All that its connector reads and that is not true at a moment only, row by row."""
    account, able = seat.name, registry.spec(seat.platform).capabilities
    if Capability.READ_AD_FIGURES in able:
        told = _ads(connection, account, "ad_figure", "target_id")
        verdict.rows("ad_figures", account, {key: _as_told(row, told.get(key)) for key, row in books.ads.items()}, told)
    if Capability.READ_SEARCH_TERMS in able:
        told = _ads(connection, account, "search_term", "target_id", "term")
        wanted = {key: _as_told(row, told.get(key)) for key, row in books.terms.items()}
        verdict.rows("search_terms", account, wanted, told)
    if Capability.READ_ORDERS not in able:
        return
    found = _orders(connection, account)
    verdict.rows("orders", account, books.orders, found)
    verdict.checked["lines"] += sum(len(order.units) for order in books.orders.values())
    verdict.rows("stock", account, books.stock, _stock(connection, account))
    if Capability.READ_LISTINGS in able:
        listings = _listings(connection, seat)
        standing = {sku: _ended(listing, books.listings.get(sku)) for sku, listing in listings.items()}
        verdict.rows("listings", account, books.listings, standing)
    if Capability.READ_CHARGES in able:
        verdict.rows("charges", account, books.charges, _charges(connection, account))
    if Capability.READ_RETURNS in able:
        verdict.rows("returns", account, books.returns, _statuses(connection, account))
    if Capability.READ_MESSAGES in able:
        rows = connection.execute(b"SELECT message_id FROM message WHERE account = %s", (account,)).fetchall()
        found_ids = [row[0] for row in rows if not _is_card(seat, row[0])]
        verdict.ids("messages", account, books.messages, found_ids)


def _is_card(seat: SimulatedAccount, message: str) -> bool:
    """TikTok puts the order that a buyer looked at into the conversation, as a message of its own."""
    return seat.channel == TIKTOK and (read_unit(TIKTOK, "letter", message) or (0, 0))[1] > 0


def _ads(connection: psycopg.Connection[Any], account: str, table: str, *names: str) -> dict[tuple[str, ...], AdRow]:
    query = f"SELECT day::text, {', '.join((*names, *AD_FIGURES))} FROM {table} WHERE account = %s"
    rows = connection.execute(query.encode(), (account,)).fetchall()
    told = {tuple(row[: 1 + len(names)]): tuple(row[1 + len(names) :]) for row in rows}
    return {key: row for key, row in told.items() if any(row)}


def _as_told(row: AdRow, told: AdRow | None) -> AdRow:
    """Only what the platform tells at all: some tell no units, some no orders."""
    return row if told is None else tuple(None if t is None else w for w, t in zip(row, told, strict=True))


def _orders(connection: psycopg.Connection[Any], account: str) -> dict[str, KnownOrder]:
    units: dict[str, Counter[str]] = defaultdict(Counter)
    lines = b"SELECT order_id, sku, sum(quantity) FROM order_line WHERE account = %s GROUP BY order_id, sku"
    for order_id, sku, quantity in connection.execute(lines, (account,)).fetchall():
        units[order_id][sku] += int(quantity)
    heads = b"SELECT order_id, status, total_minor FROM orders WHERE account = %s"
    return {
        order_id: KnownOrder(status, total, tuple(sorted(units[order_id].items())))
        for order_id, status, total in connection.execute(heads, (account,)).fetchall()
    }


def _stock(connection: psycopg.Connection[Any], account: str) -> dict[str, int]:
    query = b"SELECT sku, sum(fulfillable) FROM stock_level WHERE account = %s GROUP BY sku"
    return {sku: int(units) for sku, units in connection.execute(query, (account,)).fetchall()}


def _statuses(connection: psycopg.Connection[Any], account: str) -> dict[str, str]:
    query = b"SELECT return_id, status FROM return_case WHERE account = %s"
    return {str(number): str(status) for number, status in connection.execute(query, (account,)).fetchall()}


def _listings(connection: psycopg.Connection[Any], seat: SimulatedAccount) -> dict[str, KnownListing]:
    """TikTok's page is its product, of which a listing is one SKU."""
    page = "parent_id" if seat.channel == TIKTOK else "external_id"
    query = f"SELECT sku, {page}, title, status, price_minor FROM listing WHERE account = %s"
    rows = connection.execute(query.encode(), (seat.name,)).fetchall()
    return {sku: KnownListing(*told) for sku, *told in rows}


def _ended(found: KnownListing, wanted: KnownListing | None) -> KnownListing:
    """An offer without a page goes by an id of its own."""
    return found._replace(page=None) if wanted is not None and wanted.page is None else found


def _charges(connection: psycopg.Connection[Any], account: str) -> Mapping[ChargeKey, str | None]:
    query = b"""
    SELECT order_id, kind, (booked_at AT TIME ZONE 'UTC')::date::text, amount_minor, settlement_id
    FROM charge WHERE account = %s"""
    return numbered(Line(*row) for row in connection.execute(query, (account,)).fetchall())
