"""How eBay prints and signs its notifications: ECDSA over the body, with a key that it publishes by its id."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from platforms.simulated.channels import ids
from platforms.simulated.channels.model import Channel, Delivery
from platforms.simulated.state import EBAY
from platforms.simulated.wire.ebay import MARKETPLACE, amount
from platforms.simulated.wire.text import moment

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from platforms.simulated.world import World

KINDS: Final = {
    "ITEM_AVAILABILITY": ("stock_out", "stock_back"),
    "ITEM_PRICE_REVISION": ("price_changed",),
}
"""Topic → what of this world it tells. eBay's other topics do not happen here."""
KEY_ID: Final = "9936261a-7d7b-4621-a0f1-96ccb428af49"
_SECRET: Final = 0x0DEC0DE0F0_7E57_0000_0001  # not a secret: the simulator's key is the same everywhere


def body(world: World, channel: Channel, delivery: Delivery) -> bytes | None:
    """None where the topic does not tell this change."""
    change, topic = delivery.change, delivery.listener.topic
    if change.item is None or topic not in KINDS:
        return None
    item = channel.items[change.item]
    data: dict[str, Any] = {
        "itemId": f"v1|{ids.print_id(EBAY, 'item', item.number)}|0",
        "listingMarketplaceId": MARKETPLACE,
        "seller": {"username": channel.seller_id},
    }
    if topic == "ITEM_AVAILABILITY":
        data["availability"] = "TEMPORARILY_UNAVAILABLE" if change.kind == "stock_out" else "AVAILABLE"
    else:
        data["price"] = amount(item.price_minor)
    notification = {
        "notificationId": ids.event_id(EBAY, world.seed, change.number),
        "eventDate": moment(change.at),
        "publishDate": moment(delivery.due),
        "publishAttemptCount": 1,
        "data": data,
    }
    metadata = {"topic": topic, "schemaVersion": "1.0", "deprecated": False}
    return orjson.dumps({"metadata": metadata, "notification": notification})


def signature(raw: bytes) -> str:
    """What X-EBAY-SIGNATURE carries: base64 of JSON with the key's id. The same body is always signed the same."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA1

    signed = _private().sign(raw, ECDSA(SHA1(), deterministic_signing=True))
    said = {"alg": "ecdsa", "kid": KEY_ID, "signature": base64.b64encode(signed).decode(), "digest": "SHA1"}
    return base64.b64encode(orjson.dumps(said)).decode()


def public_key() -> dict[str, str]:
    """The answer of getPublicKey: PEM in one line."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = _private().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"key": pem.replace("\n", ""), "algorithm": "ECDSA", "digest": "SHA1"}


@cache
def _private() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

    return derive_private_key(_SECRET, SECP256R1())
