"""The business rules as data: what a newer program ships of them, and what is in force, to read and to change."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
import yaml

from dashboards import theme
from dashboards.parts import NONE, attempt, chips, heading, nothing, plain, safely
from dashboards.session import app, person
from ecom_agent.errors import BadInput
from ecom_agent.records.policies import Lack, PolicyLine, PolicyOffer

LACK = {Lack.MISSING: theme.ORANGE, Lack.CHANGED: theme.BLUE, Lack.GONE: theme.GRAY}


def offers() -> None:
    st.subheader("Shipped with this version", anchor=False)
    found = app().policy_offers()
    if not found:
        nothing("Nothing is lacking: every policy has all lines that this version of the program ships.")
        return
    st.caption("Nothing is taken over by itself, and values that you set stay as they are.")
    for one in found:
        offer(one)


def offer(one: PolicyOffer) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            badge = ":orange-badge[refuses]" if one.refuses else ":gray-badge[newer]"
            st.markdown(
                f"{badge} **{plain(one.name)}** {plain(one.says)} :gray[· version {one.version} by {plain(one.by)}]",
                width="stretch",
            )
            pressed = st.button("Take over", icon=":material/add_task:", type="primary", key=f"take-{one.name}")
        st.dataframe(
            pd.DataFrame([row(line) for line in one.lines]),
            hide_index=True,
            column_config={"What": chips({str(name): color for name, color in LACK.items()})},
            height="content",
        )
    if pressed and attempt(
        lambda version: f"{one.name} is in force, version {version}.",
        lambda: app().take_policy_offer(one.name, one.version, person()),
    ):
        st.rerun()


def row(line: PolicyLine) -> dict[str, object]:
    return {
        "What": [str(line.lack)],
        "Line": line.place,
        "Found": NONE if line.lack is Lack.MISSING else written(line.found),
        "Wanted": NONE if line.lack is Lack.GONE else written(line.wanted),
    }


def written(value: Any) -> str:
    """As YAML writes it, on one line."""
    return str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)).removesuffix("\n...\n").strip()


def in_force() -> None:
    """One policy as YAML, to change: it is checked before it is stored."""
    st.subheader("In force", anchor=False)
    about = {name: (version, by) for name, version, by in app().policies()}
    if not about:
        nothing("No policy is there yet: they come with the first start.")
        return
    name = st.selectbox("Policy", list(about), format_func=lambda n: label(n, *about[n]), key="policy") or ""
    if name not in about:
        return
    text = yaml.safe_dump(dict(app().policy(name)), allow_unicode=True, sort_keys=False)
    typed = st.text_area("As YAML", text, height=420, key=f"body-{name}-{about[name][0]}")
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Save", icon=":material/save:", disabled=typed == text, key="save-policy")
        st.caption(
            "A line that is wrong is named and nothing is stored. Each change is a new version, and in the audit."
        )
    if pressed and attempt(
        lambda version: f"{name} is in force, version {version}.",
        lambda: app().set_policy(name, read(typed), person()),
    ):
        st.rerun()


def label(name: str, version: int, by: str) -> str:
    return f"{name} · version {version} by {by}"


def read(typed: str) -> dict[str, Any]:
    """Raises BadInput naming the place where it is no YAML."""
    fix = "correct it; Refresh brings back what is in force"
    try:
        body = yaml.safe_load(typed)
    except yaml.YAMLError as e:
        raise BadInput("YAML", " ".join(str(e).split()), fix) from e
    if not isinstance(body, dict):
        raise BadInput("names with values", type(body).__name__, fix)
    return body


@safely
def show() -> None:
    heading("Policies", "The rules that every change is measured against, and what a newer program ships of them.")
    safely(offers)()
    safely(in_force)()


show()
