"""Shows: Streamlit only, no sums."""
