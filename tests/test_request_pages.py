"""The pages of the rights over HTTP, and every door by which somebody else's data might be had."""

import io
import re
import zipfile
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from jokkerit_plugin import keys
from jokkerit_plugin.models import Archive, Customer, Request, RequestEvent, Suppression
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.rights import links, opening
from jokkerit_plugin.web import assets, forms, pages, routes
from jokkerit_plugin.web import requests as doors
from tests.asking import KEYS, asks, at, attend, link
from tests.erasing import take
from tests.graphql import HOME, House
from tests.paper_shop import party
from tests.people import CONTROLLER, MANAGER, sign
from tests.standing import standing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keyed(monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    cache.clear()
    yield
    cache.clear()


def furnished(shop, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    shop.account(12, email="aino@example.com")
    shop.account(13, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("a", user=12)
    shop.order("b", user=13, email="eino@example.com", billing=party("Eino", "Virtanen"),
               shipping=party("Eino", "Virtanen"))  # fmt: skip
    take(shop)
    return {one: Customer.objects.get(email=f"{one}@example.com").pk for one in ("aino", "eino")}


people = standing(__name__, furnished)


def get(path: str, method: str = "get", **headers: str) -> Any:
    request = getattr(RequestFactory(), method)(HOME + path, **headers)
    return routes.serve(request, path.partition("?")[0], active=True)


def post(path: str, address: str = "192.0.2.1", **fields: str) -> Any:
    request = RequestFactory().post(HOME + path, fields, REMOTE_ADDR=address)
    return routes.serve(request, path.partition("?")[0], active=True)


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return bytes(content)


@pytest.mark.parametrize(
    ("language", "title"),
    [("fi", "Tietosi ja oikeutesi"), ("sv", "Dina uppgifter och dina rättigheter"),
     ("en", "Your data and your rights")],
)  # fmt: skip
def test_the_form_in_three_languages_without_scripts(shop, language, title):
    page = get(f"requests/?lang={language}")
    text = body(page).decode()
    assert f"<h1>{title}</h1>" in text
    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert " style=" not in text
    assert "script-src" not in page["Content-Security-Policy"]
    assert page["Content-Security-Policy"].startswith("default-src 'none'")
    sheet = assets.served("pages.css")
    assert f'href="{HOME}assets/{sheet}/"' in text
    # Each field has a label of its own.
    for one in re.findall(r'<(?:input|textarea) id="(\w+)"', text):
        assert f'<label for="{one}">' in text


def test_the_texts_of_the_pages_are_the_same_in_every_language():
    for part in ("requests", "requests_sent", "requests_confirm", "requests_begun",
                 "requests_copy", "requests_gone"):  # fmt: skip
        names = [set(pages.texts(code)[part]) for code in ("fi", "sv", "en")]
        assert names[0] == names[1] == names[2]
    assert set(doors.KINDS) - {"marketing"} == {one.value for one in RequestKind}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "a@example.com"}, "Choose what you ask for."),
        ({"kind": "access", "email": "a@"}, "Write an e-mail address"),
        ({"kind": "access", "email": "a@b.fi,c@d.fi"}, "Write an e-mail address"),
        ({"kind": "access", "email": "a@example.com\nBcc: x@example.com"}, "Write an e-mail"),
        ({"kind": "access", "email": "a@example.com", "orders": "1042"}, "Write each order"),
        ({"kind": "access", "email": "a@example.com", "message": "x" * 2001}, "too long"),
    ],
)
def test_what_is_wrong_is_said_and_kept(shop, fields, sentence):
    page = post("requests/?lang=en", **fields)
    text = body(page).decode()
    assert page.status_code == 400
    assert sentence in text
    assert 'role="alert"' in text
    if "\n" not in fields["email"]:
        assert f'value="{fields["email"]}"' in text
    assert not Request.objects.exists()


