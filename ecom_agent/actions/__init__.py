"""Every automated change is an Action and goes through here: judged, approved, sent at one door, read back, audited."""
