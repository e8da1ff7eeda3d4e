"""Every platform there is: each folder beside this file, without a leading underscore, whose package has a SPEC."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

import platforms
from ecom_agent.clock import Clock
from ecom_agent.connector import ConnectorSpec
from ecom_agent.errors import ConfigError
from ecom_agent.ids import AccountId
from platforms._shared.throttle import Quota


@cache
def specs() -> Mapping[str, ConnectorSpec]:
    """All connectors by name. Cheap: no vendor's library is loaded."""
    packages = (
        importlib.import_module(f"platforms.{found.name}")
        for found in pkgutil.iter_modules(platforms.__path__)
        if found.ispkg and not found.name.startswith("_")
    )
    found = {package.SPEC.name: package.SPEC for package in packages if hasattr(package, "SPEC")}
    return MappingProxyType(found)


def spec(name: str) -> ConnectorSpec:
    """The card of one platform. Raises ConfigError naming those that are known."""
    try:
        return specs()[name]
    except KeyError:
        raise ConfigError(f"no platform is called {name!r}; known are: {', '.join(sorted(specs()))}") from None


def settings(name: str, account: AccountId, values: Mapping[str, str]) -> BaseModel:
    """Check an account's settings: `values` by field, in any case ("REFRESH_TOKEN" or "refresh_token").

    An empty text counts as not set. Raises ConfigError that names the environment variables, never their values.
    """
    model = _load(spec(name).settings)
    given = {field.lower(): value for field, value in values.items() if value != ""}
    try:
        checked: BaseModel = model(**given)
    except ValidationError as error:
        raise ConfigError(_complaint(account, error)) from None
    return checked


def open(
    name: str,
    account: AccountId,
    values: Mapping[str, str],
    clock: Clock,
    quota: Quota,
    *,
    transport: httpx.BaseTransport | None = None,
) -> Any:
    """A connector that is ready to be called; which Protocols it fulfils is told by its SPEC's capabilities.

    `transport` stands in for the network. Raises ConfigError for wrong settings.
    """
    card = spec(name)
    checked = settings(name, account, values)
    quota.seed(account, card.name, card.rates)
    return _load(card.build)(account, checked, clock, quota, transport=transport)


def _load(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _complaint(account: AccountId, error: ValidationError) -> str:
    missing, wrong, unknown = [], [], []
    for problem in error.errors(include_input=False, include_context=False, include_url=False):
        variable = f"ECOM_{account}__{'_'.join(str(part) for part in problem['loc'][:1])}".upper()
        if problem["type"] == "missing":
            missing.append(variable)
        elif problem["type"] == "extra_forbidden":
            unknown.append(variable)
        else:
            wrong.append(f"{variable} ({problem['msg']})")
    parts = [("missing", missing), ("wrong", wrong), ("not a setting", unknown)]
    said = "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names)
    return f"settings of account {account}: {said}; set them in .env or the environment"
