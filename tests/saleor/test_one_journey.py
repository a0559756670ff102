"""The life of one shop with the register, from before it was installed to after it has gone.

Real processes, years in a minute: the clock of web, worker and commands is set from day to day
(`years.py`); the database's own stays in the present.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from demo import accounts, drafts, orders, payments
from demo.controller import SETTINGS
from demo.records import Placed
from dev.servers import Servers
from jokkerit_plugin import clock
from tests.saleor.test_accountant import (
    CREATE,
    EMAIL,
    FIRM,
    JOIN,
    REGISTER,
    VAT,
    codes,
    hire,
    in_the_shop,
)
from tests.saleor.test_rights import OPEN, Asker, files, look, standing
from tests.saleor.years import Years, back_up, restore, without_the_plugin, years

#: The first year is over by now, and the next has begun.
FIRST = clock.today().year - 1
NEXT = FIRST + 1
MIXED = {"JR-PAITA": 1, "JR-KAHVI": 3}

CLOSE = """mutation($month: String!) { monthClose(month: $month) {
    closing { entries isUnchanged } errors { code message } } }"""
CLOSINGS = "{ closings(first: 50) { edges { node { isUnchanged } } } }"
TIE_OUT = """query($year: String!) { tieOut(period: {financialYear: $year}) {
    isExact orders totals { what booksGross shopGross } } }"""
VOUCHERS = """query($year: String!) { vouchers(
    first: 50, filter: {period: {financialYear: $year}}) { edges { node { code } } } }"""
AUDIENCE = """{ audience(channel: EMAIL, first: 50) { edges { node {
    address headers { name value } } } } }"""
LINES = "{ siteLines(first: 9, purpose: SECURITY) { edges { node { path address } } } }"
HAND_OVER = """mutation($input: CollectionHandOverInput!) { collectionHandOver(input: $input) {
    document hold { lapsesOn } errors { code } } }"""
MAKE = "mutation { erasurePlanMake { plan { id digest } errors { message } } }"
APPROVE = """mutation($id: ID!, $digest: String!) { erasurePlanApprove(id: $id, digest: $digest) {
    errors { message } } }"""
DECLARE = """mutation($business: String!, $day: Date) { controllerDeclare(
    businessId: $business, newFrom: $day) { errors { message } } }"""
GROUPS = "{ permissionGroups(first: 100) { edges { node { permissions { code } } } } }"


@pytest.fixture
def house(own_servers: Servers) -> Iterator[Years]:
    with years(own_servers, date(FIRST, 1, 10)) as made:
        yield made


def test_a_shop_s_whole_life_with_the_register(house: Years, tmp_path: Path) -> None:
    hilma = house.buys(house.live.stage.people.next(), MIXED, offered=False)

    house.on(date(FIRST, 1, 12))
    the_first_version_is_installed(house, hilma)
    house.on(date(FIRST, 1, 13))
    nobody_sees_anybody_before_signing(house, hilma)
    house.on(date(FIRST, 1, 20))
    an_upgrade_takes_over_what_is_there(house, hilma)

    house.on(date(FIRST, 2, 14))
    aino, eino, lempi = people_buy_and_may_be_written_to(house, hilma)
    house.night(date(FIRST, 3, 2))
    the_accountant_closes_february(house, aino, eino, lempi)
    house.on(date(FIRST, 3, 20))
    a_refund_is_the_month_s_in_which_it_was_paid(house, aino)
    house.on(date(FIRST, 4, 7))
    eino_says_no_and_is_heard(house, eino, aino, lempi)
    house.on(date(FIRST, 5, 5))
    aino_gets_a_copy(house, aino, hilma)
    house.on(date(FIRST, 6, 1))
    a_line_of_the_log_is_kept_for_ninety_days(house, tmp_path)
    house.on(date(FIRST, 9, 1))
    reino = a_debt_is_handed_over_and_paid(house)

    house.on(date(NEXT, 1, 2))
    late = house.buys(lempi.person, {"JR-KIRJA": 1}, email=lempi.email)
    house.follows(late)
    house.night(date(NEXT, 1, 5))
    the_year_is_closed_and_another_begins(house, late)

    house.on(date(NEXT, 1, 10))
    back_up(house.live)
    house.on(date(NEXT, 1, 20))
    left = aino_is_erased_and_her_vouchers_stay(house, aino)
    lempi_says_no(house, lempi)
    house.on(date(NEXT, 1, 25))
    restore(house.live)
    a_restored_backup_brings_nobody_back(house, aino, lempi, left)

    sold = [hilma, aino, eino, lempi, reino, late]
    in_three_years_customers_go(house, sold)
    house.on(date(FIRST + 11, 5, 5))
    toivo = house.buys(house.live.stage.people.next(), MIXED)
    house.follows(toivo)
    in_eleven_years_the_books_go(house, sold, toivo)

    house.on(date(FIRST + 12, 2, 1))
    the_shop_is_sold_and_nobody_s_permission_with_it(house, toivo)
    the_register_goes_and_the_shop_stays(house, toivo, tmp_path / "archive")


def the_first_version_is_installed(house: Years, hilma: Asker) -> None:
    """A shop with a history: permissions, settings, old opt-outs, backfill."""
    house.run("migrate", "jokkerit_plugin", "0001")
    house.live.configure(
        **SETTINGS | {"backups_encrypted_on": f"{FIRST}-01-12"},
        erase_in_shop=True, financial_year_end="12-31", voucher_start=f"{FIRST}-01-01",
        soft_opt_in_from=f"{FIRST}-01-12", fill_checkouts=True,
    )  # fmt: skip
    house.run("register_setup")
    house.run("register_import_optouts", "--none")
    house.run("register_backfill")
    house.follows(hilma)
    assert house.count("purchase") == 1
    assert house.count("customer") == 1


def nobody_sees_anybody_before_signing(house: Years, hilma: Asker) -> None:
    house.desk.staff("rights-controller", "JOKKERIT_MANAGE_PRIVACY")
    house.desk.staff("rights-manager", "JOKKERIT_MANAGE_REGISTER")
    house.desk.staff("rights-staff", "JOKKERIT_VIEW_REGISTER")
    hire(house.live)
    house.people["accountant"] = house.live.store.staff.as_person(EMAIL, "admin")
    assert look(house, hilma) == "NO_AGREEMENT"
    house.everybody_signs()
    assert look(house, hilma) == hilma.person.last_name

    # The accountant also has to act for a firm, and sees vouchers, not customers.
    month = {"period": {"month": f"{FIRST}-01"}}
    assert codes(house.ask("accountant", VAT, **month)) == ["NO_MEMBERSHIP"]
    signed = dict.fromkeys(("agreementSignedOn", "confidentialitySignedOn"), f"{FIRST}-01-01")
    firm = house.rule(REGISTER, input=FIRM | signed)["recipientRegister"]["recipient"]["id"]
    me = house.ask("accountant", "{ me { key } }")["data"]["me"]["key"]
    house.rule(JOIN, firm=firm, who=me)
    assert codes(house.ask("accountant", VAT, **month)) == []
    customers = "{ customers(first: 1) { totalCount } }"
    assert codes(house.ask("accountant", customers)) == ["PURPOSE_REFUSED"]


def an_upgrade_takes_over_what_is_there(house: Years, hilma: Asker) -> None:
    """From the first migration on: every row as it was, and what is proof guarded from now on."""
    before = contents(house)
    assert before["voucher"][0] == 1
    house.run("migrate", "jokkerit_plugin")
    assert before.items() <= contents(house).items()
    house.run("register_setup")
    for sql in (
        "UPDATE jokkerit_plugin_posting SET gross = gross + 1",
        "DELETE FROM jokkerit_plugin_voucher",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            house.live.write(sql)
    assert "The log is whole." in house.run("register_verify_log")
    # Who has signed need not sign again.
    assert look(house, hilma) == hilma.person.last_name


def contents(house: Years) -> dict[str, tuple[int, str]]:
    """Of each table of the register's how many rows, and a digest of them."""
    found = {}
    tables = house.live.database.execute(
        "SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'jokkerit_plugin_%'"
    )
    for name in [row["name"] for row in tables]:
        rows = house.live.database.execute(f"SELECT t::text AS t FROM {name} AS t").fetchall()
        texts = sorted(row["t"] for row in rows)
        digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        found[name.removeprefix("jokkerit_plugin_")] = len(texts), digest
    return found


