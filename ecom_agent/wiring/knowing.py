"""App's verbs about buyers: shown masked, shown plainly only on purpose, forgotten on request or when they are old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.records.people import DETAILS, Buyer, Customer
from ecom_agent.records.unmapped import Unmapped
from ecom_agent.security.masking import masked
from ecom_agent.store.customers import CustomerStore
from ecom_agent.store.db import Unit
from ecom_agent.store.forgetting import Forgetting
from ecom_agent.store.replies import ReplyStore
from ecom_agent.store.unmapped import UnmappedStore
from ecom_agent.wiring.parts import Parts

POLICY = "privacy"
_REPLIES = "reply_days"


class Knowing:
    parts: Parts

    def customers(self, most: int = 200) -> Sequence[Customer]:
        """Those seen last, masked."""
        with self.parts.database.unit() as unit:
            return [_masked(one) for one in self._customers(unit).all(most=most, open_them=True)]

    def customer(self, key: str, *, plainly: bool = False, by: str | None = None) -> Customer:
        """One of them. Shown plainly it is in the audit who saw him. Raises NotFound."""
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            found = self._customers(unit).get(key, open_them=True)
            if found is None:
                raise NotFound(f"no customer {key!r}: `ecom customers list` shows them")
            if not plainly:
                return _masked(found)
            who = by or self.parts.person
            book.audit.append(AuditEvent(now, None, "customer shown", who, {"customer": key}))
        return found

    def customer_key(self, platform: str, id: str) -> str:
        """What a buyer goes by here, by his id on the platform. Known or not."""
        with self.parts.database.unit() as unit:
            return self._customers(unit).key(platform, id)

    def forget_customer(self, key: str, by: str) -> Mapping[str, int]:
        """Erase what tells who he is, everywhere; his orders and their figures stay.

        Gives how many customers, messages, answers, payloads, webhooks and set-aside records were emptied.
        Raises NotFound.
        """
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            found = self._customers(unit).get(key)
            if found is None:
                raise NotFound(f"no customer {key!r}: `ecom customers list` shows them")
            accounts = [a.name for a in self.parts.accounts.opened.values() if a.spec.name == found.platform]
            done = Forgetting(unit.session, self.parts.vault()).forget(key, accounts, now)
            book.audit.append(AuditEvent(now, None, "customer forgotten", by, {"customer": key, **done}))
        return done

    def retain(self) -> dict[str, int]:
        """Erase what the policy `privacy` keeps no longer: persons, our answers to them, and payloads as received.

        Answers stay where the seller's policy does not say how long: nothing is deleted by a line nobody has agreed to.
        """
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, POLICY, {})
            payload_days, store = days(policy, "payload_days"), self._customers(unit)
            persons = 0
            for platform in store.platforms():
                limit = now - timedelta(days=days(policy, "person_days", platform))
                persons += store.retire(platform, limit, now)
            vault, replies = self.parts.vault(), 0
            if _REPLIES in policy:
                limit = now - timedelta(days=days(policy, _REPLIES))
                replies = ReplyStore(unit.session, vault).drop_older(limit)
            payloads = Forgetting(unit.session, vault).drop_older(now - timedelta(days=payload_days))
        return {"persons": persons, "replies": replies, "payloads": payloads}

    def unmapped(self) -> Sequence[Unmapped]:
        """Words and fields of platforms that nobody here knows; the records that have them stand all the same."""
        platforms = {str(account.name): account.spec.name for account in self.parts.accounts.opened.values()}
        with self.parts.database.unit() as unit:
            return UnmappedStore(unit.session).all(platforms)

    def _customers(self, unit: Unit) -> CustomerStore:
        return CustomerStore(unit.session, self.parts.vault())


def days(policy: Mapping[str, Any], name: str, platform: str | None = None) -> int:
    """A line of the policy `privacy`, the platform's own or the usual one. Raises BadInput for what is no number."""
    found = policy.get(name)
    if platform is not None and isinstance(found, Mapping):
        found = found.get(platform, found.get("default"))
    if type(found) is not int or found < 1:
        raise BadInput(f"{POLICY}.{name}: a whole number of days", repr(found), f"correct the policy `{POLICY}`")
    return found


def check(policy: Mapping[str, Any]) -> None:
    """Raises BadInput naming the line."""
    days(policy, "payload_days")
    if _REPLIES in policy:
        days(policy, _REPLIES)
    persons = policy.get("person_days")
    for platform in ("default", *(persons if isinstance(persons, Mapping) else ())):
        days(policy, "person_days", platform)


def _masked(one: Customer) -> Customer:
    if one.buyer is None:
        return one
    hidden = {name: masked(getattr(one.buyer, name)) for name in ("id", *DETAILS)}
    return replace(one, buyer=Buyer(one.platform, hidden.pop("id") or "", **hidden))
