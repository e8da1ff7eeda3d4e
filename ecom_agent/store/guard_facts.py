"""What the guards may know about Actions, asked of the database in one statement: one snapshot, one round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlmodel import Session

from ecom_agent.actions import autonomy
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel, scopes_of
from ecom_agent.actions.model import Action, Kind, Mode, Value, unwire
from ecom_agent.economics.sheets import sheets
from ecom_agent.errors import ConfigError, ParseFailed, StoreError
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.records.business import BusinessPrices
from ecom_agent.records.catalog import Listing, ListingStatus
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.messages import Said
from ecom_agent.records.offers import PriceLimits
from ecom_agent.records.pools import PoolBook
from ecom_agent.records.stock import StockLevel
from ecom_agent.security.vault import Vault
from ecom_agent.store.advertising import AdvertisingStore
from ecom_agent.store.breakers import BreakerStore, Kept
from ecom_agent.store.catalog import ListingStore
from ecom_agent.store.guard_question import COUNTING, HAVING_COUNTED, Place, asked, place_of
from ecom_agent.store.journeys import Answer, ask, plan_once, together
from ecom_agent.store.lab import LabStore
from ecom_agent.store.messages import MessageStore
from ecom_agent.store.moving import Moving
from ecom_agent.store.pools import PoolStore
from ecom_agent.store.replies import ReplyStore
from ecom_agent.store.stock import StockStore
from ecom_agent.telemetry import log

_log = log(__name__)


class GuardFactStore:
    """Never commits: the caller's unit of work does, once.

    `quoting` are the accounts whose platform quotes fees: there, a missing quote is missing knowledge.
    None = all of them. `platforms` says whose accounts they are. Without a vault nothing that is sealed is known.
    """

    def __init__(
        self,
        session: Session,
        quoting: Collection[AccountId] | None = None,
        platforms: Mapping[AccountId, str] = MappingProxyType({}),
        moving: Moving | None = None,
        vault: Callable[[], Vault] | None = None,
    ) -> None:
        self._session, self._quoting, self._platforms = session, quoting, platforms
        self._moving, self._vault = moving or Moving(), vault
        self._foreseen: dict[Place, _Asked] = {}

    def foresee(self, actions: Sequence[Action], now: datetime, mode: Mode) -> None:
        """Some of these will be asked about in a moment: the question leaves with what is on its way."""
        self._foreseen = {place: self._asked(place, alike, now, mode) for place, alike in _by_place(actions).items()}

    def of(self, actions: Sequence[Action], now: datetime, mode: Mode) -> Sequence[GuardFacts]:
        """All a guard may know about each of these Actions, in their order; one question for all of one place.

        What cannot be read is None, which the guards refuse.
        """
        found: dict[int, GuardFacts] = {}
        for where, alike in _by_place(actions).items():
            for action, facts in zip(alike, self._at(where, alike, now, mode), strict=True):
                found[id(action)] = facts
        return [found[id(action)] for action in actions]

    def _asked(self, place: Place, actions: Sequence[Action], now: datetime, mode: Mode) -> _Asked:
        counted = self._moving.lately(place)
        since = None if counted else self._moving.unseen_since(self._session)
        question = HAVING_COUNTED if counted else COUNTING
        with together(self._session):
            plan_once(self._session)
            kept = BreakerStore(self._session).ask(actions[0].account, mode)
            known: Mapping[str, int | None] = counted or {"catalogue": self._moving.catalogue(place)}
            answer = ask(self._session, question, {**asked(actions, now), **known})
        return _Asked(tuple(map(id, actions)), since, kept, answer)

    def _at(self, place: Place, actions: Sequence[Action], now: datetime, mode: Mode) -> list[GuardFacts]:
        told = self._foreseen.pop(place, None)
        if told is None or not {*map(id, actions)} <= {*told.actions}:
            told = self._asked(place, actions, now, mode)
        all_rows = dict(zip(told.actions, told.answer.all(), strict=True))
        first, rows = all_rows[told.actions[0]], [all_rows[id(action)] for action in actions]
        if actions[0].kind is Kind.STRATEGY_STAGE:
            lab = LabStore(self._session)
            rows = [
                {**row, "stage": lab.stage_of(a.target, a.marketplace)} for a, row in zip(actions, rows, strict=True)
            ]
        if actions[0].kind is Kind.MESSAGE_SEND:
            rows = [{**row, **self._conversation(action)} for action, row in zip(actions, rows, strict=True)]
        if actions[0].kind is Kind.BID_SET:
            ads = AdvertisingStore(self._session)
            rows = [{**row, "ad_target": ads.target(a.account, a.target)} for a, row in zip(actions, rows, strict=True)]
        if actions[0].kind is Kind.STOCK_SET:
            pool = self._pool(actions, now)
            rows = [{**row, "pool": pool} for row in rows]
        if told.unseen_since is not None:
            hour, minute, catalogue = first["all_hour"], first["all_minute"], first["catalogue"]
            self._moving.renew(place, told.unseen_since, hour=hour, minute=minute, catalogue=catalogue)
        auto, breakers = first["autonomy"] or {}, first["breakers"] or {}
        halts = [_halt(*told) for told in first["halts"] or ()]
        shared = {
            "now": now,
            "mode": mode,
            "policy": first["guards"] or {},
            "policy_version": first["guards_version"] or 0,
            "autonomy_policy": auto,
            "fees_expected": self._quoting is None or actions[0].account in self._quoting,
            "sheets": sheets(first["fx"] or {}, first["fee_tables"] or {}, first["guards"] or {}),
            "paused": first["paused"],
            "breakers": breakers,
            "counts": self._counts(actions[0], now, mode, breakers, told.kept),
            "sending": first["sending"] or {},
            "platform": self._platforms.get(actions[0].account),
        }
        return [_facts(action, row, shared, auto, halts) for action, row in zip(actions, rows, strict=True)]

    def _pool(self, actions: Sequence[Action], now: datetime) -> PoolBook | None:
        place = (actions[0].account, actions[0].marketplace)
        book = PoolStore(self._session).book_of(place, [action.target for action in actions], now)
        return book if book.shelves else None

    def _conversation(self, action: Action) -> dict[str, Any]:
        """What would be said, and the newest of its conversation; nothing where that does not open."""
        if self._vault is None or not isinstance(action.after, Said):
            return {}
        try:
            vault = self._vault()
            newest = MessageStore(self._session, vault).newest(action.account, action.target)
            reply = ReplyStore(self._session, vault).find(action.account, action.target, action.after.digest)
        except (ConfigError, StoreError) as error:
            _log.error("a reply does not open", action=action.key, error=str(error))
            return {}
        return {"reply": reply, "newest_message": newest}

    def policy(self) -> Mapping[str, Any]:
        """The guards' policy in force; empty where none is, and then the guards deny."""
        newest = ask(self._session, _POLICY, ()).first()
        return newest["body"] if newest else {}

    def learn(self, action: Action, found: Value, at: datetime) -> None:
        """What a read-back showed is the newest fact about the target."""
        LEARN[action.kind](self._session, action, found, at)

    def learn_business(self, action: Action, shown: BusinessPrices, at: datetime) -> None:
        """The same of what companies pay, where the Action set that too."""
        place = (action.account, action.marketplace, action.target)
        ListingStore(self._session).saw_business(*place, shown, seen_at=at)

    def _counts(
        self, action: Action, now: datetime, mode: Mode, policy: Mapping[str, Any], kept: Kept
    ) -> Counts | None:
        """How writes fared lately; None where the policy does not say how to count, which the guard refuses."""
        try:
            return BreakerStore(self._session).recent(action.account, mode, now, policy, kept)
        except PolicyGap:
            return None


