"""What the guards may know about one Action: one frozen snapshot, taken at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ecom_agent.actions.counts import Counts
from ecom_agent.actions.halts import Halt
from ecom_agent.actions.model import Mode, Value
from ecom_agent.economics.margin import Floor, floor
from ecom_agent.economics.unit_costs import NO_SHEETS
from ecom_agent.money import Money
from ecom_agent.records.advertising import Target
from ecom_agent.records.catalog import Listing
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.messages import Message, Reply
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.pools import PoolBook
from ecom_agent.records.stock import StockLevel


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """Facts for one Action. None = not known, which no guard may take for "fine".

    `policy` is the body of the guards' policy, `autonomy` the level of this Action's automation and account.
    `current` is the newest value known (the listing as read, or our own later write), `current_at` when it was so.
    Days and hours roll: "today" is the last 24 hours. `day_start` is the value before today's first change (the
    current one where there was none). `moved_*` count other SKUs of the same account, marketplace and kind that
    were sent in that time or wait approved; `catalogue` is the number of live listings there.
    `fees_expected`: this account's platform quotes fees; `sheets` are fee tables and exchange rates with their
    days. `paused` says why the account is paused. `counts` is how writes on this account fared lately, for the
    breakers under `breakers`, the body of their policy. `sending` is the body of the senders' policy, `platform`
    whose account it is, `writes_today` how many writes of any kind this listing had since midnight UTC. `reply` is what
    a `message.send` would say, `newest_message` the latest of its conversation, by whomever. `pool` is the stock book
    behind a `stock.set`; None = nothing of it was ever counted. `ad_target` is what a `bid.set` is about.
    """

    now: datetime
    mode: Mode
    policy: Mapping[str, Any] = field(default_factory=dict)
    policy_version: int = 0
    autonomy: str = "suggest"
    autonomy_policy: Mapping[str, Any] = field(default_factory=dict)
    listing: Listing | None = None
    level: StockLevel | None = None
    limits: PriceLimits | None = None
    fees: FeeQuote | None = None
    fees_expected: bool = True
    sheets: CostSheets = NO_SHEETS
    current: Value | None = None
    current_at: datetime | None = None
    day_start: Value | None = None
    changes_today: int | None = None
    last_change_at: datetime | None = None
    moved_minute: int | None = None
    moved_hour: int | None = None
    catalogue: int | None = None
    halts: tuple[Halt, ...] = ()
    paused: str | None = None
    breakers: Mapping[str, Any] = field(default_factory=dict)
    counts: Counts | None = None
    sending: Mapping[str, Any] = field(default_factory=dict)
    platform: str | None = None
    writes_today: int | None = None
    reply: Reply | None = field(default=None, repr=False)
    newest_message: Message | None = field(default=None, repr=False)
    pool: PoolBook | None = None
    ad_target: Target | None = None
    _floor: Floor | None = field(default=None, init=False, repr=False, compare=False)

    def after(self, others: int) -> GuardFacts:
        """The same when `others` more listings of this place were approved a moment ago."""
        if not others or self.moved_minute is None or self.moved_hour is None:
            return self
        return replace(self, moved_minute=self.moved_minute + others, moved_hour=self.moved_hour + others)

    @property
    def floor(self) -> Floor:
        """The floor as of these facts; without limits there is none, and so no write. Several guards ask for it."""
        if self._floor is None:
            no = Floor(None, "no minimum set")
            least = no if self.limits is None else floor(self.limits, self.fees, self.sheets, self.now)
            object.__setattr__(self, "_floor", least)
            return least
        return self._floor

    @property
    def price(self) -> Money | None:
        """The current price, where `current` is one."""
        return self.current if isinstance(self.current, Money) else None
