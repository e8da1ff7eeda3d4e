"""Pricing rules: write them with their errors by line and a live preview, say where they hold, ask why, go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pandas as pd
import streamlit as st

from dashboards import rules_form
from dashboards.parts import NONE, ago, attempt, heading, nothing, plain, safely
from dashboards.session import app, person
from ecom_agent.errors import EcomError
from ecom_agent.records.rule_views import ChangePreview, RulePreview, RuleView, RuleWhy

NEW: Final = "a new rule"
TABLES: Final = {"assignments": "which scope has which rule", "tags": "tags and brands", "limits": "price limits"}


def rules_tab() -> None:
    rules = app().rules()
    about = {r.name: r for r in rules}
    names = [NEW, *about]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = (
            st.selectbox("Rule", names, index=first(rules), format_func=lambda n: _label(n, about), key="rule") or NEW
        )
        scope = st.text_input("Preview in", placeholder="where it holds; or default, tag:winter, sku:…", key="scope")
        hours = st.number_input("Hours of recorded events", 1, 24 * 14, 24, key="hours")
    version = about[name].version if name in about else 0
    text = rules_form.NEW_RULE if name == NEW else app().rule(name).document or rules_form.NEW_RULE
    left, right = st.columns([1, 1], gap="medium")
    with left:
        key = f"document-{name}-{version}"  # the version is part of the key: another person's edit is not typed over
        document = st.text_area("Document", text, height=460, key=key, label_visibility="collapsed")
        save(document, text, version)
    with right:
        looked_at(document, scope, int(hours))


def first(rules: Sequence[RuleView]) -> int:
    """Open a rule that is in force, where there is one."""
    return next((n for n, rule in enumerate(rules, 1) if rule.version), 0)


def _label(name: str, about: Mapping[str, RuleView]) -> str:
    rule = about.get(name)
    if rule is None:
        return name
    state = f"version {rule.version}" if rule.version else "preset"
    return f"{name} · {state}" + (f" · in {', '.join(rule.scopes[:3])}" if rule.scopes else "")


def save(document: str, text: str, version: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        note = st.text_input("Note", placeholder="Why? Kept in the history", key="note", label_visibility="collapsed")
        fit = not app().check_rule(document)
        pressed = st.button(
            "Save rule", type="primary", icon=":material/save:", disabled=not fit or (document == text and version > 0)
        )
    if pressed and attempt(
        lambda saved: f"{saved.name} is in force, version {saved.version}.",
        lambda: app().set_rule(document, person(), note.strip()),
    ):
        st.rerun()
    st.caption("Checked at every Ctrl+Enter. How to write a rule: docs/rules.md")


def looked_at(document: str, scope: str, hours: int) -> None:
    """Either everything that is wrong, or what the document would do."""
    problems = app().check_rule(document)
    if problems:
        st.error(f"**{len(problems)} to correct.** Nothing that is wrong can be saved.", icon=":material/rule:")
        lines = document.splitlines()
        for problem in problems:
            line = lines[problem.line - 1].strip() if 0 < problem.line <= len(lines) else ""
            place, _, what = problem.text.partition(": ")
            st.markdown(f":red-badge[{place}] `{line.replace('`', ' ') or ' '}`  \n{plain(what)}")
        return
    st.success("This is a rule.", icon=":material/check_circle:")
    try:
        with st.spinner("Deciding again …"):
            found = app().preview_rule(document, scope or None, hours)
    except EcomError as e:
        st.warning(plain(str(e)), icon=":material/block:")
        return
    preview(found)


def preview(found: RulePreview) -> None:
    st.markdown(
        f"On {plain(found.source)}: **{found.different}** of {found.decisions} decisions differ. The rules in force set"
        f" {found.moves_now} prices, this one {found.moves_then}."
    )
    if found.lines:
        right = {c: st.column_config.TextColumn(alignment="right") for c in ("Price", "In force", "This rule")}
        st.dataframe(rules_form.preview_frame(found), hide_index=True, column_config=right, height="content")
    else:
        nothing("No price would differ.")
    for sku, why in found.skipped[:10]:
        st.caption(f":material/block: {plain(sku)} is left alone: {plain(why)}")


def assignments_tab() -> None:
    rows = app().assignments()
    st.caption(
        "The narrowest scope decides: default < marketplace < brand < tag < SKU. Scopes are written "
        "`default`, `marketplace:account/id`, `brand:name`, `tag:name` or `sku:account/marketplace/sku`. "
        "Add lines at the end; a line that is taken out leaves its scope without a rule of its own."
    )
    if not rows:
        nothing("No rule is assigned: every listing follows the policy pricing.repricing. Add the first line here.")
    names = [r.name for r in app().rules()]
    edited = st.data_editor(
        rules_form.assignment_frame(rows),
        hide_index=True,
        num_rows="dynamic",
        key=f"assignments-{st.session_state.get('assigned', 0)}",
        disabled=["listings", "by", "since", "note"],
        column_config={
            "scope": st.column_config.TextColumn("Scope", width="large", required=True),
            "rule": st.column_config.SelectboxColumn("Rule", options=names, required=True),
            "listings": st.column_config.NumberColumn("Listings", help="for how many it decides"),
            "by": "By",
            "since": "Since (UTC)",
            "note": "Note",
        },
    )
    table = rules_form.assignment_table(rows, edited)
    if table is None:
        st.caption("Nothing changed yet.")
        return
    found = app().preview_import("assignments", table, "csv")
    if confirm(
        found, "assign", lambda note: app().apply_import("assignments", table, "csv", found.digest, person(), note)
    ):
        st.session_state["assigned"] = st.session_state.get("assigned", 0) + 1
        st.rerun()


def confirm(found: ChangePreview, key: str, act: Callable[[str], int]) -> bool:
    """What would change, every wrong row, and a button that writes exactly this."""
    for error in found.errors[:20]:
        st.error(plain(error), icon=":material/error:")
    if found.changes:
        st.dataframe(rules_form.change_frame(found.changes), hide_index=True, height="content")
    elif not found.errors:
        st.caption("Nothing would change.")
    with st.container(horizontal=True, vertical_alignment="center"):
        note = st.text_input(
            "Note", placeholder="Why? Kept in the history", key=f"{key}-note", label_visibility="collapsed"
        )
        pressed = st.button(
            f"Write {len(found.changes)} changes",
            type="primary",
            icon=":material/done_all:",
            key=f"{key}-write",
            disabled=bool(found.errors) or not found.changes,
        )
    return pressed and attempt(lambda n: f"{n} changed.", lambda: act(note.strip()))


def why_tab() -> None:
    listings = app().pricing()
    if not listings:
        nothing("No listing known yet. Listings are pulled every 30 minutes; then each can be asked for its rule.")
        return
    labels = [f"{x.sku} · {x.account} · {x.marketplace} · {x.title}" for x in listings]
    picked = st.selectbox("Listing", range(len(listings)), format_func=lambda n: labels[n], key="why-listing")
    listing = listings[picked or 0]
    why(app().why_rule(listing.account, listing.marketplace, listing.sku))


def why(found: RuleWhy) -> None:
    rule = (
        "the policy `pricing.repricing`" if found.rule is None else f"**{plain(found.rule)}** version {found.version}"
    )
    st.markdown(f"Rule: {rule}" + (f", assigned to `{found.scope}`" if found.scope else ", since no rule is assigned"))
    if found.overridden:
        st.caption("Stands over " + ", ".join(f"{plain(rule)} ({plain(scope)})" for scope, rule in found.overridden))
    if found.problem:
        st.warning(plain(found.problem), icon=":material/block:")
    left, right = st.columns([3, 2])
    with left:
        for missed in found.missed:
            st.markdown(f":gray-badge[passed over] {plain(missed.clause)} :gray[{plain('; '.join(missed.lacked))}]")
        decides = "no part of the rule applies" if found.clause is None else f"**{plain(found.clause)}**"
        st.markdown(f":green-badge[decides] {decides}")
        st.markdown(f"### {found.price or 'unknown'} → {found.wanted or 'stays'}")
        st.markdown(plain(found.decision))
        st.caption(f"Floor {plain(found.floor) or NONE} · ceiling {plain(found.ceiling) or NONE}")
        if found.business:
            told = " · ".join(f"from {units}: {price}" for units, price in found.business)
            st.caption(f"Business buyers, sent with the price where the platform has such prices: {told}")
    with right:
        st.dataframe(pd.DataFrame(found.seen, columns=["Looked at", "Seen"]), hide_index=True, height="content")


def tables_tab() -> None:
    what = st.selectbox("Table", list(TABLES), format_func=lambda t: f"{t}: {TABLES[t]}", key="table")
    with st.container(horizontal=True):
        for form in ("csv", "xlsx"):
            st.download_button(
                f"Export as {form.upper()}",
                lambda form=form: app().export_table(what, form),  # type: ignore[misc]  # asked for when pressed
                file_name=f"{what}.{form}",
                icon=":material/download:",
                key=f"export-{form}",
                on_click="ignore",
            )
    file = st.file_uploader("Import: all rows, or none if one is wrong", type=["csv", "xlsx"], key="upload")
    if file is None:
        st.caption("What would change is shown first; nothing is written until you say so.")
        return
    data, form = file.getvalue(), file.name.rpartition(".")[2].lower()
    found = app().preview_import(what, data, form)
    if confirm(found, "import", lambda note: app().apply_import(what, data, form, found.digest, person(), note)):
        st.rerun()


def history_tab() -> None:
    edits = app().rule_history()
    if not edits:
        nothing("No rule was edited yet. Every edit will be here, with who, when and why.")
        return
    now = app().clock.now()
    cells = [
        [ago(e.at, now), f"{e.at:%Y-%m-%d %H:%M:%S}", e.what, e.subject, e.version, e.becomes, e.by, e.note]
        for e in edits
    ]
    columns = ["When", "At (UTC)", "What", "Of", "Version", "Becomes", "By", "Note"]
    st.dataframe(pd.DataFrame(cells, columns=columns), hide_index=True, height=min(420, 38 + 35 * len(cells)))
    st.subheader("Go back to a moment", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        earlier = now - timedelta(hours=1)
        day = st.date_input("Day (UTC)", earlier.date(), max_value=now.date(), key="back-day")
        time = st.time_input("Time (UTC)", earlier.time().replace(second=0, microsecond=0), step=60, key="back-time")
        limits = st.checkbox("Price limits as well", key="back-limits")
    if not st.toggle("Show what would change", key="back-look"):
        return
    at = datetime.combine(day, time, UTC)
    found = app().preview_rollback(at, limits)
    if confirm(found, "back", lambda note: app().rollback_rules(at, found.digest, person(), note, limits)):
        st.rerun()


@safely
def show() -> None:
    heading("Rules", "Who is followed, when and how far. Every edit is a version, and any moment can be brought back.")
    tabs: dict[str, Callable[[], None]] = {
        "Write": rules_tab,
        "Where they hold": assignments_tab,
        "Why this rule": why_tab,
        "Import and export": tables_tab,
        "History": history_tab,
    }
    # Not st.tabs: all of them would be asked of the App at every key stroke.
    chosen = st.segmented_control("Part", list(tabs), default="Write", key="part", label_visibility="collapsed")
    safely(tabs[chosen or "Write"])()


show()
