"""The console's pages of people over HTTP: each role's own, what its buttons do, what is marked."""

import html
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from django.http import QueryDict
from django.utils.html import escape

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.models import (
    AccessEntry,
    Breach,
    Correction,
    CorrectionTask,
    Customer,
    Hold,
    MarketingEvent,
    PostalAddress,
    Purchase,
    Request,
    RequestLetter,
    Restriction,
    Signature,
)
from jokkerit_plugin.policy.breaches import Risk
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.retention import keeps
from jokkerit_plugin.rights import opening
from jokkerit_plugin.rights.breaches import affected, records
from jokkerit_plugin.web.console import documents, rendering, words
from jokkerit_plugin.web.schema.base import to_global_id
from tests.asking import KEYS, attend
from tests.breaching import everybody, recorded
from tests.console_people import (
    CONTROLLER,
    MANAGER,
    at,
    busy,
    key,
    of,
    peopled,
    rectifies,
    request_of,
)
from tests.standing import standing
from tests.test_console import get

pytestmark = pytest.mark.django_db
#: All the way, with what is committed between one page and the next.
committing = pytest.mark.django_db(transaction=True)


def furnished(shop, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    house = peopled(shop)
    busy(house, review_on=clock.today() + timedelta(days=30))
    return house


house = standing(__name__, furnished)


def post(path, token, **form):
    return get(path, token, "post", {name.replace("__", "."): one for name, one in form.items()})[1]


PAGES = {
    "customers/": "staff manager controller",
    "customer": "staff manager controller",
    "hold": "staff manager controller",
    "holds/": "staff manager controller",
    "rectify": "manager controller",
    "choices": "staff manager controller",
    "ask": "manager controller",
    "requests/": "manager controller",
    "request": "manager controller",
    "prove": "manager controller",
    "corrections/": "manager controller",
    "trail": "controller",
    "breaches/": "controller",
    "breachreport/": "controller",
    "signatures/": "controller",
}


def address(page):
    customer = {"id": of("Aino"), "customer": of("Aino"), "kind": "ACCESS"}
    asked = {"id": request_of("erasure"), "request": request_of("erasure")}
    return page if page.endswith("/") else at(page, **(
        asked if page in {"request", "prove"} else customer
    ))  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_each_role_is_shown_its_own_and_asks_for_nothing_else(house, page):
    for role in ("staff", "manager", "controller"):
        refused = AccessEntry.objects.filter(outcome="refused").count()
        response, text = get(address(page), role)
        assert response.status_code == 200
        own = role in PAGES[page].split()
        assert ('role="alert"' not in text) is own
        assert (AccessEntry.objects.filter(outcome="refused").count() == refused) is own


@pytest.mark.parametrize("page", ["rectify", "choices", "ask", "hold", "holds/"])
def test_who_may_not_change_anything_is_offered_no_form_for_it(house, page):
    main = get(address(page), "staff")[1].partition("<main")[2]
    assert 'method="post"' not in main
    assert 'method="post"' in get(address(page), "controller")[1].partition("<main")[2]


def test_the_menu_has_what_the_permissions_open(house):
    pages = {role: get("customers/", role)[1] for role in ("staff", "manager", "controller")}
    for name, roles in (("requests", "manager controller"), ("breaches", "controller")):
        found = {role for role, text in pages.items() if f'console/{name}/"' in text}
        assert found == set(roles.split())


def test_customers_are_narrowed_down(house):
    _, text = get("customers/", "staff", "post", {"operation": "page", "filter.isGuest": "false"})
    assert "Aino Mäkelä" in text
    assert "Eino" not in text
    today = clock.today().isoformat()
    found = get("customers/", "staff", "post",
                {"operation": "page", "filter.enteredAt.lte": today})[1]  # fmt: skip
    assert "Aino Mäkelä" in found


def test_the_card_says_what_is_kept_until_when_and_why_to_the_controller(house):
    card = at("customer", id=of("Aino"))
    _, text = get(card, "controller")
    assert "Asiakkaan yhteystiedot" in text
    assert "Kunnes vaatimus on ratkaistu" in text
    assert "kirjanpito" in text
    assert "case 12/2026" in text
    assert "kirjanpito" not in get(card, "manager")[1].lower()


def test_a_former_contact_is_not_the_present_one(house):
    _, text = get(at("customer", id=of("Aino")), "staff")
    assert text.count("aino@example.com") == 1
    assert "Aiempi sähköposti</dt><dd>aino.virtanen@example.com" in text


@pytest.mark.parametrize("role", ["manager", "controller"])
def test_a_restriction_is_marked_and_what_may_go_on_goes_on(house, role):
    vaino = to_global_id("RegisterCustomer", Restriction.objects.get().customer_id)
    response, text = get(at("customer", id=vaino), role)
    assert response.status_code == 200
    assert "käyttöä on rajoitettu" in text
    assert "v@example.com" not in text
    text = post(at("ask", customer=vaino), role, operation="requestOpen", input__customer=vaino,
                input__kind="RECTIFICATION", input__how="letter")  # fmt: skip
    assert "Pyyntö on kirjattu" in text


def test_a_restriction_ends_once_the_customer_is_told(house):
    row = Restriction.objects.get()
    card = at("customer", id=to_global_id("RegisterCustomer", row.customer_id))
    form = {
        "operation": "restrictionLift",
        "restriction": to_global_id("RegisterRestriction", row.pk),
    }
    assert 'role="alert"' in post(card, "controller", **form)
    assert "v@example.com" in post(card, "controller", **form, toldOn=clock.today().isoformat())
    row.refresh_from_db()
    assert row.lifted_at is not None


def test_what_is_wrong_is_corrected_and_the_rest_stays(house):
    form = rectifies("Aino", {"lastName": "Korhonen", "phone": ""})
    Customer.objects.filter(pk=key("Aino")).update(phone="+358401234567")
    form["was.phone"] = "+358401234567"
    _, text = get(at("rectify", id=of("Aino")), "manager", "post", form)
    assert "Oikaistu:" in text
    row = Customer.objects.get(pk=key("Aino"))
    assert (row.last_name, row.phone, row.first_name) == ("Korhonen", "", "Aino")
    # The address bears the name, too.
    corrected = set(Correction.objects.values_list("field", flat=True))
    assert corrected == {"last_name", "phone", "address"}


def test_an_address_is_corrected_in_its_place(house):
    form = rectifies("Eino", {"addresses.0.streetAddress1": "Kaskitie 7"})
    get(at("rectify", id=of("Eino")), "manager", "post", form)
    assert PostalAddress.objects.filter(customer=key("Eino"), street_1="Kaskitie 7").exists()
    assert CorrectionTask.objects.get().outcome == "corrected"


@committing
def test_of_two_who_correct_the_second_looks_again(house):
    form = rectifies("Aino", {"lastName": "Korhonen"})
    Customer.objects.filter(pk=key("Aino")).update(last_name="Virtanen")
    _, text = get(at("rectify", id=of("Aino")), "manager", "post", form)
    assert "Tieto on muuttunut sen jälkeen" in text
    assert not Correction.objects.exists()


@committing
def test_a_choice_about_marketing_is_recorded_with_its_source(house):
    form = {"operation": "customerMarketingUpdate", "customer": of("Aino"), "how": "TELEPHONE",
            "channels.0.channel": "EMAIL", "channels.0.isAllowed": "false",
            "channels.1.channel": "SMS", "channels.1.isAllowed": ""}  # fmt: skip
    _, text = get(at("choices", id=of("Aino")), "manager", "post", form)
    assert "Tehty." in text
    found = MarketingEvent.objects.filter(source="staff:telephone", customer=key("Aino"))
    assert {one.channel for one in found} == {"email"}
    assert "puhelimessa" in get(at("customer", id=of("Aino")), "staff")[1]


def test_a_hold_is_placed_extended_and_released(house):
    page = at("hold", customer=of("Eino"))
    post(page, "controller", operation="holdPlace", input__customer=of("Eino"),
         input__ground="CLAIM", input__categories="NAME", input__reason="case 7",
         input__reviewOn=clock.today().isoformat())  # fmt: skip
    row = Hold.objects.get(reason="case 7")
    held = to_global_id("RegisterHold", row.pk)
    later = (clock.today() + timedelta(days=60)).isoformat()
    post(page, "controller", operation="holdReview", id=held, reviewOn=later)
    row.refresh_from_db()
    assert row.review_on.isoformat() == later
    post("holds/", "controller", operation="holdRelease", id=held, releaseReason="SETTLED")
    row.refresh_from_db()
    assert row.released_why == "settled"
    assert 'value="holdPlace"' not in get(page, "staff")[1]


def test_a_hold_of_one_order_leaves_the_rest(house):
    order = Purchase.objects.filter(customer=key("Aino")).first()
    row = to_global_id("RegisterPurchase", order.pk)
    page = at("hold", customer=of("Aino"))
    assert f'<option value="{row}">' in get(page, "controller")[1]
    form = {"operation": "holdPlace", "input.purchase": row, "input.ground": "DISPUTE",
            "input.categories": "PURCHASE", "input.reason": "case 13/2026"}  # fmt: skip
    text = get(page, "controller", "post", form)[1]
    assert "case 13/2026" in text
    assert f'<option value="{row}" selected>' in text
    day = clock.today() + timedelta(days=30)
    get(page, "controller", "post", {**form, "input.reviewOn": day.isoformat()})
    found = Hold.objects.get(reason="case 13/2026")
    assert (found.customer_id, found.purchase_id) == (None, order.pk)


def test_people_are_called_by_their_names_where_one_may_know_them(house):
    page = at("request", id=request_of("erasure"))
    assert "(Test Manager)" in get(page, "controller")[1]
    assert "(sinä)" in get(page, "manager")[1]
    house.shop.port.names = {}
    assert "(käyttäjä 11)" in get(page, "controller")[1]
    refused = AccessEntry.objects.filter(outcome="refused").count()
    assert "Test" not in get(at("hold", customer=of("Aino")), "staff")[1]
    assert AccessEntry.objects.filter(outcome="refused").count() == refused


def test_what_a_page_has_no_room_for_is_turned_to(house):
    for number in range(26):
        holds.place(
            customer=key("Eino"), categories=[Category.NAME], ground=HoldGround.CLAIM,
            reason=f"case {number}", review_on=clock.today(), actor=CONTROLLER,
        )  # fmt: skip
    card = at("customer", id=of("Eino"))
    text = get(card, "controller")[1]
    assert "(26)</h2>" in text
    cursor = re.search(r'name="holdsAfter" value="([^"]+)"', text)[1]
    assert "case 0<" not in text.replace(";", "<")
    form = {"operation": "page", "id": of("Eino"), "holdsAfter": cursor}
    text = get("customer/", "controller", "post", form)[1]
    assert "case 0<" in text.replace(";", "<")
    assert "case 25<" not in text.replace(";", "<")
    # What is pressed after turning is pressed on the same customer's page.
    text = get("hold/", "controller", "post", {"operation": "page", "customer": of("Eino")})[1]
    assert f'console/hold/?{urlencode({"customer": of("Eino")})}"' in text


def test_the_queue_begins_with_what_is_late(house):
    Request.objects.filter(kind="rectification").update(due_on=clock.today() - timedelta(days=1))
    text = get("requests/", "manager")[1].partition("<tbody>")[2]
    assert text.index("Oikaisupyyntö") < text.index("Poistopyyntö")
    assert "myöhässä" in text.partition("Poistopyyntö")[0]
    assert "myöhässä" not in text.partition("Poistopyyntö")[2]
    assert "Oikaisupyyntö" not in get("requests/?filter.isOver=true", "manager")[1].partition(
        "<table"
    )[2]  # fmt: skip


@committing
@pytest.mark.parametrize(
    ("name", "said"), [("Aino", "Mitään ei poistu vielä"), ("Kyllikki", "Asiakkaan yhteystiedot")]
)
def test_an_erasure_says_what_goes_and_what_stays_and_it_is_so(house, name, said):
    Hold.objects.update(released_at=clock.now(), released_by="user:1", released_why="settled")
    if name == "Kyllikki":
        opening.open_for(key(name), kind=RequestKind.ERASURE, how="a call", actor=MANAGER)
    page = at("request", id=request_of("erasure"))
    goes, _, stays = get(page, "controller")[1].partition('id="stays"')
    assert said in goes.partition('id="goes"')[2]
    assert "kirjanpito" in stays.partition("</section>")[0]
    before = _kept(house, name)
    post(page, "controller", operation="requestAccept", id=request_of("erasure"))
    ended = {"inactive", "telling", "detail", "request"}
    assert _kept(house, name) == {one for one in before if one[1] not in ended}
    assert any(one[0] == "contact" for one in _kept(house, name)) is (name == "Aino")


def _kept(house, name):
    customer = key(name)
    config = house.shop.port.config()
    found = keeps.of_customers([customer], clock.today(), config)[customer]
    return {(one.part, one.rule, one.purchase) for one in found}


def test_a_request_is_read_proved_and_answered(house):
    row = request_of("rectification")
    page = at("request", id=row)
    assert "Wrong street" not in get(page, "manager")[1]
    assert "Wrong street" in post(page, "manager", operation="requestContent", id=row)
    search = {"operation": "page", "searched": "true", "request": row, "filter.search": "eino"}
    assert "Eino" in get("prove/", "manager", "post", search)[1]
    post(at("prove", request=row), "manager", operation="requestProve", id=row,
         customer=of("Eino"), how="called back")  # fmt: skip
    form = rectifies("Eino", {"addresses.0.streetAddress1": "Kaskitie 7"}, request=row)
    get(at("rectify", id=of("Eino")), "controller", "post", form)
    assert Request.objects.get(kind="rectification").state in {"accepted", "done"}


def test_a_refusal_has_a_ground_of_its_kind_and_an_extension_a_reason(house):
    row = request_of("erasure")
    page = at("request", id=row)
    text = get(page, "controller")[1]
    assert 'value="LEGAL_OBLIGATION"' in text
    assert 'value="ACCURATE"' not in text
    post(page, "controller", operation="requestExtend", id=row, reason="Many orders")
    assert RequestLetter.objects.filter(what="extended").exists()
    post(page, "controller", operation="requestRefuse", id=row, ground="LEGAL_OBLIGATION")
    found = Request.objects.get(kind="erasure")
    assert (found.state, found.ground) == ("refused", "legal_obligation")
    assert 'value="requestAccept"' not in get(page, "manager")[1]


def test_a_rectification_is_granted_so_that_staff_may_do_it(house):
    opening.open_for(key("Aino"), kind=RequestKind.RECTIFICATION, how="a call", actor=MANAGER)
    row = request_of("rectification")
    there = at("rectify", id=of("Aino"), request=row)
    assert f'value="{row}"' not in get(there, "manager")[1]
    assert "oikaista tiedot" in get(at("request", id=row), "controller")[1]
    post(at("request", id=row), "controller", operation="requestAccept", id=row)
    assert f'<option value="{row}" selected>' in get(there, "manager")[1]


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("requestExtend", {"reason": "x" * 2001}),
        ("requestRefuse", {"reason": "x" * 2001, "ground": "LEGAL_OBLIGATION"}),
    ],
)
def test_what_was_typed_into_a_form_that_was_refused_is_there_to_be_mended(house, operation, given):
    row = request_of("erasure")
    text = post(at("request", id=row), "controller", operation=operation, id=row, **given)
    assert "Tätä ei voitu tehdä" in text
    form = text.partition(f'value="{operation}"')[2].partition("</form>")[0]
    assert "x" * 2001 in form
    if ground := given.get("ground"):
        assert f'value="{ground}" required checked' in form


