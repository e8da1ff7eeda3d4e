"""Looking back: where a change in profit came from, and what other ways of pricing would have left on our pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import streamlit as st

from dashboards import charts
from dashboards.parts import ago, heading, money, nothing, plain, safely
from dashboards.session import app
from ecom_agent.errors import EcomError
from ecom_agent.money import Money
from ecom_agent.records.attributions import AttributionReport, AttributionRow
from ecom_agent.records.backtests import BacktestReport

DAYS = 7


def amount(minor: float, currency: str) -> str:
    return money(Money(round(minor), currency))


def attribution_table(rows: Sequence[AttributionRow]) -> pd.DataFrame:
    """Money in major units; the parts sum to the change."""
    parts = ("change", "price", "buy_box", "demand", "conversion", "cost", "luck")
    return pd.DataFrame(
        [
            {
                "SKU": row.sku or "all",
                **{p.replace("_", " ").capitalize(): amount(getattr(row, p), row.currency) for p in parts},
                "Luck lies in": f"{amount(row.luck_low, row.currency)} … {amount(row.luck_high, row.currency)}",
            }
            for row in rows
        ]
    )


def explained(account: str, split: date, days: int) -> AttributionReport:
    """The report, reckoned anew only where something else is asked or Refresh was pressed."""
    asked, kept = (account, split, days), st.session_state.get("attribution")
    if kept is None or kept[0] != asked or st.session_state.get("refresh-Looking back"):
        with st.spinner("Reading what was sold …"):
            kept = asked, app().attribution(account, datetime.combine(split, time(), UTC), days)
        st.session_state["attribution"] = kept
    report: AttributionReport = kept[1]
    return report


def attribution_tab() -> None:
    accounts = [account for account, *_ in app().accounts()]
    if not accounts:
        nothing("No account is set up: `ecom init` tells how.")
        return
    today = app().clock.now().date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        account = st.selectbox("Account", accounts, key="attribution-account")
        split = st.date_input("Before and after", today - timedelta(days=DAYS), max_value=today, key="split")
        days = st.number_input("Days on each side", 1, 366, DAYS, key="days")
    report = explained(account, split, int(days))
    if not report.totals:
        nothing("Nothing to compare: a listing needs sales or prices seen on both sides, and its unit cost.")
    for row in report.totals:
        st.plotly_chart(charts.attribution(row), key=f"attribution-{row.currency}", config={"displayModeBar": False})
        told = "could as well be luck alone" if row.luck_low <= row.change <= row.luck_high else "is more than luck"
        st.caption(
            f"Profit in the {report.days} days from {report.split:%Y-%m-%d} on, less that of the {report.days} before: "
            f"{amount(row.change, row.currency)}. The parts sum to it. Luck alone lies between "
            f"{amount(row.luck_low, row.currency)} and {amount(row.luck_high, row.currency)} 19 times of 20: the "
            f"change {told}."
        )
    if report.listings:
        most = sorted(report.listings, key=lambda row: -abs(row.change))
        st.dataframe(attribution_table(most), hide_index=True)
    if report.left_out:
        with st.expander(f"{len(report.left_out)} listings are left out"):
            st.dataframe(pd.DataFrame(report.left_out, columns=["SKU", "Why"]), hide_index=True)


def backtest_table(report: BacktestReport) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Priced by": row.way,
                "Profit a day": amount(row.profit_a_day, row.currency),
                "Better than the price as it was": f"{row.better} of {report.listings}",
            }
            for row in report.rows
        ]
    )


def backtest_tab() -> None:
    places = [(account, marketplace) for account, _platform, found in app().accounts() for marketplace in found]
    if not places:
        nothing("No account is set up: `ecom init` tells how.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        where = st.selectbox("Where", places, format_func=lambda c: f"{c[0]} · {c[1]}", key="backtest-place")
        days = st.number_input("Days back", 1, DAYS, 1, key="backtest-days")
        run = st.button("Run", type="primary", icon=":material/play_arrow:", key="backtest-run")
    if run:
        try:
            with st.spinner("Leading our recorded pages through each way of pricing …"):
                st.session_state["backtest"] = app().clock.now(), app().backtest(*where, int(days))
        except EcomError as e:
            st.error(plain(str(e)), icon=":material/block:")
    at, report = st.session_state.get("backtest", (None, None))
    if report is None:
        nothing("No backtest yet. Run leads the recorded offers of our own pages through rules and strategies.")
        return
    result(at, report)


def result(at: datetime, report: BacktestReport) -> None:
    st.caption(
        f"{plain(report.account)} · {plain(report.marketplace)}, {report.since:%Y-%m-%d %H:%M} to "
        f"{report.until:%Y-%m-%d %H:%M} UTC, run {ago(at, app().clock.now())}: {report.events:,} pages of "
        f"{report.listings} listings ({report.asked} asked; price, costs, fees, sales and pages must be known)."
    )
    if not report.rows:
        nothing("No listing could be led through its events: nothing was recorded in these days, or costs are missing.")
        return
    for currency in dict.fromkeys(row.currency for row in report.rows):
        rows = [row for row in report.rows if row.currency == currency]
        st.plotly_chart(charts.backtest(rows), key=f"backtest-{currency}", config={"displayModeBar": False})
    st.dataframe(backtest_table(report), hide_index=True)
    st.caption(
        "Expected profit by the demand model, so that luck in sales moves nothing. Rivals stay as recorded and answer "
        "nothing, which flatters whoever would have been answered. For a year of made-up days by segment: "
        "`ecom evaluate backtest --chart FILE`."
    )


@safely
def show() -> None:
    heading("Looking back", "Where a change in profit came from, and what other ways of pricing would have left.")
    first, second = st.tabs(["Where the change came from", "Backtest"])
    with first:
        safely(attribution_tab)()
    with second:
        safely(backtest_tab)()


show()
