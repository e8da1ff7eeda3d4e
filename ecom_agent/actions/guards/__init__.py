"""One file per brake; each pure over a snapshot of facts."""
