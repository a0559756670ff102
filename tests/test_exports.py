"""Making and fetching files: whole or not at all, guarded, disclosed, the same bytes for ever."""

import hashlib
import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.access import guard
from jokkerit_plugin.accounting import accounts
from jokkerit_plugin.accounting.chart import DEFAULTS
from jokkerit_plugin.accounting.exports import files, formats, journal_csv, links, make, xlsx
from jokkerit_plugin.accounting.exports.files import ExportError, FileDamaged
from jokkerit_plugin.accounting.exports.links import LinkRefused
from jokkerit_plugin.accounting.exports.seller import terms_of
from jokkerit_plugin.accounting.journal import checked, lines
from jokkerit_plugin.accounting.periods import PeriodError, days
from jokkerit_plugin.config import Config
from jokkerit_plugin.disclosure import ledger as disclosures
from jokkerit_plugin.disclosure.terms import DisclosureRefused
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.models import (
    AccessEntry,
    AccountMap,
    Disclosure,
    DownloadLink,
    Export,
    ExportChunk,
    Purchase,
    Recipient,
    Signature,
    VoucherNote,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import erasure
from jokkerit_plugin.shop.people import Holder
from tests.ledgers import (
    ACCOUNTANT,
    CONTROLLER,
    MANAGER,
    MONTH,
    STAFF,
    STRANGER,
    D,
    K,
    entry,
    firm,
    let_in,
    purchase,
)
from tests.standing import standing

pytestmark = pytest.mark.django_db

FEBRUARY = days("2026-02-01", "2026-02-28")


SETTINGS = Config(
    active=True, controller_name="Jokkerit Trading Oy", business_id="2368582-3",
    controller_address="Kaskitie 7\n51900 Juva", iban="FI2112345600000785", bic="NDEAFIHH",
)  # fmt: skip


class Ledger:
    """Stands for the ledger of disclosures: keeps what it is told, or refuses."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.refusal: RegisterError | None = None

    def ask(self, **_told):
        if self.refusal:
            raise self.refusal

    def record(self, *, subjects, **told):
        assert connection.in_atomic_block
        if self.refusal:
            raise self.refusal
        self.rows.append({**told, "subjects": sorted(subjects)})


@pytest.fixture
def ledger(monkeypatch):
    found = Ledger()
    monkeypatch.setattr(disclosures, "ask", found.ask)
    monkeypatch.setattr(disclosures, "record", found.record)
    return found


def furnished(shop, monkeypatch):
    shop.port.settings = SETTINGS
    shop.port.holders = [Holder(ACCOUNTANT.key, ACCOUNTANT.permissions, False, True)]
    return let_in()


to = standing(__name__, furnished)


@pytest.fixture
def month(to):
    bought = purchase()
    return [replace(one, purchase=bought.pk) for one in MONTH]


def make_journal(month, to, form="journal_csv", **given) -> Export:
    values = {
        "period": FEBRUARY, "language": "fi", "recipient": to.pk, "actor": ACCOUNTANT,
    }  # fmt: skip
    return make.journal(form, month, **values | given)


def make_invoice(month, to, voucher="MYY-2026-000001", **given) -> Export:
    values = {"language": "fi", "recipient": to.pk, "actor": ACCOUNTANT}
    return make.invoice(voucher, month, **values | given)


def log() -> list[tuple[str, str, str]]:
    return list(AccessEntry.objects.order_by("seq").values_list("act", "outcome", "reason"))


def nothing_was_made(ledger) -> bool:
    kept = Export.objects.exists() or ExportChunk.objects.exists()
    granted = AccessEntry.objects.filter(outcome="granted").exists()
    return not (kept or granted or ledger.rows)


@pytest.mark.parametrize("form", formats.JOURNALS)
def test_a_file_is_frozen_logged_and_disclosed_with_its_digest(month, to, ledger, form):
    export = make_journal(month, to, form)
    _, pieces = files.read(export.pk, actor=ACCOUNTANT)
    found = b"".join(pieces)
    assert (hashlib.sha256(found).hexdigest(), len(found)) == (export.sha256, export.size)
    assert export.filename.startswith(f"{form.removesuffix('_csv')}-2026-02-01-2026-02-28.")
    assert (export.created_by, export.account_map) == (ACCOUNTANT.key, 0)
    customer = purchase().customer_id
    (told,) = ledger.rows
    assert told == {
        "recipient": to, "purpose": "bookkeeping", "categories": {Category.PURCHASE},
        "subjects": [customer], "sha256": export.sha256, "what": form, "actor": ACCOUNTANT,
    }  # fmt: skip
    assert log() == [("export journal", "granted", ""), ("export download", "granted", "")]
    assert [one.count for one in AccessEntry.objects.all()] == [1, 1]


def test_a_journal_has_no_name_in_it_and_a_finvoice_has(month, to, ledger):
    for form in formats.JOURNALS:
        export = make_journal(month, to, form)
        _, pieces = files.read(export.pk, actor=ACCOUNTANT)
        assert "Ääkkönen".encode("latin9") not in b"".join(pieces)
        assert export.categories == "purchase"
    export = make_invoice(month, to)
    _, pieces = files.read(export.pk, actor=ACCOUNTANT)
    assert "Ääkkönen".encode("latin9") in b"".join(pieces)
    assert export.categories == "name postal_address purchase"
    assert (export.purpose, export.filename) == ("bookkeeping", "finvoice-MYY-2026-000001.xml")
    assert formats.mime_of(export.format) == "application/xml"


def test_a_buyer_who_was_corrected_is_noted_and_a_corrected_invoice_is_a_new_document(
    month, to, ledger
):
    with pytest.raises(ExportError, match="has been corrected"):
        make_invoice(month, to, corrected=True)
    VoucherNote.objects.create(
        purchase_id=month[0].purchase, by="user:1", party_first_name="Aino",
        party_last_name="Korhonen",
        party_street_1="Kaskitie 7", at=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    texts = {}
    for corrected in (False, True):
        export = make_invoice(month, to, corrected=corrected)
        _, pieces = files.read(export.pk, actor=ACCOUNTANT)
        texts[export.filename] = b"".join(pieces).decode("latin9")
    issued, right = texts.values()
    assert list(texts) == [
        "finvoice-MYY-2026-000001.xml", "finvoice-MYY-2026-000001-corrected.xml",
    ]  # fmt: skip
    assert "Ääkkönen" in issued
    assert "Korhonen" not in issued
    assert "Ostajan tietoja on oikaistu 1.3.2026." in issued
    assert "Aino Korhonen" in right
    assert "Ääkkönen" not in right
    assert "lasku on muutoin ennallaan" in right
    purchases = list(Purchase.objects.values_list("pk", flat=True))
    erasure.erase(Part.IDENTITY, purchases, datetime(2040, 1, 1, tzinfo=UTC))
    assert not Export.objects.filter(format="finvoice").exists()


def test_downloading_again_gives_the_same_bytes_whatever_has_changed(month, to, ledger):
    export = make_journal(month, to)
    first = b"".join(files.read(export.pk, actor=ACCOUNTANT)[1])
    rules = [rule.model_dump(mode="json") for rule in DEFAULTS]
    rules[0]["credit"] = "3999"
    accounts.replace(rules, version=0, actor=CONTROLLER)
    assert b"".join(files.read(export.pk, actor=ACCOUNTANT)[1]) == first
    later = make_journal(month, to)
    assert later.account_map == AccountMap.objects.get().version == 1
    assert later.sha256 != export.sha256


def test_a_file_of_many_pieces_comes_back_whole(month, to, ledger, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 100)
    export = make_journal(month, to)
    assert export.chunks.count() == -(-export.size // 100)
    found = b"".join(files.read(export.pk, actor=ACCOUNTANT)[1])
    assert hashlib.sha256(found).hexdigest() == export.sha256


@pytest.mark.parametrize("harm", ["change", "drop", "reorder"])
def test_a_file_that_has_changed_is_not_given_out(month, to, ledger, monkeypatch, harm):
    monkeypatch.setattr(files, "CHUNK", 100)
    export = make_journal(month, to)
    if harm == "change":
        export.chunks.filter(number=1).update(data=b"x")
    elif harm == "drop":
        export.chunks.filter(number=1).delete()
    else:
        export.chunks.filter(number=0).update(number=99)
    with pytest.raises(FileDamaged):
        files.read(export.pk, actor=ACCOUNTANT)
    assert [one[0] for one in log()] == ["export journal"]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"form": "pdf"}, "format", "EXPORT"),
        ({"language": "de"}, "language", "EXPORT"),
        ({"period": days("2025-12-31", "2026-02-28")}, "period", "PERIOD"),
        ({"period": days("2026-02-01", "2026-02-09")}, "period", "EXPORT"),
        ({"currency": "EURO"}, "currency", "AMOUNT"),
        ({"recipient": 0}, "recipient", "EXPORT"),
    ],
)
def test_bad_input_gives_a_clear_error_and_leaves_nothing(month, to, ledger, given, field, code):
    with pytest.raises(RegisterError) as refused:
        make_journal(month, to, **given)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert nothing_was_made(ledger)


def test_a_period_that_crosses_a_changed_financial_year_is_refused(month, to, ledger, shop):
    changed = replace(SETTINGS, financial_year_changes=(date(2026, 2, 14),))
    shop.port.settings = changed
    with pytest.raises(PeriodError, match="2026-02-14"):
        make_journal(month, to)
    assert nothing_was_made(ledger)
    shop.port.settings = replace(changed, financial_year_changes=(date(2026, 2, 28),))
    assert make_journal(month, to).size


@pytest.mark.parametrize("form", formats.JOURNALS)
@pytest.mark.parametrize(
    ("last", "field", "code"),
    [
        (entry(currency="SEK"), "currency", "NO_ACCOUNT"),
        (entry(currency="XXA"), "currency", "NO_ACCOUNT"),
        (entry(rate=D("0.22")), "rules", "NO_ACCOUNT"),
        (entry(net="1.001", gross="1.255"), "amount", "AMOUNT"),
        (entry(treatment="export"), "vat", "UNBALANCED"),
    ],
    ids=["currency without accounts", "no currency", "unknown rate", "third decimal", "unbalanced"],
)
def test_an_error_in_the_last_entry_leaves_nothing_of_the_others(
    month, to, ledger, form, last, field, code
):
    with pytest.raises(RegisterError) as refused:
        make_journal([*month, replace(last, purchase=month[0].purchase)], to, form)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert nothing_was_made(ledger)


@pytest.mark.parametrize("making", [make_journal, make_invoice])
def test_entries_are_closed_whatever_happens_since_they_may_hold_a_transaction(
    month, to, ledger, making
):
    closed = []

    def held():
        try:
            yield from month
            yield replace(month[0], currency="SEK")
        finally:
            closed.append(True)

    entries = held()
    with pytest.raises(RegisterError) as refused:
        making(entries, to)
    assert closed == [True]
    assert refused.value.field in {"currency", "voucher"}


@pytest.mark.parametrize("form", formats.JOURNALS)
def test_an_empty_period_gives_no_file(to, ledger, form):
    with pytest.raises(ExportError, match="nothing to book"):
        make_journal([], to, form)
    assert nothing_was_made(ledger)


@pytest.mark.parametrize("form", ["netvisor", "procountor"])
def test_a_format_without_a_currency_takes_euros_only(month, to, ledger, form):
    rules = [rule.model_dump(mode="json") for rule in DEFAULTS]
    both = [*rules, *({**rule, "currency": "SEK"} for rule in rules)]
    accounts.replace(both, version=0, actor=CONTROLLER)
    paid = entry(K.PAYMENT, "5", "5", currency="SEK", purchase=month[0].purchase)
    with pytest.raises(ExportError, match="EUR only") as refused:
        make_journal([*month, paid], to, form)
    assert refused.value.field == "currency"
    assert nothing_was_made(ledger)
    assert make_journal([*month, paid], to, "journal_csv").size
    only = make_journal([*month, paid], to, form, currency="EUR")
    assert only.filename == f"{form}-2026-02-01-2026-02-28-EUR.csv"
    _, pieces = files.read(only.pk, actor=ACCOUNTANT)
    assert b"".join(pieces) == b"".join(
        files.read(make_journal(month, to, form).pk, actor=ACCOUNTANT)[1]
    )


def test_a_refused_disclosure_leaves_no_file_and_nothing_logged_as_granted(month, to, ledger):
    ledger.refusal = RegisterError("Not to them.", field="recipient")
    for making in (make_journal, make_invoice):
        with pytest.raises(RegisterError, match="Not to them"):
            making(month, to)
    assert nothing_was_made(ledger)


def test_the_real_ledger_refuses_before_the_look_is_logged(month, to):
    Recipient.objects.filter(pk=to.pk).update(agreement_signed_on=None)
    for making in (make_journal, make_invoice):
        with pytest.raises(DisclosureRefused):
            making(month, to, actor=MANAGER)
    assert log() == []
    refused = Disclosure.objects.order_by("seq").values_list("outcome", "what", "count")
    assert list(refused) == [("refused", "journal_csv", 1), ("refused", "finvoice", 1)]


@pytest.mark.parametrize("change", [{"agreement_signed_on": None}, {"ended_at": clock.now()}])
def test_terms_that_change_before_the_file_is_stored_leave_no_look_logged(
    month, to, change, monkeypatch
):
    """Asked and granted, and then not given: the log must not say that it went out."""

    ask = disclosures.ask

    def changing(**asked) -> None:
        ask(**asked)
        Recipient.objects.filter(pk=to.pk).update(**change)

    monkeypatch.setattr(disclosures, "ask", changing)
    for making in (make_journal, make_invoice):
        Recipient.objects.filter(pk=to.pk).update(agreement_signed_on="2026-01-01", ended_at=None)
        with pytest.raises(DisclosureRefused):
            making(month, to, actor=MANAGER)
    assert log() == []
    assert not Export.objects.exists()
    refused = Disclosure.objects.order_by("seq").values_list("outcome", "what", "count")
    assert list(refused) == [("refused", "journal_csv", 1), ("refused", "finvoice", 1)]
    assert all(Disclosure.objects.values_list("sha256", flat=True))


@pytest.mark.parametrize("kind", ["invoicing", "debt_collection", "processor"])
def test_a_journal_goes_to_bookkeepers_only(month, ledger, kind):
    other = firm(kind=kind, business_id="")
    with pytest.raises(ExportError, match="nothing for the purpose bookkeeping") as refused:
        make_journal(month, other, actor=MANAGER)
    assert refused.value.field == "recipient"
    assert nothing_was_made(ledger)


@pytest.mark.parametrize(
    ("kind", "purpose"), [("bookkeeping", "bookkeeping"), ("invoicing", "invoicing")]
)
def test_an_invoice_is_for_what_its_recipient_does(month, ledger, kind, purpose):
    other = firm(kind=kind, business_id="")
    assert make_invoice(month, other, actor=MANAGER).purpose == purpose
    assert [(told["purpose"], told["recipient"]) for told in ledger.rows] == [(purpose, other)]


def test_what_the_guard_refuses_when_the_visit_closes_is_not_kept(month, to, ledger):
    def leaky():
        yield from month
        Signature.objects.update(revoked_at=clock.now())

    with pytest.raises(guard.NoAgreement):
        make_journal(leaky(), to)
    assert nothing_was_made(ledger)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"voucher": "MYY-2026-999999"}, "voucher"), ({"voucher": ""}, "voucher"),
     ({"language": "de"}, "language"), ({"recipient": 0}, "recipient")],
)  # fmt: skip
def test_an_invoice_that_cannot_be_made_leaves_nothing(month, to, ledger, given, field):
    with pytest.raises(ExportError) as refused:
        make_invoice(month, to, **given)
    assert refused.value.field == field
    assert nothing_was_made(ledger)


@pytest.mark.parametrize(
    ("missing", "field"),
    [({"iban": ""}, "iban"), ({"bic": ""}, "bic"), ({"business_id": ""}, "business_id"),
     ({"controller_name": ""}, "controller_name"),
     ({"controller_address": ""}, "controller_address"),
     ({"controller_address": "Kaskitie 7"}, "controller_address"),
     ({"controller_address": "51900 Juva"}, "controller_address")],
)  # fmt: skip
def test_a_setting_that_an_invoice_needs_is_named(month, to, ledger, shop, missing, field):
    shop.port.settings = replace(SETTINGS, **missing)
    with pytest.raises(ExportError) as refused:
        make_invoice(month, to)
    assert refused.value.field == field
    assert nothing_was_made(ledger)


@pytest.mark.parametrize("address", ["Kaskitie 7\n51900 Juva", "Kaskitie 7, FI-51900 Juva"])
def test_the_seller_s_address_is_read_as_people_write_it(address):
    seller = terms_of(replace(SETTINGS, controller_address=address)).seller
    assert (seller.streets, seller.postal_code, seller.city, seller.country) == (
        ("Kaskitie 7",), "51900", "Juva", "FI",
    )  # fmt: skip


def test_without_role_or_agreement_there_is_no_file_and_the_refusal_is_logged(month, to, ledger):
    Signature.objects.update(revoked_at=clock.now())
    for making in (make_journal, make_invoice):
        with pytest.raises(guard.NoAgreement):
            making(month, to)
        with pytest.raises(guard.NoPermission):
            making(month, to, actor=STRANGER)
    assert nothing_was_made(ledger)
    assert len(log()) == 4


def test_a_firm_gets_and_sees_its_own_files_only(month, to, ledger):
    other = firm(name="Toinen", business_id="")
    with pytest.raises(ExportError, match="recipient of yours"):
        make_journal(month, other)
    theirs = make_journal(month, other, actor=MANAGER)
    own = make_journal(month, to)
    assert list(files.listing(actor=ACCOUNTANT)) == [own]
    assert list(files.listing(actor=STAFF)) == [own, theirs]
    for fetch in (files.read, links.issue):
        with pytest.raises(ExportError, match="file of yours"):
            fetch(theirs.pk, actor=ACCOUNTANT)
    with pytest.raises(ExportError, match="recipient of yours"):
        make_journal(month, other)
    assert log()[-3:] == [
        ("export download", "refused", "NOT_YOURS"),
        ("export link", "refused", "NOT_YOURS"),
        ("export", "refused", "NOT_YOURS"),
    ]
    assert b"".join(files.read(theirs.pk, actor=STAFF)[1])


def test_an_ended_recipient_gets_no_more_files(month, to, ledger):
    to.ended_at = clock.now()
    to.save()
    with pytest.raises(ExportError, match="recipient of yours"):
        make_journal(month, to, actor=MANAGER)
    assert nothing_was_made(ledger)


def test_a_link_works_once_for_its_file(month, to, ledger):
    export, other = make_journal(month, to), make_journal(month, to)
    token = links.issue(export.pk, actor=ACCOUNTANT)
    with pytest.raises(LinkRefused):
        links.redeem(token, export_id=other.pk)
    with pytest.raises(LinkRefused):
        links.redeem(token, export_id=export.pk)
    token = links.issue(export.pk, actor=ACCOUNTANT)
    with pytest.raises(LinkRefused):
        links.redeem(f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}", export_id=export.pk)
    found, pieces = links.redeem(token, export_id=export.pk)
    assert hashlib.sha256(b"".join(pieces)).hexdigest() == found.sha256
    assert log()[-1] == ("export download", "granted", "")
    with pytest.raises(LinkRefused):
        links.redeem(token, export_id=export.pk)
    assert log()[-1] == ("export download", "refused", "LINK_REFUSED")
    assert AccessEntry.objects.latest("seq").actor == ACCOUNTANT.key


@pytest.mark.parametrize("token", ["", "x", "é", "WzEsMV0:x", ":"])
def test_what_is_no_token_of_ours_is_refused_and_fills_no_log(token):
    with pytest.raises(LinkRefused):
        links.redeem(token, export_id=1)
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize(("seconds", "works"), [(59, True), (60, False)])
def test_a_link_lives_a_minute(month, to, ledger, monkeypatch, seconds, works):
    export = make_journal(month, to)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    token = links.issue(export.pk, actor=ACCOUNTANT)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=seconds))
    if works:
        links.redeem(token, export_id=export.pk)
    else:
        with pytest.raises(LinkRefused, match="too old"):
            links.redeem(token, export_id=export.pk)


def test_a_link_comes_into_being_with_the_log_s_row_or_not_at_all(month, to, ledger, monkeypatch):
    export = make_journal(month, to)
    old = DownloadLink.objects.create(
        export=export, holder=ACCOUNTANT.key, permissions="", expires_at=clock.now()
    )
    before = log()
    monkeypatch.setattr(guard.rows, "append", lambda *_: broken())
    with pytest.raises(ConnectionError):
        links.issue(export.pk, actor=ACCOUNTANT)
    assert list(DownloadLink.objects.all()) == [old]
    monkeypatch.undo()
    assert log() == before
    links.issue(export.pk, actor=ACCOUNTANT)
    assert log()[len(before) :] == [("export link", "granted", "")]
    assert not DownloadLink.objects.filter(pk=old.pk).exists()


def broken() -> None:
    raise ConnectionError


def test_of_one_link_one_refusal_is_logged(month, to, ledger, monkeypatch):
    """Whoever has a link that was used may send it again without end: the log must not fill."""
    export, other = make_journal(month, to), make_journal(month, to)
    now = clock.now()
    token, second = (links.issue(export.pk, actor=ACCOUNTANT) for _ in "ab")
    links.redeem(token, export_id=export.pk)
    before = log()

    def again(token: str, export_id: int, later: int = 0) -> None:
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=later))
        with pytest.raises(LinkRefused):
            links.redeem(token, export_id=export_id)

    for later in (0, 0, 30, 90):
        again(token, export.pk, later)
    refused = [("export download", "refused", "LINK_REFUSED")]
    assert log()[len(before) :] == refused
    # Tried on another file it is gone as well.
    again(second, other.pk)
    again(second, other.pk)
    again(second, export.pk)
    assert log()[len(before) :] == refused * 2


def test_a_link_ends_with_its_holders_agreement(month, to, ledger):
    export = make_journal(month, to)
    token = links.issue(export.pk, actor=ACCOUNTANT)
    Signature.objects.filter(signer=ACCOUNTANT.key).update(revoked_at=clock.now())
    with pytest.raises(guard.NoAgreement):
        links.redeem(token, export_id=export.pk)
    assert log()[-1] == ("export download", "refused", "NO_AGREEMENT")


@pytest.mark.parametrize(
    "today",
    [
        [],
        [Holder(ACCOUNTANT.key, frozenset(), False, True)],
        [Holder(ACCOUNTANT.key, ACCOUNTANT.permissions, False, False)],
        [Holder(STAFF.key, ACCOUNTANT.permissions, False, True)],
    ],
)
def test_a_link_ends_with_its_holders_permission(month, to, ledger, shop, today):
    export = make_journal(month, to)
    token = links.issue(export.pk, actor=ACCOUNTANT)
    shop.port.holders = today
    with pytest.raises(guard.NoPermission):
        links.redeem(token, export_id=export.pk)
    assert log()[-1] == ("export download", "refused", "NO_PERMISSION")


def test_a_stranger_is_not_even_told_whether_a_file_exists(month, to, ledger):
    export = make_journal(month, to)
    for pk in (export.pk, 999):
        for fetch in (files.read, links.issue):
            with pytest.raises(guard.NoPermission):
                fetch(pk, actor=STRANGER)
    with pytest.raises(ExportError, match="file of yours"):
        files.read(999, actor=ACCOUNTANT)
    assert not DownloadLink.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_link_at_once_one_gets_the_file(month, to, ledger):
    export = make_journal(month, to)
    token = links.issue(export.pk, actor=ACCOUNTANT)

    def use(_: int) -> str:
        try:
            return links.redeem(token, export_id=export.pk)[0].sha256
        except LinkRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(use, range(8)))
    assert found == sorted([export.sha256, *["LINK_REFUSED"] * 7])


@pytest.mark.parametrize("writer", [journal_csv, xlsx], ids=["csv", "xlsx"])
def test_memory_does_not_grow_with_the_lines(writer):
    class Sink(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return len(data)

    def peak(count: int) -> int:
        many = (entry(order_number=str(number)) for number in range(count))
        tracemalloc.start()
        journal = checked(lines(many, DEFAULTS, language="fi"))
        writer.write(journal, io.BytesIO() if writer is xlsx else Sink(), language="fi")
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(100)
    # Held, 8,000 lines would be 3 MB; a packed workbook of them is 0.2 MB.
    assert peak(2700) - peak(100) < 1_000_000
