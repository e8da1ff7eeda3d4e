"""One Shopify shop's credentials and address: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

API_VERSION = "2026-10"


class ShopifySettings(BaseModel):
    """`shop` is the shop's own domain (demo.myshopify.com): it is the account's one marketplace.

    `access_token` is sent as X-Shopify-Access-Token; `client_secret` only checks webhooks, None = they are refused.
    `base_url` None = https://<shop>; another one stands for that address (http://127.0.0.1:8088/shopify/<shop>):
    requests go to <base_url>/admin/api/2026-10/graphql.json.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    shop: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}$")
    access_token: SecretStr = Field(min_length=1)
    client_secret: SecretStr | None = None
    base_url: str | None = None

    @property
    def graphql_url(self) -> str:
        base = (self.base_url or f"https://{self.shop}").rstrip("/")
        return f"{base}/admin/api/{API_VERSION}/graphql.json"
