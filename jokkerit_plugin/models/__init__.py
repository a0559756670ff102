"""The register's tables, one noun a module."""

# Saleor would make four permissions of each model, and looks permissions up by code name alone:
# `default_permissions = ()` everywhere.
from .access_log import AccessEntry
from .account_map import AccountMap
from .address import PostalAddress
from .agreement import AgreementText, Grant, Signature
from .chain import ChainHead, Checkpoint
from .closing import Closing, Reminder
from .customer import Customer, FormerCustomer, KnownIdentifier
from .disclosure import Disclosure
from .erased import ErasedKey
from .export import DownloadLink, Export, ExportChunk
from .flow import RegisteredFlow
from .hold import Hold
from .inbox import InboxEvent, SetAside
from .money import Invoice, Movement
from .posting import Ledger, Posting
from .progress import Sweep
from .purchase import Delivery, Purchase, PurchaseLine
from .recipient import Member, Recipient
from .restriction import Restriction
from .setup import SetupStep
from .shop_leftover import AddressMark, ShopFile
from .trace import Trace
from .transfer import TransferRequest, TransferText
from .voucher import Voucher, VoucherSeries

__all__ = [
    "AccessEntry",
    "AccountMap",
    "AddressMark",
    "AgreementText",
    "ChainHead",
    "Checkpoint",
    "Closing",
    "Customer",
    "Delivery",
    "Disclosure",
    "DownloadLink",
    "ErasedKey",
    "Export",
    "ExportChunk",
    "FormerCustomer",
    "Grant",
    "Hold",
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
    "RegisteredFlow",
    "Reminder",
    "Restriction",
    "SetAside",
    "SetupStep",
    "ShopFile",
    "Signature",
    "Sweep",
    "Trace",
    "TransferRequest",
    "TransferText",
    "Voucher",
    "VoucherSeries",
]
