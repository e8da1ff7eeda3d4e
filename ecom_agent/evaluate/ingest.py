"""How fast orders land, against the fastest plain script: COPY + INSERT … ON CONFLICT of the same rows.

The ingest path does more: sealed raw payloads with digests, a transaction and a cursor per page, a ledger of the run,
newest version wins, lines replaced as a whole. The script does none of it: all rows in one transaction, whatever they
say.
Both write to their own tables in one database of the default, durable settings; passes take turns on one machine.
"""

from __future__ import annotations

import gc
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import orjson
import psycopg

from ecom_agent.clock import SystemClock
from ecom_agent.connector import Page
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.ids import AccountId, MarketplaceId, OrderId, Sku
from ecom_agent.ingest.pull import pull_pages
from ecom_agent.money import Money
from ecom_agent.records.orders import Order, OrderLine, OrderStatus
from ecom_agent.runtime.postgres import EmbeddedPostgres, postgres
from ecom_agent.security.vault import Vault
from ecom_agent.store.db import Database

ROWS: Final = 100_000
PAGE: Final = 2_500
PASSES: Final = 5
ACCOUNT, MARKET = AccountId("shop_main"), MarketplaceId("demo.myshopify.com")
START: Final = datetime(2026, 1, 1, tzinfo=UTC)

FIGURES: Final = {
    "rows_per_s": "orders and lines a second through the whole ingest path, median of the passes",
    "rows_per_s_ratio": "time of the plain script over time of the ingest path, median of the passes; wanted ≥ 0.6",
    "rows": "orders and lines of one pass; half of the orders stand already in an older version",
}
BASELINES: Final = {"bare_rows_per_s": "the same rows by COPY + INSERT … ON CONFLICT in one transaction"}

_ORDER: Final = (
    "account", "order_id", "marketplace", "status", "status_raw", "purchased_at", "updated_at", "currency",
    "total_minor", "country", "fulfilment", "seen_at",
)  # fmt: skip
_LINE: Final = (
    "account", "order_id", "line_id", "sku", "external_id", "title", "quantity", "unit_price_minor", "total_minor",
    "currency",
)  # fmt: skip
_BARE_TABLES: Final = """
CREATE TABLE bare_orders (
  account varchar, order_id varchar, marketplace varchar, status varchar, status_raw varchar, purchased_at timestamptz,
  updated_at timestamptz, currency char(3), total_minor bigint, country varchar, fulfilment varchar,
  seen_at timestamptz, PRIMARY KEY (account, order_id));
CREATE TABLE bare_order_line (
  account varchar, order_id varchar, line_id varchar, sku varchar, external_id varchar, title varchar, quantity integer,
  unit_price_minor bigint, total_minor bigint, currency char(3), PRIMARY KEY (account, order_id, line_id))
"""
_EMPTY: Final = "TRUNCATE raw_payload, stream_cursor, pull_run, orders, order_line, bare_orders, bare_order_line"


@dataclass(frozen=True, slots=True)
class Data:
    """`former` stand before a pass; `arriving` come in it, half of them newer versions of the former."""

    former: Sequence[Order]
    arriving: Sequence[Order]
    pages: Sequence[Page[Order]]

    @property
    def rows(self) -> int:
        return len(self.arriving) + sum(len(order.lines) for order in self.arriving)


def generated(seed: int, rows: int, page: int) -> Data:
    """Orders of one to three lines; an update ships the order and changes a quantity. The same for the same seed."""
    dice = random.Random(seed)
    orders: list[Order] = []
    left = rows
    while left > 0:
        orders.append(_order(len(orders), dice))
        left -= 1 + len(orders[-1].lines)
    former = orders[: len(orders) // 2]
    arriving = [_shipped(order) for order in former] + orders[len(former) :]
    dice.shuffle(arriving)
    cuts = range(0, len(arriving), page)
    pages = [_page(arriving[at : at + page], number) for number, at in enumerate(cuts)]
    return Data(former, arriving, pages)


def measure(
    seed: int, *, rows: int = ROWS, page: int = PAGE, passes: int = PASSES, progress: Callable[[str], None]
) -> Measured:
    progress("making orders")
    data = generated(seed, rows, page)
    with tempfile.TemporaryDirectory(prefix="ecom-ingest-") as folder, postgres(Path(folder) / "postgres") as server:
        times = _race(server, data, passes, progress)
    ours, bare = ([lap[n] for lap in times] for n in (0, 1))
    return Measured(
        {
            "rows_per_s": round(data.rows / median(ours)),
            "rows_per_s_ratio": round(median(b / o for o, b in times), 3),
            "rows": data.rows,
        },
        {"bare_rows_per_s": round(data.rows / median(bare))},
        f"generated: {len(data.arriving)} orders in pages of {page}, half of them updates, {passes} passes in turns",
        {"ingest_s": [round(s, 2) for s in ours], "bare_s": [round(s, 2) for s in bare]},
    )


def _race(
    server: EmbeddedPostgres, data: Data, passes: int, progress: Callable[[str], None]
) -> list[tuple[float, float]]:
    """(ingest, bare) seconds of each pass; who goes first changes from pass to pass."""
    vault = Vault(secrets.token_bytes(32))
    database = Database(server.url, vault=lambda: vault)
    database.migrate()
    former = [_page(data.former, -1)]
    laps = []
    gc.collect()
    gc.freeze()  # the prepared orders are not the contenders' garbage
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(_BARE_TABLES.encode())
            contenders: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
                "ingest": (lambda: _ingest(database, "former", former), lambda: _ingest(database, "new", data.pages)),
                "bare": (lambda: _bare(connection, data.former), lambda: _bare(connection, data.arriving)),
            }
            for number in range(passes):
                progress(f"pass {number + 1} of {passes}")
                order = sorted(contenders, reverse=number % 2 == 0)
                took = {name: _timed(connection, *contenders[name]) for name in order}
                laps.append((took["ingest"], took["bare"]))
    finally:
        gc.unfreeze()
        database.dispose()
    return laps


