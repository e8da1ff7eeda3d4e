"""Every GraphQL document we send. All are valid against the official schema of 2026-10: a test checks each.

`cost` is our first guess of its points; each answer tells the true price and that is used from then on.
Page sizes keep the dearest query well below the 1,000 points that a single one may cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    text: str
    cost: float


_MONEY: Final = "{ shopMoney { amount currencyCode } }"
_ORDER_FIELDS: Final = (
    "id updatedAt createdAt cancelledAt displayFinancialStatus displayFulfillmentStatus "
    f"currentTotalPriceSet {_MONEY} shippingAddress {{ countryCodeV2 }}"
)
_LINE_FIELDS: Final = f"id sku title quantity variant {{ id }} originalUnitPriceSet {_MONEY} originalTotalSet {_MONEY}"
_ORDER: Final = f"""
fragment OrderFields on Order {{ {_ORDER_FIELDS} }}
fragment LineFields on LineItem {{ {_LINE_FIELDS} }}"""
ORDERS: Final = Document(
    "orders",
    """query orders($after: String, $query: String) {
  orders(first: 20, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { ...OrderFields lineItems(first: 20) { pageInfo { hasNextPage endCursor } nodes { ...LineFields } } }
  }
}"""
    + _ORDER,
    cost=450,
)
ORDER: Final = Document(
    "order",
    """query order($id: ID!, $after: String) {
  order(id: $id) {
    ...OrderFields
    lineItems(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { ...LineFields } }
  }
}"""
    + _ORDER,
    cost=110,
)


def bulk_orders(query: str) -> str:
    """The document a bulk operation runs; `query` is the search text, already quoted. Bulk wants edges, not nodes."""
    return (
        f"{{ orders(query: {query}, sortKey: UPDATED_AT) {{ edges {{ node {{ {_ORDER_FIELDS} "
        f"lineItems {{ edges {{ node {{ {_LINE_FIELDS} }} }} }} }} }} }} }}"
    )


BULK_START: Final = Document(
    "bulkOperationRunQuery",
    """mutation bulkOperationRunQuery($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { field message code }
  }
}""",
    cost=10,
)
BULK_STATE: Final = Document(
    "bulkOperation",
    """query bulkOperation($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount url partialDataUrl }
}""",
    cost=1,
)

VARIANTS: Final = Document(
    "productVariants",
    """query productVariants($after: String, $query: String) {
  shop { currencyCode }
  productVariants(first: 100, after: $after, query: $query, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { id sku displayName price updatedAt barcode product { id status vendor } }
  }
}""",
    cost=210,
)
LOCATIONS: Final = Document(
    "locations",
    """query locations($after: String) {
  locations(first: 50, after: $after, includeLegacy: true) { pageInfo { hasNextPage endCursor } nodes { id } }
}""",
    cost=51,
)
LEVELS: Final = Document(
    "inventoryLevels",
    """query inventoryLevels($location: ID!, $after: String, $query: String) {
  location(id: $location) {
    id
    inventoryLevels(first: 250, after: $after, query: $query) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id updatedAt
        item { id sku tracked }
        quantities(
          names: ["available", "committed", "reserved", "incoming", "damaged", "quality_control", "safety_stock"]
        ) { name quantity }
      }
    }
  }
}""",
    cost=505,
)
STOCK_AT: Final = Document(
    "inventoryLevel",
    """query inventoryLevel($query: String!, $location: ID!) {
  inventoryItems(first: 10, query: $query) {
    nodes { id sku inventoryLevel(locationId: $location) { id quantities(names: ["available"]) { name quantity } } }
  }
}""",
    cost=40,
)

SET_PRICE: Final = Document(
    "productVariantsBulkUpdate",
    """mutation productVariantsBulkUpdate($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants, allowPartialUpdates: false) {
    productVariants { id price }
    userErrors { field message code }
  }
}""",
    cost=10,
)
SET_STOCK: Final = Document(
    "inventorySetQuantities",
    """mutation inventorySetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { field message code }
  }
}""",
    cost=10,
)
