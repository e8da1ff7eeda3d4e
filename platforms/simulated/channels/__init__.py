"""Further sales channels over the one world: eBay, Walmart, TikTok Shop. One account each, closed until asked for.

`model` is what a channel consists of, `opening` its first moment, `commands` all that may change it from outside,
`reads` what servers ask, `ids` how vendors print its numbers, `feed` what webhooks tell, `truth` what really happened.
"""
