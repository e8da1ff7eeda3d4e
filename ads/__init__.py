"""Advertising: bids, budgets, harvesting. No automation stands here yet."""
