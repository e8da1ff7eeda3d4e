"""App's verbs around business policy: what is in force, who wrote it, and a person's change of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from ecom_agent.actions import autonomy
from ecom_agent.actions.actors import is_person
from ecom_agent.actions.audit import AuditEvent
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.records.policies import PolicyOffer
from ecom_agent.store.policies import SHIPPED, PolicyStore, plain, shipped_policies
from ecom_agent.wiring import policy_checks, policy_offers
from ecom_agent.wiring.parts import Parts


class Governing:
    parts: Parts

    def policies(self) -> Sequence[tuple[str, int, str]]:
        """(name, version, by) of every policy; version 0 = nobody changed what the automation came with."""
        found = []
        with self.parts.database.unit() as unit:
            store = PolicyStore(unit.session)
            for name in self._shipped():
                by = store.by(name)
                found.append((name, 0, SHIPPED) if by is None else (name, store.current(name)[0], by))
        return found

    def policy(self, name: str) -> Mapping[str, Any]:
        """The policy in force, whole, as plain data. Raises NotFound naming those there are."""
        shipped = self._shipped_as(name)
        with self.parts.database.unit() as unit:
            try:
                _version, body = PolicyStore(unit.session).current(name)
            except NotFound:
                return shipped
        return {**shipped, **body} if self._is_automations(name) else body

    def set_policy(self, name: str, body: Mapping[str, Any], by: str) -> int:
        """Make `body` the policy in force and give its version; the same one again changes nothing.

        Only a person may. Of an automation's policy, what `body` leaves out is as it was shipped.
        Raises NotFound for a name that is none, BadInput naming the line that is wrong; then nothing is stored.
        """
        shipped = self._shipped_as(name)
        _only_persons(by, "policy")
        body = plain(name, body)
        self._check(name, body, shipped)
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            store = PolicyStore(unit.session)
            before, _body = self.parts.policy(unit, name, {})
            version = store.set(name, body, by, at=now)
            if version != before:
                book.audit.append(AuditEvent(now, None, "policy set", by, {"name": name, "version": version}))
        return version

    def policy_offers(self) -> Sequence[PolicyOffer]:
        """Policies that were seeded or edited with an older program, and what they lack of the shipped ones."""
        with self.parts.database.unit() as unit:
            return offered(unit.session)

    def policy_news(self) -> Sequence[str]:
        """What `policy_offers` has, a sentence each, for whoever starts the program."""
        return [
            f"policy {one.name}: {one.says}; `ecom policy offers` shows it, `ecom policy take {one.name}` takes it over"
            for one in self.policy_offers()
        ]

    def take_policy_offer(self, name: str, version: int, by: str) -> int:
        """Put in force what is offered for this policy, as a new version; gives it. The seller's own values stay.

        `version`: the one that the offer was shown for. Raises BadInput where it is another one by now, where the
        result is not fit (naming the line) or no person asks, and NotFound where nothing is offered.
        """
        shipped = plain(name, self._shipped_as(name))
        _only_persons(by, "policy")
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            store = PolicyStore(unit.session)
            store.lock(name)
            stands = None if self._is_automations(name) else _standing(store, name)
            found = None if stands is None else policy_offers.offer(name, stands, shipped)
            if stands is None or found is None:
                raise NotFound(f"nothing is offered for the policy {name}: it has every shipped line")
            if stands.version != version:
                raise BadInput(
                    f"{name} as it was looked at, version {version}", f"version {stands.version}", "look at it again"
                )
            body = policy_offers.taken_over(stands, shipped)
            self._check(name, body, shipped)
            taken = store.set(name, body, by, at=now)
            detail = {"name": name, "version": taken, "taken": [line.place for line in found.lines]}
            book.audit.append(AuditEvent(now, None, "policy set", by, detail))
        return taken

    def autonomy(self) -> Mapping[str, str]:
        """How far each automation may go alone: "automation@account" → level."""
        with self.parts.database.unit() as unit:
            _version, policy = self.parts.policy(unit, "autonomy", {})
        return {
            f"{automation.name}@{account.name}": autonomy.level_of(policy, automation.name, account.name, "")
            for automation in self.parts.automations
            for account in self.parts.accounts.opened.values()
        }

    def set_autonomy(self, automation: str, account: str, level: str, by: str) -> None:
        """Only a person widens or narrows what goes alone."""
        _only_persons(by, "autonomy")
        known = [a.name for a in self.parts.automations]
        if automation not in known:
            raise NotFound(f"no automation {automation!r}; there are: {', '.join(known)}")
        self.parts.accounts.get(account)
        now = self.parts.clock.now()
        with self.parts.database.unit() as unit, self.parts.ledger.within(unit) as book:
            _version, policy = self.parts.policy(unit, "autonomy", {})
            changed = autonomy.with_level(policy, automation, account, level)
            version = PolicyStore(unit.session).set("autonomy", changed, by, at=now)
            detail = {"automation": automation, "account": account, "level": level, "version": version}
            book.audit.append(AuditEvent(now, None, "autonomy set", by, detail))

    def _check(self, name: str, body: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
        accounts = self.parts.accounts
        platforms = {account.spec.name for account in accounts.opened.values()}
        shop = policy_checks.Shop({*accounts.opened, *accounts.broken}, self.parts.automations, platforms)
        policy_checks.check(name, body, shipped, shop)

    def _is_automations(self, name: str) -> bool:
        return any(automation.name == name for automation in self.parts.automations)

    def _shipped(self) -> Mapping[str, Mapping[str, Any]]:
        return {**shipped_policies(), **{a.name: plain(a.name, a.policy) for a in self.parts.automations if a.policy}}

    def _shipped_as(self, name: str) -> Mapping[str, Any]:
        shipped = self._shipped()
        if name not in shipped:
            raise NotFound(f"no policy {name!r}; there are: {', '.join(shipped)}")
        return shipped[name]


def offered(session: Session) -> list[PolicyOffer]:
    """What the policies in force lack of the shipped ones. An automation's has its default for every line."""
    store = PolicyStore(session)
    looked = [
        policy_offers.offer(name, stands, plain(name, shipped))
        for name, shipped in shipped_policies().items()
        if (stands := _standing(store, name)) is not None
    ]
    return [one for one in looked if one is not None]


def _standing(store: PolicyStore, name: str) -> policy_offers.Standing | None:
    by = store.by(name)
    if by is None:
        return None
    version, body = store.current(name)
    return policy_offers.Standing(version, by, body, by != SHIPPED, store.last_shipped(name))


def _only_persons(by: str, what: str) -> None:
    if not is_person(by):
        raise BadInput("the name of a person", repr(by), f"{what} is not set by software")
