"""Where strategies prove themselves before they touch a price, and lose their place when they no longer do.

A pool of strategies breeds and competes (`pool`, `tournament`) on recorded and simulated days. What beats the incumbent
by a lower confidence bound (`evidence`) may ask for the next stage (`stages`): shadow → canary → live. Each step up
waits for a person; each step down is taken at once.
"""