def people_buy_and_may_be_written_to(house: Years, hilma: Asker) -> tuple[Asker, Asker, Asker]:
    stage = house.live.stage
    account = stage.account()
    aino = house.buys(account.person, MIXED, account=account)
    eino = house.buys(stage.people.next("DE"), MIXED)
    lempi = house.buys(stage.people.next(), {"JR-KIRJA": 2})
    house.follows(aino, eino, lempi)
    assert house.count("purchase") == 4
    yes = "True soft_opt_in"
    assert house.may_contact(aino, eino, lempi, hilma) == [yes, yes, yes, "False no_consent"]
    return aino, eino, lempi


def the_accountant_closes_february(house: Years, *bought: Asker) -> None:
    """The month's VAT is that of Saleor's own tables, to the cent; the file is what it says."""
    month = f"{FIRST}-02"
    assert house.vat("accountant", month) == in_the_shop(house.live, [one.order for one in bought])
    [unclosed] = house.ask("accountant", CLOSE, month=f"{FIRST}-03")["data"]["monthClose"]["errors"]
    assert (unclosed["code"], "lasts until" in unclosed["message"]) == ("MONTH_NOT_READY", True)
    closed = house.ask("accountant", CLOSE, month=month)["data"]["monthClose"]
    assert closed["errors"] == []
    assert closed["closing"]["isUnchanged"] is True

    about = {"format": "JOURNAL_CSV", "period": {"month": month}, "language": "FI"}
    made = house.ask("accountant", CREATE, input=about)["data"]["exportCreate"]
    assert made["errors"] == []
    headers = {"Authorization": f"Bearer {house.people['accountant'].token()}"}
    url = house.live.shop.url + made["export"]["url"]
    fetched = requests.get(url, headers=headers, timeout=60)
    assert hashlib.sha256(fetched.content).hexdigest() == made["export"]["sha256"]
    assert all(one.order.number in fetched.text for one in bought)
    assert house.count("disclosure", "sha256 = %s", made["export"]["sha256"]) == 1


