"""Translation on this machine by argostranslate, with a folder of models of its own.

argostranslate reads its folders from the environment once, when it is imported, and creates them. They are set for
that moment only, so that nothing lands in the user's home; a process therefore has one folder of models.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecom_agent.adapters.extras import bring
from ecom_agent.errors import BadInput, ConfigError

NEEDED_FOR = "translation"


class ArgosTranslator:
    """Translates between the pairs whose models (`.argosmodel` files) lie in `folder`; also by way of a third language.

    Raises ConfigError where argostranslate is missing or already serves another folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        with _environment(
            ARGOS_PACKAGES_DIR=str(self._folder / "packages"),
            XDG_DATA_HOME=str(self._folder / "data"),
            XDG_CONFIG_HOME=str(self._folder / "config"),
            XDG_CACHE_HOME=str(self._folder / "cache"),
        ):
            self._package: Any = bring("argostranslate.package", needed_for=NEEDED_FOR)
            self._translate: Any = bring("argostranslate.translate", needed_for=NEEDED_FOR)
            in_force = bring("argostranslate.settings", needed_for=NEEDED_FOR).package_data_dir
        if Path(in_force) != self._folder / "packages":
            raise ConfigError(f"translation already uses the models in {in_force}; a process has one folder of models")

    def install(self, file: Path) -> None:
        """Add the model in `file`. Raises BadInput where it is none; the folder is then as before."""
        if not _is_model(file):
            raise BadInput("an .argosmodel file", str(file), "download one for your pair of languages")
        self._package.install_from_path(file)

    def pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (language.code, onward.to_lang.code)
            for language in self._translate.get_installed_languages()
            for onward in language.translations_from
            if onward.to_lang.code != language.code
        )

    def translate(self, text: str, source: str, target: str) -> str:
        """`text` in `target`. Raises ConfigError where no model is there at all, BadInput where this pair has none."""
        if source == target or not text.strip():
            return text
        pairs = self.pairs()
        if not pairs:
            raise ConfigError(f"translation has no model yet: put .argosmodel files into {self._folder} by install()")
        if (source, target) not in pairs:
            there = ", ".join(f"{a} to {b}" for a, b in sorted(pairs))
            raise BadInput(f"a model from {source} to {target}", f"models for {there}", "install one for this pair")
        return str(self._translate.translate(text, source, target))


def _is_model(file: Path) -> bool:
    """A zip of one folder with metadata.json in it: argostranslate unpacks anything, and fails ever after."""
    if not (file.is_file() and zipfile.is_zipfile(file)):
        return False
    with zipfile.ZipFile(file) as archive:
        names = [name.split("/") for name in archive.namelist()]
    return len({parts[0] for parts in names}) == 1 and any(parts[1:] == ["metadata.json"] for parts in names)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
