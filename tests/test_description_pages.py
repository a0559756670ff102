"""The description as people meet it: page, PDF, JSON; languages, headers, and who may not."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import RequestFactory

from jokkerit_plugin.config import Config
from jokkerit_plugin.description import pdf, versions
from jokkerit_plugin.description.document import Block, Document, Section
from jokkerit_plugin.models import AccessEntry, Description
from jokkerit_plugin.policy import wording
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.web import routes
from tests.graphql import HOME, House
from tests.people import CONTROLLER
from tests.published import described, published

pytestmark = pytest.mark.django_db


def get(path: str = "", query: str = "", *, active: bool = True, method: str = "get", **headers):
    given = {f"HTTP_{name}": value for name, value in headers.items()}
    request = getattr(RequestFactory(), method)(f"{HOME}{path}?{query}", **given)
    return routes.serve(request, path, active=active)


def text(response) -> str:
    return response.content.decode()


@pytest.mark.promise("P-LAW")
def test_the_published_description_is_the_page_at_the_plugins_address(shop):
    row = published(shop)
    found = get()
    assert found.status_code == 200
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>Rekisteriseloste</h1>" in text(found)
    for purpose in Purpose:
        assert wording.PURPOSES[purpose][0] in text(found)
    assert row.digest in text(found)


def test_until_then_the_page_names_whom_to_ask_and_nothing_else(shop):
    described(shop)
    found = text(get())
    assert "jouko.paunonen@jokkerit.fi" in found
    assert "Jouko Paunonen" in found
    assert "ei ole vielä julkaistu" in found
    assert wording.PURPOSES[Purpose.INVOICING][0] not in found
    assert [get(f"description.{form}").status_code for form in ("pdf", "json")] == [404, 404]
    shop.port.settings = Config(active=True)
    assert get().status_code == 200


def test_the_page_shows_what_was_published_whatever_the_settings_say(shop):
    published(shop)
    shop.port.settings = Config(active=True)
    assert "jouko.paunonen@jokkerit.fi" in text(get())


def test_the_published_page_outlives_the_plugins_rest_and_nothing_else_does(shop):
    described(shop)
    assert get(active=False).status_code == 404
    published(shop)
    assert get(active=False).status_code == 200
    style = re.search(r'href="(assets/[^"]+)"', text(get()))[1]
    assert get(style, active=False).status_code == 200
    assert get("record.json", active=False).status_code == 404


@pytest.mark.parametrize(("query", "header", "code"), [
    ("", "", "fi"), ("", "sv", "sv"), ("", "sv-FI,sv;q=0.9,en;q=0.8", "sv"),
    ("", "de-DE,de;q=0.9,en-GB;q=0.7,fi;q=0.2", "en"), ("", "de", "fi"), ("", "*", "fi"),
    ("lang=en", "sv", "en"), ("lang=xx", "sv", "sv"), ("lang=", "", "fi"), ("lang=SV-FI", "", "sv"),
    ("", "x" * 10_000, "fi"), ("", ";;;q=,,", "fi"),
])  # fmt: skip
@pytest.mark.parametrize("stands", [True, False])
def test_the_language_is_the_readers(shop, query, header, code, stands):
    described(shop)
    if stands:
        published(shop)
    found = get(query=query, ACCEPT_LANGUAGE=header)
    assert found["Content-Language"] == code
    assert f'<html lang="{code}">' in text(found)
    assert "Accept-Language" in found["Vary"]


@pytest.mark.parametrize("path", ["", "description.html", "description.pdf", "description.json"])
def test_headers_are_strict_and_no_cookie_is_set(shop, path):
    published(shop)
    found = get(path)
    assert found.status_code == 200
    policy = found["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Referrer-Policy"] == "no-referrer"
    assert not found.cookies
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(shop, method):
    published(shop)
    found = get(method=method)
    assert (found.status_code, found["Allow"]) == (405, "GET, HEAD")


class Outline(HTMLParser):
    """What a screen reader and the policy look at."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", ["", "record.html"])
def test_the_page_is_one_that_everybody_can_read(shop, path):
    published(shop)
    house = House(shop)
    house.everybody_signs()
    outline = Outline(text(get(path, AUTHORIZATION="Bearer controller")))
    tags = [tag for tag, _ in outline.tags]
    assert [tag for tag in tags if tag in {"h1", "main", "title"}] == ["title", "main", "h1"]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert max(levels) == 2
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [a["href"][1:] for t, a in outline.tags if t == "a" and a["href"].startswith("#")]
    assert targets
    assert set(targets) <= set(ids)
    assert all(attrs.get("scope") in {"col", "row"} for tag, attrs in outline.tags if tag == "th")
    assert "script" not in tags
    assert not [attrs for _, attrs in outline.tags if "style" in attrs or "onclick" in attrs]


def test_what_the_controller_typed_is_text_and_no_markup(shop):
    published(shop, privacy_contact='<script>alert("x")</script>')
    assert "<script" not in text(get())
    assert "&lt;script&gt;" in text(get())


