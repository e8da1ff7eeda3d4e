"""When: Prefect only, no rules."""
