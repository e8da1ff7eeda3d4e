"""How an Action meets its platform: the one place that holds the writing ports.

`Writer` sends for real, `Preview` only asks whether the platform would take it. When and with whose leave something
goes through is `execute`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from ecom_agent.actions.business import says_any, wished
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.model import Action, Kind, Mode, State
from ecom_agent.actions.record import ActionRecord
from ecom_agent.connector import Receipt
from ecom_agent.errors import AuthFailed, ConfigError, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.ports.writes import (
    PreviewsBusinessPrices,
    PreviewsPrice,
    PriceChange,
    ReservesWrites,
    SendsMessage,
    SetsBid,
    SetsBusinessPrices,
    SetsPrice,
    SetsPrices,
    SetsPricesInBulk,
    SetsStage,
    SetsStock,
)
from ecom_agent.telemetry import SEND_SECONDS


class Door(Protocol):
    """How an Action meets its platform. `done` is where an answer leads, `unanswered` where its absence does."""

    @property
    def mode(self) -> Mode: ...
    @property
    def done(self) -> State: ...
    @property
    def unanswered(self) -> State: ...
    def closed(self, action: Action, facts: GuardFacts) -> str | None:
        """Why this Action cannot go through here at all, None if it can."""
        ...

    def room(self, account: AccountId, most: int, *, wait: bool = True) -> int:
        """How many writes may leave for this account now; `wait` for the first one.

        One at a time where its platform cannot tell: what is refused must not take others with it.
        """
        ...

    def leave(self, account: AccountId) -> None:
        """What `room` promised and was not used is free for others."""
        ...

    def knock(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        """Each claim with what became of it, as the answers come."""
        ...


class Claim(NamedTuple):
    """An Action in hand: its record is `executing`, which is committed before it is sent."""

    record: ActionRecord
    facts: GuardFacts


class Writer:
    """Sends for real; the only holder of the writing ports. Not to be had in a dry run."""

    done, unanswered = State.APPLIED, State.UNKNOWN

    def __init__(self, mode: Mode, outlets: Mapping[AccountId, object]) -> None:
        if mode is Mode.DRY_RUN:
            raise ConfigError("a dry run has no writer: use Preview")
        self.mode, self._outlets = mode, dict(outlets)
        # what each can do is asked once: a look through a Protocol's methods costs more than the call it is about
        self._reserving = {name: o for name, o in outlets.items() if isinstance(o, ReservesWrites)}
        self._together = {name: o for name, o in outlets.items() if isinstance(o, SetsPrices)}
        self._for_companies = {name for name, o in outlets.items() if isinstance(o, SetsBusinessPrices)}
        self._can = {
            (name, kind): isinstance(o, write.port) for name, o in outlets.items() for kind, write in WRITES.items()
        }

    def closed(self, action: Action, facts: GuardFacts) -> str | None:
        if action.account not in self._outlets:
            return f"no account {action.account} is set up here"
        if not self._can[action.account, action.kind]:
            return f"{action.account} cannot do {action.kind}"
        if says_any(action) and action.account not in self._for_companies:
            return f"{action.account} has no prices for companies"
        return None if WRITES[action.kind].subject(facts) is not None else "what to change is not known"

    def room(self, account: AccountId, most: int, *, wait: bool = True) -> int:
        outlet = self._reserving.get(account)
        return min(1, most) if outlet is None else outlet.reserve_writes(most, wait=wait)

    def leave(self, account: AccountId) -> None:
        if (outlet := self._reserving.get(account)) is not None:
            outlet.release_writes()

    def knock(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        for together in self._calls(claims):
            if len(together) > 1:
                yield from self._knock_together(together)
            else:
                (claim,) = together
                yield claim, _tried(lambda claim=claim: self._knock(claim))  # type: ignore[misc]

    def _knock(self, claim: Claim) -> Receipt:
        action = claim.record.action
        with SEND_SECONDS.labels(action.kind).time():
            return WRITES[action.kind].send(self._outlets[action.account], action, claim.facts)

    def _knock_together(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        changes = [_price_change(claim) for claim in claims]
        outlet: Any = self._outlets[claims[0].record.action.account]
        with SEND_SECONDS.labels(Kind.PRICE_SET).time():
            answers = _tried(lambda: outlet.set_prices(changes))
        if isinstance(answers, Exception):
            answers = [answers] * len(claims)
        yield from zip(claims, answers, strict=True)

    def _calls(self, claims: Sequence[Claim]) -> Sequence[Sequence[Claim]]:
        """Claims by the call they leave in: prices that the platform takes together, all else alone."""
        calls: dict[object, list[Claim]] = {}
        for number, claim in enumerate(claims):
            action, listing, shared = claim.record.action, claim.facts.listing, None
            outlet = self._together.get(action.account)
            if action.kind is Kind.PRICE_SET and listing is not None and outlet is not None and not says_any(action):
                shared = outlet.shares_call(listing)
            calls.setdefault(number if shared is None else (action.account, shared), []).append(claim)
        return list(calls.values())


class BulkWriter(Writer):
    """The same door for very many prices in one call that answers after minutes, where the platform has such a way."""

    def __init__(self, mode: Mode, outlets: Mapping[AccountId, object]) -> None:
        super().__init__(mode, {name: o for name, o in outlets.items() if isinstance(o, SetsPricesInBulk)})

    @property
    def accounts(self) -> tuple[AccountId, ...]:
        return tuple(self._outlets)

    def closed(self, action: Action, facts: GuardFacts) -> str | None:
        return super().closed(action, facts) if action.kind is Kind.PRICE_SET else "only prices leave in bulk"

    def room(self, account: AccountId, most: int, *, wait: bool = True) -> int:
        """A whole call: its own few tokens are taken when it is made."""
        outlet: Any = self._outlets.get(account)
        return 0 if outlet is None else min(most, outlet.most_in_bulk)

    def leave(self, account: AccountId) -> None:
        return None

    def knock(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        """Claims of one account. What lets it rest comes last: what stands behind such an answer counts as not sent."""
        if not claims:
            return
        changes = [_price_change(claim) for claim in claims]
        outlet: Any = self._outlets[claims[0].record.action.account]
        answers = _tried(lambda: outlet.set_prices_in_bulk(changes))
        if isinstance(answers, Exception):
            answers = [answers] * len(claims)
        yield from sorted(zip(claims, answers, strict=True), key=lambda told: isinstance(told[1], _RESTS))


_RESTS: Final = (TransientError, AuthFailed)


class Preview:
    """Asks the platform whether it would take the change, where it offers that. Knows no verb that writes."""

    mode, done, unanswered = Mode.DRY_RUN, State.PREVIEWED, State.FAILED

    def __init__(self, outlets: Mapping[AccountId, object]) -> None:
        self._ask = {name: o.preview_price for name, o in outlets.items() if isinstance(o, PreviewsPrice)}
        self._ask_for_all = {
            name: o.preview_prices_for_all for name, o in outlets.items() if isinstance(o, PreviewsBusinessPrices)
        }

    def closed(self, _action: Action, _facts: GuardFacts) -> str | None:
        return None

    def room(self, _account: AccountId, most: int, *, wait: bool = True) -> int:
        return most

    def leave(self, _account: AccountId) -> None:
        return None

    def knock(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Receipt | Exception]]:
        for claim in claims:
            yield claim, _tried(lambda claim=claim: self._knock(claim.record.action, claim.facts))  # type: ignore[misc]

    def _knock(self, action: Action, facts: GuardFacts) -> Receipt:
        ask = self._ask.get(action.account)
        if ask is None or facts.listing is None or not isinstance(action.after, Money):
            return Receipt("", {"preview": "the platform offers none: judged by our guards only"})
        business, ask_for_all = wished(action), self._ask_for_all.get(action.account)
        if business is not None and ask_for_all is not None:
            return ask_for_all(facts.listing, action.after, business)
        return ask(facts.listing, action.after)


class _Write:
    """One kind of change: the port it needs, what it is done to, and the verb."""

    def __init__(
        self, port: Any, subject: Callable[[GuardFacts], object], send: Callable[[Any, Action, GuardFacts], Receipt]
    ) -> None:
        self.port, self.subject, self.send = port, subject, send


def _set_price(outlet: SetsPrice, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.listing is not None
    assert isinstance(action.after, Money)
    business = wished(action)
    if business is not None:
        assert isinstance(outlet, SetsBusinessPrices)
        return outlet.set_prices_for_all(facts.listing, action.after, business, idempotency_key=action.key)
    return outlet.set_price(facts.listing, action.after, idempotency_key=action.key)


def _set_stock(outlet: SetsStock, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.level is not None
    assert isinstance(action.after, int)
    return outlet.set_stock(facts.level, action.after, idempotency_key=action.key)


def _set_stage(desk: SetsStage, action: Action, _facts: GuardFacts) -> Receipt:
    assert isinstance(action.after, int)
    return desk.set_stage(action.target, action.marketplace, action.after, idempotency_key=action.key)


def _send_message(outlet: SendsMessage, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.reply is not None
    return outlet.send_message(facts.reply.to, facts.reply.text, idempotency_key=action.key)


def _set_bid(outlet: SetsBid, action: Action, facts: GuardFacts) -> Receipt:
    assert facts.ad_target is not None
    assert isinstance(action.after, Money)
    return outlet.set_bid(facts.ad_target, action.after, idempotency_key=action.key)


WRITES: Final[Mapping[Kind, _Write]] = MappingProxyType(
    {
        Kind.PRICE_SET: _Write(SetsPrice, lambda facts: facts.listing, _set_price),
        Kind.STOCK_SET: _Write(SetsStock, lambda facts: facts.level, _set_stock),
        Kind.STRATEGY_STAGE: _Write(SetsStage, lambda facts: facts.current, _set_stage),
        Kind.MESSAGE_SEND: _Write(SendsMessage, lambda facts: facts.reply, _send_message),
        Kind.BID_SET: _Write(SetsBid, lambda facts: facts.ad_target, _set_bid),
    }
)


def _price_change(claim: Claim) -> PriceChange:
    assert claim.facts.listing is not None
    assert isinstance(claim.record.action.after, Money)
    action = claim.record.action
    return PriceChange(claim.facts.listing, claim.record.action.after, claim.record.key, wished(action))


def _tried(send: Callable[[], Any]) -> Any:
    """What it gives, or what it raised: after sending began any surprise is an outcome to be written down."""
    try:
        return send()
    except Exception as error:  # noqa: BLE001 - judged by the executor: a surprise is an unknown outcome, never a retry
        return error
