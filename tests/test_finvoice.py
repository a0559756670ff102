"""Finvoice 3.0: by hand, against the public schema, and what it refuses.

The schema is not part of the project: $FINVOICE_XSD, or ../shared/data/finvoice beside the
checkout; where neither is there, the tests against it are skipped and say so.
"""

import io
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from jokkerit_plugin.accounting.chart import DEFAULTS
from jokkerit_plugin.accounting.exports import finvoice
from jokkerit_plugin.accounting.exports.files import ExportError
from jokkerit_plugin.accounting.exports.invoices import (
    Invoice,
    InvoiceRow,
    invoice_of,
)
from jokkerit_plugin.accounting.exports.seller import InvoiceParty, Terms
from jokkerit_plugin.accounting.references import ReferenceRefused, national
from jokkerit_plugin.models import Purchase, Voucher
from tests.ledgers import MONTH, D, K, T, entry, purchase, voucher

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "finvoice" / "Finvoice3.0.xsd"
SCHEMA = Path(os.environ.get("FINVOICE_XSD") or BESIDE)

SELLER = InvoiceParty(
    "Jokkerit Trading Oy", streets=("Kaskitie 7",), postal_code="51900", city="Juva", country="FI"
)
TERMS = Terms(SELLER, business_id="2368582-3", iban="FI21 1234 5600 0007 85", bic="NDEAFIHH")
BUYER = InvoiceParty(
    "Aino Ääkkönen", streets=("Rantatie 1",), postal_code="90100", city="Oulu", country="FI"
)


def row(name="Muki", quantity="2", net="100.00", gross="125.50", **given) -> InvoiceRow:
    values = {"treatment": T.DOMESTIC, "rate": D("0.255"), "account": "3001"} | given
    return InvoiceRow(name=name, quantity=D(quantity), net=D(net), gross=D(gross), **values)


def invoice(**given) -> Invoice:
    values = {
        "number": "MYY-2026-000001", "original": "", "purchase": 1, "day": date(2026, 2, 3),
        "due": date(2026, 2, 17), "order_number": "1001", "currency": "EUR", "buyer": BUYER,
        "terms": TERMS, "rows": (row(),), "paid": D("0.00"), "reference": national("2026000001"),
    }  # fmt: skip
    return Invoice(**values | given)


def credit_note(**given) -> Invoice:
    back = row("Hyvitys 25,5 %", "-1", "-50.00", "-62.75")
    return invoice(
        number="HYV-2026-000001", original="MYY-2026-000001", rows=(back,), **given
    )  # fmt: skip


def written(made: Invoice, language: str = "fi") -> bytes:
    out = io.BytesIO()
    finvoice.write(made, out, language=language)
    return out.getvalue()


def values(found: bytes, tag: str) -> list[str | None]:
    return [node.text for node in etree.fromstring(found).iter(tag)]


def test_an_invoice():
    assert written(invoice()) == (Path(__file__).parent / "data" / "finvoice.xml").read_bytes()


def test_a_credit_note_has_negative_amounts_and_names_the_original():
    found = written(credit_note(), "sv")
    assert values(found, "InvoiceTypeCode") == ["INV02"]
    assert values(found, "InvoiceTypeText") == ["KREDITFAKTURA"]
    assert values(found, "OriginalInvoiceNumber") == ["MYY-2026-000001"]
    assert values(found, "InvoiceTotalVatIncludedAmount") == ["-62,75"]
    assert values(found, "VatRateAmount") == ["-12,75"]
    assert values(found, "EpiInstructedAmount") == ["-62,75"]


@pytest.mark.parametrize(
    ("paid", "status", "owed"),
    [("0", "NOTPAID", "125,50"), ("25.50", "PARTLYPAID", "100,00"), ("125.50", "PAID", "0,00")],
)
def test_what_is_paid_is_not_asked_for(paid, status, owed):
    found = written(invoice(paid=D(paid)))
    assert values(found, "PaymentStatusCode") == [status]
    assert values(found, "EpiInstructedAmount") == [owed]


def test_vat_is_specified_by_rate_and_treatment():
    rows = (
        row(),
        row(net="10.00", gross="12.55"),
        row(net="20.00", gross="20.00", rate=D(0), treatment=T.EXPORT),
        row(net="5.00", gross="5.00", rate=None, treatment=T.NONE),
    )
    found = written(invoice(rows=rows))
    assert values(found, "VatRatePercent") == ["25,5", "0", "0"]
    assert values(found, "VatCode") == ["S", "G", "O"]
    assert values(found, "VatBaseAmount") == ["110,00", "20,00", "5,00"]
    assert values(found, "VatExemptionReasonCode") == ["VATEX-EU-G"]


LONG = InvoiceParty(
    "Ä" * 71 + " & <Oy>", vat_id="FI17902350", streets=("Hyvin pitkä kadunnimi " * 6, "B 4"),
    postal_code="1", city="Å", country="SE",
)  # fmt: skip
ODD = InvoiceParty("Łukasz Жуков\x07", city="東京")

