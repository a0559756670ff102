"""The console over HTTP: the shell, who gets which page, buttons, and the documents behind them."""

import base64
import dataclasses
import importlib
import json
import pkgutil
import re
import tomllib
from importlib import import_module, resources
from urllib.parse import urlencode

import pytest
from django.test import RequestFactory

import jokkerit_plugin
from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.models import AccessEntry, Purchase, Signature
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.web import routes
from jokkerit_plugin.web.console import documents, pages, rendering, words
from tests.bookkeeping import follow
from tests.graphql import HOME, House
from tests.paper_shop import party
from tests.standing import standing

pytestmark = pytest.mark.django_db


def furnished(shop, monkeypatch):
    shop.order("one", email="aino@example.com", billing=party("Aino", "Mäkelä"))
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def get(path, token="", method="get", data=None, **headers):
    given = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
    request = getattr(RequestFactory(), method)(
        f"{HOME}console/{path}", data, **{"HTTP_HX_REQUEST": "true", **given, **headers}
    )
    response = routes.serve(request, f"console/{path.partition('?')[0]}", active=True)
    return response, response.content.decode()


def test_every_page_has_a_document_a_template_and_words():
    folder = resources.files("jokkerit_plugin") / "data" / "console"
    assert {path.name for path in folder.iterdir()} == {
        *(f"{name}.graphql" for name in (*pages.PAGES, "me")),
        *(f"{name}.toml" for name in (*pages.PAGES, "common", "errors")),
    }
    for name in (*pages.PAGES, "me"):
        assert "page" in documents.operations(name)
    for code in words.LANGUAGES:
        assert set(pages.PAGES) <= set(words.words(code))


def test_every_template_can_be_read():
    folder = resources.files("jokkerit_plugin") / "templates" / "console"
    names = [path.name for path in folder.iterdir()]
    assert {f"{name}.html" for name in pages.PAGES} <= set(names)
    for name in names:
        rendering._engine().get_template(name)


def test_no_filter_or_tag_of_the_templates_stands_twice():
    found = [
        name
        for library in map(import_module, rendering._TAGS)
        for kind in (library.register.filters, library.register.tags)
        for name in kind
    ]
    assert sorted(found) == sorted(set(found))


def test_the_words_are_the_same_in_both_languages():
    def keys(found):
        return {
            (part, key): keys(value) if isinstance(value, dict) else None
            for part, value in found.items()
            for key, value in (value.items() if isinstance(value, dict) else [(None, None)])
        }

    finnish, english = ({**words.words(code), "errors": {}} for code in ("fi", "en"))
    assert keys(finnish) == keys(english)
    assert keys(finnish["words"]) == keys(english["words"])


def test_the_words_of_a_value_stand_with_one_page():
    folder = resources.files("jokkerit_plugin") / "data" / "console"
    kinds = [
        kind
        for path in folder.iterdir()
        if path.name.endswith(".toml")
        for kind in tomllib.loads(path.read_text(encoding="utf-8"))["fi"].get("words", {})
    ]
    assert sorted(kinds) == sorted(set(kinds))


def test_a_browser_gets_the_shell_which_holds_no_data(house):
    response, text = get("customers/", "staff", HTTP_HX_REQUEST="")
    assert response.status_code == 200
    assert "aino@example.com" not in text
    assert AccessEntry.objects.filter(act="customers").count() == 0
    assert "'unsafe" not in response["Content-Security-Policy"]


def test_nobody_gets_nothing(house):
    response, text = get("customers/")
    assert response.status_code == 401
    assert "aino@example.com" not in text


def test_a_page_is_in_the_log_as_the_api_is(house):
    response, text = get("customers/?filter.search=m%C3%A4kel%C3%A4", "staff")
    assert response.status_code == 200
    assert "Aino Mäkelä" in text
    entry = AccessEntry.objects.get(act="customers")
    assert (entry.actor, entry.purpose, entry.outcome) == ("user:2", "service", "granted")


