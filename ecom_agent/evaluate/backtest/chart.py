"""The backtest as a chart: its data, pure; and a page that shows it, whole in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from native_pricer.ticks import MICRO, Totals

PANELS: Final = (("profit", "Profit, USD"), ("buy_box_share", "Buy Box share"), ("writes", "Writes"))


def weeks(rules: Sequence[Totals], fixed: Sequence[Totals], starts: Sequence[str]) -> list[dict[str, Any]]:
    """One point per chunk of days, from the sums at each chunk's end."""
    rows = []
    for k, start in enumerate(starts):
        row: dict[str, Any] = {"from": start}
        for name, sums in (("", rules), ("_fixed", fixed)):
            gone = sums[k] if k == 0 else sums[k].minus(sums[k - 1])
            row[f"profit{name}"] = round(int(gone.profit.sum()) / MICRO / 100, 2)
            row[f"buy_box_share{name}"] = round(float(gone.held.sum() / max(gone.time.sum(), 1)), 4)
            row[f"writes{name}"] = int(gone.moves.sum())
        rows.append(row)
    return rows


def page(weeks: Sequence[Mapping[str, Any]], segments: Sequence[Mapping[str, Any]]) -> str:
    """Lines over time for rules and fixed price, and bars by segment, as one HTML page that needs no network."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    kinds = list(dict.fromkeys(row["by"] for row in segments))
    titles = [title for _, title in PANELS] + [f"Profit above the fixed price's, by {kind}, USD" for kind in kinds]
    figure = make_subplots(rows=len(titles), cols=1, subplot_titles=titles, vertical_spacing=0.05)
    x = [row["from"] for row in weeks]
    for n, (name, _) in enumerate(PANELS, 1):
        for suffix, label in (("", "rules"), ("_fixed", "fixed price")):
            y = [row[name + suffix] for row in weeks]
            figure.add_trace(go.Scatter(x=x, y=y, name=label, legendgroup=label, showlegend=n == 1), row=n, col=1)
    for n, kind in enumerate(kinds, len(PANELS) + 1):
        rows = [row for row in segments if row["by"] == kind]
        gain = [row["profit"] - row["profit_fixed"] for row in rows]
        bars = go.Bar(x=[row["segment"] for row in rows], y=gain, showlegend=False)
        figure.add_trace(bars, row=n, col=1)
    figure.update_layout(height=320 * len(titles), title="Backtest", template="plotly_white")
    html: str = figure.to_html(include_plotlyjs=True, full_html=True)
    return html
