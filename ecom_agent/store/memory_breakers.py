"""The breakers' counts over the ledger in memory: the readable twin of `breakers.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ecom_agent.actions.breakers import Windows
from ecom_agent.actions.counts import Counts, Feed
from ecom_agent.actions.halts import account_scope
from ecom_agent.actions.model import Kind, Mode, State, unwire
from ecom_agent.actions.moves import Moved, price_counts
from ecom_agent.actions.record import ActionRecord
from ecom_agent.ids import AccountId
from ecom_agent.money import Money
from ecom_agent.records.catalog import ListingStatus
from ecom_agent.store.memory_tables import Place, Tables

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class MemoryBreakers:
    """Counts anew at every question."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def policy(self) -> Mapping[str, Any]:
        return self._tables.policies.get("breakers", {})

    def turn(self, _account: AccountId) -> bool:
        return True

    def recount(self, account: AccountId, mode: Mode, now: datetime, *, whole: bool = True) -> Counts:
        """Always the whole. Raises PolicyGap."""
        windows = Windows.read(self.policy())
        mine = [r for r in self._tables.actions.values() if (r.action.account, r.action.mode) == (account, mode)]
        reset = self._tables.lifted.get(account_scope(account))
        since = [r for r in mine if reset is None or (r.sent_at or r.updated_at) > reset]
        active = [p for p, x in self._tables.listings.items() if p[0] == account and x.status is ListingStatus.ACTIVE]
        back = [r for r in since if r.updated_at > now - windows.mismatches and _looked_at(r)]
        return Counts(
            errors_in_row=self._errors(mine, max(reset or now - _DAY, now - _DAY), windows.in_a_row),
            read_back=len(back),
            mismatched=sum(r.state is not State.VERIFIED for r in back),
            listings=len(active),
            moved_minute=len({(r.action.marketplace, r.action.target) for r in since if _moving(r, now)}),
            feeds=tuple(self._feeds(account, windows, now, reset)),
            **price_counts(self._moved(since, active, windows, now), windows, now),
        )

    def _errors(self, mine: list[ActionRecord], since: datetime, most: int) -> int:
        tried = [
            (r.claimed_at, r.key, r)
            for r in mine
            if r.claimed_at is not None
            and r.claimed_at > since
            and r.state is not State.EXECUTING
            and not r.why.startswith("not sent:")
        ]
        newest = [r for _, _, r in sorted(tried, key=lambda t: t[:2], reverse=True)][:most]
        return next((n for n, r in enumerate(newest) if not _refused(r)), len(newest))

    def _moved(
        self, since: list[ActionRecord], active: list[Place], windows: Windows, now: datetime
    ) -> Iterator[Moved]:
        live, floors = set(active), self._floors()
        by_place: dict[Place, list[ActionRecord]] = {}
        for record in since:
            action = record.action
            if action.kind is Kind.PRICE_SET and record.sent_at is not None and record.sent_at > now - windows.longest:
                by_place.setdefault((action.account, action.marketplace, action.target), []).append(record)
        for place, sent in by_place.items():
            if place not in live:
                continue
            sent.sort(key=lambda r: (r.sent_at, r.key))
            last = sent[-1]
            own, listing = last.action.after, self._tables.listings[place]
            first = next(r.action.before for r in sent if r.sent_at and r.sent_at > now - windows.runaway)
            assert isinstance(own, Money)
            assert last.sent_at is not None
            yield Moved(
                place[1],
                place[2],
                first if isinstance(first, Money) else None,
                last.action.before if isinstance(last.action.before, Money) else None,
                own,
                last.sent_at,
                listing.price,
                listing.seen_at,
                floors.get(last.key),
                tuple(
                    x.price
                    for p, x in self._tables.listings.items()
                    if p[0] != place[0] and p[2] == place[2] and x.status is ListingStatus.ACTIVE and x.price
                ),
            )

    def _floors(self) -> dict[str | None, Money]:
        """The floor written down when each change was sent, whatever it was made of."""
        steps = (link.event for link in self._tables.chain if link.event.step == "executing")
        told = ((event.action_key, unwire(event.detail.get("floor"))) for event in steps)
        return {key: floor for key, floor in told if isinstance(floor, Money)}

    def _feeds(self, account: AccountId, windows: Windows, now: datetime, reset: datetime | None) -> Iterator[Feed]:
        for (of, stream), (good_at, failed) in sorted(self._tables.feeds.items()):
            if of == account and stream in windows.streams:
                age = now - (good_at if reset is None else max(good_at, reset))
                yield Feed(stream, int(age.total_seconds() // 60), failed)


def _looked_at(record: ActionRecord) -> bool:
    """Whether its read-back said something: it is there, it is not, or nobody can tell."""
    if record.state is State.FAILED:
        return record.sent_at is not None or record.why.startswith("not done:")
    return record.state is State.VERIFIED or (record.state is State.UNKNOWN and record.verify_tries > 0)


def _refused(record: ActionRecord) -> bool:
    """Whether the platform said no, or nothing. What drifted later was taken."""
    return record.state is State.UNKNOWN or (record.state is State.FAILED and record.sent_at is None)


def _moving(record: ActionRecord, now: datetime) -> bool:
    sent = record.sent_at is not None and record.sent_at > now - _MINUTE
    return record.action.kind is Kind.PRICE_SET and (sent or record.state is State.APPROVED)