@pytest.mark.parametrize("message", ["я" * 2000, "写" * 2000, "x\r\n" * 1000])
def test_a_message_of_two_thousand_characters_of_any_script_is_taken(shop, message):
    written = urlencode({"kind": "objection", "email": "a@example.com", "message": message})
    page = RequestFactory().post(HOME + "requests/", written, forms.URLENCODED)
    assert routes.serve(page, "requests/", active=True).status_code == 200
    assert Request.objects.count() == 1


def test_what_cannot_be_read_is_said_on_a_page_with_its_style(shop):
    page = post("requests/", kind="access", email="a@example.com", message="x" * doors.MOST)
    assert page.status_code == 413
    assert f'href="{HOME}assets/{assets.served("pages.css")}/"' in body(page).decode()


def test_the_links_of_a_request_stay_open_while_the_plugin_is_deactivated(shop, people):
    written = {"kind": "access", "email": "aino@example.com"}
    post("requests/", name="Aino Mäkelä", postal_code="51900", **written)
    token = link(attend(shop)[-1][1], "confirm")

    def served(path: str) -> Any:
        request = RequestFactory().post(HOME + path, {"x": "y"}, REMOTE_ADDR="192.0.2.1")
        return routes.serve(request, path, active=False)

    assert served(f"requests/confirm/{token}/").status_code == 200
    assert Request.objects.get().state == "accepted"
    copy = link(attend(shop)[-1][1], "copy")
    assert served(f"requests/copy/{copy}/")["Content-Type"] == "application/zip"
    assert served("requests/").status_code == 404


def test_from_the_form_to_the_file(shop, people):
    page = post("requests/?lang=en", kind="access", email="Aino@Example.com", name="Aino Mäkelä",
                postal_code="51900")  # fmt: skip
    assert page.status_code == 200
    ((_, letter, to),) = attend(shop)
    assert to == ["Aino@Example.com"]
    token = link(letter, "confirm")
    path = f"requests/confirm/{token}/"
    # A scanner's GETs prove nothing.
    for method in ("get", "head", "get"):
        assert get(path, method).status_code == 200
    assert Request.objects.get().state == "unconfirmed"
    assert post(path).status_code == 200
    assert post(path).status_code == 404
    letters = attend(shop)
    file = f"requests/copy/{link(letters[-1][1], 'copy')}/"
    assert b"PK" not in body(get(file))
    assert Archive.objects.get().fetches == 0
    answer = post(file)
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(body(answer)))
    assert archive.testzip() is None
    assert "Mäkelä" in archive.read("index.html").decode()
    assert Archive.objects.get().fetches == 1
    assert RequestEvent.objects.filter(what="fetched", actor="person").count() == 1


@pytest.mark.parametrize("email", ["aino@example.com", "nobody@example.com"])
def test_the_answer_never_tells_whether_an_address_is_known(
    shop, people, email, django_assert_num_queries
):
    with django_assert_num_queries(11):
        page = post("requests/?lang=en", kind="access", email=email)
    text = body(page).decode()
    assert email not in text
    (other,) = {body(post("requests/?lang=en", kind="access", email="x@example.org"))}
    assert text == other.decode()
    ((_, letter, _),) = [one for one in attend(shop) if one[2] == [email]]
    begun = body(post(f"requests/confirm/{link(letter, 'confirm')}/?lang=en")).decode()
    assert "<h1>Thank you, your request is under way</h1>" in begun


def test_a_mailbox_is_not_flooded_and_nothing_is_dropped_in_silence(shop, monkeypatch):
    at(monkeypatch, "2027-03-10 00:00")
    for _ in range(5):
        assert post("requests/", kind="access", email="a@example.com").status_code == 200
    sent = []
    for hour in ("00:00", "07:59", "08:00", "15:59", "16:00"):
        at(monkeypatch, f"2027-03-10 {hour}")
        sent.append(len(attend(shop)))
    assert sent == [3, 3, 4, 4, 5]
    for text in {text for _, text, _ in shop.port.outbox()}:
        assert links.confirmed(link(text, "confirm"))
    assert Request.objects.count() == 5
    at(monkeypatch, "2027-03-10 00:00")
    pages = [post("requests/", kind="access", email="a@example.com") for _ in range(14)]
    assert [page.status_code for page in pages] == [200] * 13 + [429]
    assert pages[-1]["Retry-After"] == "86400"
    assert Request.objects.count() == 18
    assert post("requests/", kind="access", email="b@example.com").status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.7", "172.18.0.1", "127.0.0.1", "fd00::1", ""])