def test_what_is_under_way_is_not_asked_for_again(house):
    text = get(at("ask", customer=of("Aino"), kind="ERASURE"), "manager")[1]
    assert "Samaa ei voi" in text
    assert 'value="requestOpen"' not in text
    assert 'value="requestOpen"' in get(
        at("ask", customer=of("Aino"), kind="ACCESS"), "manager"
    )[1]  # fmt: skip


def test_no_marketing_is_taken_down_beside_another_objection(house):
    post(at("ask", customer=of("Aino")), "manager", operation="requestOpen",
         input__customer=of("Aino"), input__kind="OBJECTION", input__how="a call")  # fmt: skip
    asked = at("ask", customer=of("Aino"), kind="OBJECTION")
    text = get(asked, "manager")[1]
    assert '<input type="hidden" name="input.isMarketing" value="on">' in text
    assert 'type="checkbox"' not in text
    form = {"operation": "requestOpen", "input.customer": of("Aino"), "input.kind": "OBJECTION",
            "input.how": "a call", "input.isMarketing": "on"}  # fmt: skip
    assert "suostuttiin heti" in get(asked, "manager", "post", form)[1]
    assert Request.objects.filter(kind="objection", marketing=True, state="done").exists()
    assert Request.objects.filter(kind="objection", marketing=False, state="open").exists()


