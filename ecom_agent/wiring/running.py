"""Whole runs: the headless demo, the live demo, the real thing, the event lane's process, and `ecom init`."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from ecom_agent.clock import FrozenClock, SystemClock
from ecom_agent.errors import BadInput, ConfigError, EcomError, StoreError
from ecom_agent.money import Money
from ecom_agent.records.views import LimitsView, ProcessHealth
from ecom_agent.runtime import demo, live, processes
from ecom_agent.runtime.beside import Beside, Keepers
from ecom_agent.runtime.market import MarketControl
from ecom_agent.runtime.ports import free_port
from ecom_agent.runtime.postgres import EmbeddedPostgres
from ecom_agent.runtime.supervisor import Service, Supervisor, Watched
from ecom_agent.settings import DEMO_ENV, Settings, environment, load
from ecom_agent.store.db import Database
from ecom_agent.telemetry import log
from ecom_agent.wiring.accounts import open_accounts
from ecom_agent.wiring.build import App, build
from ecom_agent.wiring.chats import open_chats
from ecom_agent.wiring.database import prepare_database
from platforms._shared.throttle import Quota
from platforms.simulated import accounts as simulated

Say = Callable[[str], None]
DEMO_PERSON = "demo seller"
_ALWAYS_OPEN = ("amazon", "shopify")
BULK_LOOK_S = 5.0
"""How often it is looked whether so many prices wait that they leave in bulk."""
DEMO_START = datetime(2026, 1, 5, 8, tzinfo=UTC)
_log = log(__name__)


def demo_platforms(text: str) -> tuple[str, ...]:
    """Names with commas, in the demo's own order; "all" = everywhere. Raises BadInput for one that is not there."""
    if text == "all":
        return simulated.PLATFORMS
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    if not wanted or not wanted <= set(simulated.WITH_ADS):
        known = ", ".join(simulated.WITH_ADS)
        raise BadInput(f"--platforms with some of {known}", repr(text), "correct it, or leave it out for all")
    return tuple(name for name in simulated.WITH_ADS if name in wanted)


def demo_values(
    market_url: str, database_url: str, data_dir: Path, platforms: Sequence[str] = ("amazon", "shopify")
) -> dict[str, str]:
    """The demo's whole environment: the market's accounts in sandbox mode, nothing of the operator's own."""
    return {
        **simulated.environment(market_url, platforms),
        "ECOM_MODE": "sandbox",
        "ECOM_DATABASE_URL": database_url,
        "ECOM_DATA_DIR": str(data_dir),
        "ECOM_PERSON": DEMO_PERSON,
        "ECOM_LOG_LEVEL": "WARNING",
    }


def prepare_demo(app: App, market: MarketControl) -> None:
    """What the demo's seller would set up by hand, once: limits for every listing, and repricing that goes alone."""
    for account, stream, _every in app.streams():
        _attempt(partial(app.pull, account, stream))
    if not any(row.hard_min for row in app.limits()):
        for account, _platform, _marketplaces in app.accounts():
            for automation in app.automations():
                app.set_autonomy(automation.name, account, "auto", by=DEMO_PERSON)
        app.set_limits(_demo_limits(app, market), by=DEMO_PERSON)
    for lane in app.lanes.values():
        lane.subscribe()


def _demo_limits(app: App, market: MarketControl) -> list[LimitsView]:
    """The market tells what each product cost and what its maker would have the seller ask at least and at most."""
    truth = market.truth()
    channels = {platform: simulated.channel_of(platform) for platform in simulated.WITH_ADS}
    place_of = {
        channels[platform]: (account, marketplaces[0])
        for account, platform, marketplaces in app.accounts()
        if marketplaces
    }

    def told(minor: int) -> str:
        return str(Money(minor, truth["currency"]).major)

    return [
        LimitsView(
            account=place_of[row["channel"]][0],
            marketplace=place_of[row["channel"]][1],
            sku=row["sku"],
            currency=truth["currency"],
            hard_min=told(row["hard_min_minor"]),
            ceiling=told(row["ceiling_minor"]),
            map_price=None,
            unit_cost=told(row["unit_cost_minor"]),
            min_margin=None,
            version=0,
        )
        for row in truth["listings"]
        if row["channel"] in place_of
    ]


def run_demo_once(
    hours: float,
    seed: int,
    data_dir: Path | None,
    faults: str,
    progress: Say,
    platforms: Sequence[str] = simulated.PLATFORMS,
) -> tuple[dict[str, Any], bool]:
    """The main job over simulated hours, as fast as this machine can. Gives the report and whether it may pass."""
    if not 0 < hours <= 24 * 31:
        raise ConfigError(f"--hours: wanted more than 0 and at most {24 * 31}; found {hours}")
    began = time.monotonic()
    lasting = data_dir is not None
    with (
        _folder(data_dir) as folder,
        _headless(folder, seed, DEMO_START, faults, progress, platforms, durable=lasting) as (app, market, clock),
    ):
        demo.Drive(app, market, clock, progress).run(DEMO_START + timedelta(hours=hours))
        return demo.report(app, market, began)