def test_behind_a_proxy_that_is_not_told_apart_nobody_is_slowed_by_others(shop, address):
    for number in range(21):
        page = post("requests/", address, kind="access", email=f"b{number}@example.com")
        assert page.status_code == 200


def test_but_neither_is_the_whole_world_written_to(shop, monkeypatch):
    monkeypatch.setattr(doors, "HIDDEN", 2)
    codes = [
        post("requests/", "10.0.0.7", kind="access", email=f"b{number}@example.com").status_code
        for number in range(3)
    ]
    assert codes == [200, 200, 429]


def test_a_network_is_slowed(shop):
    for number in range(21):
        page = post("requests/", kind="access", email=f"b{number}@example.com")
    assert page.status_code == 429
    text = body(page).decode()
    assert 'role="alert"' in text
    assert 'value="b20@example.com"' in text
    assert post("requests/", "192.0.2.2", kind="access", email="c@example.com").status_code == 200


def test_without_a_key_nothing_is_taken(shop, monkeypatch):
    monkeypatch.delenv(keys.VARIABLE)
    page = post("requests/?lang=en", kind="access", email="a@example.com")
    assert page.status_code == 503
    assert "Requests cannot be taken here" in body(page).decode()
    assert not Request.objects.exists()


def test_no_more_marketing_at_once_by_the_mailbox_alone(shop, people):
    post("requests/", kind="marketing", email="aino@example.com")
    token = link(attend(shop)[-1][1], "confirm")
    assert not Suppression.objects.exists()
    post(f"requests/confirm/{token}/")
    assert Suppression.objects.exists()
    row = Request.objects.get()
    assert (row.kind, row.marketing, row.state) == ("objection", True, "done")


def test_an_account_asks_with_its_own_token_and_sees_its_own_alone(shop, people):
    house = House(shop)
    query = "mutation { ownRequestOpen(kind: ACCESS) { request { state } errors { code } } }"
    assert house.ask(query, "customer")["data"]["ownRequestOpen"]["request"] == {
        "state": "ACCEPTED"
    }
    assert Request.objects.get().customer == people["aino"]
    house.customers["eino"] = 13
    own = "{ ownRequests { kind } }"
    assert house.ask(own, "customer")["data"]["ownRequests"] == [{"kind": "ACCESS"}]
    assert house.ask(own, "eino")["data"]["ownRequests"] == []
    assert house.codes(own, "nobody") == {"NOT_SIGNED_IN"}
    attend(shop)
    assert shop.port.outbox()[-1][2] == ["aino@example.com"]


