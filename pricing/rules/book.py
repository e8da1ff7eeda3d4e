"""All rules at one moment, each document read once; and the presets that come with the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.records.catalog import Listing
from ecom_agent.records.rules import Place, RuleBook
from pricing.rules.compile import Compiled, compile_rule, today
from pricing.rules.model import Rule
from pricing.rules.problems import RuleRefused
from pricing.rules.read import read
from pricing.rules.scopes import why


@dataclass(frozen=True, slots=True)
class Library:
    """A rule book, ready to be asked for the rule of each listing."""

    book: RuleBook
    _read: dict[str, Rule | str] = field(default_factory=dict)
    _compiled: dict[tuple[object, ...], Compiled | str] = field(default_factory=dict)
    _names: dict[Place, str | None] = field(default_factory=dict)

    def rule_of(self, account: AccountId, marketplace: MarketplaceId, sku: Sku) -> str | None:
        """The name of the rule that a listing has; None = it follows the policy's default."""
        place = (account, marketplace, sku)
        if place not in self._names:
            winner = why(self.book, place).winner
            self._names[place] = None if winner is None else winner.rule
        return self._names[place]

    def compiled(self, listing: Listing, currency: str, now: datetime) -> Compiled | None:
        """A listing's rule as the engine runs it; None = it has none.

        Raises ValueError where it has one that cannot be run: then the listing is left alone, never priced by another.
        """
        name = self.rule_of(listing.account, listing.marketplace, listing.sku)
        if name is None:
            return None
        rule = self.rule(name)
        on = today(rule, now)
        key = (name, currency, listing.condition, on)
        if key not in self._compiled:
            found = compile_rule(rule, currency, listing.condition, on)
            self._compiled[key] = found if isinstance(found, Compiled) else "; ".join(found)
        compiled = self._compiled[key]
        if isinstance(compiled, str):
            raise ValueError(f"rule {name}: {compiled}")
        return compiled

    def rule(self, name: str) -> Rule:
        """A rule by its name. Raises ValueError where there is none, or it cannot be read by this program."""
        if name not in self._read:
            version = self.book.rules.get(name)
            if version is None or version.document is None:
                self._read[name] = f"rule {name} is not there any more"
            else:
                try:
                    self._read[name] = read(version.document)
                except RuleRefused as e:
                    self._read[name] = f"rule {name}: {e}"
        found = self._read[name]
        if isinstance(found, str):
            raise ValueError(found)
        return found

    def readable(self) -> Iterator[Rule]:
        """Every rule in force that this program can read."""
        for name in self.book.rules:
            try:
                yield self.rule(name)
            except ValueError:
                continue


@cache
def presets() -> Mapping[str, str]:
    """The documents that come with the program, by name, to be taken as they are or to start from."""
    folder = resources.files("pricing.rules").joinpath("presets")
    found = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {read(text).name: text for text in sorted(found)}
