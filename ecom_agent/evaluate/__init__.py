"""Figures about ourselves, measured in the run that prints them, each beside a named baseline.

A module here with an `EVALUATION` is found by its folder: `ecom evaluate NAME`.
"""
