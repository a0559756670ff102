"""Finvoice 3.0 of one invoice or credit note, for import into accounting or invoicing software.

Source: Finance Finland, Finvoice 3.0 schema of 30.11.2020. Its order of elements, lengths and
decimal commas are kept here; ISO-8859-15, which importers expect, other letters transliterated.
There is no transmission frame: the file is imported, and sent by the software that imports it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import BinaryIO

from lxml import etree
from stdnum import bic, iban
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus

from ..amounts import comma, percent
from ..entries import Treatment
from .cells import LATIN9, latin9
from .files import ExportError
from .invoices import Invoice, InvoiceRow
from .seller import InvoiceParty

_TYPES = {
    "fi": ("LASKU", "HYVITYSLASKU"),
    "sv": ("FAKTURA", "KREDITFAKTURA"),
    "en": ("INVOICE", "CREDIT NOTE"),
}
_PIECES = {"fi": "kpl", "sv": "st", "en": "pcs"}
#: UNTDID 5305 and the reason codes of EN 16931: export, intra-Community supply.
_VAT_CODES = {
    Treatment.EXPORT: ("G", "VATEX-EU-G"),
    Treatment.REVERSE_CHARGE: ("K", "VATEX-EU-IC"),
    Treatment.NONE: ("O", ""),
}


def write(invoice: Invoice, out: BinaryIO, *, language: str) -> None:
    """Write one document; raises `ExportError` naming the field that Finvoice cannot hold."""
    if len(invoice.number) > 20 or len(invoice.original) > 20:
        raise ExportError("A voucher number has at most 20 characters.", field="voucher")
    if not invoice.rows:
        raise ExportError("An invoice has at least one row.", field="rows")
    root = etree.Element("Finvoice", Version="3.0")
    _seller(root, invoice)
    _buyer(root, invoice.buyer)
    _details(root, invoice, language)
    status = _node(root, "PaymentStatusDetails")
    _add(status, "PaymentStatusCode", _status(invoice))
    for row in invoice.rows:
        _row(root, row, invoice.currency, language)
    _payment(root, invoice)
    tree = etree.ElementTree(root)
    tree.write(out, encoding=LATIN9, xml_declaration=True, pretty_print=True)


def _seller(root: etree._Element, invoice: Invoice) -> None:
    terms, seller = invoice.terms, invoice.terms.seller
    number = _valid(ytunnus.validate, terms.business_id, "business_id")
    party = _node(root, "SellerPartyDetails")
    _add(party, "SellerPartyIdentifier", f"{number[:7]}-{number[7:]}")
    _names(party, "SellerOrganisationName", seller.name)
    _add(party, "SellerOrganisationTaxCode", f"FI{number}")
    _address(party, "Seller", seller)
    account = _node(_node(root, "SellerInformationDetails"), "SellerAccountDetails")
    _account(account, "SellerAccountID", invoice)
    _bic(account, "SellerBic", invoice)


def _buyer(root: etree._Element, buyer: InvoiceParty) -> None:
    party = _node(root, "BuyerPartyDetails")
    _names(party, "BuyerOrganisationName", buyer.name)
    if buyer.vat_id:
        _add(party, "BuyerOrganisationTaxCode", buyer.vat_id, 35)
    _address(party, "Buyer", buyer)


def _details(root: etree._Element, invoice: Invoice, language: str) -> None:
    credit = invoice.gross < 0
    node, currency = _node(root, "InvoiceDetails"), invoice.currency
    kind = "INV02" if credit else "INV01"
    _add(node, "InvoiceTypeCode", kind, CodeListAgencyIdentifier="SPY")
    _add(node, "InvoiceTypeCodeUN", "381" if credit else "380")
    _add(node, "InvoiceTypeText", _TYPES[language][credit])
    _add(node, "OriginCode", "Original")
    _add(node, "InvoiceNumber", invoice.number)
    _date(node, "InvoiceDate", invoice.day)
    if invoice.original:
        _add(node, "OriginalInvoiceNumber", invoice.original)
    _add(node, "OrderIdentifier", invoice.order_number, 70)
    _amount(node, "InvoiceTotalVatExcludedAmount", invoice.net, currency)
    _amount(node, "InvoiceTotalVatAmount", invoice.gross - invoice.net, currency)
    _amount(node, "InvoiceTotalVatIncludedAmount", invoice.gross, currency)
    if invoice.paid:
        _amount(node, "InvoicePaidAmount", invoice.paid, currency)
    for part in _by_vat(invoice.rows):
        vat = _node(node, "VatSpecificationDetails")
        _amount(vat, "VatBaseAmount", part.net, currency)
        _add(vat, "VatRatePercent", percent(part.rate) or "0")
        _add(vat, "VatCode", part.code)
        _amount(vat, "VatRateAmount", part.gross - part.net, currency)
        if part.reason:
            _add(vat, "VatExemptionReasonCode", part.reason)
    if invoice.note:
        _add(node, "InvoiceFreeText", invoice.note, 512)
    _date(_node(node, "PaymentTermsDetails"), "InvoiceDueDate", invoice.due)


def _row(root: etree._Element, row: InvoiceRow, currency: str, language: str) -> None:
    node = _node(root, "InvoiceRow")
    _add(node, "ArticleName", row.name, 100)
    quantity = f"{row.quantity.normalize():f}".replace(".", ",")
    _add(node, "DeliveredQuantity", quantity, QuantityUnitCode=_PIECES[language])
    if len(row.account) <= 4:
        _add(node, "RowNormalProposedAccountIdentifier", row.account)
    _add(node, "RowVatRatePercent", percent(row.rate) or "0")
    _add(node, "RowVatCode", _vat_code(row)[0])
    _amount(node, "RowVatAmount", row.gross - row.net, currency)
    _amount(node, "RowVatExcludedAmount", row.net, currency)
    _amount(node, "RowAmount", row.gross, currency)


def _payment(root: etree._Element, invoice: Invoice) -> None:
    """What a bank needs; the amount has two decimals in every currency."""
    owed = invoice.gross - invoice.paid
    if owed != round(owed, 2):
        message = f"Finvoice cannot ask for {owed:f} {invoice.currency}: it has two decimals."
        raise ExportError(message, field="currency")
    epi = _node(root, "EpiDetails")
    identification = _node(epi, "EpiIdentificationDetails")
    _date(identification, "EpiDate", invoice.day)
    _add(identification, "EpiReference", "")
    party = _node(epi, "EpiPartyDetails")
    _bic(_node(party, "EpiBfiPartyDetails"), "EpiBfiIdentifier", invoice)
    beneficiary = _node(party, "EpiBeneficiaryPartyDetails")
    _add(beneficiary, "EpiNameAddressDetails", invoice.terms.seller.name, 35)
    _account(beneficiary, "EpiAccountID", invoice)
    payment = _node(epi, "EpiPaymentInstructionDetails")
    _add(payment, "EpiRemittanceInfoIdentifier", invoice.reference, IdentificationSchemeName="SPY")
    _amount(payment, "EpiInstructedAmount", owed.quantize(Decimal("0.01")), invoice.currency)
    _add(payment, "EpiCharge", "SHA", ChargeOption="SHA")
    _date(payment, "EpiDateOptionDate", invoice.due)


@dataclass(slots=True)
class _VatPart:
    rate: Decimal | None
    code: str
    reason: str
    net: Decimal
    gross: Decimal


def _by_vat(rows: Iterable[InvoiceRow]) -> list[_VatPart]:
    parts: dict[object, _VatPart] = {}
    for row in rows:
        code, reason = _vat_code(row)
        zero = row.net - row.net
        part = parts.setdefault((row.rate, code), _VatPart(row.rate, code, reason, zero, zero))
        part.net += row.net
        part.gross += row.gross
    return list(parts.values())


def _vat_code(row: InvoiceRow) -> tuple[str, str]:
    return _VAT_CODES.get(row.treatment) or ("S" if row.rate else "Z", "")


def _status(invoice: Invoice) -> str:
    if invoice.paid == invoice.gross:
        return "PAID"
    return "PARTLYPAID" if invoice.paid else "NOTPAID"


def _valid(validate: Callable[[str], str], value: str, field: str) -> str:
    try:
        return validate(value)
    except ValidationError:
        message = f"The seller's {field} is missing or mistyped: see the settings."
        raise ExportError(message, field=field) from None


def _account(parent: etree._Element, tag: str, invoice: Invoice) -> None:
    number = _valid(iban.validate, invoice.terms.iban, "iban")
    _add(parent, tag, number, IdentificationSchemeName="IBAN")


def _bic(parent: etree._Element, tag: str, invoice: Invoice) -> None:
    code = _valid(bic.validate, invoice.terms.bic, "bic")
    _add(parent, tag, code, IdentificationSchemeName="BIC")


def _names(party: etree._Element, tag: str, name: str) -> None:
    for part in _cut(name, 70):
        _add(party, tag, part)


def _address(party: etree._Element, side: str, of: InvoiceParty) -> None:
    """Add the address; what an address abroad may lack is written as two hyphens."""
    if not (of.streets or of.city or of.postal_code):
        return
    node = _node(party, f"{side}PostalAddressDetails")
    lines = [part for street in of.streets for part in _cut(street, 35)]
    for line in lines[:3] or ["--"]:
        _add(node, f"{side}StreetName", line)
    _add(node, f"{side}TownName", _cut(of.city, 35)[0])
    _add(node, f"{side}PostCodeIdentifier", _cut(of.postal_code, 35)[0])
    if of.country:
        _add(node, "CountryCode", of.country)


def _cut(text: str, width: int) -> list[str]:
    """Cut text into parts of 2 to `width` characters; hyphens fill what is shorter."""
    return [part.ljust(2, "-") for part in wrap(latin9(text), width)] or ["--"]


def _node(parent: etree._Element, tag: str) -> etree._Element:
    return etree.SubElement(parent, tag)


def _add(parent: etree._Element, tag: str, text: str, limit: int = 512, **attributes: str) -> None:
    etree.SubElement(parent, tag, attributes).text = latin9(text)[:limit]


def _date(parent: etree._Element, tag: str, day: date) -> None:
    _add(parent, tag, f"{day:%Y%m%d}", Format="CCYYMMDD")


def _amount(parent: etree._Element, tag: str, amount: Decimal, currency: str) -> None:
    _add(parent, tag, comma(amount), AmountCurrencyIdentifier=currency)
