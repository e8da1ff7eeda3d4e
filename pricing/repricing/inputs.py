"""What a pricing decision is made on: the policy as the seller wrote it, and one listing with its limits and page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from ecom_agent.economics.margin import Floor, floor
from ecom_agent.economics.unit_costs import NO_SHEETS
from ecom_agent.errors import BadInput
from ecom_agent.ids import AccountId
from ecom_agent.records.catalog import Listing
from ecom_agent.records.costs import CostSheets
from ecom_agent.records.finance import FeeQuote
from ecom_agent.records.offers import OfferSnapshot, PriceLimits
from native_pricer import Channel, Clause, ListingConfig, RivalFilter, Target

NAME: Final = "pricing.repricing"

DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "target": "lowest",  # or buy_box
        "offset_bp": -50,  # −0.5 %; or offset_minor instead, e.g. -1
        "may_raise": True,
        "rivals": {
            "channel": "any",  # or fba, fbm
            "min_feedback_count": 0,
            "min_feedback_percent": 0,
            "max_handling_hours": None,
            "exclude": [],
            "only": [],
        },
        "max_step_bp": 1_000,
        "max_day_bp": 2_000,
        "cooldown_s": 120,
        "max_event_age_s": 3_600,
        "max_sweep_age_s": 7_200,
        "keep_days": 90,  # how long events and decisions are kept for replay
        "seller_ids": {},  # account -> our merchant id there, without which our offers look like a rival's
    }
)


@dataclass(frozen=True, slots=True)
class RepricePolicy:
    """The seller's policy, checked. Basis points and seconds; `max_sweep_age_s` bounds offers seen by a sweep."""

    rule: Clause
    rivals: RivalFilter
    max_step_bp: int
    max_day_bp: int
    cooldown_s: int
    max_event_age_s: int
    max_sweep_age_s: int
    keep_days: int
    seller_ids: Mapping[str, str]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> RepricePolicy:
        """From policy data; what it leaves out is as in DEFAULTS. Raises BadInput naming the key."""
        _known(body, {*DEFAULTS, "offset_minor"}, "")
        rivals = body.get("rivals", {})
        if not isinstance(rivals, Mapping):
            raise BadInput("a mapping under rivals", repr(rivals), f"see the defaults of {NAME}")
        _known(rivals, set(DEFAULTS["rivals"]), "rivals.")
        whole = {**DEFAULTS, **body}
        # a fixed step takes the place of the default share; both written out is the seller's contradiction
        offset_bp = body.get("offset_bp", None if body.get("offset_minor") is not None else DEFAULTS["offset_bp"])
        try:
            policy = cls(
                rule=Clause(
                    "policy",
                    target=_target(whole["target"]),
                    offset_bp=offset_bp,
                    offset_minor=body.get("offset_minor"),
                    may_raise=whole["may_raise"],
                ),
                rivals=_rivals({**DEFAULTS["rivals"], **rivals}),
                max_step_bp=whole["max_step_bp"],
                max_day_bp=whole["max_day_bp"],
                cooldown_s=whole["cooldown_s"],
                max_event_age_s=whole["max_event_age_s"],
                max_sweep_age_s=whole["max_sweep_age_s"],
                keep_days=_days(whole["keep_days"]),
                seller_ids=MappingProxyType(dict(whole["seller_ids"])),
            )
            _probe(policy)
        except (ValueError, TypeError) as e:
            raise BadInput(f"a valid policy {NAME}", str(e), "change that key in the policy") from e
        return policy

    def seller_id(self, account: AccountId) -> str:
        """Our merchant id on this account. Raises BadInput when nobody said it."""
        found = self.seller_ids.get(account)
        if not found:
            raise BadInput(f"seller_ids.{account} in the policy {NAME}", "nothing", "set our merchant id there")
        return found


@dataclass(frozen=True, slots=True)
class PriceInputs:
    """One listing as a sweep sees it. `now` is the run's slot."""

    listing: Listing
    limits: PriceLimits | None
    least: Floor
    page: OfferSnapshot
    seller_id: str
    now: datetime


