"""The command line: one file per verb, each a thin face over App."""
