"""How far each account may go, and how close it is to being stopped by itself."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import theme
from dashboards.parts import ago, chips, nothing, plain
from dashboards.session import app
from ecom_agent.records.views import BreakerLine, BreakerView

STATES = {
    "active": ("green", ":material/check_circle:", "within all limits"),
    "reducing": ("orange", ":material/trending_up:", "raises only"),
    "halted": ("red", ":material/pan_tool:", "nothing leaves"),
}
NAMES = {
    "errors": "Writes refused or unanswered in a row",
    "mismatches": "Not there when read back",
    "at_floor": "Brought to their floor",
    "moved": "Moved within a minute",
    "feeds": "Minutes since it came",
    "gaps": "Live price not the one we set",
    "parity": "Priced apart on two accounts",
    "runaway": "Ran away",
}
THEN = {"halted": theme.RED, "reducing": theme.ORANGE}


def panel() -> None:
    st.subheader("Breakers", anchor=False)
    seen = app().breakers()
    if not seen:
        nothing("No account is set up yet. Each one gets its breakers here.")
    for view in seen:
        account(view)


def account(view: BreakerView) -> None:
    color, icon, means = STATES.get(view.state, ("gray", ":material/help:", view.state))
    closest = max((used(line) for line in view.lines), default=0.0)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(view.state, color=color, icon=icon, width=110)  # type: ignore[arg-type]  # Streamlit's colour words
            st.markdown(f"**{plain(view.account)}** :gray[{means}]", width="stretch")
            st.caption(f"closest to its limit: {closest:.0%}" if view.lines else "")
        if view.since is not None:
            by = f"by {plain(view.by or '')}, {ago(view.since, app().clock.now())}"
            st.markdown(f"{plain(view.reason or '')} :gray[{by}. A person resumes it under Halt switch.]")
        if view.gap is not None:
            st.error(f"Nothing is written: the policy `breakers` cannot be read: {plain(view.gap)}.")
            return
        with st.expander("Counts against limits", expanded=view.state != "active"):
            st.dataframe(
                table(view.lines),
                hide_index=True,
                column_config={
                    "Used": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small"),
                    "Then": chips(THEN),
                    "Now": st.column_config.TextColumn(width="large"),
                },
                height="content",
            )


def used(line: BreakerLine) -> float:
    """How much of its limit is used up, at most all."""
    if line.over:
        return 1.0
    return min(1.0, line.value / line.limit) if line.limit > 0 else 0.0


def table(lines: tuple[BreakerLine, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Breaker": NAMES.get(line.breaker, line.breaker),
                "Used": used(line),
                "Now": line.says,
                "Then": [line.then],
            }
            for line in lines
        ],
        columns=["Breaker", "Used", "Now", "Then"],
    )
