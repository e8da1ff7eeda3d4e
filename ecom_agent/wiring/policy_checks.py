"""Is a policy fit to be stored? What is wrong with one is told to its writer, not to the first run that needs it. Pure.

A policy is checked as it will be read: by the reader's own code where there is one, else against the shipped one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from ecom_agent.actions import breakers
from ecom_agent.actions.autonomy import EVERYWHERE, Level
from ecom_agent.actions.counts import Counts
from ecom_agent.actions.gate import PolicyGap
from ecom_agent.actions.guards import quiet_hours
from ecom_agent.automation import Automation
from ecom_agent.economics.allocation_policy import AllocationPolicy
from ecom_agent.economics.sheets import read_fees, read_rates
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.ingest.streams import STREAMS, every_minutes, look_back_days, look_back_hour, silent_after
from ecom_agent.money import EXPONENTS
from ecom_agent.wiring import booking, knowing
from ecom_agent.wiring.policy_offers import OPTIONAL

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
_BY_CURRENCY: Final = "four_eyes_price_change"


class Shop(NamedTuple):
    """What a policy may name: accounts (opened or not), automations, and platforms that are opened."""

    accounts: Collection[str]
    automations: Sequence[Automation]
    platforms: Collection[str]


def check(name: str, body: Mapping[str, Any], shipped: Mapping[str, Any], shop: Shop) -> None:
    """Raises BadInput naming the line that is wrong."""
    match name:
        case "streams":
            check_streams(body, shop.accounts)
        case "autonomy":
            check_autonomy(body, shipped, [a.name for a in shop.automations], shop.accounts)
        case "guards":
            check_guards(body, shipped)
        case "books":
            booking.check(body)
        case "privacy":
            knowing.check(body)
        case "allocation":
            AllocationPolicy.read(body)
        case "fx":
            read_rates(body)
        case "fees":
            read_fees(body)
        case "breakers":
            check_breakers(body, shipped)
        case "sending":
            check_sending(body, shipped, shop.platforms)
        case _:
            for automation in shop.automations:
                if automation.name == name:
                    check_automation(automation, body)


def check_streams(body: Mapping[str, Any], accounts: Iterable[str]) -> None:
    """Every interval of every account, and of those still to come. Raises BadInput naming the line."""
    known = {"default", "streams", "accounts", "silent_after_h", "look_back_days", "look_back_at_h"}
    _only(body, known, "streams")
    silent_after(body)
    look_back_hour(body)
    _only(_section(body, "look_back_days", "streams"), set(STREAMS), "streams.look_back_days")
    for stream in STREAMS:
        look_back_days(body, stream)
    by_account = _section(body, "accounts", "streams")
    _only(by_account, set(accounts), "streams.accounts")
    _only(_section(body, "streams", "streams"), set(STREAMS), "streams.streams")
    for account in by_account:
        _only(_section(by_account, account, "streams.accounts"), set(STREAMS), f"streams.accounts.{account}")
    for account in (*by_account, "any other account"):
        for stream in STREAMS:
            every_minutes(body, AccountId(account), stream)
    every_minutes({"default": body.get("default", 0)}, AccountId("any other account"), "without a line of its own")


def check_autonomy(
    body: Mapping[str, Any], shipped: Mapping[str, Any], automations: Iterable[str], accounts: Iterable[str]
) -> None:
    """Every level, of automations and accounts that there are. Raises BadInput naming the line."""
    _only(body, set(shipped), "autonomy")
    _level(body.get("default", Level.SUGGEST), "autonomy.default")
    levels, known = _section(body, "levels", "autonomy"), {EVERYWHERE, *accounts}
    _only(levels, set(automations), "autonomy.levels")
    for automation in levels:
        where = f"autonomy.levels.{automation}"
        for place, level in _section(levels, automation, "autonomy.levels").items():
            _only({str(place).partition("/")[0]: None}, known, where)
            _level(level, f"{where}.{place}")
    supervised = _section(body, "supervised", "autonomy")
    check_like(supervised, shipped.get("supervised", {}), "autonomy.supervised")


def check_guards(body: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
    """The shipped lines, all of them, each with a value of its kind. Raises BadInput naming the line."""
    check_like(body, shipped, "guards", whole=True)
    try:
        quiet_hours.why_quiet(body["quiet_hours"], _ANY_TIME)
    except PolicyGap as gap:
        raise BadInput("windows and blackouts that can be read", str(gap), "see the shipped policy `guards`") from None


def check_breakers(body: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
    """As the breakers will read it, with no line that they do not know. Raises BadInput naming the line."""
    check_like(body, shipped, "breakers", whole=True)
    try:
        breakers.readings(Counts(), body)
    except PolicyGap as gap:
        raise BadInput("limits that can be read", str(gap), "see the shipped policy `breakers`") from None


def check_sending(body: Mapping[str, Any], shipped: Mapping[str, Any], platforms: Iterable[str]) -> None:
    """The shipped lines, all of them but what only switches something on; budgets of platforms that there are.

    Raises BadInput naming the line.
    """
    shipped = {name: line for name, line in shipped.items() if name in body or f"sending.{name}" not in OPTIONAL}
    budget = shipped["write_budget"]
    named = _section(_section(body, "write_budget", "sending"), "platforms", "sending.write_budget")
    _only(named, {*budget["platforms"], *platforms}, "sending.write_budget.platforms")
    loose = {**shipped, "write_budget": {**budget, "platforms": dict.fromkeys(named, 1)}}
    check_like(body, loose, "sending", whole=True)


def check_automation(automation: Automation, body: Mapping[str, Any]) -> None:
    """By the automation's own reader, over its defaults. Raises BadInput naming the line."""
    for name, value in automation.policy.items():
        if isinstance(value, Mapping):
            _section(body, name, automation.name)
    if automation.check is None:
        check_like(body, automation.policy, automation.name)
    else:
        automation.check({**automation.policy, **body})