_POLICY: Final = "SELECT body FROM policy WHERE name = 'guards' ORDER BY version DESC LIMIT 1"


class _Asked(NamedTuple):
    """A question on its way about these Actions (by identity). `unseen_since`: what was approved from then on may be
    missing where it counts what moves; None where that was known already."""

    actions: tuple[int, ...]
    unseen_since: float | None
    kept: Kept
    answer: Answer


def _by_place(actions: Sequence[Action]) -> Mapping[Place, list[Action]]:
    places: dict[Place, list[Action]] = {}
    for action in actions:
        places.setdefault(place_of(action), []).append(action)
    return places


def _facts(
    action: Action, row: Mapping[str, Any], shared: Mapping[str, Any], auto: Mapping[str, Any], halts: Sequence[Halt]
) -> GuardFacts:
    current, current_at = _current(action, row)
    covering = scopes_of(action)
    return GuardFacts(
        **shared,
        autonomy=autonomy.level_of(auto, action.proposed_by, action.account, action.marketplace),
        listing=_listing(action, row),
        level=_level(action, row),
        limits=_limits(action, row),
        fees=_fees(action, row),
        current=current,
        current_at=current_at,
        day_start=unwire(row["start"]) if row["changes"] else current,
        changes_today=row["changes"],
        last_change_at=row["last_at"],
        moved_minute=row["minute"],
        moved_hour=row["hour"],
        catalogue=row["catalogue"],
        halts=tuple(halt for halt in halts if halt.scope in covering),
        writes_today=row["written"],
        pool=row.get("pool"),
        ad_target=row.get("ad_target"),
        reply=row.get("reply"),
        newest_message=row.get("newest_message"),
    )


def _saw_price(session: Session, action: Action, found: Value, at: datetime) -> None:
    if isinstance(found, Money):
        ListingStore(session).saw_price(action.account, action.marketplace, action.target, found, seen_at=at)


