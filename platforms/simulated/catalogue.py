"""The forty things we sell: title, category, weight in grams, reference price and our cost in US cents."""

from __future__ import annotations

from typing import Final, NamedTuple


class Item(NamedTuple):
    sku: str
    title: str
    category: str
    weight_g: int
    reference_minor: int
    cost_minor: int
    in_shop: bool


ITEMS: Final = (
    Item("MUG-STONE-12", "Stoneware Coffee Mug, 12 oz, Matte Sand, Set of 4", "KITCHEN", 1680, 3499, 1080, True),
    Item("KETTLE-GN-09", "Gooseneck Pour-Over Kettle with Thermometer, 0.9 L, Black", "KITCHEN", 820, 3899, 1320, True),
    Item("GRIND-HAND-25", "Manual Coffee Grinder, Ceramic Burr, 25 g", "KITCHEN", 540, 2899, 870, True),
    Item("KNIFE-CHEF-8", "8-Inch Chef Knife, High-Carbon Steel, Walnut Handle", "KITCHEN", 310, 4299, 1540, True),
    Item("BOARD-ACA-L", "Acacia Wood Cutting Board with Juice Groove, Large", "KITCHEN", 1450, 3299, 1010, True),
    Item("PAN-CI-10", "Pre-Seasoned Cast Iron Skillet, 10.25 Inch", "KITCHEN", 2180, 2999, 860, False),
    Item("BOTTLE-SS-32", "Insulated Stainless Steel Water Bottle, 32 oz, Forest", "SPORTS", 460, 2699, 720, True),
    Item("LUNCH-BENTO-3", "Bento Lunch Box, 3 Compartments, Leakproof", "KITCHEN", 520, 1999, 520, True),
    Item("SCALE-KIT-5", "Digital Kitchen Scale, 5 kg, Tempered Glass", "KITCHEN", 560, 1899, 510, False),
    Item("TOWEL-WAF-4", "Waffle Weave Kitchen Towels, Cotton, Pack of 4", "HOME", 480, 2199, 610, True),
    Item("PILLOW-BUCK-1", "Organic Buckwheat Hull Pillow, Standard", "HOME", 2300, 4699, 1480, True),
    Item("SHEET-LIN-Q", "French Linen Sheet Set, Queen, Oatmeal", "HOME", 2100, 7999, 3050, True),
    Item("CANDLE-SOY-3", "Soy Wax Candle Set, Cedar, Fig and Linen, 3 x 7 oz", "HOME", 1150, 2799, 780, True),
    Item("LAMP-DESK-LED", "LED Desk Lamp with Wireless Charger, Dimmable", "HOME", 980, 3999, 1380, False),
    Item("RUG-ENTRY-2X3", "Washable Entryway Rug, 2 x 3 ft, Charcoal", "HOME", 1200, 2599, 760, False),
    Item("CURTAIN-BLK-84", "Blackout Curtains, 84 Inch, 2 Panels, Navy", "HOME", 1750, 3199, 990, False),
    Item("HOOK-ADH-12", "Adhesive Wall Hooks, Brushed Steel, 12 Pack", "HOME", 220, 1299, 270, False),
    Item("MAT-YOGA-6", "Natural Rubber Yoga Mat, 6 mm, with Strap", "SPORTS", 2250, 5299, 1850, True),
    Item("BAND-RES-5", "Resistance Bands Set, 5 Levels, with Door Anchor", "SPORTS", 700, 2299, 560, True),
    Item("ROLLER-FOAM-18", "High-Density Foam Roller, 18 Inch", "SPORTS", 640, 1999, 480, False),
    Item("JUMP-SPEED-1", "Speed Jump Rope, Ball Bearings, Adjustable", "SPORTS", 190, 1199, 230, True),
    Item("HEADLAMP-400", "Rechargeable Headlamp, 400 Lumens, IPX6", "SPORTS", 130, 2199, 590, True),
    Item("HAMMOCK-2P", "Camping Hammock, Double, Ripstop Nylon, with Straps", "SPORTS", 880, 2999, 820, True),
    Item("CABLE-USBC-2", "Braided USB-C Cable, 100 W, 2 m, 2 Pack", "ELECTRONICS", 120, 1399, 340, False),
    Item("CHARGE-65W-3", "65 W GaN Charger, 3 Ports, Foldable Plug", "ELECTRONICS", 150, 3499, 1330, False),
    Item("BUDS-BT-ANC", "Wireless Earbuds, Active Noise Cancelling, 30 h", "ELECTRONICS", 110, 4999, 2080, False),
    Item("MOUSE-ERGO-V", "Vertical Ergonomic Mouse, Wireless, Rechargeable", "ELECTRONICS", 180, 2999, 1090, False),
    Item("STAND-LAP-AL", "Aluminium Laptop Stand, Foldable, up to 17 Inch", "ELECTRONICS", 950, 3299, 1120, True),
    Item("HUB-USB-7", "USB-C Hub, 7 in 1, HDMI 4K, SD Reader", "ELECTRONICS", 105, 2799, 1010, False),
    Item("BRUSH-PET-SL", "Self-Cleaning Pet Grooming Brush", "PET", 210, 1599, 350, True),
    Item("BED-DOG-M", "Orthopedic Dog Bed, Medium, Removable Cover", "PET", 2200, 4499, 1390, True),
    Item("FEED-SLOW-L", "Slow Feeder Dog Bowl, Large, Non-Slip", "PET", 430, 1499, 340, False),
    Item("SCREW-PREC-64", "Precision Screwdriver Set, 64 in 1, Magnetic", "TOOLS", 560, 2499, 700, True),
    Item("TAPE-LASER-40", "Laser Distance Measure, 40 m, Backlit", "TOOLS", 140, 3299, 1060, False),
    Item("NOTE-DOT-A5", "Dotted Notebook, A5, 160 gsm, 2 Pack", "OFFICE", 690, 1899, 480, True),
    Item("PEN-GEL-12", "Retractable Gel Pens, 0.5 mm, Black, 12 Pack", "OFFICE", 140, 899, 170, False),
    Item("BLOCK-MAG-60", "Magnetic Building Tiles, 60 Pieces", "TOYS", 1550, 3699, 1210, True),
    Item("PUZZLE-1000-N", "1000-Piece Jigsaw Puzzle, Night Harbour", "TOYS", 720, 1799, 420, True),
    Item("SERUM-VITC-30", "Vitamin C Face Serum, 30 ml", "BEAUTY", 95, 1699, 320, False),
    Item("SOCK-MERINO-3", "Merino Hiking Socks, 3 Pairs, Medium", "APPAREL", 260, 2899, 830, True),
)  # fmt: skip


def items(count: int | None = None) -> list[Item]:
    """The first `count` things; beyond the forty come further editions of them, all in the shop. None = the forty."""
    wanted = len(ITEMS) if count is None else count
    found = list(ITEMS[:wanted])
    while len(found) < wanted:
        edition, place = divmod(len(found), len(ITEMS))
        one = ITEMS[place]
        found.append(
            one._replace(sku=f"{one.sku}-E{edition}", title=f"{one.title}, Edition {edition + 1}", in_shop=True)
        )
    return found
