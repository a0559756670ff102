"""The controller's pages: the first hour, retention, description, recipients, who looked."""

import re
from dataclasses import replace
from datetime import timedelta
from importlib import resources

import pytest
from django.db import connection

from jokkerit_plugin import clock, keys
from jokkerit_plugin.config import Config
from jokkerit_plugin.disclosure import collection, holds
from jokkerit_plugin.models import (
    AccessEntry,
    Certificate,
    Description,
    Grant,
    Hold,
    LetGo,
    Member,
    Plan,
    Recipient,
    RegisteredFlow,
    TransferRequest,
    TransferText,
)
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.shop.flows import Flow, FlowKind
from jokkerit_plugin.web.console import answering, pages, words
from jokkerit_plugin.web.schema import chains, setting_up
from jokkerit_plugin.web.schema.base import to_global_id
from tests.buyers import bought, company
from tests.forgetting import buys, erase, follow
from tests.graphql import House
from tests.people import CONTROLLER
from tests.published import described, published
from tests.standing import standing
from tests.test_console import get

pytestmark = pytest.mark.django_db

OURS = (
    "start", "settings", "retention", "months", "erasures", "certificates", "stale", "description",
    "recipients", "disclosures", "access", "team", "transfers",
)  # fmt: skip


def furnished(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def press(page, operation, token="controller", **given):
    return get(f"{page}/", token, "post", {"operation": operation, **given})[1]


def act_on(page, form_of):
    """Return the text of a page and the hidden fields of the form that has this operation."""
    text = get(f"{page}/", "controller")[1]
    form = next(one for one in text.split("<form ")[1:] if f'value="{form_of}"' in one)
    fields = [one.split(">")[0] for one in form.split('<input type="hidden" ')[1:]]
    return {one.split('"')[1]: one.split('"')[3] for one in fields}


@pytest.mark.parametrize("name", OURS)
def test_with_nothing_configured_no_page_is_blank_or_an_error(shop, name):
    house = House(shop)
    house.everybody_signs()
    response, text = get(f"{name}/", "controller")
    assert response.status_code == 200
    assert 'role="alert"' not in text
    assert "data-code" not in text
    assert text.partition("<h1>")[2].count("<p") > 0


@pytest.mark.parametrize("token", ["controller", "staff", "accountant", "maintainer"])
def test_with_nothing_configured_everybody_begins_somewhere(shop, token):
    House(shop).everybody_signs()
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    response, text = get("", token)
    assert response.status_code == 200
    assert 'role="alert"' not in text
    assert ("Ensimmäinen tunti" in text.partition("<h1>")[2]) == (token == "controller")


STAFF = {"roles": ["STAFF"], "permissions": []}


@pytest.mark.parametrize("name", OURS)
def test_a_page_of_the_controllers_tells_others_nothing(house, shop, name):
    published(shop)
    _, text = get(f"{name}/", "staff")
    assert "Jokkerit Trading Oy" not in text
    assert "Tilit Oy" not in text
    assert name not in {one.name for _, found in pages.menu(STAFF) for one in found}


def test_the_controller_begins_with_customers_once_the_first_hour_is_over(house, monkeypatch):
    assert "<h1>Ensimmäinen tunti</h1>" in get("", "controller")[1]
    monkeypatch.setattr(setting_up.checklist, "steps", lambda _: ())
    assert "<h1>Asiakkaat</h1>" in get("", "controller")[1]


def test_the_first_hour_says_what_is_missing_and_where_it_is_done(house, shop):
    text = get("start/", "controller")[1]
    assert "Y-tunnus" in text
    assert 'href="/dashboard/extensions/plugin/jokkerit.register"' in text
    assert "register_backfill" in text
    for page in ("agreement", "recipients", "optouts", "description", "retention"):
        assert page in pages.PAGES
        assert f'console/{page}/"' in text
    described(shop)
    text = get("start/", "controller")[1]
    assert "Jokkerit Trading Oy verkkokauppa-asiakasrekisteri" in text
    year = clock.today().year
    assert f"1.1.{year} – 31.12.{year}" in text


def test_a_test_mail_is_sent_from_the_first_hour(house, shop):
    text = press("start", "mailTest", to="jouko@example.com", language="FI")
    assert "Koeviesti on lähetetty" in text
    assert len(shop.port.outbox()) == 1
    text = press("start", "mailTest", to="jouko", language="FI")
    assert 'role="alert"' in text


def test_every_setting_has_its_words_and_its_group():
    names = [name for names in setting_up.GROUPS.values() for name in names.split()]
    assert sorted(names) == sorted(
        one for one in Config.__dataclass_fields__ if one not in {"unusable", "financial_year_said"}
    )  # fmt: skip
    for code in words.LANGUAGES:
        known = words.words(code)["words"]
        assert set(known["setting"]) == set(known["setting_means"]) == set(names)


def test_a_setting_is_shown_as_people_write_it_and_one_that_cannot_be_used_says_so(house, shop):
    described(shop, unusable=(("iban", "This is no IBAN."),))
    text = get("settings/", "controller")[1]
    assert "Kaskitie 7<br>51900 Juva" in text
    assert "Lisäosan asetus ei kelpaa." in text
    assert '<p lang="en">This is no IBAN.</p>' in text
    today = clock.today()
    assert f"{today.day}.{today.month}.{today.year}" in text


def test_a_dry_run_is_made_shown_and_approved_as_it_was_shown(house, shop):
    buys(shop, "aino")
    text = press("retention", "erasurePlanMake")
    assert "tilauksen muut tiedot kuin tositteella olevat" in text
    assert "asiakaspalvelu tilauksesta" in text
    assert "Koeajo on tehty, eikä mitään poistettu. Poistettavana olisi 1." in text
    form = act_on("retention", "erasurePlanApprove")
    refused = press("retention", "erasurePlanApprove", id=form["id"], digest="x")
    assert 'role="alert"' in refused
    assert Plan.objects.get().state == Plan.State.WAITING
    text = press("retention", "erasurePlanApprove", id=form["id"], digest=form["digest"])
    assert "Hyväksyit poistamisen." in text
    assert "Hyväksytty. Poistetaan ensi yönä" in text
    assert Plan.objects.get().state == Plan.State.APPROVED


def test_a_run_shows_how_far_it_is_and_asks_again_for_that_alone(house, shop):
    buys(shop, "aino")
    press("retention", "erasurePlanMake")
    Plan.objects.update(
        state=Plan.State.RUNNING, approved_at=clock.now(), approved_by="user:1", night=clock.today()
    )
    text = get("retention/", "controller")[1]
    assert 'hx-get="/plugins/jokkerit.register/console/retention/?rest=false"' in text
    part = get("retention/?rest=false", "controller")[1]
    assert "<progress" in part
    assert "<svg" not in part
    Plan.objects.update(state=Plan.State.DONE)
    assert "rest=false" not in get("retention/", "controller")[1]


def test_the_calendar_says_the_same_as_its_table(house, shop):
    buys(shop, "aino")
    assert (
        'hx-get="/plugins/jokkerit.register/console/months/"' in get("retention/", "controller")[1]
    )
    text = get("months/", "controller")[1]
    rows = text.partition('<div id="year">')[2]
    assert rows.count("<tr>") == 13
    assert rows.count('<rect class="k') > 0
    today = clock.today()
    assert f"{today.year}</th>" in rows
    assert "style=" not in text


def test_what_was_erased_has_its_receipt(house, shop):
    buys(shop, "aino")
    erase(shop)
    text = get("erasures/", "controller")[1]
    assert "tilauksen muut tiedot kuin tositteella olevat" in text
    assert "Luettelo on ehjä" in get("erasures/?prove=true", "controller")[1]


def test_a_certificate_says_what_was_left_and_is_settled(house):
    made = Certificate.objects.create(
        origin="sample", customer=9, verdict="leftover", hits=1, left_over=1,
        findings=[{"table": "order_order", "column": "user_email", "key": "1", "kinds": ["email"],
                   "rule": "", "ground": "", "until": None}],
    )  # fmt: skip
    assert "Tietoja jäi" in get("certificates/?filter.verdict=LEFTOVER", "controller")[1]
    assert (
        "Tällaisia todistuksia ei ole" in get("certificates/?filter.verdict=CLEAN", "controller")[1]
    )
    assert "order_order.user_email" in get("certificates/", "controller")[1]
    press("certificates", "certificateSettle", id=to_global_id("RegisterCertificate", made.pk))
    made.refresh_from_db()
    assert made.settled_at is not None


def test_an_order_that_was_never_done_is_let_go(house, shop):
    shop.order("old", placed_at="2025-03-01T10:00:00.000000Z")
    follow(shop)
    form = act_on("stale", "staleOrderLetGo")
    text = press("stale", "staleOrderLetGo", purchase=form["purchase"])
    assert "Yhtään tilausta ei ole jäänyt kesken" in text
    assert LetGo.objects.count() == 1


def test_an_overdue_hold_gets_its_next_day_of_review(house, shop):
    purchase = buys(shop, "aino")
    Hold.objects.create(
        customer=purchase.customer, categories="name", ground="dispute", reason="Riita",
        placed_by="user:1", review_on=clock.today() - timedelta(days=3),
    )  # fmt: skip
    form = act_on("stale", "holdReview")
    later = clock.today() + timedelta(days=30)
    text = press("stale", "holdReview", id=form["id"], reviewOn=later.isoformat())
    assert "Yksikään säilytyspäätös ei odota tarkistusta" in text
    assert not holds.overdue().exists()


def test_the_description_is_read_published_and_told_apart(house, shop):
    described(shop)
    text = get("description/?language=SV&kind=RECORD", "controller")[1]
    assert 'lang="sv"' in text
    form = act_on("description", "descriptionPublish")
    text = press("description", "descriptionPublish", digest=form["digest"], note="Ensimmäinen")
    assert "Seloste on julkaistu." in text
    assert Description.objects.get(version=1).note == "Ensimmäinen"
    assert "Julkaistu seloste pitää paikkansa." in text
    described(shop, privacy_contact="Toinen Henkilö", detail_years=2)
    text = get("description/", "controller")[1]
    assert "ei enää pidä paikkaansa" in text
    assert "Rekisterin yhteyshenkilö" in text
    assert "Toinen Henkilö" in text
    assert "Säilytysaika: asiakaspalvelu tilauksesta" in text
    assert "3 vuotta; toimituksesta" in text
    assert "2 vuotta; toimituksesta" in text
    assert " years" not in text
    assert "Jouko Paunonen" in get("version/?version=1", "controller")[1]


def test_a_description_that_cannot_be_published_says_why(house):
    text = get("description/", "controller")[1]
    assert "Selostetta ei ole julkaistu" in text
    assert "<li>Y-tunnus</li>" in text
    assert "descriptionPublish" not in text


def test_a_recipient_is_added_changed_and_ended(house):
    text = press("recipients", "recipientRegister", **{
        "input.kind": "PROCESSOR", "input.name": "Palvelimet Oy", "input.country": "FI",
        "input.businessId": "2368582-3", "input.agreementSignedOn": "2026-01-01",
    })  # fmt: skip
    made = Recipient.objects.get(name="Palvelimet Oy")
    key = to_global_id("RegisterRecipient", made.pk)
    assert "Tietojen käsittelijä" in text
    press("recipients", "recipientRecordContact", id=key, email="a@example.com", language="FI")
    press("recipients", "memberAdd", recipient=key, holder="user:2")
    press("recipients", "recipientRecordAgreements", id=key, agreementSignedOn="2026-02-01")
    made.refresh_from_db()
    assert (made.email, made.agreement_signed_on.month) == ("a@example.com", 2)
    assert Member.objects.get(holder="user:2").ended_at is None
    press("recipients", "recipientEnd", id=key)
    press("recipients", "recipientRecordOutcome", id=key, outcome="DELETED",
          on=clock.today().isoformat())  # fmt: skip
    made.refresh_from_db()
    assert made.data_outcome == "deleted"
    assert Member.objects.get(holder="user:2").ended_at is not None


def test_what_is_wrong_in_a_form_is_said(house):
    text = press("recipients", "recipientRegister", **{
        "input.kind": "PROCESSOR", "input.name": "X", "input.country": "FI",
    })  # fmt: skip
    assert 'role="alert"' in text
    assert Recipient.objects.count() == 1


def test_a_way_out_to_nobody_is_shown_and_registered(house, shop):
    shop.port.ways_out = [Flow(FlowKind.MAIL, "EMAIL_URL", "mail.example")]
    text = get("recipients/", "controller")[1]
    assert "Ei rekisteröity" in text
    firm = to_global_id("RegisterRecipient", Recipient.objects.get().pk)
    form = act_on("recipients", "flowRegister")
    press("recipients", "flowRegister", kind=form["kind"], target=form["target"], recipient=firm)
    made = RegisteredFlow.objects.get()
    assert made.target == "mail.example"
    text = get("recipients/", "controller")[1]
    assert "Ei rekisteröity" not in text
    assert "Rekisteröidyt yhteydet (1)" in text
    press("recipients", "flowEnd", id=to_global_id("RegisterFlow", made.pk))
    assert "Ei rekisteröity" in get("recipients/", "controller")[1]


def test_who_may_do_what_is_shown_and_a_maintainer_is_let_in_for_a_time(house, monkeypatch):
    # However many they are: what the page has of them need not be asked for.
    monkeypatch.setattr(answering, "MANY", 0)
    text = get("team/", "controller")[1]
    assert "Test Accountant" in text
    assert "Tilitoimisto: tositteet ja verot" in text
    assert "Henkilökunta: asiakkaat ja ostot, myös muuttaa" in text
    assert "Ei ole allekirjoittanut" in text
    until = (clock.now() + timedelta(days=2)).astimezone(clock.HELSINKI)
    given = {"holder": "user:4", "reason": "ticket 7", "until": until.strftime("%Y-%m-%dT%H:%M")}
    text = press("team", "grantCreate", **given)
    made = Grant.objects.get(holder="user:4")
    assert "ticket 7" in text
    assert made.expires_at == until.replace(second=0, microsecond=0)
    press("team", "grantEnd", id=to_global_id("RegisterGrant", made.pk))
    made.refresh_from_db()
    assert made.ended_by == "user:1"
    refused = press("team", "grantCreate", **given | {"until": "2020-01-01T00:00"})
    assert "Anna päättymisaika" in refused
    assert 'value="ticket 7"' in refused


def test_a_customer_s_wish_for_a_transfer_is_recorded_and_taken_back(house, shop):
    customer = to_global_id("RegisterCustomer", buys(shop, "aino").customer_id)
    firm = Recipient.objects.create(
        kind="processor", name="Outside Inc", country="US", registered_by="user:1",
        agreement_signed_on="2026-01-01", confidentiality_signed_on="2026-01-01",
    )  # fmt: skip
    page = f"transfers/?filter.customer={customer}"
    text = get(page, "controller")[1]
    TransferText.objects.update(published_at="2026-01-01T00:00:00Z")
    assert "Outside Inc, Yhdysvallat" in text
    assert "Tilit Oy" not in text
    given = {
        "operation": "transferRequestRecord", "input.customer": customer, "input.version": "1",
        "input.recipient": to_global_id("RegisterRecipient", firm.pk), "input.language": "FI",
        "input.requestedAt": "2026-11-01T10:00", "input.channel": "LETTER",
    }  # fmt: skip
    assert 'role="alert"' in get(page, "controller", "post", given)[1]
    text = get(page, "controller", "post", given | {"input.risksTold": "on"})[1]
    assert ", kirjeellä;" in text
    assert '<span class="unseen">: Outside Inc</span></summary>' in text
    made = TransferRequest.objects.get()
    key = to_global_id("RegisterTransferRequest", made.pk)
    press("transfers", "transferRequestRevoke", id=key)
    made.refresh_from_db()
    assert made.revoked_by == "user:1"
    texts = {f"input.{one}": f"New {one}" for one in ("fi", "sv", "en")}
    assert "New fi" in press("transfers", "transferTextPublish", **texts)


def test_who_looked_is_found_by_person_day_and_customer(house, shop):
    purchase = buys(shop, "aino")
    get("customers/", "staff")
    get(f"customer/?id={to_global_id('RegisterCustomer', purchase.customer_id)}", "staff")
    text = get("access/", "controller")[1]
    assert ">Test Staff</a>" in text
    assert "asiakkaan kortti" in text
    assert ">Test Staff</a>" not in get("access/?filter.actor=user:3", "controller")[1]
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    found = get(f"access/?filter.on.gte={tomorrow}", "controller")[1]
    assert "Ehtoihin ei sovi yhtään kertaa" in found
    other = to_global_id("RegisterCustomer", 99999)
    text = get(f"access/?filter.customer={other}", "controller")[1]
    assert "Näkyvissä on vain yhtä asiakasta koskeva" in text


def test_a_log_is_proved_step_by_step_and_a_changed_row_is_named(house, monkeypatch):
    for _ in range(3):
        get("customers/", "staff")
    monkeypatch.setattr(chains, "STEP", 2)
    step = get("access/?prove=true", "controller")[1]
    assert 'hx-get="/plugins/jokkerit.register/console/access/?prove=true&amp;checked=2"' in step
    last = AccessEntry.objects.count()
    end = get(f"access/?prove=true&checked={last - 1}", "controller")[1]
    assert "Luettelo on ehjä" in end
    with_fault = AccessEntry.objects.order_by("seq")[1]
    _forge(with_fault.seq)
    found = get("access/?prove=true", "controller")[1]
    assert f"{with_fault.seq}: muutettu, lisätty tai väärässä järjestyksessä" in found
    assert "hx-trigger" not in found


def _forge(seq: int) -> None:
    with connection.cursor() as cursor:
        table = AccessEntry._meta.db_table
        cursor.execute(f"UPDATE {table} SET actor = 'user:3' WHERE seq = %s", [seq])


def test_no_style_stands_in_a_template():
    folder = resources.files("jokkerit_plugin") / "templates" / "console"
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8")
        assert "style=" not in text, file.name
        assert "<script" not in text or file.name == "shell.html", file.name


#: What cannot be undone, or opens, shuts or sends something: asked once, with what it means.
GRAVE = """agreementPublish agreementRevoke breachClose breachSearchDiscard breachTell breachTold
    breachToldSome certificateSettle collectionHandOver controllerDeclare descriptionPublish
    flowEnd grantCreate grantEnd holdRelease incidentClose invoiceLinesRelease memberEnd
    monthClose optOutsDeclareNone optOutsRepeat recipientEnd requestAccept requestCopyLink
    requestEndCopy requestRefuse requestWithdraw restrictionCreate restrictionLift
    staleOrderLetGo transferRequestRecord transferRequestRevoke transferTextPublish"""


def test_grave_acts_say_what_will_happen_and_ask_once():
    folder = resources.files("jokkerit_plugin") / "templates" / "console"
    asked, plain = set(), []
    for file in folder.iterdir():
        open_ones = []
        parts = r'<details[^>]*>|</details>|(?:value|operation)="(\w+)"'
        for one in re.finditer(parts, file.read_text(encoding="utf-8")):
            if one[0].startswith("<details"):
                open_ones.append('class="sure"' in one[0])
            elif one[0] == "</details>":
                open_ones.pop()
            elif one[1] in GRAVE.split():
                asked.add(one[1])
                if not any(open_ones) and not one[0].startswith("operation"):
                    plain.append((file.name, one[1]))
    assert plain == []
    assert asked == set(GRAVE.split())


def test_disclosures_are_found_by_recipient(house, shop):
    debt = bought(shop, "aino")
    collector = company("debt_collection", "Perintä", actor=CONTROLLER)
    collection.hand_over(
        debt.pk, collector.pk, due_on=clock.today(), reason="Reminded twice",
        review_on=clock.today(), actor=CONTROLLER,
    )  # fmt: skip
    text = get("disclosures/", "controller")[1]
    assert "Perintä" in text
    firm = to_global_id("RegisterRecipient", Recipient.objects.get(name="Tilit Oy").pk)
    text = get(f"disclosures/?filter.recipient={firm}", "controller")[1]
    assert "Tällaisia luovutuksia ei ole" in text


def test_the_plugin_may_be_switched_off_and_the_pages_stand(house, shop):
    shop.port.settings = replace(shop.port.settings, active=False, retention=False)
    text = get("retention/", "controller")[1]
    assert "Poistaminen on kytketty pois" in text
