"""What leaves the shop: disclosures to registered recipients, debt collection, outward flows."""