def check_like(body: Mapping[str, Any], shipped: Mapping[str, Any], where: str, *, whole: bool = False) -> None:
    """The lines of `body` against those of `shipped`; `whole` = none may be missing. Raises BadInput naming the line.

    What is empty there may hold anything of its kind, and what is nothing there anything at all.
    """
    if where.endswith(_BY_CURRENCY):
        shipped = dict.fromkeys((*EXPONENTS, *shipped), "0")  # a currency left out is dealt with by two persons
    else:
        missing = [name for name in shipped if name not in body] if whole else []
        if missing:
            raise BadInput(f"{where}.{missing[0]}", "no such line", "keep it: a missing line would deny everything")
    if shipped:
        _only(body, set(shipped), where)
    for name, value in body.items():
        if name in shipped:
            _alike(value, shipped[name], f"{where}.{name}", whole=whole)


def _alike(value: Any, shipped: Any, where: str, *, whole: bool) -> None:
    if isinstance(shipped, Mapping):
        check_like(_mapping(value, where), shipped, where, whole=whole)
    elif isinstance(shipped, bool):
        _want(isinstance(value, bool), "true or false", value, where)
    elif isinstance(shipped, int):
        # a whole number where ours is one; below zero only where ours is
        _want(type(value) is int and (value >= 0 or shipped < 0), "a whole number", value, where)
    elif _number(shipped) is not None:
        number = _number(value)
        _want(number is not None and number >= 0, 'a number such as "0.10"', value, where)
        _want(not where.endswith("_share") or number <= 1, "a share between 0 and 1", value, where)  # type: ignore[operator]  # the line above
    elif isinstance(shipped, str):
        _want(isinstance(value, str), "a text", value, where)
    elif isinstance(shipped, Sequence):
        _want(isinstance(value, list), "a list", value, where)
        for at, entry in enumerate(value if shipped else ()):
            _alike(entry, shipped[0], f"{where}[{at}]", whole=whole)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _level(value: Any, where: str) -> None:
    wanted = f"one of {', '.join(Level)}" + ('; YAML reads a bare off as false: write "off"' if value is False else "")
    _want(isinstance(value, str) and value in tuple(Level), wanted, value, where)


def _section(body: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = body.get(name)
    return {} if value is None else _mapping(value, f"{where}.{name}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    _want(isinstance(value, Mapping), "names with values", value, where)
    return dict(value)


def _only(body: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(name for name in body if name not in known)
    if unknown:
        there = ", ".join(sorted(known)) or "nothing"
        raise BadInput(f"under {where} only {there}", unknown[0], "correct that line of the policy")


def _want(fits: bool, wanted: str, value: Any, where: str) -> None:
    if not fits:
        raise BadInput(f"{where}: {wanted}", repr(value), "correct that line of the policy")
