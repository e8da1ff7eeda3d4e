"""Each offer of a page is a list in a fixed order (`store/offers.py`), no object any more; a Money is "1999 USD".

A page that changes is written whole: with its thirteen names for each offer, most of what was written was names.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_BEFORE = ("seller_id",)
_MONEY = ("listing_price", "shipping", "points")
_AFTER = (
    "is_fba", "is_featured", "is_prime", "feedback_count", "feedback_percent", "max_handling_hours", "sub_condition",
    "ships_from", "is_featured_merchant",
)  # fmt: skip


def upgrade() -> None:
    money = [f"(o->'{name}'->>0) || ' ' || (o->'{name}'->>1)" for name in _MONEY]
    parts = ", ".join([*(f"o->'{name}'" for name in _BEFORE), *money, *(f"o->'{name}'" for name in _AFTER)])
    _each(f"jsonb_build_array({parts})", "object")


def downgrade() -> None:
    places = {name: place for place, name in enumerate((*_BEFORE, *_MONEY, *_AFTER))}
    pairs = [
        f"'{name}', CASE WHEN o->>{place} IS NOT NULL THEN jsonb_build_array(split_part(o->>{place}, ' ', 1)::bigint,"
        f" split_part(o->>{place}, ' ', 2)) END"
        if name in _MONEY
        else f"'{name}', o->{place}"
        for name, place in places.items()
    ]
    _each(f"jsonb_build_object({', '.join(pairs)})", "array")


def _each(made: str, of: str) -> None:
    op.execute(f"""
        UPDATE offer_snapshot SET offers = (
            SELECT jsonb_agg({made} ORDER BY n) FROM jsonb_array_elements(offers) WITH ORDINALITY AS one (o, n))
        WHERE jsonb_typeof(offers->0) = '{of}'""")