SHAPES = {
    "invoice": invoice(),
    "credit note": credit_note(),
    "paid": invoice(paid=D("125.50")),
    "long and short texts": invoice(buyer=LONG, rows=(row("Muki " * 40),), order_number="1" * 90),
    "other alphabets, no street": invoice(buyer=ODD),
    "no address": invoice(buyer=InvoiceParty("X")),
    "corrected": invoice(note="Ostajan tiedot on oikaistu 1.3.2026."),
    "yen": invoice(currency="JPY", rows=(row(net="100", gross="126"),), paid=D(0)),
    "dinar": invoice(currency="KWD", rows=(row(net="1.000", gross="1.255"),), paid=D("0.005")),
    "long account": invoice(rows=(row(account="30010"),)),
    "many rates": invoice(
        rows=(row(), row(rate=D("0.135")), row(rate=D(0), treatment=T.REVERSE_CHARGE))
    ),
}


@pytest.mark.skipif(not SCHEMA.is_file(), reason="no Finvoice schema: set FINVOICE_XSD")
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_fits_the_public_schema(shape, language):
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    found = etree.fromstring(written(SHAPES[shape], language))
    assert schema.validate(found), schema.error_log.last_error


def test_texts_are_cut_to_what_finvoice_holds_and_spelt_in_its_letters():
    found = written(invoice(buyer=LONG))
    assert values(found, "BuyerOrganisationName") == ["Ä" * 70, "Ä & <Oy>"]
    assert values(found, "BuyerTownName") == ["Å-"]
    assert len(values(found, "BuyerStreetName")) == 3
    found = written(invoice(buyer=ODD))
    assert values(found, "BuyerOrganisationName") == ["Lukasz Zhukov"]
    assert values(found, "BuyerStreetName") == ["--"]
    assert b"&#" not in found


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"terms": replace(TERMS, iban="FI2112345600000786")}, "iban"),
        ({"terms": replace(TERMS, iban="")}, "iban"),
        ({"terms": replace(TERMS, bic="NORDEA")}, "bic"),
        ({"terms": replace(TERMS, business_id="2368582-4")}, "business_id"),
        ({"number": "MYYNTI-2026-000000001"}, "voucher"),
        ({"rows": ()}, "rows"),
        ({"currency": "KWD", "rows": (row(net="1.000", gross="1.255"),)}, "currency"),
    ],
)
def test_what_finvoice_cannot_hold_is_refused_and_nothing_is_written(given, field):
    out = io.BytesIO()
    with pytest.raises(ExportError) as refused:
        finvoice.write(invoice(**given), out, language="fi")
    assert (refused.value.field, out.getvalue()) == (field, b"")


@pytest.mark.parametrize(
    ("digits", "reference"),
    [("123456", "1234561"), ("2026000001", "20260000011"), ("000123", "1232"),
     ("1234567890123456789", "12345678901234567894")],
)  # fmt: skip
def test_reference_numbers(digits, reference):
    assert national(digits) == reference


@pytest.mark.parametrize("digits", ["", "12", "0001", "1" * 20, "12a4", "١٢٣"])
def test_no_reference_is_made_of_other_than_3_to_19_digits(digits):
    with pytest.raises(ReferenceRefused):
        national(digits)