def a_refund_is_the_month_s_in_which_it_was_paid(house: Years, aino: Asker) -> None:
    staff, line = house.live.store.staff, aino.order.lines[0]
    february = house.vat("accountant", f"{FIRST}-02")
    payments.refund(staff, aino.order, line.gross)
    piece = next(iter(aino.order.parcels[0].lines))
    orders.return_products(staff, aino.order, {piece: 1}, refund=False)
    house.follows(aino)
    assert house.vat("accountant", f"{FIRST}-02") == february
    [(net, gross)] = house.vat("accountant", f"{FIRST}-03").values()
    assert (net < 0, gross) == (True, -line.gross)


def eino_says_no_and_is_heard(house: Years, eino: Asker, *others: Asker) -> None:
    """By the link in a message; no later order opens what he closed."""
    unsubscribe(house, eino)
    no, yes = "False opted_out", "True soft_opt_in"
    assert house.may_contact(eino, *others) == [no, yes, yes]
    again = house.buys(eino.person, {"JR-KAHVI": 1}, email=eino.email.upper())
    house.follows(again)
    assert again.customer == eino.customer
    assert house.may_contact(eino, again) == [no, no]
    assert eino.email not in {member["address"] for member in audience(house)}


def audience(house: Years) -> list[dict[str, Any]]:
    answer = house.ask("staff", AUDIENCE)
    assert "errors" not in answer, answer
    return [edge["node"] for edge in answer["data"]["audience"]["edges"]]


