"""One Amazon seller account's credentials and addresses: ECOM_<ACCOUNT>__<FIELD>."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


def _ids(value: Any) -> Any:
    """Ids as one comma-separated text, as an environment variable holds them."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class AmazonSettings(BaseModel):
    """`marketplaces` are Amazon's ids, all of one region (NA, EU or FE): a token is valid in one region only.

    `base_url` None = the live host of that region; it may carry a path (http://127.0.0.1:8088/sp-api).
    `queue_url` is the SQS queue that notifications go to, None = no events; `queue_endpoint` is another
    host that speaks SQS. Without AWS keys boto3's own chain of credentials is used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    refresh_token: SecretStr = Field(min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    seller_id: str = Field(min_length=1)
    marketplaces: Annotated[tuple[str, ...], BeforeValidator(_ids), Field(min_length=1)]
    base_url: str | None = None
    lwa_url: str = "https://api.amazon.com/auth/o2/token"
    queue_url: str | None = None
    queue_endpoint: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_region: str = "us-east-1"
