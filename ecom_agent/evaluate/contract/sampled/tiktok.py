"""TikTok's samples: answers of the operations that the connector uses, and every event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import orjson
from pydantic import SecretStr

from ecom_agent.clock import FrozenClock
from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId
from platforms._shared.read import Read
from platforms._shared.throttle import Quota
from platforms.tiktok_shop import parse
from platforms.tiktok_shop.client import TikTokClient
from platforms.tiktok_shop.settings import TikTokShopSettings

_ACCOUNT: Final = AccountId("official")
_SHOP: Final = MarketplaceId("7494049642642441621")
_SEEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
_ROOT: Final = "tiktok-shop/samples"
_SETTINGS: Final = TikTokShopSettings(
    app_key="official",
    app_secret=SecretStr("official"),
    refresh_token=SecretStr("official"),
    shop_cipher="official",
    shop_id=_SHOP,
)
_TOKEN: Final = orjson.dumps({"code": 0, "data": {"access_token": "official", "access_token_expire_in": 4_000_000_000}})


def _orders(body: bytes) -> Read[Any]:
    return parse.orders(parse.without_buyer(orjson.loads(body)), account=_ACCOUNT, marketplace=_SHOP)


def _products(body: bytes) -> Read[Any]:
    return parse.products(orjson.loads(body), account=_ACCOUNT, marketplace=_SHOP, global_seller=False, seen_at=_SEEN)


def _product(body: bytes) -> Read[Any]:
    """One product: the price of each of its SKUs."""
    found = orjson.loads(body)
    prices = [
        parse.price_in(found, sku["seller_sku"], global_seller=seller)
        for sku in found["data"]["skus"]
        for seller in (False, True)
    ]
    return Read(tuple(price for price in prices if price is not None), (), ())


def _levels(body: bytes) -> Read[Any]:
    return parse.levels(orjson.loads(body), account=_ACCOUNT, marketplace=_SHOP, seen_at=_SEEN)


def _statements(body: bytes) -> Read[Any]:
    return Read(parse.statements(orjson.loads(body)), (), ())


def _messages(body: bytes) -> Read[Any]:
    conversation = parse.Conversation("official", None, None)
    return parse.messages(orjson.loads(body), account=_ACCOUNT, marketplace=_SHOP, of=conversation)


def _event(body: bytes) -> Read[Any]:
    """The frame, and the order's id where the event is about one."""
    told = parse.told(body)
    if told.topic in parse.ABOUT_ORDERS and parse.order_change(told.topic, body, marketplace=_SHOP) is None:
        raise ParseFailed("data.order_id", "missing")
    return Read((told,), (), ())


def through_client(body: bytes) -> Read[Any]:
    """An answer of an operation that we do not use: every field of it is in what the client gives back."""
    wire = httpx.MockTransport(
        lambda request: httpx.Response(200, content=_TOKEN if "/token/" in str(request.url) else body)
    )
    clock = FrozenClock(_SEEN)
    client = TikTokClient(_ACCOUNT, _SETTINGS, clock, Quota(clock), transport=wire)
    came = client.run("GET", "/official", operation="official").parsed
    if came != orjson.loads(body):
        raise ParseFailed("answer", "not the same as it was sent")
    return Read((came,), (), ())


ANSWERS: Final = f"{_ROOT}/*Response.json"
READERS: Final[Mapping[str, Callable[[bytes], Read[Any]]]] = {
    f"{_ROOT}/{name}.json": read
    for name, read in {
        "Order/OrderSearchOrdersResponse": _orders,
        "Order/OrderBatchGetOrderDetailResponse": _orders,
        "Product/ProductSearchProductsResponse": _products,
        "Product/ProductGetProductDetailResponse": _product,
        "Product/ProductGetInventoriesResponse": _levels,
        "Finance/FinanceGetStatementsResponse": _statements,
        "CustomerService/CustomerServiceGetConversationMessagesResponse": _messages,
        "events/CancellationStatusChangeEvent": _event,
        "events/OrderStatusChangeEvent": _event,
        "events/PackageUpdateEvent": _event,
        "events/ProductInformationChangeEvent": _event,
        "events/SellerDeauthorizationEvent": _event,
        "events/UpcomingAuthorizationExpirationEvent": _event,
    }.items()
}
