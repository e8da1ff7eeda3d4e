"""The App's surface over invented data: the faces' fake. It records every call that changes something.

`FakeApp()` is a busy shop, `FakeApp.empty()` a new one, `FakeApp.broken(error)` one whose every answer is `error`.
`install(app)` puts a stand-in for `ecom_agent.wiring` in place, so that faces are tested without the real one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import fake_data as data
from fake_door import FakeDoor
from fake_inbox import FakeInbox
from fake_people import FakePeople
from fake_rules import FakeRules
from fake_stock import FakeStock
from fake_sync import FakeSync

import ecom_agent
from ecom_agent.actions.model import Kind, Mode
from ecom_agent.automation import Automation
from ecom_agent.clock import Clock, SystemClock
from ecom_agent.errors import BadInput, IllegalTransition, NotFound
from ecom_agent.ids import AccountId
from ecom_agent.records.attributions import AttributionReport
from ecom_agent.records.backtests import BacktestReport
from ecom_agent.records.imports import FilePreview
from ecom_agent.records.policies import PolicyOffer
from ecom_agent.records.replays import ReplayReport
from ecom_agent.records.strategies import StrategyRecord, StrategyStanding
from ecom_agent.records.views import (
    ActionView,
    AuditEventView,
    AuditReport,
    BreakerView,
    HaltView,
    Health,
    LimitsView,
    ListingStory,
    ListingView,
    Overview,
    PullReport,
    QuarantineView,
    SilentPage,
    WarView,
)

REPRICING = Automation(
    "pricing.repricing", "Repricing", frozenset({Kind.PRICE_SET}), 10, lambda _run: (), {"undercut": "0.005"}
)


class FakeApp(FakeRules, FakeDoor, FakeInbox, FakeSync, FakePeople, FakeStock):
    mode = Mode.SANDBOX
    person = "operator"

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        now = self.clock.now()
        self.calls: list[tuple[Any, ...]] = []
        self._accounts: Sequence[tuple[str, str, tuple[str, ...]]] = data.ACCOUNTS
        self._streams: Sequence[tuple[str, str, int]] = data.STREAMS
        self._automations: Sequence[Automation] = (REPRICING,)
        self._actions = list(data.actions(now))
        self._events = data.audit(now, tuple(self._actions))
        self._listings = data.listings(now)
        self._limits = list(data.limits())
        self._halts: list[HaltView] = []
        self._overview = data.overview(now)
        self._quarantine = data.quarantine(now)
        self._silent = data.silent(now)
        self._policies: dict[str, tuple[int, str, dict[str, Any]]] = {
            "streams": (1, "shipped", {"default": 5, "streams": {"orders": 5}}),
            REPRICING.name: (0, "shipped", dict(REPRICING.policy)),
        }
        self._autonomy = {"pricing.repricing@amazon_us": "auto", "pricing.repricing@amazon_de": "suggest"}
        self._offers = data.policy_offers()
        self.chain = AuditReport(True, len(self._events), self._events[0].digest, None, None)
        self._some_rules()
        self._some_stock()
        self._some_sync()
        self._some_letters()
        self._some_people()

    @classmethod
    def empty(cls, clock: Clock | None = None) -> FakeApp:
        """A shop on its first minute: accounts, no facts yet."""
        app = cls(clock)
        app._actions, app._events, app._listings, app._limits = [], (), (), []
        app._overview = replace(app._overview, exceptions=(), tiles=(), sales_by_hour=())
        app._quarantine, app._autonomy, app._streams, app._offers = (), {}, (), ()
        app.chain = AuditReport(True, 0, None, None, None)
        app._no_rules()
        app._no_stock()
        app._no_sync()
        app._no_letters()
        app._no_people()
        return app

    @staticmethod
    def broken(error: Exception) -> BrokenApp:
        return BrokenApp(error)

    # what there is
    def accounts(self) -> Sequence[tuple[str, str, tuple[str, ...]]]:
        return self._accounts

    def streams(self) -> Sequence[tuple[str, str, int]]:
        return self._streams

    def automations(self) -> Sequence[Automation]:
        return self._automations

    # data's way
    def pull(self, account: str, stream: str) -> PullReport:
        self.calls.append(("pull", account, stream))
        if account not in {name for name, _, _ in self._accounts}:
            raise NotFound(f"no account {account!r}")
        return PullReport(account, stream, 2, 120, 18, 102, 0, "2026-11-21T10:00:00Z", 0.4)

    def pull_due(self, after: Callable[[PullReport], object]) -> dict[str, int]:
        self.calls.append(("pull_due",))
        for stream in ("orders", "stock"):
            after(PullReport("amazon_us", stream, 2, 120, 18, 102, 0, "2026-11-21T10:00:00Z", 0.4))
        return {"pulled": 2}

    def backfill_file(
        self,
        stream: str,
        path: Path,
        mapping: str,
        *,
        account: str | None = None,
        check: bool,
        progress: Callable[[str], None] | None = None,
        by: str | None = None,
    ) -> dict[str, Any]:
        self.calls.append(("backfill_file", stream, path, mapping, account, check))
        if mapping != "uci_online_retail":
            raise BadInput("a known mapping", repr(mapping), "use uci_online_retail")
        if progress:
            progress("10000 of 10000 lines")
        sums = {"orders": 4021, "lines": 10_000, "revenue": {"United Kingdom": {"GBP": "9001.20"}}}
        return {"file": sums, "store": sums, "equal": True} if check else {"written": 10_000, "unchanged": 0}

    def file_mappings(self) -> dict[str, Sequence[str]]:
        return {"orders": ["uci_online_retail"], "reviews": [], "messages": [], "costs": []}

    def preview_file(
        self,
        stream: str,
        path: Path,
        mapping: str,
        *,
        account: str | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> FilePreview:
        self.calls.append(("preview_file", stream, path, mapping, account))
        if progress:
            progress("3 orders looked at: 1 new, 0 changed")
        sample = ({"order_id": "536365", "total": "139.12 GBP", "country": None},)
        refused = (("777", "row 7: Quantity: wanted a number; found 'many'"),)
        return FilePreview(stream, AccountId(account or "uci"), 3, 1, 0, 1, 1, sample, refused, False)

    def consume(self, *, wait_s: int = 10, most: int = 10) -> dict[str, int]:
        return self._did("consume", received=0)

    def process_inbox(self) -> dict[str, int]:
        return self._did("process_inbox", processed=0)

    def propose(self, automation: str, account: str, marketplace: str, slot: datetime) -> dict[str, int]:
        if automation != REPRICING.name:
            raise NotFound(f"no automation {automation!r}")
        return self._did("propose", automation, account, marketplace, slot, proposed=3, approved=2, held=1, denied=0)

    def execute(self, limit: int = 100, *, without: Container[str] = ()) -> dict[str, int]:
        return self._did("execute", applied=2, failed=0)

    def verify(self) -> dict[str, int]:
        return self._did("verify", verified=2, drifted=0)

    def recover(self) -> dict[str, int]:
        return self._did("recover", recovered=0)

    def expire(self) -> dict[str, int]:
        return self._did("expire", expired=0)

    def watch(self) -> dict[str, int]:
        return self._did("watch", broken=0)

    # Actions
    def actions(self, *, state: str | None = None, sku: str | None = None, limit: int = 200) -> Sequence[ActionView]:
        wanted = [a for a in self._actions if state in (None, a.state) and sku in (None, a.target)]
        return wanted[:limit]

    def pending(self) -> Sequence[ActionView]:
        return self.actions(state="held")

    def approve(self, key: str, by: str, note: str = "") -> ActionView:
        return self._decide(key, "approved", ("approve", key, by, note))

    def deny(self, key: str, by: str, reason: str) -> ActionView:
        return self._decide(key, "denied", ("deny", key, by, reason))

    def undo(self, key: str, by: str) -> ActionView:
        self.calls.append(("undo", key, by))
        old = self._find(key)
        if not old.undoable or old.before is None:
            raise IllegalTransition(f"an Action that is {old.state} cannot be undone")
        return replace(old, key=data.key("undo"), before=old.after, after=old.before, state="approved", undoable=False)

    def explain(self, key: str) -> tuple[ActionView, Sequence[AuditEventView]]:
        action = self._find(key)
        return action, tuple(e for e in reversed(self._events) if e.action_key == action.key)

    def audit_events(self, *, limit: int = 200, before: int | None = None) -> Sequence[AuditEventView]:
        return [e for e in self._events if before is None or e.seq < before][:limit]

    def audit_verify(self) -> AuditReport:
        return self.chain

    # brakes
    def halt(self, scope: str, by: str, reason: str, level: str = "halted") -> HaltView:
        self.calls.append(("halt", scope, by, reason, level))
        halt = HaltView(scope, reason, by, self.clock.now() - timedelta(seconds=30), level)
        self._halts.append(halt)
        return halt

    def resume(self, scope: str, by: str) -> None:
        self.calls.append(("resume", scope, by))
        if scope not in {h.scope for h in self._halts}:
            raise NotFound(f"nothing is halted under {scope!r}")
        self._halts = [h for h in self._halts if h.scope != scope]

    def halts(self) -> Sequence[HaltView]:
        return tuple(self._halts)

    def trip(self) -> dict[str, int]:
        return self._did("trip", tripped=0)

    def breakers(self) -> Sequence[BreakerView]:
        return data.breakers(self.clock.now(), tuple(self._halts)) if self._streams else ()

    # what screens show
    def overview(self) -> Overview:
        return self._overview

    def pricing(self) -> Sequence[ListingView]:
        return self._listings

    def story(self, account: str, marketplace: str, sku: str) -> ListingStory:
        for listing in self._listings:
            if (listing.account, listing.marketplace, listing.sku) == (account, marketplace, sku):
                return ListingStory(listing, data.points(listing, self.clock.now()), tuple(self.actions(sku=sku)))
        raise NotFound(f"no listing {sku!r} on {account}/{marketplace}")

    def replay(
        self,
        account: str,
        since: datetime,
        until: datetime,
        *,
        sku: str | None = None,
        policy: Mapping[str, Any] | None = None,
        rules: str | None = None,
    ) -> ReplayReport:
        asked = policy is not None or rules is not None
        return data.replayed(account, since, until, differs=asked or sku == "ODD")

    def attribution(self, account: str, split: datetime, days: int) -> AttributionReport:
        return data.attributed(account, split, days, empty=not self._listings)

    def backtest(self, account: str, marketplace: str, days: int) -> BacktestReport:
        return data.backtested(account, marketplace, self.clock.now(), days, empty=not self._listings)

    def lab_standings(self, account: str, marketplace: str) -> Sequence[StrategyStanding]:
        return data.standings(self.clock.now()) if self._listings else ()

    def lab_pedigree(self, member: str) -> Sequence[tuple[int, StrategyRecord]]:
        found = [s.member for s in data.standings(self.clock.now())]
        if member not in {m.id for m in found}:
            raise NotFound(f"no strategy {member!r} was ever in the pool; `ecom lab list` names them")
        own = next(m for m in found if m.id == member)
        return [(0, own), *((1, m) for m in found if m.id in own.parents)]

    def lab_week(self, tell: Callable[[str], None] = lambda _line: None) -> Mapping[str, int]:
        return self._did("lab_week", strategies=7, tournaments=1, born=3, culled=1, live=1, recorded=2)

    def lab_look(self) -> Mapping[str, int]:
        return self._did("lab_look", live=1, recorded=2)

    def wars(self) -> Sequence[WarView]:
        return data.wars(self.clock.now()) if self._listings else ()

    def health(self) -> Health:
        whole = data.health(self.clock.now(), tuple(self._halts))
        return whole if self._streams else replace(whole, streams=(), quotas=(), processes=(), paused_accounts=())

    def silent(self) -> Sequence[SilentPage]:
        return self._silent

    def quarantine(self) -> Sequence[QuarantineView]:
        return self._quarantine

    def limits(self) -> Sequence[LimitsView]:
        return tuple(self._limits)

    def set_limits(self, rows: Sequence[LimitsView], by: str) -> int:
        for row in rows:
            if row.hard_min and row.ceiling and float(row.hard_min) > float(row.ceiling):
                raise BadInput(
                    f"a minimum below the ceiling for {row.sku} on {row.account}",
                    f"{row.hard_min} above {row.ceiling}",
                    "lower the minimum or raise the ceiling",
                )
        self.calls.append(("set_limits", tuple(rows), by))
        new = {(r.account, r.marketplace, r.sku): replace(r, version=r.version + 1) for r in rows}
        self._limits = [new.get((r.account, r.marketplace, r.sku), r) for r in self._limits]
        return len(rows)

    # business policy
    def policies(self) -> Sequence[tuple[str, int, str]]:
        return [(name, version, by) for name, (version, by, _) in self._policies.items()]

    def policy(self, name: str) -> Mapping[str, Any]:
        if name not in self._policies:
            raise NotFound(f"no policy {name!r}; there are: {', '.join(self._policies)}")
        return self._policies[name][2]

    def set_policy(self, name: str, body: Mapping[str, Any], by: str) -> int:
        self.policy(name)
        if "nonsense" in body:
            raise BadInput(f"under {name} only default", "nonsense", "correct that line of the policy")
        self.calls.append(("set_policy", name, dict(body), by))
        self._policies[name] = (self._policies[name][0] + 1, by, dict(body))
        return self._policies[name][0]

    def policy_offers(self) -> Sequence[PolicyOffer]:
        return self._offers

    def take_policy_offer(self, name: str, version: int, by: str) -> int:
        self.calls.append(("take_policy_offer", name, version, by))
        self._offers = tuple(one for one in self._offers if one.name != name)
        return version + 1

    def autonomy(self) -> Mapping[str, str]:
        return dict(self._autonomy)

    def set_autonomy(self, automation: str, account: str, level: str, by: str) -> None:
        self.calls.append(("set_autonomy", automation, account, level, by))
        self._autonomy[f"{automation}@{account}"] = level

    def _did(self, name: str, *args: Any, **counts: int) -> dict[str, int]:
        self.calls.append((name, *args))
        return counts

    def _find(self, key: str) -> ActionView:
        found = [a for a in self._actions if a.key.startswith(key)]
        if len(found) != 1:
            raise NotFound(f"no single Action starts with {key!r}: {len(found)} found")
        return found[0]

    def _decide(self, key: str, state: str, call: tuple[Any, ...]) -> ActionView:
        self.calls.append(call)
        old = self._find(key)
        if old.state != "held":
            raise IllegalTransition(f"an Action that is {old.state} cannot become {state}")
        new = replace(old, state=state, held_by=None)
        self._actions[self._actions.index(old)] = new
        return new


class BrokenApp:
    """Every question is answered with the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Any:
        raise self._error