@committing
def test_a_correction_ends_the_request_that_was_chosen_and_no_other(house):
    opening.open_for(key("Aino"), kind=RequestKind.RECTIFICATION, how="a call", actor=MANAGER)
    row = request_of("rectification")
    page = at("rectify", id=of("Aino"))
    assert f'<option value="{row}">' in get(page, "controller")[1]
    assert "selected" not in get(page, "controller")[1]
    get(page, "controller", "post", rectifies("Aino", {"lastName": "Korhonen"}))
    assert Request.objects.get(kind="rectification", customer=key("Aino")).state == "open"
    # The request's own page leads to it with the request chosen.
    [there] = re.findall(r'"[^"]*(rectify/[^"]*)"', get(at("request", id=row), "controller")[1])
    there = html.unescape(there)
    assert f'<option value="{row}" selected>' in get(there, "controller")[1]
    # What was chosen in a form that was refused is chosen still.
    form = rectifies("Aino", {"email": "no address"}, request=row)
    assert f'<option value="{row}" selected>' in get(page, "controller", "post", form)[1]


def test_of_whom_only_a_part_is_proved_the_next_step_is_to_prove_it(house):
    Request.objects.filter(kind="erasure").update(proof="matched", purchases=[1])
    text = get("requests/", "manager")[1].partition("<tbody>")[2]
    row = text.partition("Poistopyyntö")[2].partition("</tr>")[0]
    assert "Varmista, kuka pyytää" in row


