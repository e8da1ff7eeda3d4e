"""The rules that are replayed: shipped ones and one with every kind of condition, as `pricing.rules` compiles them; and
a fixed price beside them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from ecom_agent.errors import ConfigError
from ecom_agent.evaluate.backtest.recorded import FROM, Catalogue
from native_pricer import Clause, ListingConfig, RivalFilter, Target
from pricing.rules import Compiled, compile_rule, presets, read

BUSY: Final = """
rule: every-condition
about: A rule as long as a person would write it, so that the replay is measured on many conditions.
rivals: {min_rating: 80 %}
clauses:
  - name: nobody wakes for this
    when: {time: "02:00 to 04:00", weekdays: mon to fri}
    target: hold
  - name: scarce
    when: {days_of_cover: below 4 days}
    target: own
    offset: +1 %
    direction: up
  - name: alone
    when: {rivals: 0}
    target: reference
    offset: match
  - name: nobody is featured
    when: {buy_box: suppressed}
    target: lowest
    offset: match
  - name: held with room above
    when: {buy_box: held}
    target: buy_box
    offset: -0.2 %
  - name: slow movers in a crowd
    when: {rivals: at least 4, velocity: below 2}
    target: {nth: 2}
    offset: -0.3 %
  - name: too much of it
    when: {days_of_cover: above 60 days, stock: above 20}
    target: average
    offset: -3 %
  - name: merchant below us
    when: {our_fulfilment: fba, lowest_rival: {fulfilment: fbm}}
    target: lowest
    offset: +2.5 %
  - name: otherwise
    target: buy_box
    offset: -0.5 %
    without: raise 0.5 %
"""
SHIPPED: Final = ("win-the-buy-box", "careful-stock", "night-reset", "match-lowest")
NAMES: Final = (*SHIPPED, "every-condition")
FIXED: Final = Clause("fixed", target=Target.HOLD)
COOLDOWN_S, STEP_BP, DAY_BP = 300, 1_000, 2_000


@cache
def compiled(name: str, on: date) -> Compiled:
    """Raises ConfigError where the rule does not compile for US dollars."""
    found = compile_rule(read(presets()[name] if name in SHIPPED else BUSY), "USD", "new", on)
    if not isinstance(found, Compiled):
        raise ConfigError(f"the rule {name} does not compile: {'; '.join(found)}")
    return found


def rule_of(i: int) -> str:
    """Which rule a listing has: by its number, so that every segment has each."""
    return NAMES[i % len(NAMES)]


def by_rules(of: Catalogue) -> list[ListingConfig]:
    """Every listing with its rule: clauses, rival filter, pause, floor, ceiling, caps of a step and of a day."""
    found = []
    for i in range(len(of)):
        rule = compiled(rule_of(i), FROM.date())
        found.append(_config(of, i, rule.clauses, rule.rivals, max(COOLDOWN_S, rule.pause_s)))
    return found


def fixed(of: Catalogue) -> list[ListingConfig]:
    """Every listing keeps the price that it has."""
    return [_config(of, i, (FIXED,), RivalFilter(), COOLDOWN_S) for i in range(len(of))]


def _config(of: Catalogue, i: int, clauses: tuple[Clause, ...], rivals: RivalFilter, cooldown_s: int) -> ListingConfig:
    return ListingConfig(
        "ATVPDKIKX0DER", f"B{i:09d}", "new", f"SKU-{i:05d}", "OURS", "USD", None, 0, int(of.floor[i]),
        int(of.ceiling[i]), clauses=clauses, rivals=rivals, max_step_bp=STEP_BP, max_day_bp=DAY_BP,
        cooldown_s=cooldown_s,
    )  # fmt: skip
