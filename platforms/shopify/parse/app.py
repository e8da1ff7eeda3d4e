"""The webhook that says that our app is no longer installed, and its token worth nothing."""

from __future__ import annotations

from typing import Final

import orjson

from ecom_agent.errors import ParseFailed
from ecom_agent.records.events import AuthorizationEnded
from platforms._shared.payload import text

UNINSTALLED: Final = "app/uninstalled"


def authorization_ended(raw: bytes, *, shop: str) -> AuthorizationEnded:
    """That `shop` removed the app. The body is the shop itself: only it is signed, the header that names a shop is not.

    Raises ParseFailed where it is another shop, or none.
    """
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ParseFailed(f"webhook {UNINSTALLED}", "not JSON") from None
    if text(body, "myshopify_domain").lower() != shop.lower():
        raise ParseFailed("myshopify_domain", f"another shop than {shop}")
    return AuthorizationEnded(
        f"Shopify says {UNINSTALLED}: the app was removed from the shop; install it again and renew ACCESS_TOKEN"
    )