def test_totals_are_written_as_each_language_writes_them():
    assert words.number(1234567, "fi") == "1\xa0234\xa0567"
    folder = Path(rendering.__file__).parent.parent.parent / "templates" / "console"
    plain = [
        file.name for file in folder.glob("*.html") if re.search(r"totalCount }}", file.read_text())
    ]
    assert plain == []


@committing
def test_a_copy_is_asked_for_on_somebodys_behalf_and_made(house):
    text = post(at("ask", customer=of("Kyllikki")), "manager", operation="requestOpen",
                input__customer=of("Kyllikki"), input__kind="ACCESS",
                input__how="showed a passport")  # fmt: skip
    assert "suostuttiin heti" in text
    attend(house.shop)
    page = at("request", id=request_of("access"))
    assert "Jäljennös valmis" in get(page, "manager")[1]
    assert 'value="requestEndCopy"' not in get(page, "manager")[1]
    assert 'value="requestEndCopy"' in get(page, "controller")[1]
    assert "linkki lopetettiin" in post(page, "controller", operation="requestEndCopy",
                                        id=request_of("access"))  # fmt: skip
    assert 'value="requestEndCopy"' not in get(page, "controller")[1]


def test_before_a_copy_is_granted_the_page_says_that_it_goes_elsewhere(house):
    for email, elsewhere in (("eino@exmaple.com", True), ("", False)):
        row = opening.open_for(key("Eino"), kind=RequestKind.ACCESS, how="passport",
                               email=email, actor=MANAGER)  # fmt: skip
        Request.objects.filter(pk=row.pk).update(state="open", decided_at=None, decided_by="")
        text = get(at("request", id=to_global_id("RegisterRequest", row.pk)), "controller")[1]
        assert ("ei tunneta asiakkaan omaksi" in text) == elsewhere
        Request.objects.filter(pk=row.pk).update(
            state="withdrawn", decided_at=clock.now(), decided_by="user:1"
        )