def test_a_page_of_another_role_is_refused_and_logged(house):
    _, text = get("customers/", "accountant")
    assert "aino@example.com" not in text
    assert AccessEntry.objects.get(act="customers").outcome == "refused"


def test_who_has_not_signed_is_asked_to_and_then_is_in(house):
    Signature.objects.filter(signer="user:2").update(expires_at=clock.now())
    _, text = get("customers/", "staff")
    assert "aino@example.com" not in text
    assert 'value="agreementSign"' in text
    version = str(agreements.in_force().version)
    form = {"operation": "agreementSign", "version": version, "language": "FI"}
    _, text = get("agreement/", "staff", "post", form)
    assert "Sitoumuksesi on voimassa" in text
    assert "Aino" in get("customers/", "staff")[1]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("customers", {"operation": "monthClose", "month": "2026-01"}),
        ("nothing", {"operation": "monthClose"}),
        ("month", {}),
    ],
)
def test_a_button_that_is_not_on_the_page_does_nothing(house, name, given):
    _, text = get(f"{name}/", "accountant", "post", given)
    assert 'data-code="NOT_FOUND"' in text


def test_what_a_mutation_refuses_is_said_on_the_page(house):
    _, text = get("month/?month=2026-10", "accountant", "post",
                  {"operation": "monthClose", "month": "2026-13"})  # fmt: skip
    assert 'role="alert"' in text


ODD = {
    "customers/?first=x": ("staff", 400),
    "customers/?first=-1": ("staff", 400),
    f"customers/?first={'9' * 5000}": ("staff", 400),
    "customers/?after=nonsense": ("staff", 400),
    "customers/?filter.isGuest=x&purpose=NOTHING": ("staff", 400),
    "customers/?filter.enteredAt.gte=yesterday": ("staff", 400),
    "customers/?filter.search=%00": ("staff", 400),
    f"customers/?filter.search={'a' * 20000}": ("staff", 400),
    "customers/?filter.search=%ff%fe": ("staff", 200),
    f"customers/?{'&'.join(f'a{number}=1' for number in range(1100))}": ("staff", 413),
    "customer/": ("staff", 400),
    "customer/?id=nonsense": ("staff", 400),
    "customer/?id=%ff": ("staff", 400),
    "customer/?id=UmVnaXN0ZXJDdXN0b21lcjo5OTk5OTk5OTk5OTk5OTk5OTk5OTk=": ("staff", 400),
    "nothing/": ("staff", 404),
    "\ufffd/": ("staff", 404),
    "request/?id=UmVnaXN0ZXJSZXF1ZXN0OjE": ("controller", 400),
    "month/?month=9999-12": ("accountant", 200),
    "month/?month=0001-01": ("accountant", 200),
    "month/?month=yesterday": ("accountant", 200),
    "openitems/?on=yesterday": ("accountant", 400),
    "vat/?period.month=2026-13": ("accountant", 200),
    "vat/?period.month=0000-01": ("accountant", 200),
    "access/?prove=true&checked=--5": ("controller", 400),
    "loglines/?filter.customer=nonsense": ("controller", 200),
    "logusage/?month=%C2%B2%C2%B3": ("controller", 200),
    "incident/?id=x&purpose=x": ("controller", 400),
    "version/?version=99999999999": ("controller", 400),
    "breach/?id=x&language=XX": ("controller", 400),
    "ask/?customer=x&kind=%3Cb%3E": ("controller", 400),
}


