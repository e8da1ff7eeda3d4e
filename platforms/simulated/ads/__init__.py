"""Advertising over the one world: sponsored products of our account at Amazon, closed until asked for.

`model` is what there is, `opening` its first moment, `auction` the law of an hour, `lives` what comes of clicks later,
`commands` all that may change it from outside, `reports` the figures as a report cuts them, `truth` the truth.
Nothing of the world is drawn by other dice because of it; orders that clicks bring are orders of the world.
"""
