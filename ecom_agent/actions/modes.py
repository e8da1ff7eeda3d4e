"""Dry-run, sandbox, live: which door a process gets, decided once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ecom_agent.actions.door import BulkWriter, Preview, Writer
from ecom_agent.actions.model import HOUSE, Mode
from ecom_agent.connector import ConnectorSpec
from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Outlet:
    """One account's connector with the base URLs of what it may write to (where tokens come from is no such place)."""

    connector: object
    spec: ConnectorSpec
    base_urls: tuple[str, ...]


def writer_for(mode: Mode, outlets: Mapping[AccountId, Outlet], desk: object = None) -> Writer | Preview:
    """The door for a mode: in a dry run there is none that writes. `desk` takes what concerns only ourselves.

    Raises ConfigError where a sandbox would reach a vendor's live host, or a host cannot be read.
    """
    connectors = {account: outlet.connector for account, outlet in outlets.items()}
    if desk is not None:
        connectors[HOUSE] = desk
    if mode is Mode.DRY_RUN:
        return Preview(connectors)
    if mode is Mode.SANDBOX:
        for account, outlet in outlets.items():
            _stay_off_live(account, outlet)
    return Writer(mode, connectors)


def bulk_writer_for(mode: Mode, outlets: Mapping[AccountId, Outlet]) -> BulkWriter | None:
    """The door for very many prices at once; None in a dry run. Raises ConfigError as `writer_for` does."""
    if mode is Mode.DRY_RUN:
        return None
    if mode is Mode.SANDBOX:
        for account, outlet in outlets.items():
            _stay_off_live(account, outlet)
    return BulkWriter(mode, {account: outlet.connector for account, outlet in outlets.items()})


def is_live(url: str, live_hosts: tuple[str, ...]) -> bool:
    """Whether `url` is at one of these hosts. Raises ConfigError for a URL without a host.

    "*" stands for every host but this machine: a mail server may be anywhere.
    A whole domain ("myshopify.com") stands for every host below it; a longer name only for itself, so that
    "sandbox.api.vendor.com" may be the sandbox of "api.vendor.com".
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if not host:
        raise ConfigError(f"wanted a base URL such as https://host; found {url!r}")
    if "*" in live_hosts:
        return host not in _HERE
    names = [live.rstrip(".").lower() for live in live_hosts]
    return any(host == name or (name.count(".") == 1 and host.endswith(f".{name}")) for name in names)


def _stay_off_live(account: AccountId, outlet: Outlet) -> None:
    if not outlet.base_urls:
        raise ConfigError(f"account {account}: sandbox mode needs its base URLs, to know that they are not live")
    for url in outlet.base_urls:
        if is_live(url, outlet.spec.live_hosts):  # its login hosts serve the vendor's sandbox too
            raise ConfigError(
                f"account {account}: {url} is {outlet.spec.title}'s live host, and the mode is sandbox;"
                " set a sandbox base URL, or mode live"
            )
