"""Pure money sums that pricing, ads, inventory and guards share."""