@committing
def test_a_copy_is_fetched_and_handed_over_where_there_is_no_mailbox(house):
    Customer.objects.filter(pk=key("Kyllikki")).update(email="")
    opening.open_for(key("Kyllikki"), kind=RequestKind.ACCESS, how="a letter", actor=MANAGER)
    attend(house.shop)
    row = request_of("access")
    page = at("request", id=row)
    text = get(page, "manager")[1]
    assert 'value="requestCopyLink"' not in text
    assert "Näytä kirje" not in text
    text = get(page, "controller")[1]
    # Of a copy one does not tell: it is handed over.
    assert 'value="requestTold"' not in text
    form = {"operation": "requestHandedOver", "id": row, "how": "IN_PERSON",
            "on": clock.today().isoformat()}  # fmt: skip
    assert "Nouda se ensin." in post(page, "controller", **form)
    response, _ = get(page, "controller", "post", {"operation": "requestCopyLink", "id": row})
    made = house.get(response["HX-Redirect"].partition("/plugins/jokkerit.register/")[2])
    assert b"".join(made.streaming_content)[:2] == b"PK"
    text = post(page, "controller", **form)
    assert not RequestLetter.objects.filter(what="archive", sent_at=None).exists()
    assert f"jäljennös luovutettiin: Henkilökohtaisesti, {clock.today():%-d.%-m.%Y}" in text