def unsubscribe(house: Years, asker: Asker) -> None:
    """Click the link that a mailing program puts into the header of a message."""
    [member] = [one for one in audience(house) if one["address"] == asker.email]
    headers = {one["name"]: one["value"] for one in member["headers"]}
    [link] = re.findall(r"<https(:[^>]+)>", headers["List-Unsubscribe"])
    clicked = requests.post(f"http{link}", {"List-Unsubscribe": "One-Click"}, timeout=30)
    assert clicked.status_code == 200


def aino_gets_a_copy(house: Years, aino: Asker, other: Asker) -> None:
    assert aino.client is not None
    asked = house.desk.ask(aino.client.token(), OPEN, kind="ACCESS")[1]["data"]["ownRequestOpen"]
    assert asked == {"request": {"state": "ACCEPTED"}, "errors": []}
    told = files(house.press(house.letter(aino, "Jäljennös tiedoistasi on valmis"), "copy").content)
    [bought] = json.loads(told["json/Purchase.json"])
    assert bought["number"] == aino.order.number
    assert [name for name, text in told.items() if other.email in text] == []


def a_line_of_the_log_is_kept_for_ninety_days(house: Years, folder: Path) -> None:
    log = folder / "access.log"
    at = f"01/Jun/{FIRST}:08:00:00 +0000"
    log.write_text(f'203.0.113.9 - - [{at}] "GET /fi/ HTTP/1.1" 500 5 "-" "Firefox"\n')
    assert "1 taken" in house.run("register_follow_log", str(log), "--once")
    [seen] = house.ask("controller", LINES)["data"]["siteLines"]["edges"]
    assert seen["node"] == {"path": "/fi/", "address": "203.0.113.9"}
    assert codes(house.ask("staff", LINES)) == ["PURPOSE_REFUSED"]

    house.night(date(FIRST, 8, 29))
    assert house.count("siteline") == 1
    house.night(date(FIRST, 8, 31))
    assert house.count("siteline") == 0


def a_debt_is_handed_over_and_paid(house: Years) -> Asker:
    """Ordered by telephone and not paid for; the collector is told what the claim needs."""
    live, person = house.live, house.live.stage.people.next()
    order = drafts.choose_delivery(live.store, drafts.draft(live.store, "suomi", MIXED, person))
    order = drafts.complete(live.store, order)
    reino = Asker(person, order.email, order, None, None)
    house.follows(reino)
    house.on(date(FIRST, 10, 10))
    firm = {
        "kind": "COLLECTION", "name": "Perintä", "businessId": "1643256-1", "country": "FI",
        "agreementSignedOn": f"{FIRST}-10-01", "confidentialitySignedOn": f"{FIRST}-10-01",
    }  # fmt: skip
    collector = house.rule(REGISTER, input=firm)["recipientRegister"]["recipient"]["id"]
    debt = {
        "purchase": purchase(house, reino.order), "recipient": collector,
        "reason": "Reminded twice", "dueOn": f"{FIRST}-09-15", "reviewOn": f"{NEXT}-01-15",
    }  # fmt: skip
    given = house.ask("manager", HAND_OVER, input=debt)["data"]["collectionHandOver"]
    assert (given["errors"], given["hold"]) == ([], {"lapsesOn": f"{FIRST + 3}-09-15"})
    claim = json.loads(given["document"])
    assert claim["debtor"]["last_name"] == person.last_name
    again = house.ask("manager", HAND_OVER, input=debt)["data"]["collectionHandOver"]
    assert (again["document"], [one["code"] for one in again["errors"]]) == (
        None, ["ALREADY_HANDED_OVER"]
    )  # fmt: skip

    house.on(date(FIRST, 11, 3))
    order = payments.mark_as_paid(live.store.staff, order, "TILISIIRTO")
    orders.fulfil(live.store, order)
    house.follows(reino)
    assert house.count("hold", "released_at IS NULL") == 1
    house.night(date(FIRST, 11, 4))
    assert house.one("SELECT released_why FROM jokkerit_plugin_hold") == "paid"
    return reino


