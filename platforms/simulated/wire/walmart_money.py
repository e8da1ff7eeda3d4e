"""The reconciliation report of one payout: a summary line, then a line for each charge it settled."""

from __future__ import annotations

from typing import Final

from platforms.simulated.channels.ids import print_id
from platforms.simulated.channels.model import Channel, Charge
from platforms.simulated.state import CURRENCY, WALMART
from platforms.simulated.wire.text import decimal
from platforms.simulated.world import World

KINDS: Final = {
    "sale": ("Sale", "Product Price"),
    "shipping": ("Sale", "Shipping"),
    "fee": ("Sale", "Commission on Product"),
    "refund": ("Refund", "Product Price"),
    "fee_refund": ("Refund", "Commission on Product"),
}
_DAY: Final = "%m/%d/%Y"


def name(payout: Charge) -> str:
    """How the report is asked for: the day of the payout, 11022026."""
    return payout.at.strftime("%m%d%Y")


def rows(world: World, channel: Channel, payout: Charge) -> list[dict[str, str]]:
    mine = [charge for charge in channel.charges if charge.payout == payout.number and charge.kind != "payout"]
    first = min((charge.at for charge in mine), default=payout.at)
    summary = {
        "Period Start Date": first.strftime(_DAY),
        "Period End Date": payout.at.strftime(_DAY),
        "Currency": CURRENCY,
        "Transaction Type": "PaymentSummary",
        "Total Payable": decimal(-payout.amount_minor),
        "Transaction Description": "Deposited in account",
        "Transaction Posted Timestamp": payout.at.strftime(_DAY),
    }
    return [summary, *(_row(world, channel, charge) for charge in mine)]


def _row(world: World, channel: Channel, charge: Charge) -> dict[str, str]:
    transaction, amount_type = KINDS[charge.kind]
    told = {
        "Transaction Key": print_id(WALMART, "charge", charge.number),
        "Transaction Type": transaction,
        "Transaction Description": "Purchase" if transaction == "Sale" else "Return",
        "Transaction Posted Timestamp": charge.at.strftime(_DAY),
        "Amount Type": amount_type,
        "Amount": decimal(charge.amount_minor),
        "Fulfillment Type": "Seller Fulfilled",
    }
    if charge.sale is not None:
        told["Customer Order #"] = print_id(WALMART, "customer_order", charge.sale)
        told["Purchase Order #"] = print_id(WALMART, "sale", charge.sale)
    if charge.sku is not None:
        told["Partner Item Id"] = charge.sku
        told["Partner Item Name"] = world.products[charge.sku].title
    return told
