"""A client that speaks to the simulated market's servers without a socket, as a seller's program would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from platforms.simulated import credentials as demo
from platforms.simulated.opening import SELLER_ID
from platforms.simulated.servers.app import build
from platforms.simulated.simulation import Simulation
from platforms.simulated.wire.offers import MARKETPLACE

START = datetime(2026, 11, 2, 14, tzinfo=UTC)


class Market:
    """The client's side: tokens are fetched as a client would, time is moved through /_sim."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.http = TestClient(build(sim))

    @property
    def world(self) -> Any:
        return self.sim.world

    def pass_time(self, **span: float) -> None:
        to = self.sim.world.now + timedelta(**span)
        assert self.http.post("/_sim/advance", json={"to": to.isoformat()}).status_code == 200

    def token(self, scope: str | None = None) -> str:
        grant = {"grant_type": "client_credentials", "scope": scope} if scope else {"grant_type": "refresh_token"}
        form = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET, "refresh_token": demo.REFRESH_TOKEN}
        answer = self.http.post("/lwa/auth/o2/token", data={**form, **grant})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def sp(self, method: str, path: str, *, scope: str | None = None, **given: Any) -> Any:
        headers = {"x-amz-access-token": self.token(scope)}
        return self.http.request(method, f"/sp-api{path}", headers=headers, **given)

    def listing(self, sku: str) -> str:
        return f"/listings/2021-08-01/items/{SELLER_ID}/{sku}"

    def patch_price(self, sku: str, price: float, **query: str) -> Any:
        offer = {
            "currency": "USD",
            "marketplace_id": MARKETPLACE,
            "our_price": [{"schedule": [{"value_with_tax": price}]}],
        }
        patch = {"op": "replace", "path": "/attributes/purchasable_offer", "value": [offer]}
        body = {"productType": "PRODUCT", "patches": [patch]}
        return self.sp("PATCH", self.listing(sku), params={"marketplaceIds": MARKETPLACE, **query}, json=body)

    def live_price(self, sku: str) -> str:
        query = {"marketplaceIds": MARKETPLACE, "includedData": "offers"}
        return str(self.sp("GET", self.listing(sku), params=query).json()["offers"][0]["price"]["amount"])

    def subscribe(self, *kinds: str) -> None:
        target = {"name": "queue", "resourceSpecification": {"sqs": {"arn": demo.queue_arn()}}}
        scope = "sellingpartnerapi::notifications"
        made = self.sp("POST", "/notifications/v1/destinations", scope=scope, json=target).json()
        body = {"payloadVersion": "1.0", "destinationId": made["payload"]["destinationId"]}
        for kind in kinds:
            assert self.sp("POST", f"/notifications/v1/subscriptions/{kind}", json=body).status_code == 200

    def shop(self, document: str, *, token: str = demo.SHOP_TOKEN, **variables: Any) -> Any:
        return self.http.post(
            f"/shopify/{demo.SHOP}/admin/api/2026-10/graphql.json",
            headers={"X-Shopify-Access-Token": token},
            json={"query": document, "variables": variables},
        )
