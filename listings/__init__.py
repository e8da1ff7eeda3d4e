"""Listings: better pages from what buyers complain about. No automation stands here yet."""
