"""What the operator sets at deploy time: URLs, folders, ports, credentials. Read once, in wiring.

Business rules (margins, limits, intervals, autonomy) are policy, kept in the database, not here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecom_agent.actions.model import Mode
from ecom_agent.errors import ConfigError

DEMO_ENV = Path(".demo/env")
"""Written by a running demo, so that a second terminal speaks to it without any setting."""


class Settings(BaseSettings):
    """Every deployment setting. Environment: ECOM_<NAME>; a `.env` file stands below the environment."""

    model_config = SettingsConfigDict(env_prefix="ECOM_", extra="ignore")

    mode: Mode = Field(Mode.DRY_RUN, description="dry-run sends nothing, sandbox never reaches a live host, live sends")
    accounts: str = Field("", description="name:platform, comma separated: amazon_us:amazon,shop_main:shopify")
    database_url: str | None = Field(None, description="any PostgreSQL 15+ with pgvector; empty = embedded")
    data_dir: Path = Field(Path(".ecom"), description="folder of the embedded database, logs and Prefect")
    data_key: SecretStr | None = Field(None, description="32 bytes in base64 that seal messages; empty = a file")
    person: str = Field("operator", description="name written into the audit for what you do at CLI and console")
    host: str = Field("127.0.0.1", description="address that console, API and Prefect listen on")
    console_port: int = Field(8501, description="Streamlit console; the next free port where taken")
    api_port: int = Field(8000, description="webhooks, /health, /metrics; the next free port where taken")
    prefect_port: int = Field(4200, description="Prefect server and UI; the next free port where taken")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_json: bool = Field(False, description="true = one JSON object a line")
    shared: Path | None = Field(None, description="folder with official contracts and data, for evaluations and tests")
    dingtalk_secret: SecretStr | None = Field(None, description="DingTalk's robot: the secret it signs with")
    feishu_encrypt_key: SecretStr | None = Field(None, description="Feishu's app: the key of its events")
    feishu_token: SecretStr | None = Field(None, description="Feishu's app: its verification token")
    wecom_token: SecretStr | None = Field(None, description="WeCom's app: the token it signs with")
    wecom_aes_key: SecretStr | None = Field(None, description="WeCom's app: its EncodingAESKey")
    wecom_receiver: str | None = Field(None, description="WeCom's corporation id, which its calls are meant for")

    def account_platforms(self) -> dict[str, str]:
        """Account name → platform name. Raises ConfigError where the list is malformed."""
        found: dict[str, str] = {}
        for entry in filter(None, (part.strip() for part in self.accounts.split(","))):
            name, colon, platform = entry.partition(":")
            if not (colon and name.isidentifier() and platform) or name in found:
                raise ConfigError(
                    f"ECOM_ACCOUNTS: wanted unique name:platform pairs such as amazon_us:amazon; found {entry!r}; "
                    "names are letters, digits and underscores"
                )
            found[name] = platform
        return found


def env_file() -> Path | None:
    """The settings file in force: ECOM_ENV_FILE, else ./.env, else a running demo's, else None."""
    named = os.environ.get("ECOM_ENV_FILE")
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"ECOM_ENV_FILE: wanted a readable file; found nothing at {named}; run `ecom init`")
        return Path(named)
    return next((path for path in (Path(".env"), DEMO_ENV) if path.is_file()), None)


def environment(file: Path | None = None) -> dict[str, str]:
    """The settings file's values under the process environment's."""
    path = file or env_file()
    below = {} if path is None else {k: v for k, v in dotenv_values(path).items() if v is not None}
    return {**below, **os.environ}


def load(values: Mapping[str, str]) -> Settings:
    """Read the settings out of `values`. Raises ConfigError that names each wrong one, never its value."""
    given = {
        name: values[f"ECOM_{name.upper()}"] for name in Settings.model_fields if values.get(f"ECOM_{name.upper()}")
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"ECOM_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors(include_input=False))
        raise ConfigError(f"{wrong}; see .env.example") from None


def account_fields(account: str, values: Mapping[str, str]) -> dict[str, str]:
    """The credentials of one account: ECOM_<ACCOUNT>__<FIELD> → field in lower case."""
    prefix = f"ECOM_{account.upper()}__"
    return {name[len(prefix) :].lower(): value for name, value in values.items() if name.startswith(prefix) and value}
