"""The copy of a person's data: all that is erased is in it, and nothing of anybody else."""

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from html import escape

import pytest
from django.apps import apps
from django.db import transaction

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.accounting.entries import EntryKind
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.models import (
    Archive,
    ArchiveChunk,
    CorrectionTask,
    Customer,
    KnownIdentifier,
    Notice,
    Purchase,
    Request,
    RequestLetter,
    Telling,
    Trace,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.corrections import Closed, Field, Noticed, Sign
from jokkerit_plugin.policy.fields import CLAIMS
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.marketing import HOW, Channel, Kind, Source
from jokkerit_plugin.policy.parts import FIELDS, Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind, RequestState
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register.rows import execute, stream
from jokkerit_plugin.rights import (
    answering,
    copies,
    forms,
    links,
    opening,
    rectification,
    requests,
    store,
    words,
)
from jokkerit_plugin.rights.archive import about, held, html, writing
from jokkerit_plugin.rights.archive import sent as sent_texts
from jokkerit_plugin.rights.archive.whose import Whose
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.rights.rectification import Wanted
from jokkerit_plugin.shop.port import AddressDeferred, AddressRefused, MailError
from jokkerit_plugin.shop.snapshots import MovementKind
from tests.asking import KEYS, asks, at, attend, link
from tests.buyers import company
from tests.erasing import erase, take
from tests.paper_shop import key_of, party
from tests.people import CONTROLLER, MANAGER, STAFF, sign
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
AT = "2026-03-02T10:00:00.000000Z"


def furnished(shop, monkeypatch):
    """Aino with an account, and others who must never be in her copy."""
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    sign(CONTROLLER, MANAGER)
    shop.account(5, email="aino@example.com", vat_id="FI23685823")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order(
        "a", user=5, vat_id="FI23685823", checkout_token="t" * 8,
        invoices=[{"key": 1, "number": "L1", "created_at": AT}],
        movements=[{"key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
                    "at": AT, "gateway": "visa", "reference": "REF-77"}],
        deliveries=[{"key": 1, "line": str(key_of("line a")), "status": "fulfilled",
                     "quantity": 1, "at": AT}],
    )  # fmt: skip
    shop.order("b", user=5, shipping=party(street_1="Kesäkuja 9", phone="+358409999999"))
    shop.order(
        "c", user=6, email="eino@example.com",
        billing=party("Eino", "Virtanen", street_1="Vieraantie 3", phone="+358508888888"),
        shipping=party("Eino", "Virtanen", street_1="Vieraantie 3", phone="+358508888888"),
    )  # fmt: skip
    shop.order("d", email="guest@example.com", billing=party("Outi", "Salo", postal_code="00100"))
    take(shop)
    return {name: Customer.objects.get(email=f"{name}@example.com").pk
            for name in ("aino", "eino", "guest")}  # fmt: skip


people = standing(__name__, furnished)


def copied(whose: Whose, shop, language="en") -> zipfile.ZipFile:
    out = io.BytesIO()
    with transaction.atomic():
        writing.write(out, whose, shop.port.settings, language)
    return zipfile.ZipFile(out)


def everything(archive: zipfile.ZipFile) -> str:
    return "\n".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    if f"json/{name}.json" not in archive.namelist():
        return []
    return json.loads(archive.read(f"json/{name}.json"))


def test_the_copy_has_the_fields_that_are_erased_and_keys_beside(shop, people):
    """One map: of `FIELDS` nothing is missing, and nothing else of a person is there."""
    tables = {one.model: one for one in held.of_register(Whose(people["aino"]))}
    for part in Part:
        for name, fields in FIELDS[part].items():
            if name == "ExportChunk":
                continue  # Written as files: see below.
            model = apps.get_model("jokkerit_plugin", name)
            columns = {model._meta.get_field(one).column for one in fields.split()}
            assert columns <= set(tables[name].columns), name
    claimed = {(name, one) for part in Part for name, fields in FIELDS[part].items()
               for one in fields.split()}  # fmt: skip
    # Lines of the site log go by a clock of their own, and are in the copy while they are there.
    claimed |= {(name, one) for name in held.LINES for one, claim in CLAIMS[name].items() if claim}
    assert {one for name in held.LINES for one in CLAIMS[name] if CLAIMS[name][one]} == {
        "at", "address", "agent", "method", "path", "status", "size", "duration", "referer",
    }  # fmt: skip
    for name, one in tables.items():
        fields = {each.column: each.name for each in
                  apps.get_model("jokkerit_plugin", name)._meta.concrete_fields}  # fmt: skip
        beside = {fields[column] for column in one.columns} - {f for m, f in claimed if m == name}
        assert beside <= set(held.ALSO.get(name, "").split()), name


def _values(customer: int) -> dict[tuple[str, int, str], object]:
    """All values of the register, by model, key and field, that go with somebody."""
    found = {}
    for part in Part:
        for name, fields in FIELDS[part].items():
            for row in apps.get_model("jokkerit_plugin", name).objects.all():
                for one in fields.split():
                    found[name, row.pk, one] = getattr(row, one)
    return found


def _same(told: object, value: object) -> bool:
    if isinstance(value, bool):
        return told is value
    if isinstance(value, datetime):
        return datetime.fromisoformat(str(told)).astimezone(UTC) == value
    if isinstance(value, Decimal):
        return Decimal(str(told)) == value
    if isinstance(value, list | dict):
        return json.loads(str(told)) == value
    return str(told or "") == str("" if value is None else value)


def test_value_by_value_what_erasing_takes_was_in_the_copy(shop, people):
    whose = Whose(people["aino"])
    archive = copied(whose, shop)
    before = _values(people["aino"])
    bought = list(Purchase.objects.filter(customer=people["aino"]).values_list("pk", flat=True))
    erase(Part.CONTACT, [people["aino"]])
    for part in (Part.DETAIL, Part.IDENTITY, Part.FIGURES):
        erase(part, bought)
    after = _values(people["aino"])
    gone = {
        place: value
        for place, value in before.items()
        if value not in (None, "", []) and after.get(place) != value
    }
    assert len(gone) > 90
    for (name, pk, one), value in gone.items():
        model = apps.get_model("jokkerit_plugin", name)
        column, key_ = model._meta.get_field(one).column, model._meta.pk.column
        rows = table(archive, name)
        told = [row[column] for row in rows if row.get(key_, pk) == pk]
        # Where the copy has no key of ours, as many rows must say it as did.
        alike = [
            each for (model_, of, field), each in gone.items()
            if (model_, field) == (name, one) and (key_ not in rows[0] or of == pk)
        ]  # fmt: skip
        said = sum(_same(each, value) for each in told)
        assert said >= alike.count(value), (name, one)


def test_a_history_of_many_pages_is_whole_and_nobody_elses(shop, people, monkeypatch):
    """As with 10,000 orders, which the benchmark has: among as many of somebody else's."""
    count, few = 60, 7
    monkeypatch.setattr(held, "stream", partial(stream, page=few))
    for module in (html, about):
        monkeypatch.setattr(module, "PAGE", few)
    multiplied(people["aino"], "A", count)
    multiplied(people["eino"], "E", count)
    archive = copied(Whose(people["aino"]), shop)
    own = {
        row["number"] for row in Purchase.objects.filter(customer=people["aino"]).values("number")
    }
    assert len(own) == count + 2
    found = [row["number"] for row in table(archive, "Purchase")]
    assert sorted(found) == sorted(own)
    rows = csv.DictReader(io.StringIO(archive.read("csv/Purchase.csv").decode("utf-8-sig")))
    assert [row["number"] for row in rows] == found
    page = archive.read("index.html").decode()
    assert [page.count(f"<h3>Order {number}</h3>") for number in found] == [1] * len(found)
    kept = {row["purchase"] for row in table(archive, "retention")} - {""}
    assert kept == own
    assert "Virtanen" not in everything(archive)


def multiplied(customer: int, letter: str, count: int) -> None:
    """Let a customer's first order stand there as often again, each with a number of its own."""
    first = Purchase.objects.filter(customer=customer).earliest("pk")
    same = [one.column for one in Purchase._meta.concrete_fields
            if one.name not in {"id", "saleor_order", "number"}]  # fmt: skip
    columns = ", ".join(f'"{one}"' for one in same)
    execute(
        f"INSERT INTO {Purchase._meta.db_table} (saleor_order, number, {columns})"
        f" SELECT gen_random_uuid(), %s || g, {columns}"
        f" FROM {Purchase._meta.db_table}, generate_series(1, %s) AS g WHERE id = %s",
        [letter, count, first.pk],
    )


def test_nothing_of_anybody_else_is_in_it(shop, people):
    text = everything(copied(Whose(people["aino"]), shop))
    for stranger in ("eino@", "Virtanen", "Vieraantie", "508888888", "guest@", "Outi", "Salo"):
        assert stranger not in text
    for own in ("aino@example.com", "Mäkelä", "Kesäkuja 9", "REF-77", "FI23685823"):
        assert own in text


def test_json_csv_and_page_say_the_same(shop, people):
    archive = copied(Whose(people["aino"]), shop)
    for name in ("Purchase", "PurchaseLine", "PostalAddress"):
        rows = table(archive, name)
        text = archive.read(f"csv/{name}.csv").decode("utf-8-sig")
        read = list(csv.DictReader(io.StringIO(text)))
        assert len(read) == len(rows) > 0
        assert list(read[0]) == list(rows[0])
    page = archive.read("index.html").decode()
    for row in table(archive, "Purchase"):
        assert f"<h3>Order {row['number']}</h3>" in page
    assert "<script" not in page


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_it_says_why_how_long_and_who(shop, people, language):
    opening.open_for(people["aino"], kind=RequestKind.RESTRICTION, how="seen", actor=MANAGER)
    archive = copied(Whose(people["aino"]), shop, language)
    purposes, kept, looked = (table(archive, one) for one in ("purposes", "retention", "looks"))
    assert {row["basis"].partition(" (")[2] for row in purposes} >= {"6(1)(b))", "6(1)(c))"}
    assert any("1336/1997" in row["ground"] and row["until"].startswith("20") for row in kept)
    assert len(looked) == 1
    assert f'<html lang="{language}">' in archive.read("index.html").decode()


def test_it_has_what_was_asked_said_restricted_and_claimed(shop, people):
    sign(STAFF)
    aino, eino = people["aino"], people["eino"]
    for one in (aino, eino):
        opening.open_for(
            one, kind=RequestKind.RECTIFICATION, how="seen", message=f"Olen {one}", actor=MANAGER
        )
        opening.open_for(one, kind=RequestKind.OBJECTION, how="seen", marketing=True, actor=MANAGER)
        restrictions.restrict(one, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
        holds.place(
            customer=one, categories=[Category.NAME], ground=HoldGround.DISPUTE, reason="Case 12",
            review_on=clock.today(), actor=CONTROLLER,
        )  # fmt: skip
    archive = copied(Whose(aino), shop)
    asked = table(archive, "requests")
    assert [(row["kind"], row["state"], row["message"]) for row in asked] == [
        ("request for rectification", "open", f"Olen {aino}"), ("objection", "done", ""),
    ]  # fmt: skip
    said = {(row["channel"], row["kind"]) for row in table(archive, "marketing")}
    assert ("email", "objection") in said
    assert {row["channel"] for row in table(archive, "opt_outs")} >= {"email"}
    assert [row["ground"] for row in table(archive, "restrictions")] == ["needed_for_claims"]
    assert [row["ground"] for row in table(archive, "holds")] == ["dispute"]
    text = everything(archive)
    assert f"Olen {eino}" not in text
    # What is written about a claim is the controller's own.
    assert "Case 12" not in text


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_for_reading_says_codes_and_moments_in_words(shop, people, language):
    codes = words.texts("copy", language)["codes"]
    kinds = {
        "state": set(RequestState) - {RequestState.UNCONFIRMED}, "channel": set(Channel),
        "kind": set(Kind), "source": {*Source, *(f"staff:{how}" for how in HOW)},
        "ground": {*RestrictionGround, *HoldGround}, "field": set(Noticed), "sign": set(Sign),
        "outcome": set(Closed),
    }  # fmt: skip
    assert {name: set(of) for name, of in codes.items()} == kinds
    aino = people["aino"]
    made = opening.open_for(aino, kind=RequestKind.ERASURE, how="seen", actor=MANAGER)
    requests.decide(made.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    opening.open_for(aino, kind=RequestKind.OBJECTION, how="seen", marketing=True, actor=MANAGER)
    restrictions.restrict(aino, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    page = copied(Whose(aino), shop, language).read("index.html").decode()
    for column, code in (("ground", "needed_for_claims"), ("channel", "sms"), ("state", "refused"),
                         ("kind", "objection")):  # fmt: skip
        assert f"<td>{codes[column][code]}</td>" in page
    assert "<td>needed_for_claims</td>" not in page
    held_as = words.texts("copy", language)["values"]
    stored = {
        "Trace": Trace.Kind, "KnownIdentifier": KnownIdentifier.Kind, "Movement": MovementKind,
        "Posting": EntryKind,
    }  # fmt: skip
    assert {name: set(held_as[name]["kind"]) for name in stored} == {
        name: {*kinds} for name, kinds in stored.items()
    }
    assert set(held_as["Correction"]["field"]) == set(Field)
    for model, column, code in (
        ("KnownIdentifier", "kind", "email"), ("Purchase", "status", "unfulfilled"),
        ("Purchase", "origin", "checkout"), ("Delivery", "status", "fulfilled"),
        ("Movement", "kind", "payment"),
    ):  # fmt: skip
        said = held_as[model][column][code]
        assert f">{said}</" in page
        assert said == code or f">{code}</" not in page
    told = {"fi": ("25,5 %", "12,55", "ei"), "sv": ("25,5 %", "12,55", "nej"),
            "en": ("25.5 %", "12.55", "no")}[language]  # fmt: skip
    assert [one for one in told if f"<td>{one}</td>" not in page] == []
    assert not re.search(r">(True|False|FI|fi)</(td|dd)>", page)
    assert escape(words.texts("letters", language)["grounds"]["excessive"]) in page
    assert not re.search(r"<(td|dd)>\d{4}-\d\d-\d\d", page)


def _of_customers() -> set[str]:
    return {
        model.__name__
        for model in apps.get_app_config("jokkerit_plugin").get_models()
        if any(field.name == "customer" for field in model._meta.concrete_fields)
    }


def test_whatever_refers_to_a_customer_is_in_the_copy_or_named_with_the_reason_why_not(
    shop, people
):
    whose = Whose(people["aino"])
    tables = {one.model for one in held.of_register(whose)}
    found = _of_customers()
    assert len(found) > 15
    assert found <= tables | set(held.LISTED) | set(held.NOT_OF_THE_PERSON)
    assert not set(held.LISTED) & (tables | set(held.NOT_OF_THE_PERSON))
    assert set(held.LISTED) | set(held.NOT_OF_THE_PERSON) <= found
    assert all(held.NOT_OF_THE_PERSON.values())
    for language in ("fi", "sv", "en"):
        listed = {one.name: one for one in about.lists(whose, shop.port.settings, language)}
        assert set(held.LISTED.values()) <= set(listed)
        texts = words.texts("copy", language)
        for name, one in listed.items():
            assert texts["page"][name]
            assert set(one.names) <= set(texts["lists"])


def test_it_has_the_errors_noticed_the_notices_and_who_was_told(shop, people):
    aino, eino = people["aino"], people["eino"]
    firm = company("debt_collection", "Perintä")
    day = clock.today()
    for one in (aino, eino):
        CorrectionTask.objects.create(
            customer_id=one, field="phone", sign="returned", evidence=str(one), opened_by="user:1"
        )
        for refused in (False, True):
            Notice.objects.create(
                customer_id=one, term=day.replace(year=2030 + one % 50, day=1 + refused),
                told_at=clock.now(), language="sv", refused=refused,
            )  # fmt: skip
        Telling.objects.create(
            recipient=firm, what="lifted", source=f"lifting {one}", customer=one,
            categories="email name", orders=["1"], first_on=day, last_on=day,
        )  # fmt: skip
    archive = copied(Whose(aino), shop)
    (noticed,) = table(archive, "errors")
    assert (noticed["field"], noticed["sign"], noticed["outcome"]) == ("phone", "returned", "")
    (notice,) = table(archive, "notices")
    assert (notice["until"], notice["language"]) == (f"{2030 + aino % 50}-{day:%m}-01", "sv")
    (told,) = table(archive, "tellings")
    assert (told["subject"], told["recipient"], told["categories"], told["recipient_told_at"]) == (
        "end of the restriction", "Perintä", "e-mail address, name", "",
    )  # fmt: skip
    page = archive.read("index.html").decode()
    for title in ("Errors in your data that we noticed", "Whom we told of corrections"):
        assert title in page


def test_a_notice_to_an_account_that_never_bought_is_in_its_copy(shop):
    shop.account(7, email="uusi@example.com", first_name="Uuno", last_name="Uusi")
    for user in (7, 8):
        Notice.objects.create(user=user, term=clock.today(), told_at=clock.now(), language="fi")
    assert len(table(copied(Whose(0, account=7), shop), "notices")) == 1


def test_baskets_are_in_it_that_are_the_persons_and_no_others(shop, people):
    shop.port.settings = replace(shop.port.settings, fill_checkouts=True)
    now = clock.now().isoformat()
    shop.checkout("own", user=5, email="", shipping=party(street_1="Korikuja 1"), changed_at=now)
    shop.checkout("also", email="aino@example.com", changed_at=now,
                  shipping=party(street_1="Korikuja 2"))  # fmt: skip
    shop.checkout("relative", email="aino@example.com", changed_at=now,
                  shipping=party("Heikki", street_1="Korikuja 3"))  # fmt: skip
    shop.checkout("other", user=6, email="aino@example.com", changed_at=now,
                  shipping=party(street_1="Korikuja 4"))  # fmt: skip
    take(shop)
    found = table(copied(Whose(people["aino"]), shop), "Trace")
    assert sorted(row["street_1"] for row in found) == ["Korikuja 1", "Korikuja 2"]


def test_a_formula_in_somebodys_name_is_text_in_the_spreadsheet(shop, people):
    Customer.objects.filter(pk=people["aino"]).update(first_name="=HYPERLINK(1)")
    archive = copied(Whose(people["aino"]), shop)
    assert "'=HYPERLINK(1)" in archive.read("csv/Customer.csv").decode()
    assert table(archive, "Customer")[0]["first_name"] == "=HYPERLINK(1)"


def test_it_is_stored_encrypted_and_comes_back_whole(shop, people):
    made = opening.open_for(people["aino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    assert Request.objects.get(pk=made.pk).state == "accepted"
    ((subject, text, to),) = attend(shop)
    assert to == ["aino@example.com"]
    assert "jäljennös" in subject.lower()
    stored = Archive.objects.get()
    data = b"".join(writing.read(stored))
    assert hashlib.sha256(data).hexdigest() == stored.sha256
    assert "Mäkelä" in everything(zipfile.ZipFile(io.BytesIO(data)))
    raw = b"".join(bytes(one.sealed) for one in ArchiveChunk.objects.all())
    assert b"PK\x03\x04" not in raw
    assert links.opened(link(text, "copy")) == stored
    assert Request.objects.get(pk=made.pk).state == "done"
    # A chunk that is put into another copy does not open there.
    other = Archive.objects.create(
        request=Request.objects.create(
            kind="access", origin="staff", state="unconfirmed", opened_at=stored.made_at
        ),
        expires_at=stored.expires_at, sha256=stored.sha256, size=stored.size,
    )  # fmt: skip
    ArchiveChunk.objects.filter(number=0).update(archive=other)
    with pytest.raises(keys.NoKey):
        list(writing.read(other))


def test_the_link_ends_after_a_week_and_the_copy_goes(shop, people, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    opening.open_for(people["aino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    token = link(attend(shop)[-1][1], "copy")
    at(monkeypatch, "2027-03-17 11:59")
    answering.attend()
    assert links.opened(token)
    at(monkeypatch, "2027-03-17 12:01")
    assert links.opened(token) is None
    answering.attend()
    assert not Archive.objects.exists()
    assert not ArchiveChunk.objects.exists()


def test_a_copy_whose_letter_never_went_is_made_again_and_then_staff_are_asked(
    shop, people, monkeypatch
):
    def refuse(*_):
        raise RegisterError("No mail today.")

    at(monkeypatch, "2027-03-10 12:00")
    monkeypatch.setattr(shop.port, "mail", refuse)
    row = opening.open_for(people["aino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    seen = []
    for day in ("10", "18", "26"):
        at(monkeypatch, f"2027-03-{day} 12:00")
        answering.attend()
        seen.append(Archive.objects.get(request=row).made_at)
        row.refresh_from_db()
        assert row.state == "done"
    assert len(set(seen)) == 3
    at(monkeypatch, "2027-04-03 12:00")
    answering.attend()
    row.refresh_from_db()
    assert (row.state, row.decided_at) == ("open", None)
    assert not Archive.objects.exists()
    assert not row.letters.filter(sent_at=None, what="archive").exists()
    assert row.events.filter(what="reopened", code="undelivered").count() == 3


def test_a_copy_that_was_fetched_or_that_another_request_answers_is_not_made_again(
    shop, people, monkeypatch
):
    at(monkeypatch, "2027-03-10 12:00")
    row = opening.open_for(people["aino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    other = opening.open_for(people["eino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    answering.make_copies(shop.port.settings)
    store.note(row, "fetched", store.PERSON)
    at(monkeypatch, "2027-03-18 12:00")
    monkeypatch.setattr(answering, "make_copies", lambda *_, **__: 0)
    opening.open_for(people["eino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    answering.attend()
    assert set(Request.objects.filter(pk__in=[row.pk, other.pk]).values_list("state")) == {
        ("done",)
    }
    assert not Archive.objects.exists()


def test_without_a_key_nothing_is_stored_and_the_status_says_so(shop, people, monkeypatch):
    monkeypatch.delenv("JOKKERIT_KEYS")
    opening.open_for(people["aino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    answering.attend()
    assert not Archive.objects.exists()
    assert any("JOKKERIT_KEYS" in one for one in requests_problems(shop))


def requests_problems(shop) -> list[str]:
    from jokkerit_plugin.rights import status

    return status.problems(shop.port.settings)


def test_a_mailbox_with_the_name_and_postcode_of_all_orders_gets_everything(shop, people):
    row = asks(shop, name="Mäkelä Aino", postal_code="51900")
    assert (row.proof, row.purchases, row.state) == ("matched", None, "accepted")
    text = everything(copied(Whose.of(row), shop))
    assert "Kesäkuja 9" in text


def test_a_mailbox_alone_gets_a_letter_and_no_data(shop, people):
    row = asks(shop)
    assert (row.customer, row.proof, row.state) == (people["aino"], "mailbox", "open")
    before = len(shop.port.outbox())
    sent = attend(shop)[before:]
    assert {to[0] for _, _, to in sent} == {"aino@example.com"}
    assert "We need to know more before we can answer" in {subject for subject, _, _ in sent}
    assert not Archive.objects.exists()


def test_what_a_relative_bought_from_the_shared_mailbox_is_not_in_it(shop, people):
    shop.order("e", user=5, billing=party("Heikki", "Mäkelä"), shipping=party("Heikki", "Mäkelä"))
    take(shop)
    row = asks(shop, name="Aino Mäkelä", postal_code="51900")
    assert len(row.purchases) == 2
    text = everything(copied(Whose.of(row), shop))
    assert "Heikki" not in text
    assert "aino@example.com" in text
    sent = attend(shop)[-1]
    assert "does not hold everything" in sent[1]
    number = Purchase.objects.get(party_first_name="Heikki").number
    again = asks(shop, orders=((number, "51900"),))
    assert "Heikki" in everything(copied(Whose.of(again), shop))


@pytest.mark.parametrize("code", ["51900", "FI-51900", " 51 900 "])
def test_an_order_number_with_its_postcode_proves_that_order(shop, people, code):
    number = Purchase.objects.filter(customer=people["aino"]).first().number
    row = asks(shop, orders=((f"#{number}", code),))
    assert row.proof == "matched"
    assert len(row.purchases) == 1


def test_a_strangers_order_number_and_postcode_open_nothing(shop, people):
    number = Purchase.objects.get(customer=people["eino"]).number
    row = asks(shop, orders=((number, "51900"),), name="Eino Virtanen", postal_code="51900")
    assert (row.customer, row.proof, row.state) == (people["aino"], "mailbox", "open")


def test_a_former_mailbox_of_the_account_is_nobodys(shop, people):
    shop.account(5, email="new@example.com", former_emails=["aino@example.com"])
    take(shop)
    row = asks(shop, name="Aino Mäkelä", postal_code="51900")
    assert (row.customer, row.state) == (None, "open")
    assert asks(shop, email="new@example.com", name="Aino Mäkelä", postal_code="51900").customer


def test_the_account_and_the_guest_of_one_mailbox_are_both_answered(shop, people):
    shop.order("f", email="aino@example.com")
    take(shop)
    asks(shop, name="Aino Mäkelä", postal_code="51900")
    found = Request.objects.filter(state="accepted").values_list("customer", flat=True)
    guest = Customer.objects.get(guest_email="aino@example.com").pk
    assert set(found) == {people["aino"], guest}
    attend(shop)
    assert Archive.objects.count() == 2


def test_the_better_proof_takes_over_and_the_time_runs_on(shop, people, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    first = asks(shop)
    at(monkeypatch, "2027-03-20 12:00")
    second = asks(shop, name="Aino Mäkelä", postal_code="51900")
    first.refresh_from_db()
    assert (first.state, second.state) == ("withdrawn", "accepted")
    assert second.due_on == first.due_on


def test_who_asks_the_same_again_is_answered_with_the_first(shop, people):
    who = {"name": "Aino Mäkelä", "postal_code": "51900"}
    first = asks(shop, RequestKind.ERASURE, **who)
    second = asks(shop, RequestKind.ERASURE, **who)
    first.refresh_from_db()
    assert (first.state, second.state) == ("open", "withdrawn")
    event = second.events.latest("pk")
    assert (event.what, event.actor, event.code) == ("withdrawn", "shop", f"see {first.pk}")


def test_a_link_confirms_once_and_not_too_late(shop, people, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    forms.receive(writing_content("aino@example.com"), kind=RequestKind.ACCESS, language="en")
    token = link(attend(shop)[-1][1], "confirm")
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), "1~2026~" + "0" * 64, "x"):
        assert forms.confirm(forged) is None
    at(monkeypatch, "2027-03-17 12:01")
    assert forms.confirm(token) is None
    answering.attend()
    assert not Request.objects.exists()
    at(monkeypatch, "2027-03-10 12:00")
    assert asks(shop)
    used = link([text for _, text, _ in shop.port.outbox() if "/confirm/" in text][-1], "confirm")
    assert forms.confirm(used) is None


def test_a_form_waits_for_its_letter_and_is_confirmed_in_time_from_it(shop, people, monkeypatch):
    real = shop.port.mail

    def refuse(*_):
        raise MailError("No mail this week.")

    at(monkeypatch, "2027-03-10 12:00")
    monkeypatch.setattr(shop.port, "mail", refuse)
    forms.receive(writing_content("aino@example.com"), kind=RequestKind.ACCESS, language="en")
    for day in range(10, 19):
        at(monkeypatch, f"2027-03-{day} 12:00")
        attend(shop)
    assert any("filled in the form" in one for one in requests_problems(shop))
    monkeypatch.setattr(shop.port, "mail", real)
    at(monkeypatch, "2027-03-19 12:00")
    text = attend(shop)[-1][1]
    assert "26 March 2027" in text
    at(monkeypatch, "2027-03-26 11:59")
    attend(shop)
    assert forms.confirm(link(text, "confirm"))


@pytest.mark.parametrize("error", [AddressRefused, AddressDeferred])
@pytest.mark.parametrize("takes_others", [True, False])
def test_a_form_of_a_mailbox_that_takes_no_mail_goes_after_a_week(
    shop, people, monkeypatch, takes_others, error
):
    real = shop.port.mail

    def refuse(subject, text, to):
        if takes_others and to != ["nobody@example.com"]:
            return real(subject, text, to)
        raise error("Not there.")

    at(monkeypatch, "2027-03-10 12:00")
    monkeypatch.setattr(shop.port, "mail", refuse)
    forms.receive(writing_content("nobody@example.com"), kind=RequestKind.ACCESS, language="en")
    row = Request.objects.get()
    at(monkeypatch, "2027-03-10 12:01")
    forms.receive(writing_content("aino@example.com"), kind=RequestKind.ACCESS, language="en")
    # While the server takes nothing from the shop, it is not the mailbox.
    for day, there in (("10", True), ("16", True), ("18", not takes_others)):
        at(monkeypatch, f"2027-03-{day} 12:02")
        attend(shop)
        assert Request.objects.filter(pk=row.pk).exists() is there


def test_the_link_that_went_to_a_wrong_mailbox_ends_when_it_is_corrected(shop, people):
    row = opening.open_by_account(5, kind=RequestKind.ACCESS)
    wrong = link(attend(shop)[-1][1], "copy")
    mailbox = Wanted({Field.EMAIL: "aino.makela@example.com"})
    rectification.rectify(people["aino"], mailbox, reason="mistyped", actor=MANAGER)
    assert links.opened(wrong) is None
    _, text, to = attend(shop)[-1]
    assert to == ["aino.makela@example.com"]
    assert links.opened(link(text, "copy")).request_id == row.pk
    assert links.opened(wrong) is None
    assert row.events.filter(what="reopened", code="readdressed").count() == 1


def test_the_controller_ends_a_link_and_the_customer_asks_anew(shop, people):
    row = opening.open_by_account(5, kind=RequestKind.ACCESS)
    token = link(attend(shop)[-1][1], "copy")
    with pytest.raises(ControllersOnly):
        copies.end(row.pk, actor=MANAGER)
    assert links.opened(token)
    copies.end(row.pk, actor=CONTROLLER)
    assert links.opened(token) is None
    assert not ArchiveChunk.objects.exists()
    with pytest.raises(RequestError, match="no copy"):
        copies.end(row.pk, actor=CONTROLLER)
    assert row.events.get(what="ended").actor == CONTROLLER.key
    assert opening.open_by_account(5, kind=RequestKind.ACCESS).pk != row.pk


def test_a_link_that_is_ended_while_it_is_mailed_in_vain_leaves_no_letter(
    shop, people, monkeypatch
):
    row = opening.open_by_account(5, kind=RequestKind.ACCESS)

    def away(*_):
        raise MailError("The mail server is away.")

    with monkeypatch.context() as during:
        during.setattr(shop.port, "mail", away)
        # Whoever mails it has its row locked: it is passed over.
        during.setattr(copies, "waiting", lambda _: RequestLetter.objects.none())
        attend(shop)
        copies.end(row.pk, actor=CONTROLLER)
    assert row.letters.filter(sent_at=None).exists()
    RequestLetter.objects.update(next_at=clock.now())
    attend(shop)
    assert not row.letters.filter(sent_at=None).exists()


def writing_content(email: str):
    from jokkerit_plugin.rights.content import Content

    return Content(email)


def test_an_account_that_never_bought_gets_what_the_shop_and_its_baskets_hold(shop, people):
    shop.port.settings = replace(shop.port.settings, fill_checkouts=True)
    shop.account(7, email="uusi@example.com", first_name="Uuno", last_name="Uusi")
    now = clock.now().isoformat()
    shop.checkout("own", user=7, email="", shipping=party("Uuno", "Uusi"), changed_at=now)
    shop.checkout("other", user=6, email="", shipping=party("Eino", "Virtanen"), changed_at=now)
    take(shop)
    made = opening.open_by_account(7, kind=RequestKind.ACCESS)
    assert (made.customer, made.account, made.state) == (None, 7, "accepted")
    with pytest.raises(RequestError, match="under way already"):
        opening.open_by_account(7, kind=RequestKind.ACCESS)
    with pytest.raises(RequestError, match="holds nothing"):
        opening.open_by_account(7, kind=RequestKind.RESTRICTION)
    with pytest.raises(RequestError, match="holds nothing"):
        opening.open_by_account(77, kind=RequestKind.ACCESS)
    letters = [one for one in attend(shop) if one[2] == ["uusi@example.com"]]
    stored = links.opened(link(letters[-1][1], "copy"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(writing.read(stored))))
    assert [row["last_name"] for row in table(archive, "Trace")] == ["Uusi", "Uusi"]
    assert not table(archive, "Customer")
    for stranger in ("Virtanen", "Mäkelä", "aino@"):
        assert stranger not in everything(archive)


def test_who_asks_again_while_a_copy_stands_is_sent_its_link(shop, people, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = opening.open_by_account(5, kind=RequestKind.ACCESS)
    before = len(attend(shop))
    again = opening.open_by_account(5, kind=RequestKind.ACCESS)
    assert again.pk == made.pk
    ((_, text, _),) = attend(shop)[before:]
    assert links.opened(link(text, "copy"))
    assert opening.open_by_account(5, kind=RequestKind.PORTABILITY).pk != made.pk
    at(monkeypatch, "2027-03-18 12:00")
    assert opening.open_by_account(5, kind=RequestKind.ACCESS).pk != made.pk


def test_no_letter_or_reminder_waits_for_a_copy(shop, people, monkeypatch):
    shop.port.settings = replace(shop.port.settings, privacy_contact="tietosuoja@example.com")
    at(monkeypatch, "2027-03-10 12:00")
    opening.open_by_account(5, kind=RequestKind.ACCESS)
    opening.open_by_account(6, kind=RequestKind.RESTRICTION)
    at(monkeypatch, "2027-04-09 12:00")
    sent = []
    monkeypatch.setattr(
        answering, "make_copies", lambda *_, **__: sent.extend(shop.port.outbox()) or 0
    )
    answering.attend()
    assert "tietosuoja@example.com" in {to for _, _, (to, *_) in sent}
    assert any("restriction" in text for _, text, _ in sent)


def test_a_word_without_an_end_holds_no_copy_up(shop, people):
    """A million letters, as anybody may write into a note, would be read for an hour and more."""
    texts = [("1", "a" * 1_000_000 + " aino@example.com"), ("2", "b+" * 500_000)]
    shop.port.sent = lambda: iter(texts)
    assert sent_texts.about([], people["aino"], ["aino@example.com"]) == ["1"]


def test_a_round_of_copies_ends(shop, people):
    opening.open_by_account(5, kind=RequestKind.ACCESS)
    assert answering.make_copies(shop.port.settings, until=clock.now()) == 0
    assert answering.make_copies(shop.port.settings) == 1
