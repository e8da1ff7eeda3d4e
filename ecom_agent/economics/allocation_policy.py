"""The policy `allocation`, checked: how one pool is shared out. The room and the guard read the same lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ecom_agent.errors import BadInput
from ecom_agent.ids import Sku

NAME: Final = "allocation"
MODES: Final = ("split", "shared")
WEIGHS: Final = ("equal", "sales")
_LINES: Final = frozenset(
    {"mode", "overlap", "weigh_by", "keep_units", "keep_share", "few_units", "least_move", "stale_min", "channels",
     "skus", "bundles"}
)  # fmt: skip
_CHANNEL: Final = frozenset({"weight", "priority", "least", "most", "publish"})
_KEEP: Final = frozenset({"keep_units", "keep_share"})
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Keep:
    """What is held back: units, or a share (0 to 1) of what is free."""

    units: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """How one channel is served. `priority`: lower goes first; fewer than `least` units are not shown at all."""

    weight: int = 1
    priority: int = 100
    least: int = 1
    most: int | None = None
    publish: bool = True


@dataclass(frozen=True, slots=True)
class AllocationPolicy:
    """The seller's policy. Units, minutes, shares of 1; see the comments of `policies/allocation.yaml`."""

    shared: bool
    overlap: Decimal
    by_sales: bool
    kept: Keep
    kept_of: Mapping[Sku, Keep]
    few_units: int
    least_move: int
    stale_min: int
    channels: Mapping[str, ChannelRule]
    bundles: Mapping[Sku, Mapping[Sku, int]]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> AllocationPolicy:
        """Raises BadInput naming the line that is missing, unknown or cannot be."""
        _only(body, _LINES, NAME)
        for line in sorted(_LINES - set(body)):
            raise BadInput(f"{NAME}.{line}", "no such line", "keep it: see the shipped policy")
        shared = _one_of(body, "mode", MODES) == "shared"
        overlap = _number(body, "overlap", NAME, least=Decimal(1), most=Decimal(100))
        kept = Keep(_units(body, "keep_units", NAME), _share(body, "keep_share", NAME))
        return cls(
            shared=shared,
            overlap=overlap,
            by_sales=_one_of(body, "weigh_by", WEIGHS) == "sales",
            kept=kept,
            kept_of={Sku(sku): _keep(line, kept, f"{NAME}.skus.{sku}") for sku, line in _section(body, "skus").items()},
            few_units=_units(body, "few_units", NAME),
            least_move=_units(body, "least_move", NAME, least=1),
            stale_min=_units(body, "stale_min", NAME, least=1),
            channels={str(n): _channel(line, f"{NAME}.channels.{n}") for n, line in _section(body, "channels").items()},
            bundles=_bundles(_section(body, "bundles")),
        )

    def keep(self, sku: Sku) -> Keep:
        return self.kept_of.get(sku, self.kept)

    def channel(self, account: str, marketplace: str) -> ChannelRule:
        """The rule of this marketplace, else of the account, else the ordinary one."""
        return self.channels.get(f"{account}/{marketplace}") or self.channels.get(account) or ChannelRule()

    def parts(self, sku: Sku) -> Mapping[Sku, int]:
        """What one unit of `sku` takes off our shelves: itself, or the parts of a bundle."""
        return self.bundles.get(sku) or {sku: 1}


def _bundles(lines: Mapping[str, Any]) -> dict[Sku, Mapping[Sku, int]]:
    found: dict[Sku, Mapping[Sku, int]] = {}
    for bundle, parts in lines.items():
        where = f"{NAME}.bundles.{bundle}"
        if not isinstance(parts, Mapping) or not parts:
            raise BadInput(f"{where}: SKUs with units, such as {{MUG-01: 2}}", repr(parts), "correct that line")
        if inner := sorted(str(part) for part in parts if part in lines):
            raise BadInput(f"{where}: parts that are no bundles", inner[0], "name that bundle's own parts here")
        found[Sku(bundle)] = {Sku(str(part)): _units(parts, part, where, least=1) for part in parts}
    return found


def _channel(line: Any, where: str) -> ChannelRule:
    if not isinstance(line, Mapping):
        raise BadInput(f"{where}: lines such as weight: 2", repr(line), "correct that line")
    _only(line, _CHANNEL, where)
    publish = line.get("publish", True)
    if not isinstance(publish, bool):
        raise BadInput(f"{where}.publish: true or false", repr(publish), "correct that line")
    return ChannelRule(
        weight=_units(line, "weight", where, default=1),
        priority=_units(line, "priority", where, default=100),
        least=_units(line, "least", where, default=1, least=1),
        most=None if line.get("most") is None else _units(line, "most", where),
        publish=publish,
    )


def _keep(line: Any, kept: Keep, where: str) -> Keep:
    if not isinstance(line, Mapping):
        raise BadInput(f"{where}: lines such as keep_units: 2", repr(line), "correct that line")
    _only(line, _KEEP, where)
    units = _units(line, "keep_units", where, default=kept.units)
    return Keep(units, _share(line, "keep_share", where) if "keep_share" in line else kept.share)


def _section(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body[name]
    if not isinstance(value, Mapping):
        raise BadInput(f"{NAME}.{name}: names with lines below them", repr(value), "write {} for none")
    return value


def _only(body: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    for line in sorted(str(name) for name in body if name not in known):
        raise BadInput(f"under {where} only {', '.join(sorted(known))}", f"{where}.{line}", "correct that line")


def _one_of(body: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    value = body[name]
    if value not in words:
        raise BadInput(f"{NAME}.{name}: {' or '.join(words)}", repr(value), "correct that line")
    return str(value)


def _units(body: Mapping[Any, Any], name: Any, where: str, *, default: int | None = None, least: int = 0) -> int:
    value = body.get(name, default)
    if type(value) is not int or not least <= value <= _MOST:
        raise BadInput(f"{where}.{name}: a whole number from {least} to {_MOST}", repr(value), "correct that line")
    return value


def _share(body: Mapping[str, Any], name: str, where: str) -> Decimal:
    return _number(body, name, where, least=Decimal(0), most=Decimal(1))


def _number(body: Mapping[str, Any], name: str, where: str, *, least: Decimal, most: Decimal) -> Decimal:
    value = body.get(name)
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not least <= number <= most:
        raise BadInput(f'{where}.{name}: a number from {least} to {most}, such as "0.10"', repr(value), "correct it")
    return number
