"""The core: words, facts, needs and the one door out; wiring and CLI on top."""
