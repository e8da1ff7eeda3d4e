"""One advertiser's credentials and addresses: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class AmazonAdsSettings(BaseModel):
    """`profile_id` is the advertiser in one marketplace, `marketplace` that one's id: they must belong together.

    `region` tells the live hosts; `base_url` and `lwa_url` stand for them where they are given, and may carry a path
    (http://127.0.0.1:8088/ads).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    refresh_token: SecretStr = Field(min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    profile_id: str = Field(pattern=r"^\d+$")
    marketplace: str = Field(min_length=1)
    region: Literal["NA", "EU", "FE"] = "NA"
    base_url: str | None = None
    lwa_url: str | None = None