@pytest.mark.django_db
class TestFromAPurchase:
    def of(self, made, own, language="fi"):
        entries = [replace(one, purchase=made.pk) for one in own]
        code = own[0].voucher
        voucher(made, code)
        return invoice_of(code, entries, DEFAULTS, terms=TERMS, language=language)

    def test_the_goods_stand_on_it_by_name_and_the_voucher_party_is_the_buyer(self):
        found = self.of(purchase(vat_id="FI17902350"), MONTH[:3])
        assert [(one.name, one.quantity, one.gross, one.account) for one in found.rows] == [
            ("Muki", 2, D("50.20"), "3001"),
            ("Pannu", 1, D("75.30"), "3001"),
            ("Toimituskulut 25,5 %", 1, D("5.02"), "3101"),
        ]
        assert (found.net, found.gross, found.paid) == (D("104.00"), D("130.52"), D("130.52"))
        assert found.buyer == InvoiceParty(
            "Aino Ääkkönen", "FI17902350", ("Kaskitie 7",), "51900", "Juva", "FI"
        )
        key = Voucher.objects.get(code=found.number).pk
        assert (found.due, found.reference) == (date(2026, 2, 17), national(f"{1000 + key}"))

    def test_where_the_entries_differ_from_the_lines_the_entries_stand_on_it(self):
        booked = (entry(net="80", gross="100.40"), entry(net="10", gross="12.55"))
        found = self.of(purchase(), booked, "sv")
        assert [(one.name, one.gross) for one in found.rows] == [
            ("Försäljning 25,5 %", D("100.40")),
            ("Försäljning 25,5 %", D("12.55")),
        ]

    def test_none_is_made_once_the_buyer_is_no_longer_kept(self):
        made = purchase(identity_erased_at="2026-12-31T10:00Z")
        with pytest.raises(ExportError, match="no longer kept") as refused:
            self.of(made, MONTH[:3])
        assert refused.value.field == "voucher"

    def test_a_refund_becomes_a_credit_note(self):
        found = self.of(purchase(), MONTH[3:])
        assert (found.number, found.original) == ("HYV-2026-000001", "MYY-2026-000001")
        assert [(one.name, one.quantity, one.gross) for one in found.rows] == [
            ("Hyvitys 25,5 %", -1, D("-62.75"))
        ]
        assert found.paid == 0

    def test_a_paid_order_is_a_paid_invoice_and_a_gift_card_pays_its_part(self):
        gift = entry(K.GIFT_CARD_USED, "30", "30", voucher="")
        made = purchase(paid_at="2026-02-03T10:00Z")
        assert self.of(made, MONTH[:2]).paid == D("130.52")
        Purchase.objects.update(paid_at=None)
        assert self.of(made, (*MONTH[:2], gift)).paid == 30

    def test_what_was_paid_in_part_is_taken_off(self):
        part = entry(K.PAYMENT, "50", "50")
        card = entry(K.GIFT_CARD_USED, "30", "30", voucher="")
        strange = entry(K.PAYMENT, "9", "9", purchase=0, voucher="MYY-2026-000009")
        made = purchase()
        assert self.of(made, (*MONTH[:2], part)).paid == 50
        assert self.of(made, (*MONTH[:2], part, card)).paid == 80
        assert self.of(made, (*MONTH[:2], part, *MONTH[3:])).paid == 50
        found = invoice_of(
            MONTH[0].voucher, [*(replace(one, purchase=made.pk) for one in MONTH[:2]), strange],
            DEFAULTS, terms=TERMS, language="fi",
        )  # fmt: skip
        assert found.paid == 0

    def test_what_the_buyer_s_bank_took_back_is_to_be_paid_again(self):
        taken = entry(K.PAYBACK, "-130.52", "-130.52")
        assert self.of(purchase(), (*MONTH[:3], taken)).paid == 0

    def test_money_is_taken_off_once_where_a_sale_has_vouchers_in_two_years(self):
        later = {
            "voucher": "MYY-2027-000001",
            "day": date(2027, 1, 5),
            "original": MONTH[0].voucher,
        }
        made = (
            entry(), entry(K.GIFT_CARD_USED, "30", "30", voucher=""),
            entry(K.PAYMENT, "100", "100"), entry(net="40", gross="50.20", **later),
        )  # fmt: skip
        bought = purchase()
        assert self.of(bought, made).paid == D("125.50")
        assert self.of(bought, (made[-1], *made[:-1])).paid == D("4.50")

    def test_each_voucher_has_a_reference_of_its_own(self):
        made = purchase()
        found = [
            self.of(made, [entry(voucher=code)]).reference
            for code in ("MYY-2026-000001", "ABC-2026-000001")
        ]
        assert len(set(found)) == 2

    def test_a_gift_card_that_was_taxed_when_sold_is_a_negative_row(self):
        used = entry(K.GIFT_CARD_TAXED, "-40", "-50.2")
        found = self.of(purchase(), (*MONTH[:2], used))
        assert (found.rows[-1].quantity, found.rows[-1].gross) == (-1, D("-50.20"))
        assert (found.gross, found.paid) == (D("80.32"), 0)
        assert values(written(found), "InvoiceTypeCode") == ["INV01"]

    def test_a_company_comes_before_the_person_and_nobody_is_a_cash_customer(self):
        company = purchase(party_company_name="Oy Ab")
        nobody = purchase(party_first_name="", party_last_name="")
        assert self.of(company, MONTH[:1]).buyer.name == "Oy Ab"
        assert self.of(nobody, MONTH[:1], "sv").buyer.name == "Kontantkund"

    @pytest.mark.parametrize(
        ("code", "entries"),
        [
            ("MYY-2026-000001", (entry(), entry(purchase=2))),
            ("MYY-2026-000001", (entry(), entry(currency="SEK"))),
            ("MYY-2026-000001", MONTH[2:3]),
            ("MYY-2026-000009", MONTH),
            ("", (entry(voucher=""),)),
            ("MYY-2026-000001", (entry(purchase=0),)),
        ],
        ids=["two purchases", "two currencies", "money only", "unknown", "none", "erased"],
    )
    def test_what_is_not_one_invoice_is_refused(self, code, entries):
        with pytest.raises(ExportError) as refused:
            invoice_of(code, entries, DEFAULTS, terms=TERMS, language="fi")
        assert refused.value.field == "voucher"
