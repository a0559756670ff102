"""GraphQL for the accounting firm: reports, closing, accounts, files; and what is refused."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dev.paths import ROOT
from jokkerit_plugin import clock
from jokkerit_plugin.access import chain
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting.chart import DEFAULTS
from jokkerit_plugin.accounting.exports import files
from jokkerit_plugin.models import (
    AccessEntry,
    AccountMap,
    Closing,
    Disclosure,
    Export,
    Recipient,
    Signature,
    Sweep,
)
from jokkerit_plugin.register import sweep
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.web.schema.base import from_global_id, to_global_id
from tests.bookkeeping import follow, movement, sell
from tests.graphql import PEOPLE, House, codes
from tests.paper_shop import line
from tests.standing import standing
from tests.test_exports import SETTINGS

pytestmark = pytest.mark.django_db

MARCH = '{month: "2026-03"}'


def furnished(shop, monkeypatch):
    """March: three sales in Finland, one in Sweden's crowns in April; it is 5 May 2026."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 5, 5, 9, tzinfo=UTC))
    shop.port.settings = replace(SETTINGS, voucher_start=date(2026, 1, 1))
    for name, day in (("a", "01"), ("b", "15"), ("c", "31")):
        sell(shop, name, f"2026-03-{day}")
    sell(shop, "late", "2026-03-20", email="eino@example.com",
         lines=[line("late", net="100.000", gross="124.000", tax_rate="0.2400")])  # fmt: skip
    sell(shop, "crowns", "2026-04-10", currency="SEK",
         movements=[movement("crowns", "12.550", "2026-04-10", currency="SEK")])  # fmt: skip
    follow(shop)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def log() -> list[tuple[str, ...]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "role", "purpose", "categories", "act", "count", "outcome", "reason"
        )
    )


VAT = """query($period: PeriodInput!) { vatReport(period: $period) {
    firstDay lastDay boxes { box amount } lines { rate net vat gross } findings { cause count }
    isGiftCardTaxUnset unbooked } }"""


@pytest.mark.promise("P-ACCESS-ACCOUNTING", "P-KEEP-BOOKKEEPING")
def test_the_vat_of_a_month_in_one_logged_look(house):
    found = house.ask(VAT, "accountant", period={"month": "2026-03"})["data"]["vatReport"]
    assert (found["firstDay"], found["lastDay"]) == ("2026-03-01", "2026-03-31")
    boxes = {one["box"]: one["amount"] for one in found["boxes"]}
    assert boxes == {"301": "31.650", "302": "0", "303": "0", "309": "0", "311": "0"}
    assert found["lines"] == [
        {"rate": "0.2400", "net": "100.000", "vat": "24.000", "gross": "124.000"},
        {"rate": "0.2550", "net": "30.000", "vat": "7.650", "gross": "37.650"},
    ]
    assert found["findings"] == [{"cause": "RATE", "count": 1}]
    assert (found["isGiftCardTaxUnset"], found["unbooked"]) == (True, 0)
    assert log() == [
        ("user:3", "accounting_firm", "bookkeeping", "purchase", "VAT report", 2, "granted", ""),
    ]


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "0001-01", "maaliskuu", ""])
def test_a_month_that_is_none_is_not_closed(house, month):
    [error] = house.ask(CLOSE % month, "accountant")["data"]["monthClose"]["errors"]
    assert error["code"] == "PERIOD"
    assert not Closing.objects.exists()
    assert log() == []


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ({"quarter": "2026-Q1"}, "2026-01-01", "2026-03-31"),
        ({"financialYear": "2026"}, "2026-01-01", "2026-12-31"),
        ({"from": "2026-03-02", "to": "2026-04-01"}, "2026-03-02", "2026-04-01"),
    ],
)
def test_a_period_is_named_in_four_ways(house, period, first, last):
    found = house.ask(VAT, "accountant", period=period)["data"]["vatReport"]
    assert (found["firstDay"], found["lastDay"]) == (first, last)


def test_a_changed_financial_year_is_asked_for_by_its_label(house):
    house.shop.port.settings = replace(
        house.shop.port.settings, financial_year_changes=(date(2026, 6, 30), date(2026, 12, 31))
    )
    for label, last in (("2026", "2026-06-30"), ("2026-2", "2026-12-31"), ("2027", "2027-12-31")):
        found = house.ask(VAT, "accountant", period={"financialYear": label})
        assert found["data"]["vatReport"]["lastDay"] == last
    assert house.codes(VAT, "accountant", period={"financialYear": "2026-3"}) == {"PERIOD"}


