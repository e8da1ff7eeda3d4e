"""The engine in plain Python: what the compiled parts do, readably. Tests hold both equal.

It also answers where nothing was compiled, and where the scanner does not fully understand an event (`parse.py`).
"""