def _saw_stock(session: Session, action: Action, found: Value, at: datetime) -> None:
    levels = StockStore(session)
    level = levels.get(action.account, action.marketplace, action.target, str(action.evidence.get("location") or ""))
    if level is not None and isinstance(found, int):
        levels.saw_quantity(level, found, seen_at=at)


def _saw_bid(session: Session, action: Action, found: Value, at: datetime) -> None:
    if isinstance(found, Money):
        AdvertisingStore(session).saw_bid(action.account, action.target, found, seen_at=at)


def _saw_nothing_new(_session: Session, _action: Action, _found: Value, _at: datetime) -> None:
    """Our own desk's table is the fact itself; what was said comes with the stream of messages."""


LEARN: Final[Mapping[Kind, Callable[[Session, Action, Value, datetime], None]]] = MappingProxyType(
    {
        Kind.PRICE_SET: _saw_price,
        Kind.STOCK_SET: _saw_stock,
        Kind.STRATEGY_STAGE: _saw_nothing_new,
        Kind.MESSAGE_SEND: _saw_nothing_new,
        Kind.BID_SET: _saw_bid,
    }
)


def _current(action: Action, row: Mapping[str, Any]) -> tuple[Value | None, datetime | None]:
    """The newer of what was read and what we wrote since."""
    if action.kind is Kind.STRATEGY_STAGE:
        return row["stage"], None
    if action.kind is Kind.MESSAGE_SEND:
        return None, None
    target = row.get("ad_target")
    seen = {Kind.PRICE_SET: row["seen_at"], Kind.BID_SET: None if target is None else target.seen_at}
    seen_at = seen.get(action.kind, row["stock_seen_at"])
    if row["own_at"] is not None and (seen_at is None or row["own_at"] >= seen_at):
        return unwire(row["own_value"]), row["own_at"]
    if action.kind is Kind.PRICE_SET:
        return _money(row["price_minor"], row["price_currency"]), seen_at
    if action.kind is Kind.BID_SET:
        return None if target is None else target.bid, seen_at
    return row["fulfillable"], seen_at


def _money(minor: int | None, currency: str | None) -> Money | None:
    """A currency nobody knows makes an amount unknown, not an error: the guards say no with a reason."""
    if minor is None or currency is None:
        return None
    try:
        return Money(minor, currency)
    except ParseFailed:
        return None


def _halt(scope: str, reason: str, by: str, since: str, level: str) -> Halt:
    return Halt(scope, reason, by, datetime.fromisoformat(since), HaltLevel(level))


def _listing(action: Action, row: Mapping[str, Any]) -> Listing | None:
    if row["external_id"] is None:
        return None
    return Listing(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        external_id=row["external_id"],
        parent_id=row["parent_id"],
        title=row["title"],
        status=ListingStatus(row["status"]),
        price=_money(row["price_minor"], row["price_currency"]),
        condition=row["condition"],
        fulfilment=row["fulfilment"],
        updated_at=row["updated_at"],
        seen_at=row["seen_at"],
    )


def _limits(action: Action, row: Mapping[str, Any]) -> PriceLimits | None:
    if row["version"] is None:
        return None
    currency = row["limits_currency"]
    return PriceLimits(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        currency=currency,
        hard_min=_money(row["hard_min_minor"], currency),
        ceiling=_money(row["ceiling_minor"], currency),
        map_price=_money(row["map_minor"], currency),
        unit_cost=_money(row["unit_cost_minor"], currency),
        min_margin=_money(row["min_margin_minor"], currency),
        version=row["version"],
        updated_at=row["limits_at"],
        updated_by=row["updated_by"],
        foreign_cost=_money(row["foreign_cost_minor"], row["foreign_currency"]),
        ad_cost=_money(row["ad_cost_minor"], currency),
        return_bp=row["return_bp"],
        return_cost=_money(row["return_cost_minor"], currency),
        margin_bp=row["margin_bp"],
        roi_bp=row["roi_bp"],
        fee_class=row["fee_class"],
        costs_on=row["costs_on"],
    )


def _fees(action: Action, row: Mapping[str, Any]) -> FeeQuote | None:
    at_price, referral, fulfilment = (
        _money(row[name], row["fee_currency"]) for name in ("at_price_minor", "referral_minor", "fulfilment_minor")
    )
    if at_price is None or referral is None or fulfilment is None:
        return None
    return FeeQuote(action.account, action.marketplace, action.target, at_price, referral, fulfilment, row["quoted_at"])


def _level(action: Action, row: Mapping[str, Any]) -> StockLevel | None:
    if row["location"] is None:
        return None
    return StockLevel(
        account=action.account,
        marketplace=action.marketplace,
        sku=action.target,
        location=row["location"],
        item_ref=row["item_ref"],
        fulfillable=row["fulfillable"],
        reserved=row["reserved"],
        inbound=row["inbound"],
        unfulfillable=row["unfulfillable"],
        updated_at=row["stock_at"],
        seen_at=row["stock_seen_at"],
    )