@pytest.mark.parametrize(
    ("period", "field"),
    [
        ({}, "period"),
        ({"month": "2026-03", "quarter": "2026-Q1"}, "period"),
        ({"from": "2026-03-01"}, "period"),
        ({"month": "2026-13"}, "month"),
        ({"quarter": "2026-Q5"}, "quarter"),
        ({"financialYear": "20 26"}, "financialYear"),
        ({"from": "2026-02-30", "to": "2026-03-31"}, "from"),
        ({"from": "2026-03-01", "to": "31.3.2026"}, "to"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "period"),
        ({"from": "0001-01-01", "to": "2026-03-01"}, "period"),
    ],
)
def test_an_impossible_period_is_told_with_its_field_in_queries_and_mutations(house, period, field):
    [error] = house.ask(VAT, "accountant", period=period)["errors"]
    assert error["extensions"] == {"exception": {"code": "PERIOD"}, "field": field}
    [told] = create(house, format="XLSX", period=period)["errors"]
    assert (told["code"], told["field"]) == ("PERIOD", field)
    assert log() == []
    assert not Export.objects.exists()


def test_staff_look_for_what_they_say(house):
    asked = f"{{ vatReport(period: {MARCH}%s) {{ unbooked }} }}"
    house.ask(asked % ", purpose: BOOKKEEPING", "staff")
    house.ask(asked % "", "staff")
    assert house.codes(asked % ", purpose: SECURITY", "staff") == {"PURPOSE_REFUSED"}
    assert [one[1:3] + one[6:] for one in log()] == [
        ("staff", "bookkeeping", "granted", ""),
        ("staff", "service", "granted", ""),
        ("", "security", "refused", "PURPOSE_REFUSED"),
    ]


def test_what_is_computed_comes_in_pages_too(house):
    query = f"""query($first: Int, $last: Int, $after: String, $before: String) {{
        receipts(period: {MARCH}, first: $first, last: $last, after: $after, before: $before) {{
            totalCount edges {{ node {{ day payments }} cursor }}
            pageInfo {{ hasNextPage hasPreviousPage endCursor startCursor }} }} }}"""

    def days(**given) -> tuple[list[str], dict]:
        found = house.ask(query, "accountant", **given)["data"]["receipts"]
        assert found["totalCount"] == 4
        return [edge["node"]["day"][-2:] for edge in found["edges"]], found["pageInfo"]

    one, info = days(first=3)
    assert (one, info["hasNextPage"], info["hasPreviousPage"]) == (["01", "15", "20"], True, False)
    two, info = days(first=3, after=info["endCursor"])
    assert (two, info["hasNextPage"], info["hasPreviousPage"]) == (["31"], False, True)
    back, info = days(last=2, before=info["startCursor"])
    assert (back, info["hasNextPage"], info["hasPreviousPage"]) == (["15", "20"], True, True)
    assert days(last=9)[0] == ["01", "15", "20", "31"]
    assert house.codes(query, "accountant", first=1, after="x") == {"INVALID"}
    assert house.codes(query, "accountant") == {"INVALID"}


def test_findings_name_the_order_and_why(house):
    query = f"""{{ vatFindings(period: {MARCH}, first: 9) {{ totalCount edges {{ node {{
        cause day orderNumber rate net }} }} }} }}"""
    found = house.ask(query, "accountant")["data"]["vatFindings"]
    assert [edge["node"] for edge in found["edges"]] == [
        {"cause": "RATE", "day": "2026-03-20", "orderNumber": "4", "rate": "0.2400",
         "net": "100.000"},
    ]  # fmt: skip


def test_vouchers_with_their_entries_and_the_name_on_them(house):
    query = f"""{{ vouchers(first: 2, filter: {{period: {MARCH}, isVoided: false, kind: SALE}}) {{
        totalCount edges {{ node {{ code kind day original entries {{ kind gross causes }}
            purchase {{ number party {{ lastName }} }} }} }} }} }}"""
    found = house.ask(query, "accountant")["data"]["vouchers"]
    assert found["totalCount"] == 4
    node = found["edges"][0]["node"]
    assert (node["code"], node["kind"], node["original"]) == ("MYY-2026-000004", "SALE", None)
    assert [(one["kind"], one["gross"]) for one in node["entries"]] == [
        ("PAYMENT", "12.550"), ("SALE", "12.550"),
    ]  # fmt: skip
    assert node["purchase"]["party"] == {"lastName": "Mäkelä"}
    assert log()[-1][2:6] == ("bookkeeping", "name purchase", "vouchers", 2)
    by_code = '{ vouchers(first: 2, filter: {codes: ["MYY-2026-000001"]}) { totalCount } }'
    assert house.ask(by_code, "accountant")["data"]["vouchers"]["totalCount"] == 1