@pytest.mark.parametrize("path", ODD, ids=[one[:40] for one in ODD])
def test_an_odd_address_is_answered_with_a_page_that_can_be_read(house, path):
    token, status = ODD[path]
    response, text = get(path, token)
    assert response.status_code == status
    assert "<h1>" in text
    assert "INTERNAL_ERROR" not in text
    assert "Palvelimessa tapahtui virhe" not in text
    assert 'href="/plugins/jokkerit.register/console/' in text
    if status in {400, 404}:
        assert 'role="alert"' in text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"operation=page", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"operation=breachNotified&at=x&id=x", "application/x-www-form-urlencoded"),
    ],
)
def test_an_odd_form_is_answered_with_a_page_that_can_be_read(house, body, content_type):
    request = RequestFactory().generic(
        "POST", f"{HOME}console/customers/?first=1", body, content_type,
        HTTP_HX_REQUEST="true", HTTP_AUTHORIZATION="Bearer staff",
    )  # fmt: skip
    response = routes.serve(request, "console/customers/", active=True)
    assert response.status_code < 500
    assert "<h1>" in response.content.decode()


def test_a_page_that_cannot_be_shown_leads_on(house, monkeypatch):
    text = get("nothing/", "staff")[1]
    assert 'console/customers/"' in text
    assert 'console/">' in text
    monkeypatch.setattr(rendering, "page", lambda *_, **__: 1 / 0)
    response, text = get("customers/?first=5", "staff")
    assert response.status_code == 500
    assert 'console/customers/?first=5">Yritä uudelleen' in text


def test_what_people_wrote_is_shown_as_text(house):
    _, text = get("customers/?filter.search=%3Cscript%3Ealert(1)%3C/script%3E", "staff")
    assert "<script>" not in text


@pytest.mark.parametrize("token", ["accountant", "controller", "staff", "maintainer"])
def test_what_is_pressed_where_people_begin_is_a_button_of_that_page(house, token):
    _, text = get("", token)
    form = r'<form method="post" action="([^"?]*)[^>]*>\s*<input type="hidden" name="operation"'
    found = re.findall(form + r' value="(\w+)"', text)
    for action, operation in found:
        name = action.removesuffix("/").rpartition("/")[2]
        assert operation == "page" or operation in documents.operations(name)
    assert found or token in {"accountant", "maintainer"}


@pytest.mark.parametrize("token", ["accountant", "controller", "staff", "maintainer"])
def test_everybody_begins_somewhere(house, token):
    response, text = get("", token)
    assert response.status_code == 200
    assert "<h1>" in text
    assert 'role="alert"' not in text


def _codes(kind=RegisterError):
    return {kind.code}.union(*map(_codes, kind.__subclasses__()))


def test_every_error_of_the_api_has_its_finnish_sentence():
    for module in pkgutil.walk_packages(jokkerit_plugin.__path__, "jokkerit_plugin."):
        if "saleor_bridge" not in module.name and ".migrations" not in module.name:
            importlib.import_module(module.name)
    known = words.words("fi")["errors"]
    said = {key for key in known if "." not in key and key != "exact"}
    in_bridge = {"SET_UP"}
    assert said == _codes() | in_bridge
    root = resources.files("jokkerit_plugin")
    source = " ".join(re.sub(r'"\s+f?"', "", path.read_text()) for path in root.rglob("*.py"))
    assert [one for one in known["exact"] if one not in source] == []


def test_every_button_asks_for_the_code_of_what_is_refused():
    for name in pages.PAGES:
        for operation in documents.operations(name).values():
            if operation.operation != "mutation":
                continue
            for field in operation.selection_set.selections:
                errors = next(
                    one for one in field.selection_set.selections if one.name.value == "errors"
                )
                asked = {one.name.value for one in errors.selection_set.selections}
                assert asked == {"field", "message", "code"}, name


def test_names_are_asked_for_with_the_guard_s_leave_and_stay_out_of_the_log(house, caplog):
    query = '{ personNames(keys: ["user:2", "user:99"]) { key name email } }'
    found = house.ask(query, "manager")["data"]["personNames"]
    assert found == [{"key": "user:2", "name": "Test Staff", "email": "staff@shop.example"}]
    assert house.codes(query, "staff") == {"NO_PERMISSION"}
    assert house.codes('{ personNames(keys: ["paper:Aino"]) { key } }', "manager") == {"INVALID"}
    assert "shop.example" not in caplog.text
    assert "Test Staff" not in repr(house.shop.port.names)


