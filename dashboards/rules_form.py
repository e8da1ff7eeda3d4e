"""The rules screen's tables: rows to frames, and an edited frame back to the table that is imported. Pure."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from ecom_agent.records.rule_views import AssignmentView, Change, RulePreview

COLUMNS: Final = ("scope", "rule", "listings", "by", "since", "note")
NEW_RULE: Final = """rule: my-rule
about: Say in a sentence what it is for.
clauses:
  - name: follow the lowest
    target: lowest
    offset: match
"""


def assignment_frame(rows: Sequence[AssignmentView]) -> pd.DataFrame:
    """One line per scope that has a rule."""
    cells = [[a.scope, a.rule, a.listings, a.by, a.at.strftime("%Y-%m-%d %H:%M"), a.note] for a in rows]
    return pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)


def assignment_table(rows: Sequence[AssignmentView], edited: pd.DataFrame) -> bytes | None:
    """The edits as CSV to import: lines that differ, and those taken out with no rule; None where nothing differs."""
    before = {a.scope: a.rule for a in rows}
    after: list[tuple[str, str]] = []
    for _, line in edited.iterrows():
        scope, rule = _text(line["scope"]), _text(line["rule"])
        if scope or rule:
            after.append((scope, rule))
    kept = Counter(scope for scope, _ in after)
    # of a scope that stands there twice all lines go along, so that the import refuses them
    changed = [(scope, rule) for scope, rule in after if before.get(scope) != rule or kept[scope] > 1]
    changed += [(scope, "") for scope in before if scope not in kept]
    if not changed:
        return None
    out = io.StringIO(newline="")
    csv.writer(out).writerows([("scope", "rule"), *changed])
    return out.getvalue().encode()


def change_frame(changes: Sequence[Change]) -> pd.DataFrame:
    cells = [[c.subject, c.field, c.old or "—", c.new or "—"] for c in changes]
    return pd.DataFrame(cells, columns=["Of", "What", "Now", "Would become"])


def preview_frame(found: RulePreview) -> pd.DataFrame:
    cells = [
        [f"{line.at:%m-%d %H:%M:%S}", line.sku, line.before or "—", line.now or "—", line.then or "—", line.clause]
        for line in found.lines
    ]
    return pd.DataFrame(cells, columns=["When (UTC)", "SKU", "Price", "In force", "This rule", "Clause"])


def _text(cell: Any) -> str:
    return "" if cell is None or pd.isna(cell) else str(cell).strip()
