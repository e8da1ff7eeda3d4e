"""The console's frame: navigation over screens/, the mode and the halts above every one of them."""

from __future__ import annotations

import streamlit as st

from dashboards.parts import status_bar
from dashboards.theme import CSS, LOGO
from ecom_agent.telemetry import set_up

SCREENS = (
    ("overview", "Overview", ":material/monitoring:"),
    ("pricing", "Pricing", ":material/sell:"),
    ("rules", "Rules", ":material/rule_settings:"),
    ("lab", "Lab", ":material/science:"),
    ("backtest", "Looking back", ":material/fast_rewind:"),
    ("approvals", "Approvals", ":material/fact_check:"),
    ("inbox", "Inbox", ":material/forum:"),
    ("stock", "Stock", ":material/inventory_2:"),
    ("bindings", "Bindings", ":material/link:"),
    ("imports", "Import", ":material/upload_file:"),
    ("sync", "Sync", ":material/sync:"),
    ("policies", "Policies", ":material/policy:"),
    ("audit", "Audit", ":material/history:"),
    ("health", "Health", ":material/ecg_heart:"),
)


def main() -> None:
    set_up()
    st.set_page_config(page_title="ecom-agent", page_icon=":material/storefront:", layout="wide")
    st.html(CSS)
    pages = [
        st.Page(f"screens/{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")
        for name, title, icon in SCREENS
    ]
    st.logo(LOGO, size="large")
    page = st.navigation(pages)
    status_bar()
    page.run()


main()
