"""Amazon's published usage plans: the seeds of the token buckets.

Source: the "Usage Plan" tables in amzn/selling-partner-api-models, commit 34dc93f (2026-08-05). Operations that
print no plan are left out. The rate that really applies comes back in x-amzn-RateLimit-Limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ecom_agent.connector import Rate

# (requests a second, burst): operations
_PLANS: Final[Mapping[tuple[float, float], str]] = {
    (0.0056, 20.0): "searchOrders",
    (0.0083, 15.0): "createFeed",
    (0.016, 15.0): "getAccount getMarketplaceParticipations",
    (0.0167, 15.0): "createQuery createReport getDocument getReportDocument",
    (0.0167, 20.0): "getOrders",
    (0.0222, 10.0): (
        "cancelQuery cancelReport cancelReportSchedule createReportSchedule getFeedDocument getFeeds "
        "getQueries getReportSchedule getReportSchedules getReports"
    ),
    (0.033, 1.0): "getCompetitiveSummary getFeaturedOfferExpectedPriceBatch",
    (0.1, 1.0): "getItemOffersBatch",
    (0.5, 1.0): "getCompetitivePricing getItemOffers getListingOffersBatch getMyFeesEstimates getPricing",
    (0.5, 10.0): "listBalances listSummary listTransactions",
    (0.5, 15.0): "createFeedDocument getOrderMetrics",
    (0.5, 30.0): (
        "getOrder getOrderAddress getOrderBuyerInfo getOrderItems getOrderItemsBuyerInfo "
        "getOrderRegulatedInfo updateVerificationStatus"
    ),
    (1.0, 2.0): "getListingOffers getMyFeesEstimateForASIN getMyFeesEstimateForSKU",
    (1.0, 5.0): (
        "CreateWarranty GetAttributes confirmCustomizationDetails createConfirmDeliveryDetails "
        "createConfirmOrderDetails createConfirmServiceDetails createDestination createDigitalAccessKey "
        "createLegalDisclosure createProductReviewAndSellerFeedbackSolicitation createSubscription "
        "createUnexpectedProblem deleteDestination deleteSubscriptionById getDestination getDestinations "
        "getMessagingActionsForOrder getSolicitationActionsForOrder getSubscription getSubscriptionById "
        "getSubscriptions sendTestNotification"
    ),
    (1.0, 10.0): "createRestrictedDataToken",
    (2.0, 2.0): (
        "cancelInboundPlan confirmPackingOption confirmPlacementOption confirmTransportationOptions "
        "createInboundPlan generatePackingOptions generatePlacementOptions generateTransportationOptions "
        "getCatalogItem getInventorySummaries searchCatalogItems setPackingInformation "
        "updateShipmentTrackingDetails"
    ),
    (2.0, 6.0): (
        "getDeliveryChallanDocument getInboundOperationStatus getInboundPlan getShipment listInboundPlanBoxes "
        "listInboundPlanItems listInboundPlanPallets listInboundPlans listPackingOptions listPlacementOptions "
        "listTransportationOptions updateItemComplianceDetails"
    ),
    (2.0, 10.0): "confirmShipment",
    (2.0, 15.0): "cancelFeed getFeed getQuery getReport",
    (2.0, 30.0): (
        "confirmDeliveryWindowOptions confirmShipmentContentUpdatePreview createMarketplaceItemLabels "
        "generateDeliveryWindowOptions generateShipmentContentUpdatePreviews getShipmentContentUpdatePreview "
        "listDeliveryWindowOptions listPackingGroupBoxes listPackingGroupItems listShipmentBoxes "
        "listShipmentContentUpdatePreviews listShipmentItems listShipmentPallets setPrepDetails "
        "updateInboundPlanName updateShipmentName updateShipmentSourceAddress"
    ),
    (5.0, 5.0): "deleteListingsItem patchListingsItem searchListingsItems",
    (5.0, 10.0): "getDefinitionsProductType getListingsItem putListingsItem searchDefinitionsProductTypes",
    (5.0, 15.0): "updateShipmentStatus",
}
RATES: Final[Mapping[str, Rate]] = {
    operation: Rate(per_s, burst) for (per_s, burst), operations in _PLANS.items() for operation in operations.split()
}
