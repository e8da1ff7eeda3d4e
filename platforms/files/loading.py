"""Finding and reading a mapping; what is wrong in one is told with its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml
from pydantic import ValidationError

from ecom_agent.errors import BadInput
from platforms.files.mapping import FileMapping, OrderMapping
from platforms.files.mapping_kinds import CostMapping, MessageMapping, ReviewMapping

MAPPINGS: Final[Mapping[str, type[FileMapping]]] = MappingProxyType(
    {model.kind: model for model in (OrderMapping, ReviewMapping, MessageMapping, CostMapping)}
)
"""What a file can hold, and how its mapping looks."""
_FOLDER: Final = resources.files("platforms.files") / "mappings"
_FIX: Final = "see platforms/files/README.md for what a mapping holds"


def mapping_names(kind: str | None = None) -> list[str]:
    """Names of the mappings that come with the project, all or those of one kind."""
    names = sorted(f.name.removesuffix(".yaml") for f in _FOLDER.iterdir() if f.name.endswith(".yaml"))
    return [name for name in names if kind in (None, load_mapping(name).kind)]


def load_mapping(name: str, kind: str | None = None) -> FileMapping:
    """A mapping by its name, or the seller's own by the path of its .yaml file. `kind`: which one it has to be.

    Raises BadInput listing the known names, or the line of the mapping that is wrong.
    """
    if kind is not None and kind not in MAPPINGS:
        raise BadInput(f"one of {', '.join(MAPPINGS)}", repr(kind), "other streams cannot be imported from files")
    found = _read(name, _text(name))
    if kind not in (None, found.kind):
        fits = ", ".join(mapping_names(kind)) or "a .yaml file of your own"
        raise BadInput(f"a mapping of {kind}", f"{name}, which is of {found.kind}", f"take another: {fits}")
    return found


def _text(name: str) -> str:
    if (shipped := _FOLDER / f"{name}.yaml").is_file() and "/" not in name:
        return shipped.read_text("utf-8")
    own = Path(name)
    if own.suffix in (".yaml", ".yml"):
        try:
            return own.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput("a readable mapping file", f"{name} ({error})", "check the path") from None
    raise BadInput(
        f"a mapping: {', '.join(mapping_names())}, or the path of a .yaml file",
        repr(name),
        "pick one or write your own",
    )


def _read(name: str, text: str) -> FileMapping:
    own = Path(name).stem
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"YAML in mapping {own}", str(error), _FIX) from None
    if not isinstance(raw, dict):
        raise BadInput(f"keys and values in mapping {own}", type(raw).__name__, _FIX)
    kind = raw.pop("kind", OrderMapping.kind)
    if not isinstance(kind, str) or kind not in MAPPINGS:
        line = _line(root, ("kind",))
        raise BadInput(f"kind: {', '.join(MAPPINGS)} in mapping {own}", f"{kind!r} in line {line}", _FIX)
    try:
        return MAPPINGS[kind].model_validate({**raw, "name": own})
    except ValidationError as error:
        problems: Iterable[Any] = error.errors(include_url=False)
        wrong = "; ".join(f"line {_line(root, e['loc'])}: {_place(e['loc'])}: {_told(e, kind)}" for e in problems)
        raise BadInput(f"a whole mapping of {kind} in {own}", wrong, _FIX) from None


def _told(problem: Mapping[str, Any], kind: str) -> str:
    """In our words where the library's help nobody: what could stand there instead."""
    if problem["type"] != "extra_forbidden":
        return str(problem["msg"])
    fields = MAPPINGS[kind].model_fields
    if problem["loc"][0] == "columns":
        inner: Any = fields["columns"].annotation
        fields = inner.model_fields
    return f"no such name; there are {', '.join(name for name in fields if name != 'name')}"


def _place(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path)) or "mapping"


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """The line of a key, of a missing one that of what it is missing in."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in path:
        if not isinstance(node, yaml.MappingNode):
            break
        pair = next(((key, value) for key, value in node.value if key.value == str(step)), None)
        if pair is None:
            break
        line, node = pair[0].start_mark.line + 1, pair[1]
    return line
