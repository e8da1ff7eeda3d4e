"""The fields we know, by kind of thing: what comes beside them is reported, never dropped.

From the reconstructed Open API description (paths 202309 to 202609).
"""

from __future__ import annotations

from typing import Final

from platforms._shared.payload import Shape


def _named(names: str) -> Shape:
    return dict.fromkeys(names.split())


LINE: Final = _named(
    """id sku_id combined_listing_skus display_status product_name seller_sku sku_image sku_name product_id sale_price
    pfand_fee platform_discount seller_discount sku_type cancel_reason original_price rts_time package_status currency
    shipping_provider_name cancel_user shipping_provider_id is_gift item_tax tracking_number package_id
    retail_delivery_fee buyer_service_fee small_order_fee handling_duration_days is_dangerous_good needs_prescription
    gift_retail_price is_unboxing_item unboxing_sku_code unboxing_case_list room_id sub_item_info distance_shipping_fee
    distance_fee shipping_vat_amount shipping_vat_rate is_pod_customized pod_info_id product_listing_type"""
)
ORDER: Final[Shape] = {
    **_named(
        """id cancellation_initiator shipping_provider_id create_time shipping_provider packages payment
        recipient_address status fulfillment_type delivery_type paid_time rts_sla_time tts_sla_time cancel_reason
        update_time payment_method_name rts_time tracking_number split_or_combine_tag has_updated_recipient_address
        cancel_order_sla_time warehouse_id request_cancel_time shipping_type seller_note delivery_sla_time is_cod
        delivery_option_id cancel_time need_upload_invoice delivery_option_name delivery_due_time is_sample_order
        shipping_due_time collection_due_time delivery_option_required_delivery_time is_on_hold_order delivery_time
        is_replacement_order is_subscription_order is_refundable_sample authentication_required collection_time
        replaced_order_id is_buyer_request_cancel pick_up_cut_off_time fast_dispatch_sla_time commerce_platform
        order_type release_date handling_duration auto_combine_group_id is_exchange_order exchange_source_order_id
        consultation_id fast_delivery_program fulfillment_priority_level recommended_shipping_time order_rights
        instore_pickup_sla_time fast_rts_sla_time fast_collection_sla_time user_id"""
    ),
    "line_items": LINE,
}
RETURN: Final[Shape] = {
    **_named(
        """order_id return_id return_type return_status arbitration_status role return_reason return_reason_text
        shipment_type handover_method return_tracking_number return_provider_name return_provider_id pre_return_id
        next_return_id can_buyer_keep_item update_time seller_next_action_response create_time discount_amount
        shipping_fee_amount refund_amount return_shipping_document_type return_method is_combined_return
        combined_return_id seller_proposed_return_type partial_refund buyer_rejected_partial_refund
        return_warehouse_address is_quick_refund"""
    ),
    "return_line_items": _named(
        """return_line_item_id order_line_item_id sku_id sku_name product_name seller_sku product_image refund_amount
        return_sub_line_items"""
    ),
}
PRODUCT: Final[Shape] = {
    **_named(
        """id title status sales_regions create_time update_time product_sync_fail_reasons is_not_for_sale
        recommended_categories listing_quality_tier integrated_platform_statuses audit product_families has_draft
        scheduled_sale product_tags selling_format"""
    ),
    "skus": {
        **_named("id seller_sku price inventory list_price external_list_prices pre_sale fees"),
        "status_info": _named("status deactivation_source"),
    },
}
INVENTORY: Final[Shape] = {
    "product_id": None,
    "skus": {
        **_named(
            """id seller_sku total_available_quantity total_committed_quantity
            total_available_inventory_distribution"""
        ),
        "warehouse_inventory": _named("warehouse_id available_quantity committed_quantity"),
    },
}
TRANSACTION: Final = _named(
    """id type order_id order_create_time adjustment_id adjustment_order_id adjustment_amount settlement_amount
    revenue_amount revenue_breakdown shipping_cost_amount shipping_cost_breakdown fee_tax_amount fee_tax_breakdown
    supplementary_component reserve_id reserve_amount associated_order_id reserve_status estimated_release_time"""
)
MESSAGE: Final[Shape] = {
    **_named("id type content create_time is_visible index data plaintext"),
    "sender": _named("im_user_id role nickname avatar"),
}
