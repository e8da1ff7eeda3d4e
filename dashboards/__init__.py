"""The console: `streamlit run dashboards/main.py`. One file per screen in screens/; no rule lives here."""