def purchase(house: Years, order: Placed) -> str:
    query = "query($n: [String!]) { purchases(first: 1, filter: {numbers: $n}) {"
    found = house.ask("manager", f"{query} edges {{ node {{ id }} }} }} }}", n=[order.number])
    return str(found["data"]["purchases"]["edges"][0]["node"]["id"])


def the_year_is_closed_and_another_begins(house: Years, late: Asker) -> None:
    """Month by month; books and shop agree to the cent; numbers begin anew and have no gap."""
    for month in range(3, 13):
        closed = house.ask("accountant", CLOSE, month=f"{FIRST}-{month:02}")["data"]["monthClose"]
        assert closed["errors"] == []
    edges = house.ask("accountant", CLOSINGS)["data"]["closings"]["edges"]
    assert [edge["node"]["isUnchanged"] for edge in edges] == [True] * 11
    found = house.ask("accountant", TIE_OUT, year=str(FIRST))["data"]["tieOut"]
    assert (found["isExact"], found["orders"]) == (True, 6)
    for one in found["totals"]:
        assert Decimal(one["booksGross"]) == Decimal(one["shopGross"]), one["what"]
    numbers = codes_of(house, FIRST)
    assert numbers == [f"MYY-{FIRST}-{n:06}" for n in range(1, len(numbers) + 1)]
    assert codes_of(house, NEXT) == [f"MYY-{NEXT}-000001"]


def codes_of(house: Years, year: int) -> list[str]:
    edges = house.ask("accountant", VOUCHERS, year=str(year))["data"]["vouchers"]["edges"]
    return sorted(edge["node"]["code"] for edge in edges)


def aino_is_erased_and_her_vouchers_stay(house: Years, aino: Asker) -> set[str]:
    """She deletes her account, the controller approves the dry run, the night erases and proves."""
    assert aino.client is not None
    account = accounts.Account("", aino.email, aino.person, aino.client)
    accounts.delete_self(house.live.store, account)
    house.live.settle()
    assert "1336/1997" in house.letter(aino, "Poistamme tietosi")
    plan = house.rule(MAKE)["erasurePlanMake"]["plan"]
    house.rule(APPROVE, **plan)
    house.night(date(NEXT, 1, 21))
    assert "Olemme poistaneet tietosi." in house.letter(aino, "Pyyntösi on täytetty")
    verdict, findings = house.live.database.execute(
        "SELECT verdict, findings FROM jokkerit_plugin_certificate WHERE customer = %s",
        [aino.customer],
    ).fetchall()[0].values()  # fmt: skip
    assert verdict == "kept"
    assert {one["rule"] for one in findings} <= {"claims", "identity", "payload", "checkout"}
    left = gone(house, aino)
    assert left <= {f"{one['table']}.{one['column']}" for one in findings}
    return left


def gone(house: Years, aino: Asker) -> set[str]:
    """See that she is, but for where the certificate says that her vouchers keep her."""
    assert house.one("SELECT count(*) FROM account_user WHERE id = %s", aino.user) == 0
    assert house.count("customer", "id = %s", aino.customer) == 0
    assert house.may_contact(aino)[0].startswith("False")
    return standing(house, aino)


def lempi_says_no(house: Years, lempi: Asker) -> None:
    unsubscribe(house, lempi)
    assert house.may_contact(lempi) == ["False opted_out"]


