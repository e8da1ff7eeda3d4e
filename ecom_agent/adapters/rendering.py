"""Templates filled by jinja2: sandboxed, and a missing value is an error, never an empty string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ecom_agent.errors import BadInput, NotFound


class TemplateRenderer:
    """Renders templates (`*.j2`) of `folders`, the first folder that has it. `*.html.j2` are escaped, others not."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
            finalize=_known,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Fill `template`. Raises NotFound (no such template) and BadInput (a missing value, a faulty template).

        None counts as missing: unknown must not be printed. Messages name the field, never a value.
        """
        try:
            return self._environment.get_template(template).render(values)
        except TemplateNotFound as error:
            raise NotFound(f"template {error.name}") from error
        except UndefinedError as error:
            raise BadInput(f"every value that {template} uses", str(error), "hand it in, or test for it") from error
        except TemplateSyntaxError as error:
            raise BadInput(
                "a jinja2 template", f"{template}, line {error.lineno}: {error.message}", "mend it"
            ) from error
        except SecurityError as error:
            raise BadInput(
                f"a template without code in {template}", str(error), "use values and filters only"
            ) from error


def _known(value: object) -> object:
    if value is None:
        raise UndefinedError("a value is None")
    return value