def _theirs(shop, people) -> tuple[str, Archive]:
    """Eino's copy, ready to be fetched."""
    sign(CONTROLLER, MANAGER)
    opening.open_for(people["eino"], kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
    text = attend(shop)[-1][1]
    return link(text, "copy"), Archive.objects.get()


def test_by_every_door_somebody_elses_data_stays_closed(shop, people):
    """Aino, who knows Eino's name, address, order and e-mail, tries them all."""
    token, eino = _theirs(shop, people)
    number = "2"
    # The form, from her mailbox, with all that she knows of him.
    row = asks(shop, email="aino@example.com", name="Eino Virtanen", postal_code="51900",
               orders=((number, "51900"),))  # fmt: skip
    assert (row.customer, row.proof) == (people["aino"], "mailbox")
    # With his address: the letter goes to him.
    post("requests/", kind="access", email="eino@example.com", name="Eino Virtanen",
         postal_code="51900")  # fmt: skip
    assert attend(shop)[-1][2] == ["eino@example.com"]
    # With both: no address at all.
    page = post("requests/", kind="access", email="eino@example.com, aino@example.com")
    assert page.status_code == 400
    # Links: forged, of another use, of another row, and hers made his.
    own = asks(shop, kind=RequestKind.PORTABILITY, name="Aino Mäkelä", postal_code="51900")
    attend(shop)
    hers = links.archive(own.archive, "en").split("/copy/")[1].split("/")[0]
    for forged in (
        hers.replace(f"{own.archive.pk}~", f"{eino.pk}~"),
        token[:-2] + ("11" if token.endswith("00") else "00"), f"{eino.pk}~2026~" + "0" * 64,
        f"{eino.pk}", "~~", "1~2026~zz",
        links.confirm(eino.request, "en").split("/confirm/")[1].split("/")[0],
    ):  # fmt: skip
        answer = post(f"requests/copy/{forged}/")
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert "Virtanen" not in body(answer).decode()
        assert post(f"requests/confirm/{forged}/").status_code == 404
    # GraphQL: staff's fields and another's request, with her own token.
    house = House(shop)
    for query in (
        "{ requests(first: 9) { edges { node { id } } } }",
        "{ ownRequests { kind } requests(first: 1) { totalCount } }",
        'mutation { requestContent(id: "UmVnaXN0ZXJSZXF1ZXN0OjE=") { content { email } } }',
    ):
        assert house.codes(query, "customer") == {"NOT_SIGNED_IN"}
    answer = house.ask("{ ownRequests { kind state } }", "customer")
    assert answer["data"]["ownRequests"] == []
    # What she got at last is her own.
    text = body(post(f"requests/copy/{hers}/"))
    archive = zipfile.ZipFile(io.BytesIO(text))
    everything = "".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())
    assert "Mäkelä" in everything
    assert "Virtanen" not in everything
    assert "eino@" not in everything


def test_a_copy_s_link_by_every_method_twice_with_another_key_and_too_late(
    shop, people, monkeypatch
):
    at(monkeypatch, "2027-03-10 12:00")
    token, made = _theirs(shop, people)
    path = f"requests/copy/{token}/"
    for method in ("get", "head"):
        answer = get(path, method)
        assert (answer.status_code, answer["Content-Type"][:9]) == (200, "text/html")
        assert b"Virtanen" not in body(answer)
    for method in ("put", "patch", "delete", "options"):
        assert get(path, method).status_code == 405
    made.refresh_from_db()
    assert made.fetches == 0
    # Whoever has the letter may fetch it again, and each time is noted.
    first, second = (body(post(path)) for _ in range(2))
    assert first == second
    made.refresh_from_db()
    assert made.fetches == RequestEvent.objects.filter(what="fetched").count() == 2
    # A letter of another is no letter of this, whatever its number.
    confirmation = links.confirm(made.request, "en").split("/confirm/")[1].split("/")[0]
    assert post(f"requests/copy/{confirmation}/").status_code == 404
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "cd" * 32)
    assert post(path).status_code == 404
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    at(monkeypatch, "2027-03-17 12:01")
    for answer in (get(path), post(path)):
        assert (answer.status_code, answer["Content-Type"][:9]) == (404, "text/html")


def test_a_copy_that_was_changed_where_it_is_stored_is_not_given(shop, people):
    token, made = _theirs(shop, people)
    chunk = made.chunks.get()
    chunk.sealed = bytes(chunk.sealed[:-1]) + bytes([chunk.sealed[-1] ^ 1])
    chunk.save()
    answer = post(f"requests/copy/{token}/")
    assert (answer.status_code, answer["Content-Type"][:9]) == (503, "text/html")
    made.refresh_from_db()
    assert made.fetches == 0
