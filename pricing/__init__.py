"""Pricing: what to charge, and why. Wishes go out as Actions; this room sends nothing."""
