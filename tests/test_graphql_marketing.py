"""Marketing over GraphQL: staff on a customer's behalf, customers for themselves, who sends."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import clock, keys, tasks
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.marketing import audience, contact_keys, contacts, ledger, soft_opt_in
from jokkerit_plugin.marketing.audience import AudienceClosed
from jokkerit_plugin.models import (
    AccessEntry,
    Confirmation,
    Customer,
    MarketingEvent,
    OptOutFile,
    OptOutImport,
    RejectedLine,
    Suppression,
)
from jokkerit_plugin.policy.marketing import Channel, Ground, Kind, Source, Text
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.web.schema.base import to_global_id
from tests.bookkeeping import follow
from tests.graphql import HOME, House
from tests.opting import declared_empty
from tests.paper_shop import party
from tests.standing import standing

pytestmark = pytest.mark.django_db

AINO, PHONE = "aino@example.com", "+358401234567"
UPDATE = """mutation($id: ID!, $channels: [MarketingChoiceInput!]!, $text: MarketingTextInput,
    $profiling: Boolean, $how: MarketingHow = TELEPHONE) {
    customerMarketingUpdate(customer: $id, channels: $channels, how: $how, text: $text,
        profiling: $profiling) {
        permissions { channel isAllowed ground profiling } errors { field code message } } }"""
OWN = """mutation($channels: [MarketingChoiceInput!]!, $text: MarketingTextInput,
    $profiling: Boolean) { ownMarketingUpdate(channels: $channels, text: $text, language: "sv",
        profiling: $profiling) {
        permissions { channel isAllowed ground profiling } errors { field code message } } }"""
MAY = """query($pairs: [ContactInput!]!, $purpose: Purpose) {
    mayContact(pairs: $pairs, purpose: $purpose) { isAllowed reason } }"""
TEXT = {"version": "7", "words": "Saa lähettää."}


def furnished(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    shop.account(12, email=AINO)
    shop.order("one", user=12, email=AINO)
    shop.order("two", email="eino@example.com")
    follow(shop)
    declared_empty()
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def aino() -> Customer:
    return Customer.objects.get(email=AINO)


def standing(address: str = AINO, channel: Channel = Channel.EMAIL):
    return ledger.standing(contact_keys.keys(channel, address))[channel]


def choice(**given: bool) -> list[dict[str, object]]:
    return [{"channel": name.upper(), "isAllowed": yes} for name, yes in given.items()]


def update(house, token: str = "manager", **variables):
    variables.setdefault("id", to_global_id("RegisterCustomer", aino().pk))
    found = house.ask(UPDATE, token, **variables)
    return found["data"]["customerMarketingUpdate"]


def own(house, token: str = "customer", **variables):
    return house.ask(OWN, token, **variables)["data"]["ownMarketingUpdate"]


# Staff.


def test_staff_record_a_no_with_how_they_were_told_and_the_log_has_it(house):
    found = update(house, channels=choice(email=False, sms=False), how="LETTER")
    assert found["errors"] == []
    assert {one["channel"]: one["ground"] for one in found["permissions"]} == {
        "EMAIL": "OPTED_OUT", "SMS": "OPTED_OUT", "PHONE": "NO_OBJECTION", "POST": "NO_OBJECTION",
    }  # fmt: skip
    events = MarketingEvent.objects.all()
    assert {(one.source, one.actor, one.customer) for one in events} == {
        ("staff:letter", "user:11", aino().pk)
    }
    row = AccessEntry.objects.latest("seq")
    assert (row.actor, row.act, row.purpose, row.outcome) == (
        "user:11", "customerMarketingUpdate", "marketing", "granted",
    )  # fmt: skip


def test_a_yes_told_to_staff_waits_for_its_link_by_mail_and_holds_by_phone(house):
    found = update(house, channels=choice(email=True, sms=True), text=TEXT)
    assert found["errors"] == []
    assert standing().ground is Ground.UNCONFIRMED
    assert standing(PHONE, Channel.SMS).ground is Ground.CONSENT
    digests = {bytes(one.text_digest) for one in MarketingEvent.objects.all()}
    assert digests == {Text.of("7", TEXT["words"]).digest}
    tasks.confirm_opt_ins()
    assert [to for _, _, to in house.shop.port.outbox()] == [[AINO]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channels": choice(email=True) + choice(email=False)}, "channels"),
        ({"channels": choice(email=False, phone=True)}, "text"),
        ({"channels": choice(email=True), "text": {"version": "", "words": "x"}}, "text"),
        ({"channels": choice(email=True), "text": {"version": "1", "words": " "}}, "text"),
        ({"channels": choice(email=True), "text": {"version": "x" * 33, "words": "x"}}, "text"),
        ({"channels": [], "id": to_global_id("RegisterCustomer", 999999)}, "customer"),
    ],
)
def test_what_cannot_be_recorded_is_told_and_leaves_nothing(house, given, field):
    before = AccessEntry.objects.count()
    [error] = update(house, **given)["errors"]
    assert (error["code"], error["field"]) == ("MARKETING", field)
    assert (MarketingEvent.objects.count(), AccessEntry.objects.count()) == (0, before)


def test_a_choice_that_fails_halfway_is_not_recorded_at_all(house):
    Customer.objects.filter(email=AINO).update(phone="")
    aino().identifiers.filter(kind="phone").delete()
    aino().addresses.all().delete()
    [error] = update(house, channels=choice(email=False, sms=True), text=TEXT)["errors"]
    assert (error["code"], error["field"]) == ("MARKETING", "channels")
    assert MarketingEvent.objects.count() == Suppression.objects.count() == 0


def test_a_restricted_customer_may_still_say_no(house):
    restrictions.restrict(
        aino().pk, ground=RestrictionGround.ACCURACY, actor=Actor.of(house.people["controller"])
    )
    found = update(house, channels=choice(email=False))
    assert found["errors"] == []
    assert standing().ground is Ground.OPTED_OUT


@pytest.mark.parametrize("token", ["staff", "accountant", "maintainer", "app", "lapsed"])
def test_who_may_only_look_records_nothing(house, token):
    assert house.codes(
        UPDATE, token, id=to_global_id("RegisterCustomer", aino().pk), channels=choice(email=False)
    ) & {"NO_PERMISSION", "NO_AGREEMENT"}
    assert MarketingEvent.objects.count() == 0


def test_a_customer_s_permissions_and_what_was_said_are_on_the_card(house):
    ledger.record(
        Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.LINK, customer=aino().pk, language="fi"
    )
    query = """query { customers(first: 9) { edges { node { email
        marketing { channel isAllowed ground since }
        marketingEvents { kind source actor } } } } }"""
    edges = house.ask(query)["data"]["customers"]["edges"]
    found = {one["node"]["email"]: one["node"] for one in edges}
    mine = {one["channel"]: one for one in found[AINO]["marketing"]}
    assert (mine["EMAIL"]["ground"], mine["POST"]["ground"]) == ("OPTED_OUT", "NO_OBJECTION")
    assert found[AINO]["marketingEvents"] == [{"kind": "OBJECTION", "source": "link", "actor": ""}]
    assert found["eino@example.com"]["marketingEvents"] == []


def test_a_page_of_customers_costs_no_more_queries_than_one(house):
    query = "query($n: Int) { customers(first: $n) { edges { node { marketing { ground } } } } }"
    counts = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as asked:
            house.ask(query, n=number)
        counts.append(len(asked))
    assert counts[1] <= counts[0]


# Customers.


def test_a_customer_says_no_and_every_address_of_theirs_is_closed(house):
    found = own(house, channels=choice(email=False, sms=False, post=False))
    assert found["errors"] == []
    assert standing().ground is standing(PHONE, Channel.SMS).ground is Ground.OPTED_OUT
    event = MarketingEvent.objects.filter(channel="email").get()
    assert (event.source, event.actor, event.customer) == ("storefront", "", aino().pk)
    # Their own data: nobody looked at anybody's.
    assert not AccessEntry.objects.filter(act="ownMarketingUpdate").exists()


def test_an_account_opens_no_number_that_somebody_closed(house):
    with transaction.atomic():
        ledger.record(Kind.OBJECTION, Channel.SMS, PHONE, source="staff:telephone")
    assert own(house, channels=choice(sms=True), text=TEXT)["errors"] == []
    assert standing(PHONE, Channel.SMS).ground is Ground.OPTED_OUT


def test_a_customer_s_yes_says_to_what_and_waits_for_the_mail(house):
    [error] = own(house, channels=choice(email=True))["errors"]
    assert (error["code"], error["field"]) == ("MARKETING", "text")
    assert own(house, channels=choice(email=True), text=TEXT, profiling=False)["errors"] == []
    assert standing().ground is Ground.UNCONFIRMED
    tasks.confirm_opt_ins()
    [(subject, _, to)] = house.shop.port.outbox()
    assert (subject, to) == ("Bekräfta ditt samtycke till marknadsföring", [AINO])


def test_an_account_that_never_bought_is_written_to_as_well(house):
    house.shop.account(30, email="uusi@example.com")
    house.customers["new"] = 30
    assert own(house, "new", channels=choice(email=True), text=TEXT)["errors"] == []
    assert Confirmation.objects.get().user == 30
    tasks.confirm_opt_ins()
    assert [to for _, _, to in house.shop.port.outbox()] == [["uusi@example.com"]]


def test_other_apps_see_the_no_of_an_account_that_never_bought(house):
    house.shop.account(30, email="uusi@example.com")
    house.customers["new"] = 30
    assert own(house, "new", channels=choice(email=False))["errors"] == []
    assert house.shop.port.marks == {30: "email"}


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_of_who_never_bought_is_theirs_when_staff_change_the_e_mail_and_they_buy(house):
    house.shop.port.settings = replace(
        house.shop.port.settings, soft_opt_in_from=clock.today() - timedelta(days=30)
    )
    house.shop.account(30, email="uusi@example.com")
    house.customers["new"] = 30
    assert own(house, "new", channels=choice(email=False), profiling=False)["errors"] == []
    house.shop.account(30, email="toinen@example.com")
    placed_at = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    house.shop.order("new", user=30, email="toinen@example.com", placed_at=placed_at,
                     marketing={"marketingOptOutOffered": "true"})  # fmt: skip
    follow(house.shop)
    soft_opt_in.keep()
    [found] = contacts.permissions([(Channel.EMAIL, "toinen@example.com")])
    assert (found.ground, found.profiling) == (Ground.OPTED_OUT, False)
    ledger.record(Kind.RECONSENT, Channel.EMAIL, "toinen@example.com", source=Source.LINK)
    [found] = contacts.permissions([(Channel.EMAIL, "toinen@example.com")])
    assert found.allowed


def test_a_customer_s_token_opens_their_own_and_nothing_else(house):
    query = "{ ownMarketing { channel isAllowed ground } }"
    found = house.ask(query, "customer")["data"]["ownMarketing"]
    assert {one["channel"] for one in found} == {"EMAIL", "SMS", "PHONE", "POST"}
    for beside in (
        "{ ownMarketing { channel } me { key } }",
        "{ ownMarketing { channel } customers(first: 1) { totalCount } }",
        "query a { ownMarketing { channel } } query b { me { key } }",
        "fragment x on Query { me { key } } { ownMarketing { channel } ...x }",
        "{ me { key } }",
    ):
        response = house.post({"query": beside, "operationName": "a"}, "customer")
        assert response.status_code == 401, beside
    for token in ("", "nonsense", "expired"):
        assert house.post({"query": query}, token).status_code == 401


def test_an_app_is_no_customer_and_staff_are_for_themselves_alone(house):
    assert house.codes("{ ownMarketing { channel } }", "app") == {"NOT_SIGNED_IN"}
    assert house.codes(OWN, "app", channels=choice(email=False)) == {"NOT_SIGNED_IN"}
    house.shop.account(2, email="staff@example.com")
    assert own(house, "staff", channels=choice(email=False))["errors"] == []
    assert standing("staff@example.com").ground is Ground.OPTED_OUT
    assert standing().ground is not Ground.OPTED_OUT


# Who sends.


def pairs(*addresses: str, channel: str = "EMAIL") -> list[dict[str, str]]:
    return [{"channel": channel, "address": one} for one in addresses]


def test_the_question_before_sending_is_answered_in_its_order_and_logged(house):
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    found = house.ask(MAY, pairs=pairs("nobody@example.com", AINO, "x", "eino@example.com"))
    assert found["data"]["mayContact"] == [
        {"isAllowed": False, "reason": "no_consent"},
        {"isAllowed": True, "reason": "consent"},
        {"isAllowed": False, "reason": "bad_address"},
        {"isAllowed": False, "reason": "no_consent"},
    ]
    row = AccessEntry.objects.latest("seq")
    assert (row.act, row.purpose, row.categories, row.count) == (
        "mayContact", "marketing", "email", 0,
    )  # fmt: skip
    ledger.oppose(*_by_key(AINO), Channel.EMAIL, source=Source.LINK)
    assert house.ask(MAY, pairs=pairs(AINO))["data"]["mayContact"] == [
        {"isAllowed": False, "reason": "opted_out"}
    ]
    assert house.ask(MAY, pairs=pairs(AINO), purpose="SERVICE")["data"]["mayContact"] == [
        {"isAllowed": True, "reason": "service"}
    ]


def _by_key(address: str) -> tuple[bytes, str]:
    key = contact_keys.keys(Channel.EMAIL, address)[0]
    return key.digest, key.version


def test_a_thousand_may_be_asked_for_and_no_more(house):
    many = [f"a{n}@example.com" for n in range(1001)]
    assert len(house.ask(MAY, pairs=pairs(*many[:1000]))["data"]["mayContact"]) == 1000
    assert house.codes(MAY, pairs=pairs(*many)) == {"INVALID"}
    assert house.codes(MAY, pairs=[]) == {"INVALID"}
    assert house.codes(MAY, pairs=pairs("a" * 1001)) == {"INVALID"}


def test_without_a_key_and_before_the_old_opt_outs_nobody_may_be_contacted(house, monkeypatch):
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    OptOutImport.objects.all().delete()
    query = "{ audience(channel: EMAIL, first: 9) { edges { cursor } } }"
    [answer] = house.ask(MAY, pairs=pairs(AINO))["data"]["mayContact"]
    assert answer == {"isAllowed": False, "reason": "opt_outs_missing"}
    assert house.codes(query) == {"AUDIENCE_CLOSED"}
    declare = "mutation { optOutsDeclareNone { optOutImport { isDeclared } errors { code } } }"
    assert house.ask(declare, "controller")["data"]["optOutsDeclareNone"]["errors"] == []
    assert house.ask(MAY, pairs=pairs(AINO))["data"]["mayContact"][0]["isAllowed"]
    monkeypatch.delenv(keys.VARIABLE)
    [answer] = house.ask(MAY, pairs=pairs(AINO))["data"]["mayContact"]
    assert answer == {"isAllowed": False, "reason": "no_key"}


def test_the_audience_is_paged_and_each_member_has_link_and_headers(house):
    for address in (AINO, "eino@example.com"):
        ledger.record(Kind.RECONSENT, Channel.EMAIL, address, source=Source.LINK)
    query = """query($after: String) { audience(channel: EMAIL, first: 1, after: $after) {
        edges { node { customer name address language link headers { name value } } cursor }
        pageInfo { hasNextPage endCursor } } }"""
    found, after = [], None
    for _ in range(5):
        page = house.ask(query, "staff", after=after)["data"]["audience"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(one["address"] for one in found) == [AINO, "eino@example.com"]
    for one in found:
        headers = {header["name"]: header["value"] for header in one["headers"]}
        assert set(headers) == {"List-Unsubscribe", "List-Unsubscribe-Post"}
        assert one["link"].startswith("https://shop.example/plugins/jokkerit.register/preferences/")
    seen = AccessEntry.objects.filter(act="audience", outcome="granted")
    assert {row.purpose for row in seen} == {"marketing"}
    assert sum(row.count for row in seen) == 2
    ledger.oppose(*_by_key(AINO), Channel.EMAIL, source=Source.LINK)
    page = house.ask(query, "staff")["data"]["audience"]
    assert [edge["node"]["address"] for edge in page["edges"]] != [AINO]


@pytest.mark.parametrize(("said", "written"), [("sv-fi", "SV"), ("", "FI"), ("de", "EN")])
def test_a_member_is_written_to_in_one_of_the_languages_whatever_the_shop_says(
    house, said, written
):
    ledger.record(Kind.RECONSENT, Channel.EMAIL, AINO, source=Source.LINK)
    Customer.objects.update(language=said)
    answer = house.ask(
        "{ audience(channel: EMAIL, first: 9) { edges { node { language } } } }", "staff"
    )
    assert "errors" not in answer
    assert {one["node"]["language"] for one in answer["data"]["audience"]["edges"]} == {written}


def test_a_cursor_of_another_list_and_a_page_too_large_are_refused(house):
    query = """query($a: String, $n: Int!) {
        audience(channel: SMS, first: $n, after: $a) { edges { cursor } } }"""
    customers = "{ customers(first: 1) { edges { cursor } } }"
    [edge] = house.ask(customers)["data"]["customers"]["edges"]
    assert house.codes(query, n=1, a=edge["cursor"]) == {"INVALID"}
    for number in (0, 101):
        assert house.codes(query, n=number) == {"INVALID"}


def test_the_reports_of_imports_name_lines_and_no_content(house):
    done = OptOutImport.objects.create(
        started_by="command:import", finished_at=clock.now() + timedelta(0), lines=3, added=2,
        rejected=1, sha256="0" * 64, size=2**40,
    )  # fmt: skip
    RejectedLine.objects.create(report=done, line=3, reason="bad_address")
    query = """{ optOutImports(first: 1) { totalCount edges { node {
        size lines added rejected report } } } }"""
    [edge] = house.ask(query, "controller")["data"]["optOutImports"]["edges"]
    assert edge["node"] == {
        "size": 2**40, "lines": 3, "added": 2, "rejected": 1,
        "report": f"{HOME}opt-outs/{done.pk}/rejected/",
    }  # fmt: skip
    response = house.get(f"opt-outs/{done.pk}/rejected/", "controller")
    assert b"".join(response.streaming_content) == b"line,reason\r\n3,bad_address\r\n"
    assert (response["Cache-Control"], response["Content-Type"]) == (
        "no-store", "text/csv; charset=utf-8"
    )  # fmt: skip
    assert house.get("opt-outs/999/rejected/", "controller").status_code == 404
    assert (
        house.get(f"opt-outs/{done.pk}/rejected/", "controller", method="post").status_code == 405
    )


TAKE_IN = """mutation($file: ID!, $layout: OptOutLayoutInput!) {
    optOutsTakeIn(file: $file, layout: $layout) { errors { field code } } }"""
UPLOAD = """mutation($file: File!) { optOutsUpload(file: $file) {
    optOutFile { id columns } errors { field code } } }"""


@pytest.mark.parametrize(
    ("layout", "field"),
    [
        # Two columns of one name, one of none, another separator than it looks.
        ({"address": [3], "date": 2, "channel": "EMAIL"}, None),
        ({"address": [1], "date": 2, "channel": "EMAIL", "delimiter": ";"}, "layout"),
        ({"address": [3], "date": 0, "channel": "EMAIL"}, "layout"),
        ({"address": [4], "channel": "EMAIL"}, "layout"),
    ],
)
def test_what_stands_in_which_column_is_said_by_number(house, layout, field):
    sent = house.ask(UPLOAD, "controller", file=f"E-mail,,E-mail\nx,2024-03-01,{AINO}\n")
    file = sent["data"]["optOutsUpload"]["optOutFile"]
    assert file["columns"] == ["E-mail", "", "E-mail"]
    answer = house.ask(TAKE_IN, "controller", file=file["id"], layout=layout)
    errors = answer["data"]["optOutsTakeIn"]["errors"]
    assert [one["field"] for one in errors] == ([field] if field else [])
    if not field:
        tasks.take_in_opt_outs()
        assert Suppression.objects.get().since.year == 2024
        assert standing(AINO, Channel.EMAIL).ground is Ground.OPTED_OUT


def test_a_file_that_no_request_holds_is_refused_plainly(house):
    body = {"query": UPLOAD, "variables": {"file": "x" * 100_000}}
    answer = house.post(body, "controller")
    assert (answer.status_code, b"LIMIT_EXCEEDED" in answer.content) == (413, True)
    assert not OptOutFile.objects.exists()


def test_somebody_s_number_in_one_s_own_book_tells_nothing_of_them(house):
    def told() -> dict[str, tuple[bool, str]]:
        found = house.ask("{ ownMarketing { channel isAllowed ground } }", "customer")
        return {one["channel"]: (one["isAllowed"], one["ground"])
                for one in found["data"]["ownMarketing"]}  # fmt: skip

    before = told()
    theirs = "Aino Mäkelä|Kaskitie 1|51900|FI"
    for channel, address in ((Channel.SMS, PHONE), (Channel.PHONE, PHONE), (Channel.POST, theirs)):
        ledger.record(Kind.RECONSENT, channel, address, source=Source.LINK)
        ledger.record(Kind.DECLARED, channel, address, source=Source.IMPORT)
        assert standing(address, channel).ground is Ground.OPTED_OUT
    assert told() == before
    assert before["PHONE"] == (True, "NO_OBJECTION")
    # What they said themselves they are told.
    assert own(house, channels=choice(sms=False, phone=False))["errors"] == []
    assert told()["PHONE"] == told()["SMS"] == (False, "OPTED_OUT")
    ledger.record(Kind.RECONSENT, Channel.PHONE, PHONE, source=Source.LINK, customer=aino().pk)
    assert told()["PHONE"] == (False, "OPTED_OUT")


def test_of_an_account_that_never_bought_only_what_it_said_is_told(house):
    book = [{"key": 3, "party": party(phone=PHONE), "default_billing": True,
             "default_shipping": False}]  # fmt: skip
    house.shop.account(30, email="uusi@example.com", addresses=book)
    house.customers["new"] = 30
    query = "{ ownMarketing { channel } }"
    found = house.ask(query, "new")["data"]["ownMarketing"]
    assert [one["channel"] for one in found] == ["EMAIL"]
    [email, phone] = own(house, "new", channels=choice(phone=False))["permissions"]
    assert (email["channel"], phone["ground"]) == ("EMAIL", "OPTED_OUT")


def test_a_recall_is_read_by_every_way_and_has_who_said_no(house):
    ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source=Source.LINK)
    query = """{ audience(channel: EMAIL, first: 9, purpose: CLAIMS) {
            edges { node { address link headers { name } } } }
        audienceCount(channel: EMAIL, purpose: CLAIMS) { customers allowed } }"""
    found = house.ask(query)["data"]
    nodes = [edge["node"] for edge in found["audience"]["edges"]]
    assert [one["address"] for one in nodes] == [AINO, "eino@example.com"]
    assert {(one["link"], len(one["headers"])) for one in nodes} == {("", 0)}
    assert found["audienceCount"] == {"customers": 2, "allowed": 2}
    made = house.ask("mutation { audienceLink(channel: EMAIL, purpose: CLAIMS) { url } }")
    path = made["data"]["audienceLink"]["url"].removeprefix(HOME)
    lines = b"".join(house.get(path).streaming_content).decode().splitlines()
    assert [json.loads(one).get("address") for one in lines] == [AINO, "eino@example.com", None]
    purposes = AccessEntry.objects.filter(act__startswith="audience").values_list("purpose")
    assert set(purposes) == {("claims",)}
    wrong = "{ audience(channel: EMAIL, first: 9, purpose: COMMUNICATION) { edges { cursor } } }"
    assert house.codes(wrong) == {"BAD_PURPOSE"}
    assert house.get("audience/?channel=email&purpose=communication", "staff").status_code == 400


# The whole audience as a file.


@pytest.mark.django_db(transaction=True)
def test_the_audience_as_a_file_is_sent_page_by_page_and_says_when_it_is_whole(house, monkeypatch):
    monkeypatch.setattr(audience, "PAGE", 1)
    for address in (AINO, "eino@example.com"):
        ledger.record(Kind.RECONSENT, Channel.EMAIL, address, source=Source.LINK)
    response = house.get("audience/?channel=email&language=fi", "staff")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    rows = AccessEntry.objects.filter(act="audience", outcome="granted")
    pieces = iter(response.streaming_content)
    # What was seen is in the log before it leaves.
    for number in (1, 2):
        [line] = next(pieces).decode().splitlines()
        assert json.loads(line)["headers"]["List-Unsubscribe"].startswith("<https://")
        assert sum(rows.values_list("count", flat=True)) == number
    assert list(pieces) == [b'{"end": true}\n']
    # Whoever says no meanwhile is on no later page; whoever is refused meanwhile gets no more.
    pieces = iter(house.get("audience/?channel=email", "staff").streaming_content)
    next(pieces)
    OptOutImport.objects.all().delete()
    with pytest.raises(AudienceClosed):
        next(pieces)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("channel=fax", 400), ("channel=email&colour=red", 400),
        ("channel=email&boughtSince=spring", 400), ("channel=email&sku=%00", 400),
    ],
)  # fmt: skip
def test_what_is_no_question_for_an_audience_is_told_so(house, query, status):
    response = house.get(f"audience/?{query}", "staff")
    assert response.status_code == status
    assert house.get("audience/?channel=email", "staff", method="post").status_code == 405
    OptOutImport.objects.all().delete()
    closed = house.get("audience/?channel=email", "staff")
    assert (closed.status_code, b"old opt-outs" in closed.content) == (503, True)
