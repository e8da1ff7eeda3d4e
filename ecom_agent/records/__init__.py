"""Canonical facts: frozen, free of any vendor's words, in integer minor units and UTC. Unknown is None, never 0."""
