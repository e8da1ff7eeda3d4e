"""The outside: one folder per marketplace or shop."""
