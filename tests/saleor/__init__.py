"""Tests beside Saleor."""
