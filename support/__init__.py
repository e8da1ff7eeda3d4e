"""Support: answers from the seller's own knowledge. No automation stands here yet."""
