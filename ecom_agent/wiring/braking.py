"""App's verbs around brakes: halt, resume, and how close each account is to being stopped by itself."""

from __future__ import annotations

from collections.abc import Sequence

from ecom_agent.actions.audit import AuditEvent
from ecom_agent.actions.breakers import Reading, readings
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.halts import Halt, HaltLevel, account_scope, checked, level_named
from ecom_agent.actions.tripping import check
from ecom_agent.errors import BadInput, NotFound
from ecom_agent.ids import AccountId
from ecom_agent.records.views import BreakerLine, BreakerView, HaltView
from ecom_agent.store.breakers import BreakerStore
from ecom_agent.store.halts import HaltStore
from ecom_agent.wiring.parts import Parts

ACTIVE = "active"


class Braking:
    parts: Parts

    def halt(self, scope: str, by: str, reason: str, level: str = "halted") -> HaltView:
        """Stop everything within `scope`, or with `level` "reducing" all but raises.

        A halt that stands stays as it is, unless this one is tighter: to loosen one, resume it first.
        """
        if not reason.strip():
            raise BadInput("a reason", "none", "say why: whoever resumes will want to know")
        now = self.parts.clock.now()
        wanted = Halt(checked(scope), reason.strip(), by, now, level_named(level))
        with self.parts.ledger.unit() as book:
            halt = book.halts.open(wanted)
            detail = {"scope": halt.scope, "reason": wanted.reason, "level": wanted.level}
            book.audit.append(AuditEvent(now, None, "halted", by, detail))
        return _shown(halt)

    def resume(self, scope: str, by: str) -> None:
        """Lift a halt: only a person may. Raises NotFound where none stands."""
        now = self.parts.clock.now()
        with self.parts.ledger.unit() as book:
            if book.halts.lift(scope, by, now) is None:
                raise NotFound(f"no halt {scope!r} is in force; `ecom halt --list` shows them")
            book.audit.append(AuditEvent(now, None, "resumed", by, {"scope": scope}))

    def halts(self) -> Sequence[HaltView]:
        with self.parts.database.unit() as unit:
            return [_shown(halt) for halt in HaltStore(unit.session).active()]

    def trip(self) -> dict[str, int]:
        """Look at every account's breakers, counting anew; gives how many tripped just now."""
        now, tripped = self.parts.clock.now(), 0
        for account in self.parts.accounts.opened:
            with self.parts.ledger.unit() as book:
                tripped += len(check(book, account, self.parts.mode, now))
        return {"tripped": tripped}

    def breakers(self) -> Sequence[BreakerView]:
        """Every account's state, with each breaker's count against its limit, as counted within `recount_s`."""
        with self.parts.database.unit() as unit:
            halts = {halt.scope: halt for halt in HaltStore(unit.session).active()}
            store = BreakerStore(unit.session)
            return [self._breaker(store, halts, account) for account in self.parts.accounts.opened]

    def _breaker(self, store: BreakerStore, halts: dict[str, Halt], account: AccountId) -> BreakerView:
        now = self.parts.clock.now()
        standing = [halts[scope] for scope in ("all", account_scope(account)) if scope in halts]
        tightest = max(standing, key=lambda halt: halt.level is HaltLevel.HALTED, default=None)
        try:
            policy = store.policy()
            counts = store.recent(account, self.parts.mode, now, policy)
            lines, gap = tuple(_line(reading) for reading in readings(counts, policy)), None
        except PolicyGap as missing:
            lines, gap = (), str(missing)
        if tightest is None:
            return BreakerView(account, ACTIVE, None, None, None, lines, gap)
        return BreakerView(account, tightest.level, tightest.since, tightest.by, tightest.reason, lines, gap)


def _shown(halt: Halt) -> HaltView:
    return HaltView(halt.scope, halt.reason, halt.by, halt.since, halt.level.value)


def _line(reading: Reading) -> BreakerLine:
    return BreakerLine(
        reading.breaker, reading.value, float(reading.limit), reading.over, reading.level.value, reading.says
    )
