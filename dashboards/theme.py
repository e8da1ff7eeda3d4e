"""Colours of charts and chips, the logo, and what .streamlit/config.toml cannot say."""

from __future__ import annotations

from typing import Final

INK: Final = "#1B2733"
LINE: Final = "#E2E8F0"
OURS: Final = "#0F766E"
RIVAL: Final = "#C2410C"
BUY_BOX: Final = "rgba(109, 40, 217, 0.26)"
HELD: Final = "rgba(15, 118, 110, 0.09)"
LIMIT: Final = "#94A3B8"
SERIES: Final = (OURS, "#2563EB", "#C2410C", "#6D28D9", "#A16207")

# Chips in tables: a pale ground for each state's word.
GREEN: Final = "#D5F2E3"
BLUE: Final = "#DCE8FE"
YELLOW: Final = "#FDF0C8"
ORANGE: Final = "#FFE2CC"
RED: Final = "#FBD7D7"
GRAY: Final = "#E8ECF1"

# What Streamlit's options cannot say: less empty space above the page, figures that wrap instead of
# being cut, a red halt button.
CSS: Final = """<style>
.stMainBlockContainer { padding-top: 2.4rem; padding-bottom: 3rem; max-width: 1560px; }
[data-testid="stMetricLabel"] p { color: #64748B; white-space: normal; }
[data-testid="stMetricValue"] * { white-space: normal !important; overflow: visible; }
[data-testid="stMetricValue"] { font-size: 1.6rem; line-height: 1.3; }
[data-testid="stHeading"] h2 { padding-top: .6rem; }
[class*="st-key-document-"] textarea,
[class*="st-key-body-"] textarea { font-family: monospace; font-size: .86rem; line-height: 1.5; }
.st-key-halt-now button { background: #B42318; border-color: #B42318; }
</style>"""

LOGO: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="190" height="36" viewBox="0 0 190 36">
<rect x="1" y="4" width="28" height="28" rx="7" fill="#5EEAD4"/>
<path d="M8 22 L13.5 15.5 L17.5 19 L23 11.5" fill="none" stroke="#12212F" stroke-width="2.6"
 stroke-linecap="round" stroke-linejoin="round"/><circle cx="23" cy="11.5" r="2.4" fill="#12212F"/>
<text x="39" y="24" font-family="Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif" font-size="19"
 font-weight="600" fill="#F1F5F9">ecom-agent</text></svg>"""