def run_demo_live(
    data_dir: Path,
    seed: int,
    faults: str,
    history_hours: float,
    say: Say,
    platforms: Sequence[str] = simulated.PLATFORMS,
) -> int:
    """Everything at once, against the simulated market in real time, until Ctrl-C. Its data stays in `data_dir`.

    The first start lives through `history_hours` as fast as it can, so that there is something to see.
    """
    data_dir = data_dir.resolve()
    with live.only_one(data_dir):
        if not (data_dir / "market").exists():
            history = timedelta(hours=history_hours)
            start = (datetime.now(UTC) - history).replace(second=0, microsecond=0)
            say(f"first start: living through the last {history_hours:g} hours (six take about a minute)")
            making = data_dir / "market.making"
            with _headless(data_dir, seed, start, faults, say, platforms, market_dir=making) as (app, market, clock):
                demo.Drive(app, market, clock, say).live(start + history)
            making.rename(data_dir / "market")
        port = free_port(8700)
        postgres = EmbeddedPostgres(data_dir / "postgres")
        postgres.start()
        prepare_database(postgres.url, datetime.now(UTC), follow=True)
        values = demo_values(f"http://127.0.0.1:{port}", postgres.url, data_dir, platforms)
        env = {**os.environ, **values}
        market_process = processes.market(
            port, data_dir / "market", env, "--seed", str(seed), "--pace", "real", "--faults", faults
        )
        with _told_to_others(values):
            return _supervise(postgres, [market_process], env, load(values), say)


def run_up(env_file: Path | None, say: Say) -> int:
    """The same processes against a real configuration, until Ctrl-C."""
    values = environment(env_file)
    settings = load(values)
    wrong = [f"{name}: {fix}" for name, status, fix in check_settings(values) if status != "ok"]
    if wrong:
        raise ConfigError("; ".join(wrong) + "; `ecom init --check` shows all settings")
    data_dir = settings.data_dir.resolve()
    with live.only_one(data_dir):
        postgres = None if settings.database_url else EmbeddedPostgres(data_dir / "postgres").start()
        url = settings.database_url or (postgres.url if postgres else "")
        prepare_database(url, datetime.now(UTC))
        env = {**values, "ECOM_DATABASE_URL": url, "ECOM_DATA_DIR": str(data_dir)}
        return _supervise(postgres, [], env, settings, say)


def run_lane() -> int:
    """The event lane's process: receive, decide, send, read back, until SIGTERM.

    Each account with events has stages of its own that overlap; accounts without are sent for here.
    """
    app = build(environment())
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    app.recover()
    flows, beside = app.flows(stopping), Beside(_keepers)
    for flow in flows:
        flow.lane.keeper = beside.keeper(flow.lane.account)
        _attempt(flow.lane.subscribe)
    if flows:
        beside.start()
    threads = [threading.Thread(target=flow.run, name=f"lane-{flow.lane.account}") for flow in flows]
    for thread in (*threads, *_bulk_senders(app, stopping)):
        thread.start()
    next_look = app.clock.now()
    while not stopping.wait(2):
        _attempt(lambda: app.execute(100, without=app.lanes))
        if app.clock.now() >= next_look:
            _attempt(app.verify)
            if (_attempt(app.process_inbox) or {}).get("written"):
                _attempt(lambda: app.reallocate(app.clock.now()))
            next_look = app.clock.now() + timedelta(seconds=10)
        if not all(thread.is_alive() for thread in threads):
            stopping.set()  # a stage died of a bug: the supervisor starts the process anew
    for thread in threads:
        thread.join()
    beside.close()
    app.close()
    return 0


def _bulk_senders(app: App, stopping: threading.Event) -> Sequence[threading.Thread]:
    """One for each account that takes very many prices in one call, since such a call waits for minutes.

    Nobody waits for one at the end: what it has in hand is read back by the next process.
    """

    def run(account: str) -> None:
        while not stopping.wait(BULK_LOOK_S):
            _attempt(lambda: app.execute_bulk(account))

    return [threading.Thread(target=run, args=(name,), name=f"bulk-{name}", daemon=True) for name in app.bulk_accounts]


def _keepers() -> Keepers:
    """Those of this process's own App, for the event lane's process."""
    return {account: lane.keeper for account, lane in build(environment()).lanes.items()}


def init_env(path: Path, check: bool) -> list[tuple[str, str, str]]:
    """Write a commented settings file unless there is one, then say of each setting: ok, missing or wrong, and the fix.

    `check` only checks. Raises ConfigError where nothing is there to check, or the file cannot be written.
    """
    if not path.exists():
        if check:
            raise ConfigError(f"wanted a settings file at {path}; found none; run `ecom init` to write one")
        template = (processes.CHECKOUT / ".env.example").read_text(encoding="utf-8")
        try:
            path.touch(mode=0o600)
            path.write_text(template, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror}; choose another place with --file") from None
    return check_settings(environment(path))


