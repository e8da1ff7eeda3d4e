"""`.env.example` names every setting with its default, and every field of every platform's account."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from ecom_agent import settings
from platforms import registry

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()
GIVEN = dict(line.split("=", 1) for line in LINES if line and not line.startswith("#"))


def test_it_names_every_setting_with_its_default() -> None:
    fields = settings.Settings.model_fields
    expected = {f"ECOM_{name.upper()}": _as_text(field.default) for name, field in fields.items()}
    assert expected == GIVEN


def test_taken_as_it_is_it_changes_nothing() -> None:
    assert settings.load(GIVEN) == settings.load({})


@pytest.mark.parametrize("name", sorted(settings.Settings.model_fields))
def test_the_line_above_a_setting_says_what_it_says(name: str) -> None:
    above = LINES[next(i for i, line in enumerate(LINES) if line.startswith(f"ECOM_{name.upper()}=")) - 1]
    described = settings.Settings.model_fields[name].description
    assert described is not None
    assert above.startswith("# ")
    assert described.split(":")[0].split(";")[0] in above


@pytest.mark.parametrize("platform", sorted(registry.specs()))
def test_it_names_every_field_of_an_account_of_each_platform(platform: str) -> None:
    module, _, name = registry.specs()[platform].settings.partition(":")
    model: type[BaseModel] = getattr(importlib.import_module(module), name)
    shown = [set(_account_fields(prefix)) for prefix in _account_prefixes()]
    assert set(model.model_fields) in shown
    defaults = {k: str(f.default) for k, f in model.model_fields.items() if f.default not in (None, PydanticUndefined)}
    fields = next(_account_fields(p) for p in _account_prefixes() if set(_account_fields(p)) == set(model.model_fields))
    assert {k: fields[k] for k in defaults} == defaults


def _as_text(default: object) -> str:
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def _account_prefixes() -> set[str]:
    return set(re.findall(r"^# (ECOM_[A-Z_]+__)", "\n".join(LINES), re.MULTILINE))


def _account_fields(prefix: str) -> dict[str, str]:
    found = re.findall(rf"^# {prefix}([A-Z_]+)=(.*)$", "\n".join(LINES), re.MULTILINE)
    return {name.lower(): value for name, value in found}