CLOSE = """mutation { monthClose(month: "%s") {
    closing { lastDay entries } errors { code message } } }"""


def test_the_accounting_firm_closes_a_month_and_staff_do_not(house):
    report = '{ monthReport(month: "2026-03") { isClosed obstacles { code } open { currency } } }'
    assert house.ask(report, "accountant")["data"]["monthReport"] == {
        "isClosed": False, "obstacles": [], "open": [],
    }  # fmt: skip
    assert house.codes(CLOSE % "2026-03", "staff") == {"NO_PERMISSION"}
    assert log()[-1][4:] == ("close month", 0, "refused", "NO_PERMISSION")
    assert not Closing.objects.exists()
    closed = house.ask(CLOSE % "2026-03", "accountant")["data"]["monthClose"]
    assert closed == {"closing": {"lastDay": "2026-03-31", "entries": 8}, "errors": []}
    [error] = house.ask(CLOSE % "2026-03", "accountant")["data"]["monthClose"]["errors"]
    assert error["code"] == "MONTH_NOT_READY"
    assert house.codes(CLOSE % "2026-00", "accountant") == {"PERIOD"}
    listed = "{ closings(first: 1) { edges { node { lastDay isUnchanged figures } } } }"
    [edge] = house.ask(listed, "accountant")["data"]["closings"]["edges"]
    assert (edge["node"]["lastDay"], edge["node"]["isUnchanged"]) == ("2026-03-31", True)
    assert "31.650" in edge["node"]["figures"]


RULES = "kind currency treatment rate gateway starts ends debit credit vat vatCode"
REPLACE = f"""mutation($version: Int!, $rules: [AccountRuleInput!]!) {{
    accountMapReplace(version: $version, rules: $rules) {{
        accountMap {{ version rules {{ {RULES} }} }} errors {{ field message code }} }} }}"""


def mapping(house) -> tuple[int, list[dict]]:
    found = house.ask(f"{{ accountMap {{ version rules {{ {RULES} }} }} }}", "accountant")
    return found["data"]["accountMap"]["version"], found["data"]["accountMap"]["rules"]


def test_the_controller_changes_the_accounts_and_the_firm_reads_them(house):
    version, rules = mapping(house)
    assert (version, len(rules)) == (0, len(DEFAULTS))
    rules[0]["credit"] = "3999"
    assert house.codes(REPLACE, "accountant", version=0, rules=rules) == {"NO_PERMISSION"}
    made = house.ask(REPLACE, "controller", version=0, rules=rules)["data"]["accountMapReplace"]
    assert made["errors"] == []
    assert (made["accountMap"]["version"], made["accountMap"]["rules"][0]["credit"]) == (1, "3999")
    assert mapping(house) == (1, rules)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vat": None}, "rules.0.vat"),
        ({"debit": "17"}, "rules.0.debit"),
        ({"credit": "1701"}, "rules.0.debit"),
        ({"rate": "a fourth"}, "rules.0.rate"),
        ({"starts": "2026-02-30"}, "rules.0.starts"),
        ({"vatCode": "?"}, "rules.0.vatCode"),
        ({"currency": "SEK"}, "rules"),
    ],
)
def test_an_unbalanced_or_broken_mapping_changes_nothing(house, change, field):
    _, rules = mapping(house)
    rules[0] |= change
    answer = house.ask(REPLACE, "controller", version=0, rules=rules)
    [error] = answer["data"]["accountMapReplace"]["errors"]
    assert (error["field"], error["code"]) == (field, "ACCOUNT_MAP")
    assert error["message"]
    assert not AccountMap.objects.exists()


def test_two_who_change_the_accounts_do_not_overwrite_each_other(house):
    _, rules = mapping(house)
    house.ask(REPLACE, "controller", version=0, rules=rules)
    [error] = house.ask(REPLACE, "superuser", version=0, rules=rules)["data"]["accountMapReplace"][
        "errors"
    ]
    assert (error["field"], error["code"]) == ("version", "ACCOUNT_MAP")


CREATE = """mutation($input: ExportCreateInput!) { exportCreate(input: $input) {
    export { id format firstDay lastDay filename sha256 size recipient url }
    errors { field message code } } }"""


