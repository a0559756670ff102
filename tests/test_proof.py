"""Proofs on plain Django: what is found, whose it is, what keeps it, and what is stored of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.models import (
    Certificate,
    Customer,
    Export,
    ExportChunk,
    KnownIdentifier,
    PostalAddress,
    ProofTicket,
    Purchase,
    Recipient,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.register import erasure
from jokkerit_plugin.retention import proof
from jokkerit_plugin.retention.proof import columns, needles, search, tickets
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import ShopPart
from jokkerit_plugin.shop.roots import Roots
from tests.bookkeeping import follow
from tests.forgetting import FakeEraser
from tests.paper_shop import key_of, line, party
from tests.standing import standing

pytestmark = pytest.mark.django_db

KEY = "2026:" + "ab" * 32
MARKS = ("aino@example.com", "Mäkelä", "Aino", "Kaskitie", "401234567")
CONTROLLER = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEY)


def furnished(shop, monkeypatch) -> Customer:
    monkeypatch.setenv("JOKKERIT_KEYS", KEY)
    shop.order(
        "one", status="fulfilled", paid_at="2026-03-01T11:00:00.000000Z",
        delivered_at="2026-03-02T10:00:00.000000Z",
        movements=[{"key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
                    "at": "2026-03-01T11:00:00.000000Z", "gateway": "g", "reference": "r"}],
        deliveries=[{"key": 1, "line": str(key_of("line one")), "status": "fulfilled",
                    "quantity": 1, "at": "2026-03-02T10:00:00.000000Z"}],
    )  # fmt: skip
    follow(shop)
    return Customer.objects.get()


aino = standing(__name__, furnished)


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def places(certificate: Certificate, *, left: bool = False) -> set[str]:
    return {f"{one['table']}.{one['column']}" for one in certificate.findings
            if not (left and one["rule"])}  # fmt: skip


def ours(*names: str) -> set[str]:
    return {f"jokkerit_plugin_{name}" for name in names}


def test_every_place_of_a_customer_is_found_with_the_rule_that_keeps_it(aino):
    made = proof.prove(customer=aino.pk)

    assert ours(
        "customer.email", "customer.guest_email", "searchwords.words", "customer.first_name",
        "customer.last_name", "customer.sort_name", "customer.phone", "knownidentifier.value",
        "postaladdress.street_1", "postaladdress.phone", "purchase.email",
        "purchase.party_street_1", "purchase.party_first_name", "purchase.party_last_name",
    ) <= places(made)  # fmt: skip
    assert (made.verdict, made.left_over) == ("kept", 0)
    assert {one["rule"] for one in made.findings} == {"telling", "detail", "identity"}
    assert made.tables > 40
    assert made.columns > 200
    assert made.rows > 10
    assert made.closed == []


def test_a_name_that_the_account_had_before_is_looked_for_too(shop):
    shop.account(5, email="aino@example.com", first_name="Ainokki", last_name="Virtanen")
    shop.order("one", user=5, billing=party("Aino", "Mäkelä"))
    follow(shop)
    shop.account(5, email="aino@example.com", first_name="Aino", last_name="Mäkelä")
    follow(shop)
    customer = Customer.objects.get()
    run("CREATE TABLE strange (code text PRIMARY KEY, who text)")
    run("INSERT INTO strange VALUES ('first', 'was called Ainokki Virtanen')")
    made = proof.prove(customer=customer.pk)
    assert "strange.who" in places(made, left=True)
    assert "jokkerit_plugin_knownidentifier.value" in places(made)


def test_a_certificate_holds_no_personal_data(aino):
    made = proof.prove(customer=aino.pk)

    stored = json.dumps(made.findings, ensure_ascii=False)
    assert made.findings
    assert [mark for mark in MARKS if mark.casefold() in stored.casefold()] == []


def test_what_stands_in_a_table_that_nobody_knows_is_left_over(aino):
    run("CREATE TABLE strange (code text PRIMARY KEY, data jsonb, at timestamptz, raw bytea)")
    run("INSERT INTO strange VALUES (%s, %s, now(), %s)", "first",
        json.dumps({"buyer": {"first_name": "AINO", "last_name": "mäkelä"}}),
        "Aino Mäkelä".encode())  # fmt: skip
    run("INSERT INTO strange VALUES ('second', NULL, now(), NULL)")

    made = proof.prove(customer=aino.pk)

    assert made.verdict == "leftover"
    left = [one for one in made.findings if not one["rule"]]
    assert [(one["table"], one["column"], one["key"], one["kinds"]) for one in left] == [
        ("strange", "data", "first", ["name"]), ("strange", "raw", "first", ["name"]),
    ]  # fmt: skip
    assert any(f"certificates {made.pk}" in one for one in proof.problems(_config()))


def _config():
    from jokkerit_plugin.shop.port import shop

    return shop().config()


def test_a_key_that_names_the_person_is_not_stored(aino):
    run("CREATE TABLE strange (email text PRIMARY KEY)")
    run("INSERT INTO strange VALUES ('aino@example.com')")

    made = proof.prove(customer=aino.pk)

    [left] = [one for one in made.findings if not one["rule"]]
    assert left["key"].startswith("sha256:")


@pytest.mark.parametrize("kind", ["inet", "text[]", "json", "varchar(99)", "xml", "tsvector"])
def test_every_type_of_column_that_can_hold_a_text_is_searched(aino, kind):
    values = {"text[]": "{x,aino@example.com}", "json": '{"a": ["aino@example.com"]}',
              "inet": "10.0.0.1"}  # fmt: skip
    run(f"CREATE TABLE strange (id int PRIMARY KEY, it {kind})")
    run("INSERT INTO strange VALUES (1, %s)", values.get(kind, "aino@example.com"))

    made = proof.prove(customer=aino.pk)

    tables, _ = columns.searchable()
    assert [one.name for table in tables if table.name == "strange" for one in table.columns] == [
        "it"
    ]
    assert ("strange.it" in places(made)) is (kind != "inet")


def test_a_namesake_and_a_household_are_others(shop, aino):
    """The same name, street and telephone of another customer are no leftovers of hers."""
    shop.order("two", email="other@example.com")
    follow(shop)

    made = proof.prove(customer=aino.pk)

    assert made.verdict == "kept"
    assert made.of_others > 5
    other = Customer.objects.get(email="other@example.com")
    keys = {(one["table"], one["key"]) for one in made.findings}
    assert ("jokkerit_plugin_customer", str(other.pk)) not in keys


def test_what_staff_wrote_is_not_theirs_but_what_a_namesake_did_is(shop, aino):
    run("CREATE TABLE shop_user (id bigint PRIMARY KEY, first_name text, last_name text)")
    run("CREATE TABLE shop_event (id int PRIMARY KEY, user_id bigint REFERENCES shop_user, t text)")
    run("INSERT INTO shop_user VALUES (5, 'Sihteeri', 'Salonen'), (6, 'Aino', 'Mäkelä')")
    run("INSERT INTO shop_event VALUES (1, 5, 'Aino Mäkelä'), (2, 6, 'Aino Mäkelä')")
    shop.port.roots = lambda: Roots(accounts="shop_user")

    made = proof.prove(customer=aino.pk)

    assert [(one["table"], one["key"]) for one in made.findings if not one["rule"]] == [
        ("shop_event", "1")
    ]


def test_a_former_e_mail_with_which_somebody_else_logs_in_is_theirs(shop, aino):
    run("CREATE TABLE shop_user (id bigint PRIMARY KEY, email text, note text)")
    run("CREATE TABLE shop_use (id int PRIMARY KEY, t text)")
    run("INSERT INTO shop_user VALUES (6, 'x@example.com', 'aino@example.com')")
    run("INSERT INTO shop_use VALUES (1, 'aino@example.com')")
    shop.port.roots = lambda: Roots(accounts="shop_user", log_in="email")

    def leftover() -> list[str]:
        made = proof.prove(customer=aino.pk)
        return [one["table"] for one in made.findings if not one["rule"]]

    # What somebody wrote beside an account is no log-in.
    assert sorted(leftover()) == ["shop_use", "shop_user"]
    run("UPDATE shop_user SET email = 'aino@example.com'")
    assert leftover() == []


def test_where_nobody_is_tied_a_shared_name_says_nothing_but_an_own_email_does(shop, aino):
    shop.order("two", email="other@example.com")
    follow(shop)
    run("CREATE TABLE strange (id int PRIMARY KEY, note text)")
    run("INSERT INTO strange VALUES (1, 'Aino Mäkelä'), (2, 'aino@example.com')")

    made = proof.prove(customer=aino.pk)

    assert [(one["table"], one["key"]) for one in made.findings if not one["rule"]] == [
        ("strange", "2")
    ]


def test_a_single_name_counts_in_rows_that_are_tied_to_the_person_alone(aino):
    run("CREATE TABLE noted (id int PRIMARY KEY, note text, customer_id bigint"
        " REFERENCES jokkerit_plugin_customer (id))")  # fmt: skip
    run("INSERT INTO noted VALUES (1, 'Mäkelä rang', %s), (2, 'Mäkelä rang', NULL)", aino.pk)

    made = proof.prove(customer=aino.pk)

    assert [(one["key"], one["kinds"]) for one in made.findings if one["table"] == "noted"] == [
        ("1", ["part"])
    ]


def test_goods_may_be_called_like_a_customer(shop, aino):
    shop.order("one", lines=[line("Aino-mekko")])
    follow(shop)

    made = proof.prove(customer=aino.pk)

    assert (made.verdict, "jokkerit_plugin_purchaseline.name" in places(made)) == ("kept", True)
    assert "jokkerit_plugin_purchaseline.sku" in places(made)


def erase(*parts: Part) -> None:
    for part in parts:
        model = Customer if part is Part.CONTACT else Purchase
        ids = list(model.objects.values_list("pk", flat=True))
        with transaction.atomic():
            erasure.lock_subjects(part, ids)
            erasure.erase(part, ids, clock.now())


def test_erased_with_a_ticket_proved_and_forgotten(aino):
    proof.open_ticket(customers=[aino.pk], plan=7, origin="request")
    ticket = ProofTicket.objects.get()
    erase(Part.CONTACT)
    assert proof.certify() == 0, "the plan goes on"
    proof.ready(plan=7)

    assert proof.certify() == 1

    made = Certificate.objects.get()
    assert (made.customer, made.plan, made.origin) == (aino.pk, 7, "request")
    assert not ProofTicket.objects.exists()
    # The voucher is kept; nothing of contact is.
    assert made.verdict == "kept"
    assert {one["table"] for one in made.findings} == ours("purchase")
    assert ticket.customer == aino.pk


@pytest.mark.parametrize(
    ("part", "days"), [(ShopPart.CHECKOUT, 45), (ShopPart.ADDRESS, 1), (ShopPart.PAYLOAD, 14)]
)
def test_what_a_sweep_of_the_shop_takes_stays_until_it_comes(shop, aino, part, days):
    settings = replace(shop.port.settings, checkout_days=45, erase_in_shop=True)
    run("CREATE TABLE cart (code text PRIMARY KEY, email text)")
    run("INSERT INTO cart VALUES ('first', 'aino@example.com')")
    fake = FakeEraser()
    fake.parts["cart", "email"] = part
    erasers.install(fake)
    try:
        # While no sweep comes to it, it is left, and nothing keeps it.
        shop.port.settings = replace(settings, erase_in_shop=False)
        assert proof.prove(customer=aino.pk).verdict == "leftover"
        shop.port.settings = settings
        made = proof.prove(customer=aino.pk)
    finally:
        erasers.install(None)
    (found,) = [one for one in made.findings if one["table"] == "cart"]
    last = clock.today() + timedelta(days=days)
    assert (found["rule"], found["until"]) == (part.value, last.isoformat())
    assert made.verdict == "kept"


def test_what_an_eraser_forgot_is_left_over(aino):
    proof.open_ticket(customers=[aino.pk], plan=7)
    run(
        "CREATE TABLE copied AS SELECT id, email, words FROM jokkerit_plugin_customer"
        " JOIN jokkerit_plugin_searchwords ON customer_id = id"
    )
    erase(Part.CONTACT)
    proof.ready(plan=7)

    tasks.certify()

    made = Certificate.objects.get()
    assert made.verdict == "leftover"
    assert places(made, left=True) == {"copied.email", "copied.words"}


def test_of_a_purchase_whose_customer_is_gone_identity_is_proved(aino):
    erase(Part.CONTACT, Part.DETAIL)
    purchase = Purchase.objects.get()
    assert purchase.customer is None
    proof.open_ticket(purchases=[purchase.pk], plan=8)
    erase(Part.IDENTITY)
    proof.ready(plan=8)

    proof.certify()

    made = Certificate.objects.get()
    assert (made.purchase, made.verdict, made.findings) == (purchase.pk, "clean", [])


def test_a_ticket_is_unreadable_without_the_key_and_in_another_row(aino, monkeypatch):
    proof.open_ticket(customers=[aino.pk], plan=7)
    ticket = ProofTicket.objects.get()
    sealed = bytes(ticket.sealed)
    assert [mark for mark in MARKS if mark.encode() in sealed] == []
    assert tickets.opened([ticket])[ticket.pk].customer == aino.pk

    ticket.customer += 1
    assert tickets.opened([ticket]) == {}
    ticket.customer -= 1
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "cd" * 32)
    assert tickets.opened([ticket]) == {}
    monkeypatch.setenv("JOKKERIT_KEYS", "2027:" + "ab" * 32)
    assert tickets.opened([ticket]) == {}


def test_a_changed_key_is_a_missed_proof(aino, monkeypatch):
    proof.open_ticket(customers=[aino.pk], plan=7)
    erase(Part.CONTACT)
    proof.ready(plan=7)
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "cd" * 32)

    proof.certify()

    assert Certificate.objects.get().verdict == "missed"
    assert not ProofTicket.objects.exists()


def test_without_a_key_there_is_no_ticket_and_the_status_says_so(aino, monkeypatch):
    monkeypatch.delenv("JOKKERIT_KEYS")

    assert proof.open_ticket(customers=[aino.pk], plan=7) == 0

    assert not ProofTicket.objects.exists()
    assert any("JOKKERIT_KEYS" in one for one in proof.problems(_config()))
    assert proof.problems(replace(_config(), retention=False)) == []


def test_who_has_a_ticket_of_the_plan_gets_no_second_one(aino):
    assert proof.open_ticket(customers=[aino.pk], plan=7) == 1
    assert proof.open_ticket(customers=[aino.pk, aino.pk + 99], plan=7) == 0
    assert proof.open_ticket(customers=[aino.pk], plan=8) == 1
    assert ProofTicket.objects.count() == 2


def test_after_a_day_a_ticket_goes_whatever_happened(aino, monkeypatch):
    proof.open_ticket(customers=[aino.pk], plan=7)
    later = clock.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    proof.certify()

    assert not ProofTicket.objects.exists()
    made = Certificate.objects.get()
    assert (made.verdict, made.tables) == ("missed", 0)
    assert any(f"certificates {made.pk}" in one for one in proof.problems(_config()))


def test_a_killed_worker_loses_no_ticket(aino, monkeypatch):
    proof.open_ticket(customers=[aino.pk], plan=7)
    erase(Part.CONTACT)
    proof.ready(plan=7)
    assert len(tickets.claim()) == 1
    assert tickets.claim() == [], "another one is at it"
    later = clock.now() + tickets.STALE + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert proof.certify() == 1


def test_one_search_serves_a_whole_sample(shop, monkeypatch):
    for number in range(12):
        shop.order(f"o{number}", email=f"p{number}@example.com",
                   billing=party(f"Etu{number}", f"Suku{number}", street_1=f"Tie {number}",
                                 phone=f"+35840100000{number % 10}"))  # fmt: skip
    follow(shop)
    bought = {key: str(pk) for key, pk in Purchase.objects.values_list("customer", "pk")}
    proof.open_ticket(customers=bought, plan=7)
    erase(Part.CONTACT)
    proof.ready(plan=7)
    seen, real = [], search.through
    monkeypatch.setattr(search, "through", lambda *given: (seen.append(1), real(*given))[1])

    assert proof.certify() == 12

    assert seen == [1]
    for made in Certificate.objects.all():
        found = {(one["table"], one["key"]) for one in made.findings}
        assert found == {("jokkerit_plugin_purchase", bought[made.customer])}


def test_of_who_was_not_erased_after_all_nothing_is_proved(aino):
    proof.open_ticket(customers=[aino.pk], plan=7)
    proof.ready(plan=7)

    assert proof.certify() == 0

    assert not ProofTicket.objects.exists()
    assert not Certificate.objects.exists()


def test_a_controller_settles_what_was_left_over_and_nobody_else(aino):
    run("CREATE TABLE strange (id int PRIMARY KEY, note text)")
    run("INSERT INTO strange VALUES (1, 'aino@example.com')")
    made = proof.prove(customer=aino.pk)
    with pytest.raises(ControllersOnly):
        proof.settle(made.pk, actor=Actor("user:2", frozenset({Permission.MANAGE_REGISTER})))
    assert proof.problems(_config())

    proof.settle(made.pk, actor=CONTROLLER)

    assert proof.problems(_config()) == []
    with pytest.raises(RegisterError):
        proof.settle(made.pk, actor=CONTROLLER)


def test_files_are_searched_in_pieces_and_named(shop, aino):
    def stored() -> Iterator[tuple[str, Iterator[bytes]]]:
        text = b"x " * 2500 + "Aino Mäkelä".encode() + b" y" * 2500
        yield "payloads/a/1.json", iter([text[:5003], text[5003:]])
        yield "user-avatars/aino@example.com.png", iter([b"\x89PNG\x00", b"aino@example.com"])
        yield "export_files/2.csv", iter([b"nothing;here\n"])

    shop.port.stored_files = stored

    made = proof.prove(customer=aino.pk)

    found = [(one["key"], one["kinds"]) for one in made.findings if one["table"] == "file"]
    assert found[0] == ("payloads/a/1.json", ["name"])
    [(avatar, _)] = found[1:]
    assert avatar.startswith("user-avatars/sha256:")
    assert (made.files, made.opaque_files) == (3, 1)


def test_a_file_for_accounting_is_searched_across_its_pieces(shop, aino):
    recipient = Recipient.objects.create(
        kind="accounting", name="Firma", country="FI", registered_by="user:1"
    )
    export = Export.objects.create(
        format="finvoice", first="2026-03-01", last="2026-03-31", filename="f.xml",
        recipient=recipient, purpose="bookkeeping", categories="name purchase", subjects="{}",
        sha256="0" * 64, size=10, created_by="user:3",
    )  # fmt: skip
    for number, data in enumerate((b"<a>aino@exa", b"mple.com</a>")):
        ExportChunk.objects.create(export=export, number=number, data=data)

    made = proof.prove(customer=aino.pk)

    assert f"export {export.pk}" in {one["key"] for one in made.findings}


def test_the_command_shows_keys_and_fails_on_a_leftover(aino, capsys):
    call_command("register_prove", str(aino.pk))
    said = capsys.readouterr().out
    assert "kept" in said
    assert "jokkerit_plugin_customer.email" in said
    assert [mark for mark in MARKS if mark in said] == []

    run("CREATE TABLE strange (id int PRIMARY KEY, note text)")
    run("INSERT INTO strange VALUES (1, 'aino@example.com')")
    with pytest.raises(SystemExit):
        call_command("register_prove", str(aino.pk), "--json")
    assert json.loads(capsys.readouterr().out)["verdict"] == "leftover"

    run("DROP TABLE strange")
    erase(Part.CONTACT)
    with pytest.raises(SystemExit):
        call_command("register_prove", str(aino.pk))  # shows the last certificate
    with pytest.raises(CommandError):
        call_command("register_prove", "987654")


def test_a_long_table_is_read_piece_by_piece_and_whole(aino, monkeypatch):
    monkeypatch.setattr(search, "PAGES", 1)
    monkeypatch.setattr(search, "BLOCK", 300)
    run("CREATE TABLE long (id int PRIMARY KEY, note text)")
    marked = "E'aino@example.com\\t\\\\'"
    run(
        f"INSERT INTO long SELECT n, CASE WHEN n %% 250 = 0 THEN {marked} ELSE 'x' END"
        " FROM generate_series(1, 1000) AS n"
    )
    run("ANALYZE long")
    needle = needles.Needle(0, needles.NeedleKind.EMAIL, "aino@example.com")
    tables = [one for one in columns.searchable()[0] if one.name == "long"]
    assert tables[0].pages > 2

    found = search.through(tables, [needle])

    assert sorted(int(hit.key) for hit in found.hits) == [250, 500, 750, 1000]
    assert found.rows == 1000


def test_moments_are_aware(aino):
    made = proof.prove(customer=aino.pk)
    assert isinstance(made.made_at, datetime)
    assert made.made_at.tzinfo is not None
    assert KnownIdentifier.objects.exists()
    assert PostalAddress.objects.exists()
