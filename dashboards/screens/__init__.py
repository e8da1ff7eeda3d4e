"""One file per screen. Each shows what App gives, hands back what a person decided, and decides nothing."""