def test_a_letter_is_shown_to_be_posted(house):
    Customer.objects.filter(pk=key("Aino")).update(email="")
    row = request_of("erasure")
    page = at("request", id=row)
    post(page, "controller", operation="requestRefuse", id=row, ground="LEGAL_OBLIGATION")
    text = get(page, "manager")[1]
    assert "tietosuoja.fi" not in text
    letter = re.search(r'name="letter" value="([^"]+)"', text)[1]
    text = post(page, "manager", operation="requestLetter", letter=letter)
    _, _, printed = text.partition('class="paper letter"')
    assert "Aino Mäkelä<br>Kaskitie 1<br>51900 JUVA<br>FI" in printed
    assert "tietosuoja.fi" in printed.partition("</section>")[0]
    assert AccessEntry.objects.filter(act="requestLetter", actor=MANAGER.key).count() == 1


def test_a_doubt_is_noted_and_closed(house):
    post(at("customer", id=of("Aino")), "manager", operation="correctionTaskOpen",
         customer=of("Aino"), field="PHONE", sign="STAFF")  # fmt: skip
    task = CorrectionTask.objects.get(field="phone")
    assert "Joku huomasi" in get("corrections/", "manager")[1]
    post("corrections/", "manager", operation="correctionTaskClose",
         id=to_global_id("RegisterCorrectionTask", task.pk), outcome="RIGHT")  # fmt: skip
    task.refresh_from_db()
    assert task.outcome == "right"


def test_who_looked_and_what_was_corrected_is_shown(house):
    get(at("customer", id=of("Aino")), "staff")
    get(at("rectify", id=of("Aino")), "manager", "post", rectifies("Aino", {"lastName": "Aho"}))
    trail = at("trail", customer=of("Aino"))
    text = get(trail, "controller")[1]
    assert "Test Staff" in text
    row = to_global_id("RegisterCorrection", Correction.objects.get(field="last_name").pk)
    text = post(trail, "controller", operation="correctionContent", id=row)
    assert "<s>Mäkelä</s>" in text


