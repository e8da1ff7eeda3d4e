"""argostranslate with no model, and with files it must refuse. A process has one folder of models."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from ecom_agent.adapters.translation import ArgosTranslator
from ecom_agent.errors import BadInput, ConfigError

pytestmark = pytest.mark.slow  # its import takes many seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("argostranslate", reason="only the full profile has it: make demo PROFILE=full")
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def translator(folder: Path) -> ArgosTranslator:
    return ArgosTranslator(folder)


def test_without_a_model_it_says_so(translator: ArgosTranslator) -> None:
    assert translator.pairs() == frozenset()
    with pytest.raises(ConfigError, match=r"no model yet.*\.argosmodel"):
        translator.translate("good morning", "en", "de")


def test_a_text_in_its_own_language_needs_no_model(translator: ArgosTranslator) -> None:
    assert translator.translate("good morning", "en", "en") == "good morning"
    assert translator.translate("  ", "en", "de") == "  "


def test_what_is_no_model_is_refused_and_leaves_nothing(translator: ArgosTranslator, tmp_path: Path) -> None:
    zipped = tmp_path / "other.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("readme.txt", "not a model")
    plain = tmp_path / "plain.argosmodel"
    plain.write_bytes(b"not even a zip")
    for file in (zipped, plain, tmp_path / "missing.argosmodel"):
        with pytest.raises(BadInput, match=r"\.argosmodel"):
            translator.install(file)
    assert translator.pairs() == frozenset()


def test_the_environment_is_as_before_and_a_second_folder_is_refused(
    translator: ArgosTranslator, tmp_path: Path
) -> None:
    assert "ARGOS_PACKAGES_DIR" not in os.environ
    with pytest.raises(ConfigError, match="one folder of models"):
        ArgosTranslator(tmp_path)
