"""The strategy lab: who competes, how sure each gain is, how far each may go, and whose child it is."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboards.charts import gains
from dashboards.parts import NONE, ago, heading, nothing, plain, safely
from dashboards.session import app
from ecom_agent.records.strategies import StrategyStanding, in_words

STAGES = {
    "live": ":green-badge[live]",
    "canary": ":orange-badge[canary]",
    "shadow": ":gray-badge[shadow]",
    "retired": ":red-badge[retired]",
}


def place() -> tuple[str, str] | None:
    choices = [(account, marketplace) for account, _platform, places in app().accounts() for marketplace in places]
    if not choices:
        nothing("No account is set up: `ecom init` tells how.")
        return None
    return st.selectbox("Where", choices, format_func=lambda c: f"{c[0]} · {c[1]}", key="place")


def table(standings: Sequence[StrategyStanding]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Strategy": s.member.id,
                "Stage": s.stage.name.lower(),
                "Simulated": in_words(s.simulated),
                "Recorded": in_words(s.recorded),
                "Our listings": in_words(s.live),
                "Cost so far": NONE if s.live is None else f"{s.live.lost_minor:,}",
                "Writes a day": NONE if s.simulated is None else f"{s.simulated.writes:.1f}",
                "Weakest where": NONE if s.simulated is None else s.simulated.worst_mix,
                "Genes": ", ".join(map(str, s.member.genes)) or NONE,
            }
            for s in standings
        ]
    )


def pedigree(standings: Sequence[StrategyStanding]) -> None:
    st.subheader("Pedigree", anchor=False)
    chosen = st.selectbox("Strategy", [s.member.id for s in standings], key="member", bind="query-params")
    for back, one in app().lab_pedigree(chosen):
        parents = " × ".join(f"`{parent}`" for parent in one.parents) or "a founder"
        gone = " · culled" if one.culled_at else ""
        st.markdown(
            f"{'&emsp;' * back}`{one.id}` — {parents} · born {ago(one.born_at, app().clock.now())}{gone} · "
            f"genes {', '.join(map(str, one.genes)) or NONE}"
        )


@safely
def show() -> None:
    heading(
        "Lab",
        "Strategies compete on simulated and recorded days. Up goes only what is surely better, one stage at a time, "
        "signed by a person; down goes what is not, at once. Gains are minor units a day against the incumbent.",
    )
    where = place()
    if where is None:
        return
    standings = app().lab_standings(*where)
    if not standings:
        nothing("No strategy yet. The first weekly tournament founds the pool; `ecom lab week` plays it now.")
        return
    at_work = [s for s in standings if s.stage.name in ("LIVE", "CANARY")]
    st.markdown(
        f"Incumbent: **{plain(standings[0].incumbent)}** · "
        + (" · ".join(f"{STAGES[s.stage.name.lower()]} `{s.member.id}`" for s in at_work) or "no strategy is at work")
    )
    played = [s for s in standings if s.simulated is not None]
    if played:
        newest = max(s.simulated.at for s in played if s.simulated is not None)
        st.caption(f"Last tournament {ago(newest, app().clock.now())}, on simulated markets.")
        st.plotly_chart(gains(played), key="gains")
    st.dataframe(table(standings), hide_index=True)
    safely(pedigree)(standings)


show()