def test_an_error_is_said_in_the_language_of_the_page(house):
    path = "customer/?id=nonsense"
    assert "Tällaista ei ole. Tarkista, että linkki on kokonainen." in get(path, "staff")[1]
    english = get(path, "staff", HTTP_ACCEPT_LANGUAGE="en")[1]
    assert "This is no id of a RegisterCustomer." in english


def test_the_shop_s_own_ids_lead_to_the_customer_s_card(house):
    purchase = Purchase.objects.get()
    order = base64.b64encode(f"Order:{purchase.saleor_order}".encode()).decode()
    response, _ = get(f"open/?{urlencode({'orderId': order})}", "staff")
    card = json.loads(response["HX-Location"])["path"]
    assert response.status_code == 204
    key = base64.b64encode(f"RegisterCustomer:{purchase.customer_id}".encode()).decode()
    assert card == f"{HOME}console/customer/?{urlencode({'id': key})}"
    entry = AccessEntry.objects.get(act="customerOf")
    assert (entry.actor, entry.purpose, entry.outcome) == ("user:2", "service", "granted")
    _, text = get(f"card/?{urlencode({'orderId': order})}", "staff")
    assert "Aino Mäkelä" in text
    assert "<nav" not in text


def test_whom_the_register_does_not_know_is_said_plainly(house):
    user = base64.b64encode(b"User:4711").decode()
    for page in ("open", "card"):
        response, text = get(f"{page}/?{urlencode({'customerId': user})}", "staff")
        assert (response.status_code, 'role="alert"' in text) == (200, False)
        assert "rekisterissä" in text


@pytest.mark.parametrize(
    "given", [{}, {"customerId": "QXBwOjE="}, {"orderId": "T3JkZXI6MQ=="}, {"orderId": "x"}]
)
def test_what_is_no_id_of_the_shop_s_is_refused(house, given):
    _, text = get(f"card/?{urlencode(given)}", "staff")
    assert 'role="alert"' in text


def test_a_card_is_not_for_the_accountant(house):
    order = base64.b64encode(f"Order:{Purchase.objects.get().saleor_order}".encode()).decode()
    _, text = get(f"card/?{urlencode({'orderId': order})}", "accountant")
    assert "Aino" not in text
    assert AccessEntry.objects.get(act="customerOf").outcome == "refused"


def test_the_accountant_s_card_is_last_month(house):
    _, text = get("brief/", "accountant")
    assert "Avaa kuukausi" in text
    assert 'role="alert"' not in text


def test_who_has_not_signed_is_led_to_the_agreement_from_a_card(house):
    Signature.objects.filter(signer="user:2").update(expires_at=clock.now())
    _, text = get("card/?customerId=VXNlcjox", "staff")
    assert "Allekirjoita ensin salassapitositoumus." in text
    assert 'agreement/" data-whole' in text


def framers(response):
    return response["Content-Security-Policy"].partition("frame-ancestors ")[2]


def test_only_the_shop_and_its_dashboard_may_frame_the_console(house, monkeypatch):
    port = house.shop.port
    assert framers(get("", HTTP_HX_REQUEST="")[0]) == "'self'"
    monkeypatch.setattr(port, "dashboards", lambda: ("https://admin.example.com",))
    response, text = get("", HTTP_HX_REQUEST="")
    assert framers(response) == "'self' https://admin.example.com"
    assert 'data-framers="https://admin.example.com"' in text
    assert (
        '/dashboard/extensions/plugin/jokkerit.register"' not in get("settings/", "controller")[1]
    )
    port.settings = dataclasses.replace(
        port.settings, dashboards=("https://other.example.com/hallinta",)
    )
    text = get("settings/", "controller")[1]
    assert 'href="https://other.example.com/hallinta/extensions/plugin/jokkerit.register"' in text
    assert framers(get("", HTTP_HX_REQUEST="")[0]) == "'self' https://other.example.com"
