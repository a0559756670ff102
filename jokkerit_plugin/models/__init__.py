"""The register's tables, one noun a module."""

# Saleor would make four permissions of each model, and looks permissions up by code name alone:
# `default_permissions = ()` everywhere.
from .access_log import AccessEntry
from .address import PostalAddress
from .agreement import AgreementText, Grant, Signature
from .chain import ChainHead, Checkpoint
from .customer import Customer, FormerCustomer, KnownIdentifier
from .disclosure import Disclosure
from .erased import ErasedKey
from .flow import RegisteredFlow
from .hold import Hold
from .inbox import InboxEvent, SetAside
from .money import Invoice, Movement
from .progress import Sweep
from .purchase import Handover, Purchase, PurchaseLine
from .recipient import Member, Recipient
from .restriction import Restriction
from .setup import SetupStep
from .trace import Trace
from .transfer import TransferRequest, TransferText

__all__ = [
    "AccessEntry",
    "AgreementText",
    "ChainHead",
    "Checkpoint",
    "Customer",
    "Disclosure",
    "ErasedKey",
    "FormerCustomer",
    "Grant",
    "Handover",
    "Hold",
    "InboxEvent",
    "Invoice",
    "KnownIdentifier",
    "Member",
    "Movement",
    "PostalAddress",
    "Purchase",
    "PurchaseLine",
    "Recipient",
    "RegisteredFlow",
    "Restriction",
    "SetAside",
    "SetupStep",
    "Signature",
    "Sweep",
    "Trace",
    "TransferRequest",
    "TransferText",
]
