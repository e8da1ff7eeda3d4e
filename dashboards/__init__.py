"""The console. `python -m dashboards --port 8501` starts it; screens/ has one file per screen; no rule lives here."""
