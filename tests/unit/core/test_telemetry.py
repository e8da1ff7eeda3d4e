"""Logs go to stderr with their fields, and never show what smells of a secret."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import orjson
import pytest

from ecom_agent import telemetry


@pytest.fixture(autouse=True)
def set_up() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    telemetry.set_up("INFO", as_json=True)
    yield
    root.handlers[:], root.level = handlers, level


def test_an_event_is_one_line_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log("x").warning("price applied", sku="MUG-01")
    told = orjson.loads(capsys.readouterr().err)
    assert (told["event"], told["sku"], told["level"]) == ("price applied", "MUG-01", "warning")


def test_pythons_own_logging_comes_out_alike(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("y").warning("a pull failed", extra={"account": "amazon_us"})
    told = orjson.loads(capsys.readouterr().err)
    assert (told["event"], told["account"]) == ("a pull failed", "amazon_us")


@pytest.mark.parametrize("name", ["refresh_token", "client_secret", "Authorization", "db_password"])
def test_what_smells_of_a_secret_is_masked_wherever_it_comes_from(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    telemetry.log("x").warning("oops", **{name: "hunter2"})
    logging.getLogger("y").warning("oops", extra={name: "hunter2"})
    said = capsys.readouterr().err
    assert "hunter2" not in said
    assert said.count("***") == 2


def test_a_closed_stderr_of_former_days_is_not_written_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    former = io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", former)
        telemetry.set_up("INFO")
    former.close()
    telemetry.log("x").warning("still here")
    assert "still here" in capsys.readouterr().err