def create(house, token: str = "accountant", **given) -> dict:
    """Make a file and return the payload; `data` is null when the guard refused."""
    answer = house.ask(CREATE, token, input=given)
    found: dict = answer["data"]["exportCreate"]
    return found


def content(found: dict) -> bytes:
    key = from_global_id("RegisterExport", found["id"])
    return b"".join(files.read(key, actor=Actor.of(PEOPLE["accountant"]))[1])


@pytest.mark.promise("P-USE-INVOICING", "P-NO-DISCLOSURE")
@pytest.mark.parametrize("form", ["JOURNAL_CSV", "XLSX", "NETVISOR", "PROCOUNTOR", "FINVOICE"])
def test_every_file_is_made_for_one_s_own_firm_and_recorded_as_disclosed(house, form):
    about = {"period": {"month": "2026-03"}, "voucher": "MYY-2026-000001"}
    made = create(house, format=form, language="FI", **about)
    assert made["errors"] == []
    firm = Recipient.objects.get()
    disclosed = Disclosure.objects.get()
    assert (disclosed.outcome, disclosed.recipient, disclosed.actor) == ("done", firm, "user:3")
    assert (disclosed.sha256, disclosed.what) == (made["export"]["sha256"], form.lower())
    assert disclosed.count == (1 if form == "FINVOICE" else 2)
    assert list(chain.verify(Disclosure)) == []
    assert [one[6] for one in log()] == ["granted"]
    listed = house.ask("{ exports(first: 5) { edges { node { sha256 } } } }", "accountant")
    [edge] = listed["data"]["exports"]["edges"]
    assert edge["node"]["sha256"] == made["export"]["sha256"]


@pytest.mark.promise("P-NO-DISCLOSURE", "P-PURPOSE-BOUND", breaks=True)
@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"recipient": "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk="}, "recipient", "EXPORT"),
        ({"recipient": "x"}, "recipient", "INVALID"),
        ({"period": {"from": "2026-02-30", "to": "2026-03-31"}}, "from", "PERIOD"),
        ({"period": {"from": "2025-12-31", "to": "2026-03-31"}}, "period", "PERIOD"),
        ({"period": None}, "period", "PERIOD"),
        ({"period": {"month": "2026-01"}}, "period", "EXPORT"),
        ({"period": {"quarter": "2026-Q2"}}, "currency", "NO_ACCOUNT"),
        ({"period": {"quarter": "2026-Q2"}, "format": "NETVISOR"}, "currency", "NO_ACCOUNT"),
        ({"currency": "XXQ"}, "currency", "AMOUNT"),
        ({"format": "FINVOICE"}, "voucher", "EXPORT"),
        ({"format": "FINVOICE", "voucher": "MYY-2026-999999"}, "voucher", "EXPORT"),
    ],
)  # fmt: skip
def test_bad_input_makes_no_file_and_logs_nothing_as_done(house, given, field, code):
    usual = {"format": "XLSX", "period": {"month": "2026-03"}, "language": "FI"}
    made = create(house, **usual | given)
    assert made["export"] is None
    [error] = made["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["message"].endswith(".")
    assert not Export.objects.exists()
    assert not Disclosure.objects.filter(outcome="done").exists()
    assert not AccessEntry.objects.filter(outcome="granted").exists()


def test_a_period_that_crosses_a_changed_financial_year_is_told_where(house):
    house.shop.port.settings = replace(
        house.shop.port.settings, financial_year_changes=(date(2026, 3, 15),)
    )
    [error] = create(house, format="XLSX", period={"month": "2026-03"})["errors"]
    assert (error["field"], error["code"]) == ("period", "PERIOD")
    assert "2026-03-15" in error["message"]
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("missing", "field"),
    [({"iban": ""}, "iban"), ({"bic": ""}, "bic"),
     ({"controller_address": "Kaskitie"}, "controllerAddress")],
)  # fmt: skip
def test_an_invoice_names_the_setting_that_it_lacks(house, missing, field):
    house.shop.port.settings = replace(house.shop.port.settings, **missing)
    [error] = create(house, format="FINVOICE", voucher="MYY-2026-000001")["errors"]
    assert (error["field"], error["code"]) == (field, "EXPORT")
    assert not Export.objects.exists()


def test_a_refused_disclosure_is_in_the_ledger_and_leaves_no_file(house):
    Recipient.objects.update(agreement_signed_on=None)
    about = {"format": "XLSX", "period": {"month": "2026-03"}}
    [error] = create(house, "manager", **about, recipient=the_firm())["errors"]
    assert error["code"] == "NO_PROCESSING_AGREEMENT"
    assert not Export.objects.exists()
    assert Disclosure.objects.get().outcome == "refused"
    [error] = create(house, "manager", **about)["errors"]
    assert (error["field"], error["code"]) == ("recipient", "EXPORT")


