"""One Walmart seller account's credentials and address: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

MARKETPLACE = "WALMART_US"


class WalmartSettings(BaseModel):
    """`seller_id` is the partner id: how our own offer is told from others'.

    `webhook_url` is the address as it was given to Walmart when subscribing: its path and query are part of what a
    performance webhook is signed over. `webhook_header` carries the HMAC of all other webhooks, as subscribed.
    `webhook_secret` None = all webhooks are refused. `base_url` may carry a path (http://127.0.0.1:8088/walmart).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    seller_id: str = Field(min_length=1)
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_header: str = "WM_HMAC"
    base_url: str = "https://marketplace.walmartapis.com"
