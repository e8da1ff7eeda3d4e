"""The outside: one folder per marketplace or shop; `registry.py` finds them by their SPEC."""
