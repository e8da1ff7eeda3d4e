"""Read models: what screens, commands and reports show. Each number comes with where it is from and how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecom_agent.money import Money
from ecom_agent.records.offers import PricePoint


@dataclass(frozen=True, slots=True)
class Tile:
    """One KPI. `value` None = not known yet. `unit`: "count", "ratio" or a currency (value then in minor units)."""

    name: str
    label: str
    value: float | int | None
    unit: str
    source: str
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Something a person should look at. `severity` is "error", "warning" or "info"; `screen` where to act."""

    severity: str
    title: str
    detail: str
    screen: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    at: datetime
    mode: str
    exceptions: tuple[Exceptional, ...]
    tiles: tuple[Tile, ...]
    sales_by_hour: tuple[tuple[datetime, str, int, int], ...]
    """(hour, currency, orders, revenue in minor units), oldest first."""


@dataclass(frozen=True, slots=True)
class CostView:
    """One cost of a unit sold at the floor. `amount` None = not known, and so not counted; `at` as of when it holds."""

    name: str
    amount: Money | None
    at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class ListingView:
    """One row of the pricing table."""

    account: str
    marketplace: str
    sku: str
    title: str
    price: Money | None
    buy_box: Money | None
    lowest_rival: Money | None
    we_hold_buy_box: bool | None
    floor: Money | None
    floor_reason: str
    ceiling: Money | None
    seen_at: datetime | None
    expected_price: Money | None = None
    """The price at or below which our offer may be featured, by the platform, told within the last day."""
    expected_status: str | None = None
    """What the platform said with it, or why it gave none, in its words."""
    floor_parts: tuple[tuple[str, Money], ...] = ()
    """The bounds of which the floor is the highest, by name."""
    floor_costs: tuple[CostView, ...] = ()
    """What break-even is made of; empty while the landed cost is not known."""


@dataclass(frozen=True, slots=True)
class LimitsView:
    """A row of the limits editor, amounts as exact decimal text in major units, None = not set.

    `foreign_cost` is an amount with its currency ("5.00 EUR"); `…_percent` are shares of a hundred ("12.5");
    `costs_on` is a day ("2026-11-20").
    """

    account: str
    marketplace: str
    sku: str
    currency: str
    hard_min: str | None
    ceiling: str | None
    map_price: str | None
    unit_cost: str | None
    min_margin: str | None
    version: int
    foreign_cost: str | None = None
    ad_cost: str | None = None
    return_percent: str | None = None
    return_cost: str | None = None
    margin_percent: str | None = None
    roi_percent: str | None = None
    fee_class: str | None = None
    costs_on: str | None = None


@dataclass(frozen=True, slots=True)
class ActionView:
    """One Action for lists: values as text for people ("12.30 USD", "5 units")."""

    key: str
    kind: str
    account: str
    marketplace: str
    target: str
    before: str | None
    after: str
    reason: str
    proposed_by: str
    state: str
    mode: str
    slot: datetime
    updated_at: datetime
    held_by: str | None
    verdicts: tuple[tuple[str, str, str], ...]
    """(guard, answer, reason)"""
    undoable: bool


@dataclass(frozen=True, slots=True)
class SilentPage:
    """A page that changed `changes` times without an event, as sweeps found, since `event_at` (None = never one)."""

    account: str
    marketplace: str
    external_id: str
    condition: str
    event_at: datetime | None
    swept_at: datetime | None
    changed_at: datetime | None
    changes: int


@dataclass(frozen=True, slots=True)
class AuditEventView:
    seq: int
    at: datetime
    action_key: str | None
    step: str
    actor: str
    detail: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`ok` False names the first event whose hash does not fit."""

    ok: bool
    events: int
    head: str | None
    broken_at: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ListingStory:
    """Everything about one listing: its price line, its Actions, newest first."""

    listing: ListingView
    points: tuple[PricePoint, ...]
    actions: tuple[ActionView, ...]


@dataclass(frozen=True, slots=True)
class WarChoice:
    """One answer to a price war: where our price would be, and what a day of it loses against the peace before."""

    choice: str
    price: Money
    loss: Money
    low: Money
    high: Money


@dataclass(frozen=True, slots=True)
class WarView:
    """A price war that is on. Prices are landed; `peace` is the lower one before it, `fall` the share gone since.

    `advice` is "hold", "match" or "leave"; None = it cannot be reckoned, and `reason` says why.
    """

    account: str
    marketplace: str
    sku: str
    title: str
    began: datetime
    last_move: datetime
    turns: int
    fall: float
    our_price: Money
    rival_price: Money
    peace: Money
    advice: str | None
    reason: str
    elasticity: str
    choices: tuple[WarChoice, ...]


@dataclass(frozen=True, slots=True)
class StreamHealth:
    account: str
    stream: str
    cursor: str | None
    last_run_at: datetime | None
    last_ok_at: datetime | None
    last_error: str | None
    fetched: int
    written: int
    quarantined: int
    every_minutes: int
    alarm: str | None = None
    """What of it is not here, or that it fell silent, by the ledger of windows."""


@dataclass(frozen=True, slots=True)
class QuotaHealth:
    account: str
    operation: str
    per_s: float
    burst: float
    tokens: float
    throttled: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    name: str
    pid: int | None
    state: str
    restarts: int
    last_exit: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class HaltView:
    """A stop in force.

    `scope`: "all", "account:<account>", "marketplace:<account>/<id>", "automation:<name>" or
    "sku:<account>/<marketplace>/<sku>". `level`: "halted" (nothing leaves) or "reducing" (raises only).
    """

    scope: str
    reason: str
    by: str
    since: datetime
    level: str = "halted"


@dataclass(frozen=True, slots=True)
class BreakerLine:
    """One breaker's count against its limit; `then`: how far it goes when it trips."""

    breaker: str
    value: int
    limit: float
    over: bool
    then: str
    says: str


@dataclass(frozen=True, slots=True)
class BreakerView:
    """One account: how far it may go, and how close it is to being stopped.

    `state`: "active", "reducing" (raises only) or "halted"; the other three tell who stopped it, why and since when.
    `gap`: why the breakers' policy cannot be read; while it cannot, nothing is written.
    """

    account: str
    state: str
    since: datetime | None
    by: str | None
    reason: str | None
    lines: tuple[BreakerLine, ...]
    gap: str | None


@dataclass(frozen=True, slots=True)
class Health:
    at: datetime
    mode: str
    streams: tuple[StreamHealth, ...]
    quotas: tuple[QuotaHealth, ...]
    processes: tuple[ProcessHealth, ...]
    halts: tuple[HaltView, ...]
    paused_accounts: tuple[tuple[str, str], ...]
    """(account, why)"""
    database: str


@dataclass(frozen=True, slots=True)
class QuarantineView:
    id: int
    account: str
    stream: str
    external_id: str | None
    reason: str
    seen_at: datetime
    raw_digest: str


@dataclass(frozen=True, slots=True)
class PullReport:
    account: str
    stream: str
    pages: int
    fetched: int
    written: int
    unchanged: int
    quarantined: int
    cursor: str | None
    seconds: float
