"""Printing: JSON for machines, tables for people, progress beside them on stderr."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import typer

PIPE_COLUMNS = 200


def clean(text: str) -> str:
    """Text from outside without control characters: nothing in it may steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def json(data: Any) -> None:
    """One JSON object on one line. Records are printed field by field, moments as RFC 3339."""
    import orjson

    typer.echo(orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode())


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """A table, or the sentence `empty` where there are no rows."""
    if not rows:
        typer.echo(empty)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        grid.add_row(*(Text(_cell(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS).print(grid)


def pairs(data: dict[str, Any]) -> None:
    """Names and values, a line each."""
    width = max(map(len, data), default=0)
    for name, value in data.items():
        typer.echo(f"{name.ljust(width)}  {_cell(value)}")


def say(line: str) -> None:
    """A line of a run that lasts, at once."""
    typer.echo(clean(line))
    sys.stdout.flush()


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A place to report progress to: one living line on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        yield lambda line: typer.echo(clean(line), err=True)
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("starting") as status:
        yield lambda line: status.update(escape(clean(line)))


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:,.4g}"
    return clean(str(value))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, set | frozenset) else str(value)
