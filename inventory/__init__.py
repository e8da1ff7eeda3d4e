"""Inventory: forecasts and restocks. No automation stands here yet."""