def _timed(connection: psycopg.Connection[Any], prepare: Callable[[], None], run: Callable[[], None]) -> float:
    """Seconds of `run` on tables that hold what `prepare` wrote, tidy and on disk."""
    connection.execute(_EMPTY.encode())
    prepare()
    for statement in (b"VACUUM ANALYZE", b"CHECKPOINT"):
        connection.execute(statement)
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _ingest(database: Database, stream: str, pages: Iterable[Page[Order]]) -> None:
    pull_pages(stream, ACCOUNT, lambda _cursor: iter(pages), database, SystemClock())


def _bare(connection: psycopg.Connection[Any], orders: Sequence[Order]) -> None:
    with connection.transaction(), connection.cursor() as cursor:
        _copy(cursor, "bare_orders", _ORDER, 2, _order_rows(orders))
        _copy(cursor, "bare_order_line", _LINE, 3, _line_rows(orders))


def _copy(
    cursor: psycopg.Cursor[Any], table: str, columns: Sequence[str], key: int, rows: Iterator[tuple[Any, ...]]
) -> None:
    names = ", ".join(columns)
    cursor.execute(f"CREATE TEMP TABLE new_rows (LIKE {table})".encode())
    with cursor.copy(f"COPY new_rows ({names}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns[key:])
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM new_rows"
        f" ON CONFLICT ({', '.join(columns[:key])}) DO UPDATE SET {changes}".encode()
    )
    cursor.execute("DROP TABLE new_rows")


def _order_rows(orders: Sequence[Order]) -> Iterator[tuple[Any, ...]]:
    for o in orders:
        yield (
            o.account, o.order_id, o.marketplace, o.status.value, o.status_raw, o.purchased_at, o.updated_at,
            o.currency, None if o.total is None else o.total.minor, o.country, o.fulfilment, START,
        )  # fmt: skip


def _line_rows(orders: Sequence[Order]) -> Iterator[tuple[Any, ...]]:
    for o in orders:
        for x in o.lines:
            yield (
                o.account, o.order_id, x.line_id, x.sku, x.external_id, x.title, x.quantity,
                None if x.unit_price is None else x.unit_price.minor, None if x.total is None else x.total.minor,
                o.currency,
            )  # fmt: skip


def _order(number: int, dice: random.Random) -> Order:
    lines = tuple(_line(number, place, dice) for place in range(dice.choice((1, 1, 1, 2, 2, 3))))
    bought = START + timedelta(seconds=number * 7)
    return Order(
        ACCOUNT, MARKET, OrderId(f"gid://shopify/Order/{5_000_000_000 + number}"), OrderStatus.UNSHIPPED, "UNFULFILLED",
        bought, bought, "USD", _sum(lines), dice.choice(("US", "CA", "GB", "DE")), "fbm", lines,
    )  # fmt: skip


def _line(number: int, place: int, dice: random.Random) -> OrderLine:
    product, quantity, price = dice.randrange(5_000), dice.choice((1, 1, 1, 2, 3)), dice.randrange(499, 9_999)
    return OrderLine(
        f"gid://shopify/LineItem/{9_000_000_000 + number * 4 + place}", Sku(f"SKU-{product:05d}"),
        f"gid://shopify/ProductVariant/{product}", f"Stoneware mug no. {product}, 350 ml", quantity,
        Money(price, "USD"), Money(price * quantity, "USD"),
    )  # fmt: skip


def _shipped(order: Order) -> Order:
    first, *rest = order.lines
    price = first.unit_price or Money(0, "USD")
    more = replace(first, quantity=first.quantity + 1, total=price * (first.quantity + 1))
    lines = (more, *rest)
    later = order.updated_at + timedelta(days=1)
    return replace(
        order, status=OrderStatus.SHIPPED, status_raw="FULFILLED", updated_at=later, total=_sum(lines), lines=lines
    )


def _sum(lines: Sequence[OrderLine]) -> Money:
    return Money(sum(line.total.minor for line in lines if line.total is not None), "USD")


def _page(orders: Sequence[Order], number: int) -> Page[Order]:
    """The page as a connector hands it over; the payload is one JSON line per order and per line, as in a bulk file."""
    raw = b"\n".join(orjson.dumps(order, option=orjson.OPT_OMIT_MICROSECONDS) for order in orders)
    return Page(tuple(orders), str(number + 1), True, "bulkOrders", raw)


def _run(options: Options) -> Measured:
    return measure(options.seed, progress=options.progress)


EVALUATION: Final = Evaluation(
    name="ingest",
    title="How fast orders land, against COPY + upsert of the same rows",
    figures=FIGURES,
    baselines=BASELINES,
    run=_run,
)