def fake_wiring(app: Any) -> ModuleType:
    """A stand-in for `ecom_agent.wiring`: the same functions, recorded on `calls`."""
    module = ModuleType("ecom_agent.wiring")
    calls: list[tuple[Any, ...]] = []

    def run_demo_once(
        hours: float,
        seed: int,
        data_dir: Path | None,
        faults: str,
        progress: Callable[[str], None],
        platforms: Sequence[str],
    ) -> tuple[dict[str, Any], bool]:
        assert platforms == ("all",)
        calls.append(("run_demo_once", hours, seed, data_dir, faults))
        progress(f"{hours} of {hours} hours")
        return {"orders_synced": 120, "floor_violations": 0 if seed != 13 else 1, "audit_ok": True}, seed != 13

    def answering(name: str, answer: Any) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            calls.append((name, *args, kwargs) if kwargs else (name, *args))
            return answer

        return called

    vars(module).update(
        app=lambda: app,
        calls=calls,
        demo_platforms=lambda text: (text,),
        run_demo_once=run_demo_once,
        run_demo_live=answering("run_demo_live", 0),
        run_up=answering("run_up", 0),
        run_lane=answering("run_lane", 0),
        init_env=answering(
            "init_env",
            [("ECOM_DATABASE_URL", "ok", ""), ("ECOM_AMAZON_US__REFRESH_TOKEN", "missing", "paste the LWA token")],
        ),
        evaluate=answering(
            "evaluate",
            {
                "name": "ingest",
                "figures": {"rows_per_s_ratio": 0.71},
                "baselines": {"copy_rows_per_s": 91000},
                "data": "own",
                "seed": 7,
                "seconds": 2.5,
            },
        ),
    )
    return module


def install(app: Any) -> ModuleType:
    """Put the stand-in where the faces import it from, for this whole process."""
    module = fake_wiring(app)
    sys.modules["ecom_agent.wiring"] = module
    ecom_agent.wiring = module  # type: ignore[attr-defined]  # a module's submodule is its attribute
    return module
