"""One TikTok shop's credentials and addresses: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class TikTokShopSettings(BaseModel):
    """`app_key` and `app_secret` are the app's: they sign every request and check every webhook.

    `shop_id` names the shop in webhooks and is the account's one marketplace; `shop_cipher` names it in requests.
    `global_seller`: the shop sells from another country, so its price on the page is `sale_price`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    refresh_token: SecretStr = Field(min_length=1)
    shop_cipher: str = Field(min_length=1)
    shop_id: str = Field(pattern=r"^\d+$")
    global_seller: bool = False
    base_url: str = "https://open-api.tiktokglobalshop.com"
    auth_url: str = "https://auth.tiktok-shops.com"