def test_the_style_sheet_has_the_name_of_its_content(shop):
    name = re.search(r'href="(assets/[^"]+)"', text(get()))[1]
    found = get(name)
    assert (found.status_code, found["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in found["Cache-Control"]
    assert b"http" not in found.content
    for other in ("assets/page.0123456789abcdef.css", "assets/page.css", "assets/../config.py"):
        assert get(other).status_code == 404


def test_the_style_sheets_colours_are_far_enough_apart(shop):
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text, also in the dark and on the shaded ground."""
    name = re.search(r'href="(assets/[^"]+)"', text(get()))[1]
    sheet = get(name).content.decode()
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block))
             for block in re.findall(r":root \{[^}]*\}", sheet)]  # fmt: skip
    schemes = [one for one in found if one]
    assert len(schemes) >= 2
    for colours in schemes:
        for ink in ("ink", "soft", "link"):
            for ground in ("paper", "shade"):
                assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_json_is_the_document_with_its_version_and_digest(shop):
    row = published(shop)
    found = json.loads(text(get("description.json", "lang=en")))
    assert (found["version"], found["digest"]) == (1, row.digest)
    assert found["document"] == row.documents["notice"]["en"]


def test_pdf_is_one_in_the_language_asked_for(shop):
    published(shop)
    found = get("description.pdf", "lang=sv")
    assert found.content.startswith(b"%PDF-")
    assert found["Content-Type"] == "application/pdf"
    assert found["Content-Disposition"] == 'inline; filename="notice-1-sv.pdf"'
    assert found.content == get("description.pdf", "lang=sv").content
    assert found.content != get("description.pdf", "lang=fi").content


def test_a_file_that_is_known_already_is_not_sent_again(shop):
    published(shop)
    for path in ("description.pdf", "description.json"):
        tag = get(path)["ETag"]
        assert get(path, IF_NONE_MATCH=tag).status_code == 304
        assert get(path, "lang=en", IF_NONE_MATCH=tag).status_code == 200
        assert "Content-Security-Policy" in get(path, IF_NONE_MATCH=tag)


def test_a_pdf_writes_what_its_font_lacks_in_letters():
    assert pdf.encodable("Žižek – Łódź ”€” Åäö") == "Žižek – Lódz ”€” Åäö"
    assert pdf.encodable("東京") == "Dong Jing "
    odd = Document("notice", "fi", "東京", (Section("x", "Ω", (Block(rows=(("Ж", "🙂"),)),)),))
    assert pdf.write(odd, "Я", versions.clock.now()).startswith(b"%PDF-")


def test_every_published_version_can_be_read_and_the_earlier_text(shop):
    versions.store_earlier(
        "Vanha seloste.\n\n<b>Tiedot</b>", language="fi", title="Vanha", actor=CONTROLLER
    )
    assert "ei ole vielä julkaistu" in text(get())
    published(shop)
    published(shop, controller_name="Toinen Oy")
    assert "Toinen Oy verkkokauppa-asiakasrekisteri" in text(get())
    assert "Jokkerit Trading Oy verkkokauppa-asiakasrekisteri" in text(get(query="version=1"))
    earlier = get(query="version=0&lang=en")
    assert "Vanha seloste." in text(earlier)
    assert "<b>" not in text(earlier)
    # It was written in one language only, and says so.
    assert earlier["Content-Language"] == "fi"
    for number in ("3", "-1", "x", "9" * 30, "1%20"):
        assert get(query=f"version={number}").status_code == 404


@pytest.mark.parametrize("form", ["html", "pdf", "json"])
def test_the_record_is_the_controllers_alone(shop, form):
    described(shop)
    house = House(shop)
    house.everybody_signs()
    found = get(f"record.{form}", "lang=en", AUTHORIZATION="Bearer controller")
    assert found.status_code == 200
    assert found["Cache-Control"] == "no-store"
    if form == "json":
        assert json.loads(text(found))["document"]["kind"] == "record"
    for token, status in (("staff", 403), ("app", 403), ("lapsed", 403), ("", 401), ("x", 401)):
        refused = get(f"record.{form}", AUTHORIZATION=f"Bearer {token}")
        assert refused.status_code == status
        assert b"PostalAddress" not in refused.content


DRAFT = "{ descriptionDraft { digest problems { field message } changes { fact was now } } }"
PUBLISH = """mutation($digest: String!) { descriptionPublish(digest: $digest, note: "N") {
    description { version digest note publishedBy changes { fact was now }
        text(kind: NOTICE, language: FI) } errors { field message code } } }"""


def test_the_controller_reads_the_draft_and_publishes_it(shop):
    house = House(shop)
    house.everybody_signs()
    problems = house.ask(DRAFT, "controller")["data"]["descriptionDraft"]["problems"]
    assert "controller_name" in {one["field"] for one in problems}
    described(shop)
    draft = house.ask(DRAFT, "controller")["data"]["descriptionDraft"]
    assert (draft["problems"], draft["changes"]) == ([], [])
    made = house.ask(PUBLISH, "controller", digest=draft["digest"])["data"]["descriptionPublish"]
    assert made["errors"] == []
    assert made["description"]["publishedBy"] == "user:1"
    assert "Jokkerit Trading Oy" in made["description"]["text"]
    described(shop, inactive_months=24)
    drift = house.ask("{ descriptionDrift { fact was now } }", "controller")["data"]
    (change,) = drift["descriptionDrift"]
    assert (change["fact"], "36 months" in change["was"], "24 months" in change["now"]) == (
        "retention inactive", True, True,
    )  # fmt: skip
    refused = house.ask(PUBLISH, "controller", digest=draft["digest"])["data"]
    assert refused["descriptionPublish"]["errors"][0]["code"] == "DESCRIPTION"
    assert Description.objects.count() == 1


def test_versions_are_listed_newest_first(shop):
    published(shop)
    published(shop, inactive_months=24)
    house = House(shop)
    house.everybody_signs()
    found = house.ask("{ descriptions(first: 5) { edges { node { version } } } }", "controller")
    nodes = [edge["node"]["version"] for edge in found["data"]["descriptions"]["edges"]]
    assert nodes == [2, 1]
    one = house.ask(
        "{ description(version: 1) { text(kind: RECORD, language: EN) } }", "controller"
    )
    assert "RECORD OF PROCESSING" in one["data"]["description"]["text"]
    assert house.codes("{ description(version: 9) { version } }", "controller") == {"NOT_FOUND"}