@committing
def test_a_breach_goes_its_way(house):
    aware = (clock.now() - timedelta(hours=2)).astimezone(clock.HELSINKI)
    text = post("breachreport/", "controller", operation="breachRecord",
                input__happened="A laptop was stolen",
                input__awareAt=aware.strftime("%Y-%m-%dT%H:%M"), input__categories="EMAIL",
                input__who="customers", input__consequences="Scam",
                input__measures="Tokens ended")  # fmt: skip
    assert "Loukkaus on kirjattu" in text
    row = Breach.objects.get()
    assert row.aware_at == aware.replace(second=0, microsecond=0)
    breach = to_global_id("RegisterBreach", row.pk)
    page = at("breach", id=breach)
    assert "70 tuntia jäljellä" in get("breaches/", "controller")[1]
    post(page, "controller", operation="breachAssess", id=breach, risk="HIGH", reasons="Names")
    post(page, "controller", operation="breachSearch", id=breach, input__kind="HELD",
         input__categories="EMAIL")  # fmt: skip
    assert 'hx-trigger="every 3s"' in get(page, "controller")[1]
    affected.compute()
    text = get(page, "controller")[1]
    assert 'hx-trigger="every 3s"' not in text
    assert "4: odottaa" in text
    beside = post(page, "controller", operation="breachExempt", id=breach, ground="AVERTED",
                  reasons="x" * 4001)  # fmt: skip
    assert "Tätä ei voitu tehdä" in beside
    row.refresh_from_db()
    assert f'name="letter.0.happened" rows="3" required>{escape(row.happened)}<' in beside
    letter = {f"letter.{place}.{name}": f"{language} {name}"
              for place, language in enumerate(("FI", "SV", "EN"))
              for name in ("happened", "consequences", "measures")}  # fmt: skip
    languages = {f"letter.{place}.language": one for place, one in enumerate(("FI", "SV", "EN"))}
    get(
        page, "controller", "post", {"operation": "breachTell", "id": breach, **letter, **languages}
    )
    post(page, "controller", operation="breachNotified", id=breach, phase="FINAL",
         at=clock.now().astimezone(clock.HELSINKI).strftime("%Y-%m-%dT%H:%M"))  # fmt: skip
    post(page, "controller", operation="breachTold", id=breach, how="OTHERWISE")
    assert "ei ole vielä ilmoitettu (34 artikla)" in post(
        page, "controller", operation="breachClose", id=breach
    )
    row.refresh_from_db()
    assert row.letter["sv"]["happened"] == "SV happened"
    assert row.complete_at is not None


def _breach(**given):
    row = recorded(**given)
    records.assess(row.pk, risk=Risk.HIGH, reasons="Names", actor=CONTROLLER)
    assert everybody(row) == 4
    breach = to_global_id("RegisterBreach", row.pk)
    return row, at("breach", id=breach, told="WAITING"), breach


def test_of_those_affected_only_the_chosen_are_recorded_as_told(house):
    row, page, breach = _breach()
    text = get(page, "controller")[1]
    assert text.count('form="some" name="customers"') == 4
    told = {"operation": "breachToldSome", "id": breach, "how": "POSTED"}
    # Nobody chosen is nobody, and never everybody.
    for nobody in ({}, {"customers": ""}):
        refused = get(page, "controller", "post", {**told, **nobody})[1]
        assert "Kukaan näistä ei odota ilmoitusta" in refused
    assert set(row.affected.values_list("state", flat=True)) == {"waiting"}
    chosen = [of("Aino"), of("Eino")]
    get(page, "controller", "post", {**told, "customers": chosen})
    assert set(row.affected.filter(state="posted").values_list("customer", flat=True)) == {
        key("Aino"), key("Eino"),
    }  # fmt: skip
    assert row.affected.filter(state="waiting").count() == 2
    text = get(page, "controller")[1]
    assert [one in text for one in (*chosen, of("Väinö"))] == [False, False, True]
    # What cannot be changed any more is shown, and not offered.
    text = get(at("breach", id=breach, told="POSTED"), "controller")[1]
    assert f"customer/?id={quote(of('Aino'))}" in text
    assert 'value="breachToldSome"' not in text


def test_what_is_known_of_a_breach_is_emptied_where_it_was_wrong(house):
    row, page, breach = _breach(
        began_at=clock.now() - timedelta(hours=9), ended_at=clock.now() - timedelta(hours=5),
        people=12, records=40,
    )  # fmt: skip
    shown = re.findall(r'name="had" value="input.(\w+)"', get(page, "controller")[1])
    assert set(shown) == {
        "beganAt", "endedAt", "categories", "who", "people", "records", "consequences", "measures",
    }  # fmt: skip
    form = {
        "operation": "breachAmend", "id": breach, "input.happened": "A laptop was lost",
        "input.who": "customers", "input.records": "41", "input.beganAt": "",
        "had": [f"input.{one}" for one in shown], **dict.fromkeys(
            ("input.endedAt", "input.people", "input.consequences", "input.measures"), ""),
    }  # fmt: skip
    get(page, "controller", "post", form)
    row.refresh_from_db()
    assert (row.began_at, row.ended_at, row.people, row.categories) == (None, None, None, "")
    assert (row.consequences, row.measures) == ("", "")
    assert (row.who, row.records, row.happened) == ("customers", 41, "A laptop was lost")
    # What it was stays written down, and is read here.
    text = get(page, "controller")[1]
    assert "Mitä tapahtui: A laptop was stolen" in text
    assert "Mitä on tehty ja tehdään: Tokens were revoked" in text


