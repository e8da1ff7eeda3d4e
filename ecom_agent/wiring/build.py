"""The composition root: one App out of settings and a clock. Only here are concrete things named together."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType

import ads
import inventory
import listings
import pricing
import pricing.repricing
import support
from ecom_agent import telemetry
from ecom_agent.actions import guards
from ecom_agent.actions.bulk import BulkExecutor
from ecom_agent.actions.execute import Executor
from ecom_agent.actions.model import HOUSE, Mode
from ecom_agent.actions.modes import bulk_writer_for, writer_for
from ecom_agent.actions.pipeline import Pipeline
from ecom_agent.actions.verify import Verifier
from ecom_agent.automation import Automation
from ecom_agent.clock import Clock, SystemClock
from ecom_agent.connector import Capability
from ecom_agent.ids import AccountId
from ecom_agent.runtime.lane import EventLane
from ecom_agent.security.vault import open_vault
from ecom_agent.settings import load
from ecom_agent.store.db import Database
from ecom_agent.store.desk import Desk
from ecom_agent.store.ledger import PgLedger
from ecom_agent.store.quotas import QuotaStore
from ecom_agent.wiring.accounts import Pauses, open_accounts
from ecom_agent.wiring.answering import Answering
from ecom_agent.wiring.attributing import Attributing
from ecom_agent.wiring.backtesting import Backtesting
from ecom_agent.wiring.binding import BindingListings
from ecom_agent.wiring.booking import Booking
from ecom_agent.wiring.braking import Braking
from ecom_agent.wiring.breeding import Breeding
from ecom_agent.wiring.catching_up import CatchingUp
from ecom_agent.wiring.chats import open_chats
from ecom_agent.wiring.database import database_url, seal_what_is_in_the_clear
from ecom_agent.wiring.deciding import Deciding, process_name
from ecom_agent.wiring.files import Importing
from ecom_agent.wiring.governing import Governing
from ecom_agent.wiring.hearing import Hearing
from ecom_agent.wiring.knowing import Knowing
from ecom_agent.wiring.parts import Parts
from ecom_agent.wiring.replaying import Replaying
from ecom_agent.wiring.rule_tables import RuleTables
from ecom_agent.wiring.showing import Showing
from ecom_agent.wiring.stocking import Stocking
from ecom_agent.wiring.syncing import Syncing
from ecom_agent.wiring.warring import Warring
from platforms._shared.throttle import Bucket, Quota

ROOMS: tuple[ModuleType, ...] = (pricing, ads, listings, inventory, support)


class App(
    Syncing,
    CatchingUp,
    Hearing,
    Stocking,
    Deciding,
    Answering,
    Braking,
    Governing,
    Importing,
    Knowing,
    BindingListings,
    Booking,
    RuleTables,
    Warring,
    Showing,
    Breeding,
    Replaying,
    Attributing,
    Backtesting,
):
    """What every face may ask for and do; each verb is one unit of work, or several that may be cut off between."""

    def __init__(self, parts: Parts, lanes: Mapping[AccountId, EventLane]) -> None:
        self.parts, self.lanes = parts, lanes

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def mode(self) -> Mode:
        return self.parts.mode

    @property
    def person(self) -> str:
        """Who decides where nobody says another name."""
        return self.parts.person

    def close(self) -> None:
        """Give back connections; the App is done."""
        for account in self.parts.accounts.opened.values():
            account.connector.close()
        self.parts.database.dispose()


def automations() -> Sequence[Automation]:
    """Every folder of a room that declares an AUTOMATION, by name."""
    found = []
    for room in ROOMS:
        for module in pkgutil.iter_modules(room.__path__):
            declared = getattr(importlib.import_module(f"{room.__name__}.{module.name}"), "AUTOMATION", None)
            if declared is not None:
                found.append(declared)
    return sorted(found, key=lambda a: a.name)


def build(values: Mapping[str, str], clock: Clock | None = None) -> App:
    """An App on these settings. Raises ConfigError, and StoreError where the database does not fit.

    Accounts that are set up wrong are left out and told by `ecom init` and the health screen.
    """
    settings = load(values)
    telemetry.set_up(settings.log_level, as_json=settings.log_json)
    clock = clock or SystemClock()
    platforms = settings.account_platforms()
    key = None if settings.data_key is None else settings.data_key.get_secret_value()
    vault = cache(lambda: open_vault(key, settings.data_dir))
    database = Database(database_url(settings, clock.now()), vault=vault)
    database.check()
    seal_what_is_in_the_clear(database)
    quota = Quota(clock, QuotaStore(database, Bucket))
    accounts = open_accounts(platforms, values, clock, quota)
    quoting = [name for name, account in accounts.opened.items() if account.can(Capability.READ_FEES)]
    ledger = PgLedger(database, quoting, {name: account.spec.name for name, account in accounts.opened.items()}, vault)
    brakes = guards.all_guards()
    pipeline = Pipeline(ledger, brakes, clock, settings.mode)
    desk = Desk(database, clock)
    readers = {HOUSE: desk, **{name: account.connector for name, account in accounts.opened.items()}}
    outlets = {name: account.outlet for name, account in accounts.opened.items()}
    door, bulk_door = writer_for(settings.mode, outlets, desk), bulk_writer_for(settings.mode, outlets)
    pauses = Pauses(database, clock)
    executor = Executor(ledger, brakes, clock, door, claimed_by=process_name(), on_auth_failed=pauses.pause)
    bulk = None
    if bulk_door is not None:
        bulk = BulkExecutor(ledger, brakes, clock, bulk_door, claimed_by=process_name(), on_auth_failed=pauses.pause)
    declared = automations()
    parts = Parts(
        mode=settings.mode,
        clock=clock,
        person=settings.person,
        data_dir=settings.data_dir,
        shared=settings.shared,
        database=database,
        accounts=accounts,
        chats=open_chats(settings),
        pauses=pauses,
        quota=quota,
        ledger=ledger,
        pipeline=pipeline,
        executor=executor,
        verifier=Verifier(ledger, clock, settings.mode, readers),
        automations=declared,
        vault=vault,
        bulk=bulk,
    )
    repricing = next(a for a in declared if a.name == pricing.repricing.AUTOMATION.name)
    lanes = {
        account.name: EventLane(
            account.name,
            account.spec.name,
            account.marketplaces,
            account.connector,
            database,
            ledger,
            pipeline,
            clock,
            settings.mode,
            lambda unit: parts.automation_policy(unit, repricing),
        )
        for account in accounts.opened.values()
        if account.can(Capability.READ_EVENTS)
    }
    return App(parts, lanes)
