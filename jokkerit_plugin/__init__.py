"""The customer register of a Saleor shop."""

__version__ = "0.1.0"