def test_who_has_signed_is_the_controllers_to_see_and_to_end(house):
    text = get("signatures/", "controller")[1]
    assert "Test Staff" in text
    # What is signed is changed in its place, also beside another form that was refused.
    now = agreements.in_force()
    beside = post("signatures/", "controller", operation="agreementRecord", signer="nobody",
                  version=str(now.version), language="FI")  # fmt: skip
    assert "Tätä ei voitu tehdä" in beside
    assert all(f'lang="{one}">{escape(getattr(now, one))}<' in beside for one in ("fi", "sv", "en"))
    assert all(f'lang="{one}">{escape(getattr(now, one))}<' in text for one in ("fi", "sv", "en"))
    row = Signature.objects.get(signer="user:2")
    post("signatures/", "controller", operation="agreementRevoke",
         id=to_global_id("RegisterAgreement", row.pk))  # fmt: skip
    assert "aino@example.com" not in get("customers/", "staff")[1]
    post("signatures/?filter.isRevoked=true", "controller", operation="agreementReadmit",
         signer="user:2")  # fmt: skip
    assert 'value="agreementSign"' in get("customers/", "staff")[1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("right.email=a&was.email=b", {"right": {"email": "a"}, "was": {"email": "b"}}),
        ("right.email=a&was.email=a", {}),
        ("right.phone=&was.phone=1", {"right": {"phone": ""}, "was": {"phone": "1"}}),
        ("right.phone=&was.phone=", {}),
        (("right.addresses.0.id=x&was.addresses.0.id=x&right.addresses.0.city=a"
         "&was.addresses.0.city=a"), {}),
        (("right.addresses.1.id=x&was.addresses.1.id=x&right.addresses.1.city=a"
         "&was.addresses.1.city=b"),
         {"right": {"addresses": [{"id": "x", "city": "a"}]},
          "was": {"addresses": [{"id": "x", "city": "b"}]}}),
        # Python makes no number of so many digits.
        (f"right.addresses.{'9' * 5000}.city=a", {}),
    ],
)  # fmt: skip
def test_a_form_sends_what_was_changed_in_it(given, expected):
    operation = documents.operations("rectify")["customerRectify"]
    assert documents.variables(operation, QueryDict(given), {}) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("input.who=a&input.people=&had=input.people", {"input": {"who": "a", "people": None}}),
        ("input.who=a&input.people=", {"input": {"who": "a"}}),
        ("input.people=3&had=input.people&had=input.who", {"input": {"people": 3, "who": None}}),
        ("had=input.categories", {"input": {"categories": None}}),
        ("had=input.nothing", {}),
    ],
)
def test_a_field_that_was_shown_filled_and_is_emptied_is_null(given, expected):
    operation = documents.operations("breach")["breachAmend"]
    assert documents.variables(operation, QueryDict(given), {}) == expected


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        ("breachToldSome", "customers=a&customers=b", {"customers": ["a", "b"]}),
        ("breachToldSome", "customers=", {"customers": []}),
        ("breachToldSome", "", {"customers": []}),
        # Of inputs none is left out, and refused: no rule at all is no mapping of accounts.
        ("breachTell", "", {}),
        # Who is told all at once is nobody by name.
        ("breachTold", "customers=a", {}),
    ],
)
def test_boxes_of_which_none_is_ticked_are_nobody(operation, given, expected):
    known = documents.operations("breach")[operation]
    assert documents.variables(known, QueryDict(given), {}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T09:00", "2026-07-01T09:00:00+03:00"),
        ("2026-12-01T09:00+00:00", "2026-12-01T09:00:00+00:00"),
    ],
)
def test_a_moment_without_a_zone_is_of_helsinki(text, expected):
    operation = documents.operations("breach")["breachNotified"]
    given = QueryDict(mutable=True)
    given["at"] = text
    assert documents.variables(operation, given, {}) == {"at": expected}
