"""What a sale costs us: referral and fulfilment fees, shipping from our own warehouse. Pure; US cents."""

from __future__ import annotations

import math

from platforms.simulated import constants as k


def referral(category: str, price_minor: int) -> int:
    """The marketplace's share of one unit's price, rounded half up, with its minimum."""
    return max(k.REFERRAL_MIN_MINOR, (price_minor * k.REFERRAL_BP[category] + 5000) // 10000)


def fba(weight_g: int) -> int:
    """The marketplace's fee to pick, pack and ship one unit."""
    for up_to_g, fee in k.FBA_STEPS:
        if weight_g <= up_to_g:
            return fee
    last_g, last_fee = k.FBA_STEPS[-1]
    return last_fee + math.ceil((weight_g - last_g) / 1000) * k.FBA_PER_EXTRA_KG_MINOR


def own_shipping(weight_g: int) -> int:
    """What a parcel with one unit costs us from our own warehouse."""
    return k.OWN_SHIPPING_BASE_MINOR + math.ceil(weight_g / 1000) * k.OWN_SHIPPING_PER_KG_MINOR


def payment(price_minor: int) -> int:
    """The shop's card fee on one unit."""
    return (price_minor * k.SHOP_PAYMENT_BP + 5000) // 10000 + k.SHOP_PAYMENT_FIX_MINOR


def refund_admin(referral_minor: int) -> int:
    """The part of a referral fee that the marketplace keeps when the buyer is refunded."""
    return min(k.REFUND_ADMIN_MAX_MINOR, math.ceil(referral_minor * k.REFUND_ADMIN_SHARE))


def unit_margin(category: str, weight_g: int, cost_minor: int, price_minor: int, *, is_fba: bool) -> int:
    """What one unit sold on the marketplace leaves us."""
    fulfilment = fba(weight_g) if is_fba else own_shipping(weight_g)
    return price_minor - referral(category, price_minor) - fulfilment - cost_minor


def shop_unit_margin(weight_g: int, cost_minor: int, price_minor: int) -> int:
    """What one unit sold in our shop leaves us."""
    return price_minor - payment(price_minor) - own_shipping(weight_g) - cost_minor


def break_even(category: str, weight_g: int, cost_minor: int, *, is_fba: bool) -> int:
    """The lowest price on the marketplace that loses nothing."""
    fulfilment = fba(weight_g) if is_fba else own_shipping(weight_g)
    price = math.ceil((fulfilment + cost_minor) * 10000 / (10000 - k.REFERRAL_BP[category]))
    while unit_margin(category, weight_g, cost_minor, price, is_fba=is_fba) < 0:
        price += 1
    return price


def shop_break_even(weight_g: int, cost_minor: int) -> int:
    """The lowest price in our shop that loses nothing."""
    price = math.ceil(
        (own_shipping(weight_g) + cost_minor + k.SHOP_PAYMENT_FIX_MINOR) * 10000 / (10000 - k.SHOP_PAYMENT_BP)
    )
    while shop_unit_margin(weight_g, cost_minor, price) < 0:
        price += 1
    return price