def lowest_price(
    limits: PriceLimits | None, fees: FeeQuote | None, sheets: CostSheets = NO_SHEETS, now: datetime | None = None
) -> Floor:
    """The floor of a listing, which has none while nobody has set limits."""
    return Floor(None, "no minimum set") if limits is None else floor(limits, fees, sheets, now)


def engine_listing(
    listing: Listing,
    limits: PriceLimits | None,
    least: Floor,
    seller_id: str,
    policy: RepricePolicy,
    *,
    price_is_news: bool = True,
) -> ListingConfig:
    """What the engine must know of this listing.

    Without a floor the engine gets none, and then it writes no price. Our shipping is left to our own offer on the
    page. `price_is_news` False: the engine knows a later price than the record.

    Raises: ValueError naming what does not fit, such as limits in another currency than the price.
    """
    price = listing.price
    currency = limits.currency if price is None and limits is not None else None if price is None else price.currency
    if currency is None:
        raise ValueError("currency: neither a price nor limits are known")
    if limits is not None and limits.currency != currency:
        raise ValueError(f"currency: the price is in {currency}, the limits are in {limits.currency}")
    ceiling = None if limits is None or least.price is None else limits.ceiling
    return ListingConfig(
        marketplace=listing.marketplace,
        asin=listing.external_id,
        condition=listing.condition,
        sku=listing.sku,
        seller_id=seller_id,
        currency=currency,
        price_minor=price.minor if price is not None and price_is_news else None,
        shipping_minor=None,
        floor_minor=None if least.price is None else least.price.minor,
        ceiling_minor=None if ceiling is None else ceiling.minor,
        clauses=(policy.rule,),
        rivals=policy.rivals,
        max_step_bp=policy.max_step_bp,
        max_day_bp=policy.max_day_bp,
        cooldown_s=policy.cooldown_s,
        max_event_age_s=policy.max_event_age_s,
    )


def _rivals(body: Mapping[str, Any]) -> RivalFilter:
    lists = {name: body[name] for name in ("exclude", "only")}
    for name, sellers in lists.items():
        if not isinstance(sellers, list | tuple):
            raise ValueError(f"rivals.{name}: wanted a list of seller ids; found {sellers!r}")
    return RivalFilter(
        _channel(body["channel"]),
        body["min_feedback_count"],
        body["min_feedback_percent"],
        body["max_handling_hours"],
        frozenset(lists["exclude"]),
        frozenset(lists["only"]),
    )


def _target(value: Any) -> Target:
    """The targets that a policy may name by itself; the others need a rule of more words."""
    if value not in (Target.LOWEST, Target.BUY_BOX):
        raise ValueError(f"target: wanted lowest or buy_box; found {value!r}")
    return Target(value)


def _channel(value: Any) -> Channel:
    try:
        return Channel(value)
    except ValueError:
        raise ValueError(f"rivals.channel: wanted {' or '.join(Channel)}; found {value!r}") from None


def _days(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= 3_650:
        raise ValueError(f"keep_days: wanted a whole number from 1 to 3,650; found {value!r}")
    return value


def _known(body: Mapping[str, Any], names: set[str], where: str) -> None:
    unknown = sorted(set(body) - names)
    if unknown:
        raise BadInput(f"one of {', '.join(sorted(names))}", f"{where}{unknown[0]}", f"correct it in the policy {NAME}")


def _probe(policy: RepricePolicy) -> None:
    """Let the engine's own checks see the caps, so that a wrong policy is refused when written, not when used."""
    for age in (policy.max_event_age_s, policy.max_sweep_age_s):
        ListingConfig(
            *("probe",) * 5, "USD", None, None, None, None, (policy.rule,), policy.rivals,
            policy.max_step_bp, policy.max_day_bp, policy.cooldown_s, age,
        )  # fmt: skip
