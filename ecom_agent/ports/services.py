"""Heavy helpers behind a narrow word each; `ecom_agent/adapters` fulfils them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Embedder(Protocol):
    """Turns texts into vectors. `model` and `dimension` are stored with every index."""

    @property
    def model(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit-length vector of `dimension` floats per text, in order."""
        ...


class Translator(Protocol):
    def pairs(self) -> frozenset[tuple[str, str]]:
        """(from, to) language codes that can be translated here."""
        ...

    def translate(self, text: str, source: str, target: str) -> str: ...


class Forecaster(Protocol):
    @property
    def name(self) -> str: ...
    def forecast(self, daily_units: Sequence[float | None], days: int) -> list[float]:
        """Expected units for each of the next `days` days; None in the history = not observed."""
        ...


class Renderer(Protocol):
    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Fill a named template; a missing value is an error, never an empty string."""
        ...


class Notifier(Protocol):
    def notify(self, subject: str, text: str) -> None: ...
