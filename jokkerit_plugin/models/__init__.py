"""The register's tables, one noun a module."""

# Saleor would make four permissions of each model, and looks permissions up by code name alone:
# `default_permissions = ()` everywhere.
from .access_log import AccessEntry
from .account_map import AccountMap
from .address import PostalAddress
from .agreement import AgreementText, Grant, Signature
from .archive import Archive, ArchiveChunk
from .books_archive import BooksArchive
from .breach import Affected, Breach, BreachEvent, BreachSearch
from .chain import ChainHead, Checkpoint
from .closing import Closing, Reminder
from .confirmation import Confirmation
from .contact_alias import ContactAlias
from .controller import Controller
from .correction import Correction, VoucherNote
from .correction_task import CorrectionTask
from .customer import Customer, FormerCustomer, KnownIdentifier
from .description import Description, SeenHttps
from .disclosure import Disclosure
from .erased import ErasedKey
from .erasure import Erasure, Owed
from .export import DownloadLink, Export, ExportChunk, ExportJob
from .flow import RegisteredFlow
from .hold import Hold
from .inbox import InboxEvent, SetAside
from .key_check import KeyCheck
from .marketing_event import MarketingEvent
from .money import Invoice, Movement
from .notice import Notice
from .opt_out_import import OptOutChunk, OptOutFile, OptOutImport
from .parting import Parting
from .plan import Plan, PlanBatch
from .posting import Ledger, Posting
from .progress import Sweep
from .proof import Certificate, ProofTicket
from .purchase import Delivery, Purchase, PurchaseLine
from .recipient import Member, Recipient
from .rejected_line import RejectedLine
from .request import Request, RequestEvent, RequestLetter
from .restriction import Restriction
from .search_words import SearchWords
from .setup import SetupStep
from .shop_leftover import AddressMark, ShopFile
from .signed_call import SignedCall
from .site_log import BilledLine, Incident, IncidentLine, LogFile, RefusedLines, SiteLine
from .stale import LetGo
from .suppression import Suppression
from .telling import Telling
from .trace import Trace
from .transfer import TransferRequest, TransferText
from .voucher import Voucher, VoucherSeries

__all__ = [
    "AccessEntry",
    "AccountMap",
    "AddressMark",
    "Affected",
    "AgreementText",
    "Archive",
    "ArchiveChunk",
    "BilledLine",
    "BooksArchive",
    "Breach",
    "BreachEvent",
    "BreachSearch",
    "Certificate",
    "ChainHead",
    "Checkpoint",
    "Closing",
    "Confirmation",
    "ContactAlias",
    "Controller",
    "Correction",
    "CorrectionTask",
    "Customer",
    "Delivery",
    "Description",
    "Disclosure",
    "DownloadLink",
    "ErasedKey",
    "Erasure",
    "Export",
    "ExportChunk",
    "ExportJob",
    "FormerCustomer",
    "Grant",
    "Hold",
    "InboxEvent",
    "Incident",
    "IncidentLine",
    "Invoice",
    "KeyCheck",
    "KnownIdentifier",
    "Ledger",
    "LetGo",
    "LogFile",
    "MarketingEvent",
    "Member",
    "Movement",
    "Notice",
    "OptOutChunk",
    "OptOutFile",
    "OptOutImport",
    "Owed",
    "Parting",
    "Plan",
    "PlanBatch",
    "PostalAddress",
    "Posting",
    "ProofTicket",
    "Purchase",
    "PurchaseLine",
    "Recipient",
    "RefusedLines",
    "RegisteredFlow",
    "RejectedLine",
    "Reminder",
    "Request",
    "RequestEvent",
    "RequestLetter",
    "Restriction",
    "SearchWords",
    "SeenHttps",
    "SetAside",
    "SetupStep",
    "ShopFile",
    "Signature",
    "SignedCall",
    "SiteLine",
    "Suppression",
    "Sweep",
    "Telling",
    "Trace",
    "TransferRequest",
    "TransferText",
    "Voucher",
    "VoucherNote",
    "VoucherSeries",
]
