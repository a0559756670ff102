"""The register's tables, one noun a module."""

# Saleor would make four permissions of each model, and looks permissions up by code name alone:
# `default_permissions = ()` everywhere.
from .address import PostalAddress
from .customer import Customer, KnownIdentifier
from .erased import ErasedKey
from .inbox import InboxEvent, SetAside
from .money import Invoice, Movement
from .progress import Sweep
from .purchase import Handover, Purchase, PurchaseLine
from .trace import Trace

__all__ = [
    "Customer",
    "ErasedKey",
    "Handover",
    "InboxEvent",
    "Invoice",
    "KnownIdentifier",
    "Movement",
    "PostalAddress",
    "Purchase",
    "PurchaseLine",
    "SetAside",
    "Sweep",
    "Trace",
]
