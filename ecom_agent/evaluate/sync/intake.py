"""The API as a process of its own, to which the market's couriers bring webhooks; it is killed now and then."""

from __future__ import annotations

import base64
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ecom_agent.connector import Capability
from ecom_agent.errors import StoreError
from ecom_agent.evaluate.sync.life import DATA_KEY, Life, Place
from ecom_agent.runtime import processes
from ecom_agent.runtime.ports import free_port
from ecom_agent.runtime.supervisor import Process
from platforms import registry
from platforms.amazon import subscriptions
from platforms.amazon.parse.notifications import ORDER_CHANGE
from platforms.simulated.accounts import SimulatedAccount

_PORT: Final = 8890
_PATIENCE_S: Final = 120.0
_LOOK_EVERY_S: Final = 0.1


@dataclass
class Intake:
    """The running API."""

    place: Place
    process: Process
    killed: int = 0

    def kill(self) -> None:
        """By kill -9, whatever it is doing; the next one comes up meanwhile, and finds what was kept."""
        if (pid := self.process.pid) is not None:
            os.kill(pid, signal.SIGKILL)
            self.process.stop()
            self.killed += 1
        self.process.start()

    def wait_ready(self) -> None:
        """Raises StoreError where it does not come up."""
        deadline = time.monotonic() + _PATIENCE_S
        while not self.process.ready():
            if not self.process.alive() or time.monotonic() > deadline:
                raise StoreError(f"the API does not start: {self.process.last_words()}")
            time.sleep(_LOOK_EVERY_S)

    def wait_quiet(self) -> None:
        """Until all webhooks that are on their way now have come, or were given up."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.place.market.state()["webhooks_due"] and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)


@contextmanager
def intake(place: Place, folder: Path) -> Iterator[Intake]:
    """The API is up, and everybody who sends events sends them. To be entered while there are no faults."""
    port = free_port(_PORT)
    at = f"http://127.0.0.1:{port}"
    addresses = {one.name: f"{at}/webhooks/{one.platform}/{one.name}" for one in place.accounts if _is_told(one)}
    env = {
        **os.environ,
        **_settings(place, addresses),
        "ECOM_DATABASE_URL": place.database_url,
        "ECOM_DATA_DIR": str(folder),
        "ECOM_DATA_KEY": base64.b64encode(DATA_KEY).decode(),
        "OMP_NUM_THREADS": "1",
    }
    process = processes.lockstep_api(port, place.market.url, env, folder / "logs" / "api.log")
    process.start()
    try:
        made = Intake(place, process)
        made.wait_ready()
        _subscribe(place, addresses)
        yield made
    finally:
        process.stop()


def _settings(place: Place, addresses: dict[str, str]) -> dict[str, str]:
    """ECOM_… variables of all accounts. Walmart signs over the address, so its account must know that."""
    told = {"ECOM_ACCOUNTS": ",".join(f"{one.name}:{one.platform}" for one in place.accounts)}
    for one in place.accounts:
        values = {**one.values, **({"WEBHOOK_URL": addresses[one.name]} if one.platform == "walmart" else {})}
        told |= {f"ECOM_{one.name.upper()}__{name}": value for name, value in values.items()}
    return told


def _is_told(account: SimulatedAccount) -> bool:
    return Capability.VERIFY_WEBHOOK in registry.spec(account.platform).capabilities


def _subscribe(place: Place, addresses: dict[str, str]) -> None:
    """Amazon tells of orders only here: what its offers do is no row that is compared."""
    life = Life(place)
    for account in place.accounts:
        if account.name in addresses:
            place.market.listen(account.seller, account.channel, addresses[account.name])
        elif Capability.READ_EVENTS in registry.spec(account.platform).capabilities:
            subscriptions.subscribe(life.connector(account).client, (ORDER_CHANGE,))
    life.end()
