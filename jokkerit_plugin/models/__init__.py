"""The register's tables, one noun a module."""

# Saleor would make four permissions of each model, and looks permissions up by code name alone:
# `default_permissions = ()` everywhere.
from .access_log import AccessEntry
from .address import PostalAddress
from .agreement import AgreementText, Grant, Signature
from .chain import ChainHead, Checkpoint
from .closing import Closing, Reminder
from .customer import Customer, KnownIdentifier
from .erased import ErasedKey
from .inbox import InboxEvent, SetAside
from .money import Invoice, Movement
from .posting import Ledger, Posting
from .progress import Sweep
from .purchase import Handover, Purchase, PurchaseLine
from .recipient import Member, Recipient
from .trace import Trace
from .voucher import Voucher, VoucherSeries

__all__ = [
    "AccessEntry",
    "AgreementText",
    "ChainHead",
    "Checkpoint",
    "Closing",
    "Customer",
    "ErasedKey",
    "Grant",
    "Handover",
    "InboxEvent",
    "Invoice",
    "KnownIdentifier",
    "Ledger",
    "Member",
    "Movement",
    "PostalAddress",
    "Posting",
    "Purchase",
    "PurchaseLine",
    "Recipient",
    "Reminder",
    "SetAside",
    "Signature",
    "Sweep",
    "Trace",
    "Voucher",
    "VoucherSeries",
]