def check_settings(values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(setting, ok | missing | wrong, what to do) for all that can be told without calling a platform."""
    found: list[tuple[str, str, str]] = []
    try:
        settings = load(values)
        accounts = settings.account_platforms()
    except ConfigError as error:
        return [("settings", "wrong", str(error))]
    found.append(("ECOM_MODE", "ok", f"{settings.mode}"))
    if not accounts:
        found.append(("ECOM_ACCOUNTS", "missing", "name at least one account, such as amazon_us:amazon"))
    opened = open_accounts(accounts, values, SystemClock(), Quota(SystemClock()))  # calls nobody
    found += [(f"account {name}", "ok", account.spec.title) for name, account in opened.opened.items()]
    found += [(f"account {name}", "wrong", why) for name, why in opened.broken.items()]
    chats = open_chats(settings)
    found += [(f"chat {name}", "ok", f"may call us at /chat/{name}") for name in chats.doors]
    found += [(f"chat {name}", "wrong", why) for name, why in chats.broken.items()]
    if settings.database_url is None:
        found.append(("ECOM_DATABASE_URL", "ok", "empty: the embedded database is used"))
    else:
        found.append(_check_database(settings))
    return found


def _check_database(settings: Settings) -> tuple[str, str, str]:
    try:
        database = Database(settings.database_url or "")
        database.migrate()
        database.dispose()
    except (StoreError, ConfigError) as error:
        return ("ECOM_DATABASE_URL", "wrong", str(error))
    return ("ECOM_DATABASE_URL", "ok", database.address)


@contextlib.contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        data_dir.mkdir(parents=True, exist_ok=True)
        yield data_dir.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="ecom-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _headless(
    folder: Path,
    seed: int,
    start: datetime,
    faults: str,
    say: Say,
    platforms: Sequence[str],
    *,
    market_dir: Path | None = None,
    durable: bool = True,
) -> Iterator[tuple[App, MarketControl, FrozenClock]]:
    """Database and market for a run in lockstep, stopped at its end; both go on where a former run stopped.

    `durable` False: the folder is thrown away afterwards, so nothing waits for the disk.
    """
    port = free_port(8700)
    postgres = EmbeddedPostgres(folder / "postgres", durable=durable)
    options = ("--seed", str(seed), "--start", start.isoformat(), "--pace", "lockstep", "--faults", faults)
    market = processes.market(port, market_dir or folder / "market", os.environ, *options)
    keeper = Supervisor([processes.PostgresService(postgres), market], report=lambda _watched: None, poll_s=0.05)
    try:
        keeper.start(say)
        prepare_database(postgres.url, start, follow=True)
        control = MarketControl(f"http://127.0.0.1:{port}")
        control.open_channels([simulated.channel_of(one) for one in platforms if one not in _ALWAYS_OPEN])
        clock = FrozenClock(control.now(), on_move=control.advance)
        app = build(demo_values(control.url, postgres.url, folder, platforms), clock)
        try:
            prepare_demo(app, control)
            yield app, control, clock
        finally:
            app.close()
    finally:
        keeper.stop(say)


def _supervise(
    postgres: EmbeddedPostgres | None, before: list[Service], env: Mapping[str, str], settings: Settings, say: Say
) -> int:
    """Start everything, print where it is, keep it alive."""
    at = processes.Addresses(
        settings.host,
        free_port(settings.console_port, settings.host),
        free_port(settings.api_port, settings.host),
        free_port(settings.prefect_port, settings.host, rested=True),
    )
    data_dir = Path(env["ECOM_DATA_DIR"])
    processes.fresh_counters(data_dir)
    (data_dir / processes.TEMPORARY).mkdir(exist_ok=True)
    services = [*before, *processes.faces(at, env, data_dir)]
    if postgres is not None:
        services.insert(0, processes.PostgresService(postgres))
    app = build(env)
    for line in app.policy_news():
        say(line)

    def report(watched: Watched) -> None:
        service = watched.service
        app.report_process(
            ProcessHealth(service.name, service.pid, watched.state, watched.restarts, watched.last_exit, watched.since)
        )

    banner = {"console": at.console, "prefect": at.prefect, "api": f"{at.api}/health", "mode": settings.mode}
    return live.run(services, report, say, banner)


@contextlib.contextmanager
def _told_to_others(values: Mapping[str, str]) -> Iterator[None]:
    """Leave the demo's settings where a second terminal's `ecom` finds them, while the demo runs."""
    DEMO_ENV.parent.mkdir(parents=True, exist_ok=True)
    fresh = DEMO_ENV.with_name(f"env.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f'{name}="{value}"\n' for name, value in values.items()), encoding="utf-8")
    fresh.replace(DEMO_ENV)
    try:
        yield
    finally:
        DEMO_ENV.unlink(missing_ok=True)


def _attempt(verb: Callable[[], Any]) -> Any:
    """One step of the lane: what the outside refuses is logged, and the lane goes on. None = it was refused."""
    try:
        return verb()
    except EcomError as error:
        _log.warning("the lane goes on after an error", error=str(error))
        return None
