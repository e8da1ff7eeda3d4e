"""Which parser of ours is for which sample: a file for each vendor."""