def a_restored_backup_brings_nobody_back(
    house: Years, aino: Asker, lempi: Asker, left: set[str]
) -> None:
    assert house.count("customer", "id = %s", aino.customer) == 1
    assert house.may_contact(lempi) == ["False not_replayed"]
    assert "restored from a backup" in house.refused("register_retention", "--run")
    replayed = house.run("register_replay")
    assert not replayed.startswith("0 receipts"), replayed
    assert house.run("register_replay").startswith("0 receipts")
    house.run("register_reconcile")
    assert gone(house, aino) <= left
    assert house.may_contact(lempi) == ["False opted_out"]
    for chain in ([], ["--ledger"], ["--erasures"]):
        assert "The log is whole." in house.run("register_verify_log", *chain)
    # The approval was given after the backup was made.
    house.rule(APPROVE, **house.rule(MAKE)["erasurePlanMake"]["plan"])


def in_three_years_customers_go(house: Years, sold: list[Asker]) -> None:
    """Each is told by mail a month before; their vouchers keep name and address."""
    known = house.count("customer")
    assert known == len({one.customer for one in sold}) - 1
    house.box.letters.clear()
    house.night(date(FIRST + 4, 3, 1))
    assert house.count("notice", "customer_id IS NOT NULL") == known
    told = [one for one in house.box.letters if "asiakasrekisteristämme" in str(one["Subject"])]
    assert len(told) >= 1
    assert house.count("customer") == known
    house.night(date(FIRST + 4, 4, 5))
    assert house.count("customer") == 0
    assert house.count("purchase", "party_last_name <> ''") == len(sold) + 1
    assert "order_order.user_email" not in standing(house, *sold)


def in_eleven_years_the_books_go(house: Years, sold: list[Asker], toivo: Asker) -> None:
    """Nothing of anybody of those years stands anywhere, of Toivo everything."""
    kept = amounts(house)
    house.night(date(FIRST + 12, 1, 15))
    assert house.count("purchase") == 1
    assert house.count("purchase", "saleor_order = %s", toivo.order.key) == 1
    assert standing(house, *sold) == set()
    assert amounts(house) == kept
    assert house.count("certificate", "verdict IN ('leftover', 'missed')") == 0
    assert standing(house, toivo) >= {"order_order.user_email", "jokkerit_plugin_customer.email"}


def amounts(house: Years) -> list[dict[str, Any]]:
    """What Saleor's own orders come to, which statistics live on."""
    return house.live.database.execute(
        "SELECT number, total_gross_amount, created_at FROM order_order ORDER BY number"
    ).fetchall()


def the_shop_is_sold_and_nobody_s_permission_with_it(house: Years, toivo: Asker) -> None:
    # Nobody's signature counts for as long.
    house.everybody_signs()
    assert house.may_contact(toivo) == ["True soft_opt_in"]
    house.live.configure(business_id="1643256-1", controller_name="Toinen Oy")
    assert house.may_contact(toivo) == ["False controller_changed"]
    new = {"business": "1643256-1", "day": f"{FIRST + 12}-02-01"}
    assert house.rule(DECLARE, **new)["controllerDeclare"]["errors"] == []
    assert house.may_contact(toivo) == ["False new_controller"]
    assert audience(house) == []


def the_register_goes_and_the_shop_stays(house: Years, toivo: Asker, place: Path) -> None:
    """Not without an archive of the books; with one, Saleor sells on as it did before."""
    house.live.shop.worker.kill()
    assert "archive" in house.refused("register_uninstall", "--yes")
    assert "tables stay" in house.refused("migrate", "jokkerit_plugin", "zero")
    house.run("register_archive", str(place))
    checked = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=place, check=False)
    assert checked.returncode == 0
    assert toivo.order.number in (place / "books" / "purchases.csv").read_text()
    house.run("register_uninstall", "--yes", "--archive", str(place))
    house.run("migrate", "jokkerit_plugin", "zero")
    house.live.commands.stop()

    without_the_plugin(house.live)
    tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'jokkerit%%'"
    assert house.one(tables) == 0
    assert house.live.store.staff.call(GROUPS)["permissionGroups"]["edges"]
    person = house.live.stage.people.next()
    assert house.live.stage.buy("suomi", person, MIXED).total > Decimal(0)
