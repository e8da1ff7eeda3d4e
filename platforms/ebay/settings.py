"""One eBay seller's credentials and addresses: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

LIVE = "https://api.ebay.com"


def _ids(value: Any) -> Any:
    """Ids as one comma-separated text, as an environment variable holds them."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class EbaySettings(BaseModel):
    """`seller` is the seller's user name: it tells our messages from the buyers'. `marketplaces` are eBay's ids
    (EBAY_US, EBAY_DE); what names none is booked on the first.

    `verification_token` and `endpoint` are what the notification destination was set up with: they answer eBay's
    challenge, None = it is refused. `base_url` None = eBay's live host; https://api.sandbox.ebay.com is its sandbox,
    any other stands for all of eBay (http://127.0.0.1:8088/ebay).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    refresh_token: SecretStr = Field(min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    seller: str = Field(min_length=1)
    marketplaces: Annotated[tuple[str, ...], BeforeValidator(_ids), Field(min_length=1)]
    verification_token: SecretStr | None = None
    endpoint: str | None = None
    base_url: str | None = None

    @property
    def api_url(self) -> str:
        return (self.base_url or LIVE).rstrip("/")

    @property
    def finances_url(self) -> str:
        """Money has a host of its own beside api.ebay.com, and beside eBay's sandbox."""
        return self.api_url.replace("://api.", "://apiz.", 1)