@pytest.mark.parametrize(
    ("token", "code"),
    [("firmless", "NO_MEMBERSHIP"), ("staff", "NO_PERMISSION"), ("maintainer", "NO_PERMISSION"),
     ("no role", "NO_PERMISSION"), ("lapsed", "NO_AGREEMENT")],
)  # fmt: skip
def test_who_has_no_files_made_is_refused_and_logged_whatever_else_is_amiss(house, token, code):
    """No recipient, and no such voucher: that would be told to those alone who may."""
    AccessEntry.objects.all().delete()
    given = {"format": "FINVOICE", "voucher": "MYY-2026-999999"}
    assert house.codes(CREATE, token, input=given) == {code}
    assert list(AccessEntry.objects.values_list("outcome", "reason")) == [("refused", code)]


def the_firm() -> str:
    return to_global_id("RegisterRecipient", Recipient.objects.get().pk)


@pytest.mark.promise("P-USE-INVOICING", "P-NO-DISCLOSURE", breaks=True)
@pytest.mark.parametrize(
    ("kind", "refused"),
    [("invoicing", False), ("debt_collection", True), ("processor", True)],
)
def test_an_invoice_goes_to_those_who_invoice_or_keep_books(house, kind, refused):
    Recipient.objects.update(kind=kind)
    made = create(house, "manager", format="FINVOICE", voucher="MYY-2026-000001",
                  recipient=the_firm())  # fmt: skip
    assert [error["field"] for error in made["errors"]] == ["recipient"] * refused
    assert Export.objects.count() == Disclosure.objects.filter(outcome="done").count() != refused
    if not refused:
        assert Disclosure.objects.get().purpose == "invoicing"


def test_a_month_in_crowns_needs_a_choice_of_currency(house):
    assert create(house, format="JOURNAL_CSV", period={"month": "2026-04"})["errors"]
    euros = create(
        house, format="NETVISOR", period={"from": "2026-03-01", "to": "2026-04-30"}, currency="EUR"
    )
    assert euros["errors"] == []
    assert euros["export"]["filename"] == "netvisor-2026-03-01-2026-04-30-EUR.csv"
    march = create(house, format="NETVISOR", period={"month": "2026-03"})
    assert content(euros["export"]) == content(march["export"])


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_a_closed_month_gives_the_same_bytes_whatever_changes_later(house):
    house.ask(CLOSE % "2026-03", "accountant")
    before = create(house, format="JOURNAL_CSV", period={"month": "2026-03"}, language="FI")
    sell(house.shop, "a", "2026-03-01", status="canceled")
    sell(house.shop, "new", "2026-03-30")
    follow(house.shop)
    after = create(house, format="JOURNAL_CSV", period={"month": "2026-03"}, language="FI")
    assert after["export"]["sha256"] == before["export"]["sha256"]
    april = create(house, format="JOURNAL_CSV", period={"month": "2026-04"}, currency="EUR")
    text = content(april["export"]).decode("utf-8-sig")
    days = {row[1] for row in csv.reader(io.StringIO(text), delimiter=";")}
    assert days == {"Date", "2026-04-01"}


@pytest.mark.promise("P-AGREEMENT", "P-ACCESS-ACCOUNTING", breaks=True)
@pytest.mark.parametrize("who", ["firmless", "maintainer", "no role", "lapsed", "granted"])
def test_who_may_not_make_files_makes_none_and_is_in_the_log(house, who):
    about = {"format": "XLSX", "period": {"month": "2026-03"}, "recipient": the_firm()}
    answer = house.ask(CREATE, who, input=about)
    assert answer["data"] == {"exportCreate": None}
    assert log()[-1][6] == "refused"
    assert not Export.objects.exists()


def test_the_session_of_the_documentation_is_answered(house):
    """Whoever copies it from docs/graphql.md gets through it as it stands."""
    session = (ROOT / "docs" / "graphql.md").read_text().partition("## For the accounting firm")[2]
    asked = re.findall(r"^    register '([^']+)'", session.partition("| Field |")[0], re.MULTILINE)
    assert len(asked) == 8
    house.shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    Signature.objects.filter(signer="user:3").delete()
    for query in asked:
        answer = house.ask(query, "accountant")
        assert codes(answer) == set(), answer
