"""Out of the European Union: by the customer's own request, or to whom is outside; else not."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import clock
from jokkerit_plugin.access import controllers
from jokkerit_plugin.access.chain import as_ids, as_multirange
from jokkerit_plugin.disclosure import ledger, transfers
from jokkerit_plugin.disclosure.terms import DisclosureRefused
from jokkerit_plugin.models import (
    Customer,
    Disclosure,
    PostalAddress,
    TransferRequest,
    TransferText,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.recipients import EU, OUTSIDE
from tests.buyers import bought, company
from tests.people import CONTROLLER, MANAGER, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def abroad():
    sign(MANAGER)
    return company(country="US")


def ask(customer, to, **changes):
    text = transfers.in_force()
    given = {
        "recipient": to.pk, "version": text.version, "language": "fi", "risks_told": True,
        "requested_at": clock.now(), "channel": "email", "actor": CONTROLLER,
    } | changes  # fmt: skip
    return transfers.record_request(customer, **given)


def record(recipient, subjects):
    with ledger.refusals_logged(), transaction.atomic():
        return ledger.record(
            recipient=recipient, purpose=Purpose.BOOKKEEPING, subjects=subjects,
            categories=frozenset({Category.PURCHASE}), actor=MANAGER,
        )  # fmt: skip


def rows():
    return list(
        Disclosure.objects.order_by("seq").values_list("outcome", "ground", "reason", "subjects")
    )


def only(*keys):
    return as_multirange(keys)


@pytest.mark.promise("P-EU", breaks=True)
def test_without_a_request_a_customer_in_the_union_s_data_stays(shop, abroad):
    aino = bought(shop, "aino").customer_id
    with pytest.raises(DisclosureRefused, match="this transfer") as refused:
        record(abroad, [aino])
    assert refused.value.code == "NO_TRANSFER_GROUND"
    assert f"[{aino},{aino + 1})" in refused.value.message
    assert rows() == [("refused", "", "NO_TRANSFER_GROUND", only(aino))]


@pytest.mark.promise("P-EU")
def test_with_the_request_it_may_go_and_with_its_revocation_no_longer(shop, abroad):
    aino = bought(shop, "aino").customer_id
    request = ask(aino, abroad)
    record(abroad, [aino])
    transfers.revoke(request.pk, actor=CONTROLLER)
    with pytest.raises(DisclosureRefused):
        record(abroad, [aino])
    assert [row[:3] for row in rows()] == [
        ("done", "customer_request", ""),
        ("refused", "", "NO_TRANSFER_GROUND"),
    ]


def test_a_request_is_for_the_recipient_that_was_named(shop, abroad):
    aino = bought(shop, "aino").customer_id
    other = company("invoicing", country="NO")
    ask(aino, other)
    with pytest.raises(DisclosureRefused):
        record(abroad, [aino])


@pytest.mark.promise("P-EU")
def test_a_customer_outside_the_union_needs_no_request(shop, abroad):
    kari = bought(shop, "kari", country="NO").customer_id
    record(abroad, [kari])
    assert rows() == [("done", "customer_located_outside", "", only(kari))]


def test_a_country_of_the_economic_area_is_outside_as_a_recipient_too(shop, abroad):
    aino = bought(shop, "aino").customer_id
    for country in ("NO", "CH", "GB", "GL"):
        with pytest.raises(DisclosureRefused):
            record(company(country=country), [aino])


def test_a_recipient_on_aland_or_reunion_is_inside(shop, abroad):
    aino = bought(shop, "aino").customer_id
    record(company(country="RE"), [aino])
    assert rows() == [("done", "", "", only(aino))]


@pytest.mark.promise("P-EU", breaks=True)
def test_of_many_each_is_judged_alone_and_the_answer_says_whose_data_stayed(shop, abroad):
    finns = [bought(shop, f"finn{n}").customer_id for n in range(3)]
    kari = bought(shop, "kari", country="NO").customer_id
    asked = finns.pop()
    ask(asked, abroad)
    with pytest.raises(DisclosureRefused, match="Others: 2;") as refused:
        record(abroad, [*finns, kari, asked])
    assert only(*finns).strip("{}") in refused.value.message
    record(abroad, [kari, asked])
    assert rows() == [
        ("refused", "", "NO_TRANSFER_GROUND", only(*finns, kari, asked)),
        ("done", "customer_located_outside", "", only(kari)),
        ("done", "customer_request", "", only(asked)),
    ]


def test_a_file_that_is_made_already_is_refused_whole(shop, abroad):
    kari, aino = bought(shop, "kari", country="NO"), bought(shop, "aino")
    with pytest.raises(DisclosureRefused):
        record(abroad, [kari.customer_id, aino.customer_id])
    assert [row[0] for row in rows()] == ["refused"]


@pytest.mark.parametrize("subjects", [[], [999_999]])
def test_nobody_and_somebody_unknown_have_no_ground(abroad, subjects):
    with pytest.raises(DisclosureRefused):
        record(abroad, subjects)
    assert [row[:3] for row in rows()] == [("refused", "", "NO_TRANSFER_GROUND")]


def test_many_are_judged_in_one_query(shop, abroad):
    customers = [bought(shop, f"buyer{n}", country="NO").customer_id for n in range(5)]
    with CaptureQueriesContext(connection) as few:
        transfers.sift(only(customers[0]), abroad.pk)
    with CaptureQueriesContext(connection) as many:
        transfers.sift(only(*customers), abroad.pk)
    assert len(few) == len(many) == 1


def judged(abroad, *countries, requested=False):
    """Return the grounds of customers who have addresses in each of these lists of countries."""
    text = transfers.in_force()
    keys = range(1, len(countries) + 1)
    Customer.objects.bulk_create(Customer(pk=n, guest_email=f"{n}@example.com") for n in keys)
    PostalAddress.objects.bulk_create(
        PostalAddress(customer_id=n, country=code, fingerprint=code)
        for n, codes in zip(keys, countries, strict=True)
        for code in codes
    )
    if requested:
        TransferRequest.objects.bulk_create(
            TransferRequest(
                customer_id=n, recipient=abroad, text=text, language="fi", digest=text.digest,
                risks_told=True, requested_at=clock.now(), channel="email", recorded_by="user:1",
            )
            for n in keys
        )  # fmt: skip
    portions, left = transfers.sift(only(*keys), abroad.pk)
    found = {pk: one.ground for one in [*portions, left] for pk in as_ids(one.subjects)}
    return [found[n] for n in keys]


# What is in neither list proves nothing: EL is Greece to some, and UK is no ISO code.
NOWHERE = ["", " ", "EL", "UK", "EU", "XI", "ZZ", "N "]


def test_a_customer_is_outside_by_every_code_outside_and_by_no_other(abroad):
    inside = [*sorted(EU), "fi", "re", *NOWHERE]
    outside = [*sorted(OUTSIDE), "no"]
    found = judged(abroad, *([code] for code in inside + outside))
    assert found == [""] * len(inside) + ["customer_located_outside"] * len(outside)


def test_a_request_is_a_ground_whatever_the_country(abroad):
    codes = [*sorted(EU | OUTSIDE), *NOWHERE]
    found = judged(abroad, [], *([code] for code in codes), requested=True)
    assert set(found) == {"customer_request"}


def test_one_address_in_the_union_or_nowhere_is_enough_to_be_inside(abroad):
    inside = [[], ["NO", "FI"], ["US", "re"], ["NO", "EL"], ["NO", "SE", "US"]]
    outside = [["US", "NO"], ["", "NO"]]
    found = judged(abroad, *inside, *outside)
    assert found == [""] * len(inside) + ["customer_located_outside"] * len(outside)


def test_an_address_in_the_union_counts_beside_purchases_outside(shop, abroad):
    kari = bought(shop, "kari", country="NO").customer_id
    PostalAddress.objects.create(customer_id=kari, country="SE", fingerprint="x")
    assert transfers.sift(only(kari), abroad.pk)[1].count == 1


def test_a_guest_s_request_goes_on_when_the_guest_becomes_an_account(shop, abroad):
    guest = bought(shop, "aino").customer_id
    ask(guest, abroad)
    shop.account(1, email="aino@example.com")
    account = bought(shop, "aino", user=1).customer_id
    assert account != guest
    record(abroad, [account])
    assert rows()[0][:2] == ("done", "customer_request")


def test_the_request_keeps_what_was_shown_and_by_whom_it_was_recorded(shop, abroad):
    aino = bought(shop, "aino").customer_id
    made = ask(aino, abroad, language="sv", channel="letter")
    text = TransferText.objects.get()
    assert (made.text, made.digest, made.language) == (text, text.digest, "sv")
    assert (made.recorded_by, made.channel, made.risks_told) == ("user:1", "letter", True)
    newer = transfers.publish(fi="Uusi", sv="Ny", en="New", actor=CONTROLLER)
    assert transfers.in_force() == newer
    made.refresh_from_db()
    assert made.text == text


def test_the_shipped_text_tells_the_risks_in_each_language():
    text = transfers.in_force()
    assert text.version == 1
    assert "riski" in text.fi
    assert "risker" in text.sv
    assert "risks" in text.en


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"risks_told": False}, "risks_told"),
        ({"version": 9}, "version"),
        ({"language": "de"}, "language"),
        ({"channel": "pigeon"}, "channel"),
        ({"recipient": 999}, "recipient"),
        ({"requested_at": clock.now() + timedelta(days=1)}, "requested_at"),
        ({"requested_at": clock.now() - timedelta(days=1)}, "requested_at"),
        ({"requested_at": clock.now().replace(tzinfo=None)}, "requested_at"),
    ],
)
def test_a_request_that_is_no_ground_is_not_recorded(shop, abroad, changes, field):
    aino = bought(shop, "aino").customer_id
    with pytest.raises(transfers.TransferError) as refused:
        ask(aino, abroad, **changes)
    assert refused.value.field == field
    assert not TransferRequest.objects.exists()


def test_a_request_needs_a_customer_and_a_recipient_outside(shop, abroad):
    aino = bought(shop, "aino").customer_id
    with pytest.raises(transfers.TransferError, match="customer"):
        ask(999, abroad)
    with pytest.raises(transfers.TransferError, match="outside"):
        ask(aino, company())
    ask(aino, abroad)
    with pytest.raises(IntegrityError, match="jokkerit_transfer_risks_told"):
        TransferRequest.objects.update(risks_told=False)


def test_only_the_controller_records_and_revokes(shop, abroad):
    aino = bought(shop, "aino").customer_id
    request = ask(aino, abroad)
    for act in (
        lambda: ask(aino, abroad, actor=MANAGER),
        lambda: transfers.revoke(request.pk, actor=MANAGER),
        lambda: transfers.publish(fi="a", sv="b", en="c", actor=MANAGER),
    ):
        with pytest.raises(controllers.ControllersOnly):
            act()


def test_bad_texts_and_a_second_revocation_are_refused(shop, abroad):
    request = ask(bought(shop, "aino").customer_id, abroad)
    transfers.revoke(request.pk, actor=CONTROLLER)
    with pytest.raises(transfers.TransferError, match="no such request"):
        transfers.revoke(request.pk, actor=CONTROLLER)
    with pytest.raises(transfers.TransferError, match="every language"):
        transfers.publish(fi="a", sv=" ", en="c", actor=CONTROLLER)
