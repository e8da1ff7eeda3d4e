"""Action, its states and the steps between them, and a guard's Verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, Final

import orjson

from ecom_agent.errors import IllegalTransition
from ecom_agent.ids import AccountId, ActionKey, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.messages import Said


class Kind(StrEnum):
    PRICE_SET = "price.set"
    STOCK_SET = "stock.set"
    STRATEGY_STAGE = "strategy.stage"
    MESSAGE_SEND = "message.send"
    BID_SET = "bid.set"


HOUSE: Final = AccountId("house")
"""Ourselves: the account of changes that touch no platform, such as how far a pricing strategy may go."""


class Mode(StrEnum):
    """How far the outside is touched. Fixed for a process's life; an Action keeps the mode it was born in."""

    DRY_RUN = "dry-run"  # nothing is sent; where the platform offers one, its preview is asked
    SANDBOX = "sandbox"  # sent, but never to a vendor's live host
    LIVE = "live"


class State(StrEnum):
    PROPOSED = "proposed"
    HELD = "held"
    DENIED = "denied"
    APPROVED = "approved"
    EXECUTING = "executing"
    UNKNOWN = "unknown"
    APPLIED = "applied"
    VERIFIED = "verified"
    PREVIEWED = "previewed"
    FAILED = "failed"


NEXT: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.PROPOSED: frozenset({State.APPROVED, State.HELD, State.DENIED}),
        State.HELD: frozenset({State.APPROVED, State.DENIED}),
        State.APPROVED: frozenset({State.EXECUTING, State.HELD, State.DENIED}),
        State.EXECUTING: frozenset({State.APPLIED, State.FAILED, State.UNKNOWN, State.PREVIEWED}),
        State.UNKNOWN: frozenset({State.APPLIED, State.FAILED}),
        State.APPLIED: frozenset({State.VERIFIED, State.FAILED}),
        State.DENIED: frozenset(),
        State.VERIFIED: frozenset(),
        State.PREVIEWED: frozenset(),
        State.FAILED: frozenset(),
    }
)
OPEN: Final = frozenset(state for state, following in NEXT.items() if following)


def step(current: State, following: State) -> State:
    """`following`, if an Action may go there from `current`. Raises IllegalTransition."""
    if following not in NEXT[current]:
        raise IllegalTransition(f"an Action that is {current} cannot become {following}")
    return following


Value = Money | int | Said
CARRIES: Final[Mapping[Kind, type]] = MappingProxyType(
    {
        Kind.PRICE_SET: Money,
        Kind.STOCK_SET: int,
        Kind.STRATEGY_STAGE: int,
        Kind.MESSAGE_SEND: Said,
        Kind.BID_SET: Money,
    }
)


WISHED: Final = "business"
"""Where a `price.set` says what companies are to pay (`actions/business.py`): the one evidence that is sent."""


@dataclass(frozen=True, slots=True)
class Action:
    """A wished change, frozen once made.

    `before` is what the deciding facts showed (None = not known), `after` the wish: Money for `price.set`,
    units for `stock.set`, a Stage's number for `strategy.stage` (target: the strategy, marketplace:
    "<account>/<marketplace>", account: HOUSE), what its text is known by for `message.send` (target: the conversation;
    evidence: `answers` is the buyer's message, `asked_at` when that was sent), Money for a click for `bid.set` (target:
    the keyword's or product's id; evidence: `target_kind`, `campaign`, `ad_group`, by which it is read back). `slot` is
    the run's or event's moment (UTC) and its "now". `evidence` names the facts seen (event id, rival, rule); never a
    buyer's data. Prices for companies that go with a price stand there too (`actions/business.py`). `undoes` is
    the Action this one takes back.
    """

    kind: Kind
    account: AccountId
    marketplace: MarketplaceId
    target: Sku
    before: Value | None
    after: Value
    reason: str
    proposed_by: str
    slot: datetime
    mode: Mode
    policy_version: int
    evidence: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    undoes: ActionKey | None = None
    _key: ActionKey | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.slot.tzinfo is None:
            raise ValueError("slot needs a time zone")
        if not isinstance(self.after, CARRIES[self.kind]):
            raise TypeError(f"{self.kind} cannot carry {type(self.after).__name__}")

    @property
    def key(self) -> ActionKey:
        """The wish itself as a digest: a retried run finds its former Action instead of making a second."""
        if self._key is not None:
            return self._key
        wish = [
            self.kind,
            self.account,
            self.marketplace,
            self.target,
            wire(self.before),
            wire(self.after),
            self.slot.astimezone(UTC).isoformat(),
            self.mode,
            self.undoes,
        ]
        if WISHED in self.evidence:
            wish.append(self.evidence[WISHED])
        key = ActionKey(hashlib.sha256(orjson.dumps(wish)).hexdigest())
        object.__setattr__(self, "_key", key)  # frozen: it cannot become another
        return key

    @property
    def inputs_digest(self) -> str:
        """Digest of the facts this wish was decided on."""
        return hashlib.sha256(orjson.dumps(dict(self.evidence), option=orjson.OPT_SORT_KEYS)).hexdigest()


def wire(value: Value | None) -> dict[str, int | str] | int | None:
    """A value as JSON data."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    return {"digest": value.digest, "characters": value.characters} if isinstance(value, Said) else value


def unwire(data: Any) -> Any:
    """The value that `wire` wrote. Raises ParseFailed or TypeError for other data."""
    if isinstance(data, Mapping):
        return Said(**data) if "digest" in data else Money(data["minor"], data["currency"])
    if data is None or type(data) is int:
        return data
    raise TypeError(f"no value of an Action: {type(data).__name__}")


class Answer(IntEnum):
    """Ordered by strictness: the strictest of all guards wins.

    LATER: a limit of the moment (how often, how many at once). The wish waits and is judged again, by itself.
    HOLD: a person is asked.
    """

    ALLOW = 0
    LATER = 1
    HOLD = 2
    DENY = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """One guard's answer, always with its reason."""

    guard: str
    answer: Answer
    reason: str
