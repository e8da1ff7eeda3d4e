"""Figures from records. They draw what they are given and reckon nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import plotly.graph_objects as go

from dashboards.theme import BUY_BOX, HELD, INK, LIMIT, LINE, OURS, RIVAL, SERIES
from ecom_agent.money import Money
from ecom_agent.records.attributions import AttributionRow
from ecom_agent.records.backtests import BacktestRow
from ecom_agent.records.offers import PricePoint
from ecom_agent.records.strategies import StrategyStanding
from ecom_agent.records.views import ListingView

_HOUR_MS: Final = 3_600_000
_FILLED: Final = 0.75  # of an hour's place; the rest keeps bars apart


def price_story(listing: ListingView, points: Sequence[PricePoint]) -> go.Figure:
    """Our price, the lowest rival and the Buy Box over time; shaded while the Buy Box is ours."""
    figure, times = go.Figure(), [p.at for p in points]
    held = [1 if p.we_hold_buy_box else 0 for p in points]
    figure.add_scatter(
        x=times, y=held, yaxis="y2", name="Buy Box is ours", fill="tozeroy", fillcolor=HELD, mode="lines",
        line={"width": 0, "shape": "hv"}, hoverinfo="skip",
    )  # fmt: skip
    for name, values, color, width in (
        ("Buy Box", [p.buy_box for p in points], BUY_BOX, 8),
        ("Lowest rival", [p.lowest_rival for p in points], RIVAL, 1.6),
        ("Our price", [p.our_price for p in points], OURS, 2.6),
    ):
        line = {"color": color, "width": width, "shape": "hv"}
        figure.add_scatter(x=times, y=[_major(v) for v in values], name=name, mode="lines", line=line)
    for name, limit in (("Floor", listing.floor), ("Ceiling", listing.ceiling)):
        if limit is not None:
            figure.add_hline(
                y=_major(limit),
                line={"color": LIMIT, "width": 1.2, "dash": "dash"},
                annotation={"text": f"{name} {limit}", "font": {"size": 11, "color": INK}},
                annotation_position="top left",
            )
    currency = next((a.currency for a in (listing.price, listing.floor, listing.ceiling) if a is not None), "")
    figure.update_layout(**_frame(f"Landed price, {currency}"), height=380)
    figure.update_layout(
        yaxis2={"overlaying": "y", "side": "right", "range": [0, 1], "visible": False}, hovermode="x unified"
    )
    return figure


def gains(standings: Sequence[StrategyStanding]) -> go.Figure:
    """Each strategy's simulated gain over the incumbent with its interval, the surest on top."""
    figure = go.Figure()
    scores = [s.simulated for s in reversed(standings) if s.simulated is not None]
    figure.add_scatter(
        x=[score.gain for score in scores],
        y=[score.member for score in scores],
        mode="markers",
        marker={"color": [OURS if score.gain_low > 0 else LIMIT for score in scores], "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_finite(score.gain_high - score.gain) for score in scores],
            "arrayminus": [_finite(score.gain - score.gain_low) for score in scores],
            "color": LIMIT,
        },
        hovertemplate="%{y}<br>%{x:+,.0f} a day<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": LIMIT, "width": 1.2, "dash": "dash"})
    figure.update_layout(**_frame(""), height=max(220, 26 * len(scores) + 90), showlegend=False)
    figure.update_layout(xaxis={"title": "Gain over the incumbent, minor units a day"}, yaxis={"automargin": True})
    return figure


def attribution(row: AttributionRow) -> go.Figure:
    """A change in profit as a waterfall of its parts."""
    parts = ("price", "buy_box", "demand", "conversion", "cost", "luck")
    values = [_major(Money(round(getattr(row, part)), row.currency)) for part in parts]
    figure = go.Figure()
    figure.add_waterfall(
        x=[*(part.replace("_", " ").capitalize() for part in parts), "Change"],
        y=[*values, None],
        measure=[*("relative" for _ in parts), "total"],
        increasing={"marker": {"color": OURS}},
        decreasing={"marker": {"color": RIVAL}},
        totals={"marker": {"color": LIMIT}},
        connector={"line": {"color": LINE}},
        hovertemplate=f"%{{x}}<br>%{{delta:+,.2f}} {row.currency}<extra></extra>",
    )
    figure.update_layout(**_frame(f"Profit, {row.currency}"), height=300, showlegend=False)
    return figure


def backtest(rows: Sequence[BacktestRow]) -> go.Figure:
    """Expected profit a day of each way of pricing, all of one currency, the best on top."""
    figure, currency = go.Figure(), rows[0].currency
    best_last = list(reversed(rows))
    figure.add_bar(
        x=[_major(Money(round(row.profit_a_day), row.currency)) for row in best_last],
        y=[row.way for row in best_last],
        orientation="h",
        marker={"color": OURS},
        hovertemplate=f"%{{y}}<br>%{{x:,.2f}} {currency} a day<extra></extra>",
    )
    figure.update_layout(**_frame(""), height=90 + 36 * len(rows), showlegend=False, bargap=0.4)
    figure.update_layout(xaxis={"title": f"Expected profit a day, {currency}"}, yaxis={"automargin": True})
    return figure


def _finite(reach: float) -> float:
    return reach if reach < 1e300 else 0.0


def sales(rows: Sequence[tuple[datetime, str, int, int]]) -> go.Figure:
    """Revenue by hour, a colour per currency: currencies are never added up.

    A day wide at least: a first hour alone would fill the whole picture, with an axis of milliseconds.
    """
    figure = go.Figure()
    hours = [row[0] for row in rows]
    for n, currency in enumerate(sorted({row[1] for row in rows})):
        mine = [row for row in rows if row[1] == currency]
        figure.add_bar(
            x=[row[0] for row in mine],
            y=[_major(Money(row[3], currency)) for row in mine],
            name=currency,
            customdata=[row[2] for row in mine],
            hovertemplate=f"%{{x|%d %b %H:%M}} UTC<br>%{{y:,.2f}} {currency}<br>%{{customdata}} orders<extra></extra>",
            marker={"color": SERIES[n % len(SERIES)]},
        )
    figure.update_layout(**_frame("Revenue an hour"), height=260, barmode="group", bargap=0.25)
    if hours:
        half = timedelta(minutes=30)
        figure.update_xaxes(range=[min(min(hours), max(hours) - timedelta(hours=23)) - half, max(hours) + half])
        figure.update_traces(width=_HOUR_MS * _FILLED / len(figure.data))
    return figure


def _frame(y_title: str) -> dict[str, Any]:
    grid = {"gridcolor": LINE, "zeroline": False, "tickfont": {"size": 11}}
    return {
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "plot_bgcolor": "rgba(0,0,0,0)",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.02, "x": 0, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": {**grid, "title": None, "showgrid": False},
        "yaxis": {**grid, "title": {"text": y_title, "font": {"size": 11}}},
    }


def _major(amount: Money | None) -> float | None:
    """For drawing only: pixels need no exactness."""
    return None if amount is None else float(amount.major)
