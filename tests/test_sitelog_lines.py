"""What is kept of a site log's line: by form, by field, and of lines that mean harm."""

import json
import re
import string
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.policy.site_log import (
    LONGEST_AGENT,
    LONGEST_LINE,
    LONGEST_PATH,
    LONGEST_SHAPE,
    METHODS,
    OTHER,
    Refusal,
)
from jokkerit_plugin.sitelog.minimised import Line, path_of, shape
from jokkerit_plugin.sitelog.parsing import read
from jokkerit_plugin.web.routes import ROUTES

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
AT = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
UUID = "8c2f4e0a-1b7d-4c55-9a3e-0d6f2b9c1e77"
SECRET = "Zk3pQ9sX7vB2nM5tL8cR"
WHOLE = Line(
    AT, "203.0.113.9", "Mozilla/5.0 (X11)", "GET", "/fi/tuote", 200, 512, None,
    "https://shop.example", None, None,
)  # fmt: skip


def line(text: str | bytes) -> Line | Refusal | None:
    return read(text.encode() if isinstance(text, str) else text, now=NOW)


def combined(
    target: str = "/fi/tuote", *, agent: str = "Mozilla/5.0 (X11)", address: str = "203.0.113.9",
    request: str | None = None, referer: str = "https://shop.example/a?b=c", more: str = "",
    user: str = "aino",
) -> str:  # fmt: skip
    request = f"GET {target} HTTP/1.1" if request is None else request
    return (
        f'{address} - {user} [28/Nov/2026:08:00:00 +0200] "{request}" 200 512'
        f' "{referer}" "{agent}"{more}'
    )


def kept(text: str | bytes) -> Line:
    found = line(text)
    assert isinstance(found, Line), found
    return found


def as_json(**said: object) -> str:
    return json.dumps(
        {"time": "2026-11-28T08:00:00+02:00", "path": "/fi/tuote", "status": 200, **said}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (combined(), WHOLE),
        (
            combined(more=f' rt=0.0125 user=42 checkout="{UUID}" cookie=abc'),
            replace(WHOLE, duration=12, user=42, checkout=UUID),
        ),
        (
            '::1 - - [28/Nov/2026:06:00:00 +0000] "HEAD / HTTP/1.0" 304 -',
            Line(AT, "::1", "", "HEAD", "/", 304, None, None, "", None, None),
        ),
        (
            'INFO:     203.0.113.9:40312 - "POST /graphql/ HTTP/1.1" 200 OK',
            Line(NOW, "203.0.113.9", "", "POST", "/graphql/", 200, None, None, "", None, None),
        ),
        (
            'INFO:      - "POST /graphql/ HTTP/1.1" 200 OK',
            Line(NOW, None, "", "POST", "/graphql/", 200, None, None, "", None, None),
        ),
        (
            '2026-11-28 06:00:00,000 INFO ::1:40312 - "POST /graphql/ HTTP/1.1" 500',
            Line(AT, "::1", "", "POST", "/graphql/", 500, None, None, "", None, None),
        ),
        (
            as_json(
                remote_addr="::ffff:203.0.113.9", request_method="GET", body_bytes_sent="512",
                http_user_agent="Mozilla/5.0 (X11)", http_referer="https://shop.example/a?b",
                request_time="0.250", user_id="VXNlcjo0Mg==", checkout=f"{UUID}", cookie="x",
                body="y",
            ),
            replace(WHOLE, duration=250, user=42, checkout=UUID),
        ),
        (
            # What a client gives as its name is nobody's account.
            '{"time": 1795845600, "url": "/a", "method": "GET", "status": 200, "user": "42"}',
            Line(AT, None, "", "GET", "/a", 200, None, None, "", None, None),
        ),
        (
            '{"msec": 1795845600.0, "request": "PUT /a?b HTTP/2.0", "status": "404", "time_us": 9}',
            Line(AT, None, "", "PUT", "/a", 404, None, 0, "", None, None),
        ),
        (
            '{"time": 1795845600000, "url": "/a", "method": "GET", "status": 200}',
            Line(AT, None, "", "GET", "/a", 200, None, None, "", None, None),
        ),
        (
            '{"time": "1795845600000", "url": "/a", "method": "GET", "status": 200}',
            Line(AT, None, "", "GET", "/a", 200, None, None, "", None, None),
        ),
    ],
    ids=[
        "combined", "more", "common", "uvicorn", "uvicorn-socket", "uvicorn-timed", "json",
        "json-remote-user", "json-request", "json-milliseconds", "json-milliseconds-text",
    ],
)  # fmt: skip
def test_forms(text, expected):
    assert line(text) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", "/"),
        ("*", "*"),
        ("shop.example:443", ""),
        ("https://aino:pw@shop.example/fi/?a=b", "/fi/"),
        ("https://shop.example", "/"),
        ("/a?email=aino@example.com", "/a"),
        ("/a#token", "/a"),
        ("/a;jsessionid=123/b", "/a/b"),
        ("//evil.example/x", "//evil.example/x"),
        (f"/checkout/{UUID}/", "/checkout/*/"),
        (f"/checkout/{UUID.upper()}", "/checkout/*"),
        ("/haku/aino@example.com", "/haku/*"),
        ("/haku/aino%40example.com", "/haku/*"),
        ("/haku/aino%2540example.com", "/haku/*"),
        ("/haku/aino%25252540example.com", "/haku/*"),
        ("/@shop/kengät", "/@shop/kengät"),
        ("/reset-password/a/b", "/reset-password/*/*"),
        ("/Reset-Password/a", "/Reset-Password/*"),
        ("/%72eset/a", "/%72eset/*"),
        ("/fi/salasanan-palautus/a", "/fi/salasanan-palautus/*"),
        ("/fi/tili/vahvista/a/b", "/fi/tili/vahvista/*/*"),
        ("/sv/%C3%A5terst%C3%A4ll-l%C3%B6senord/a", "/sv/%C3%A5terst%C3%A4ll-l%C3%B6senord/*"),
        ("/accounts/password_reset_confirm/MQ/a", "/accounts/password_reset_confirm/*/*"),
        ("/fi/tuotteet/avaimenpera/musta", "/fi/tuotteet/avaimenpera/musta"),
        ("/a%3Ftoken=1/b", "/*/b"),
        ("/a%2Freset%2Fkey/b", "/*/b"),
        ("/x/eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "/x/*"),
        (f"/x/{SECRET}", "/x/*"),
        ("/dashboard/customers/VXNlcjo0Mg%3D%3D", "/dashboard/customers/*"),
        ("/dashboard/customers/VXNlcjo0Mg", "/dashboard/customers/*"),
        ("/c/QTox/VXNlcjox", "/c/QTox/*"),
        ("/tuotteet/customers", "/tuotteet/customers"),
        (f"/x/{'0123456789abcdef' * 2}", "/x/*"),
        ("/hetu/131052-308T", "/hetu/*"),
        ("/puh/0401234567", "/puh/*"),
        ("/puh/040.123.4567", "/puh/*"),
        ("/puh/+358 40", "/puh/+358"),
        ("/gift-card/A1B2-C3D4-E5F6", "/gift-card/*"),
        ("/lahjakortti/a1b2-c3d4-e5f6/", "/lahjakortti/*/"),
        ("/tuote/a1b2-c3d4", "/tuote/a1b2-c3d4"),
        ("/api_key/a", "/api_key/*"),
        ("/api/MagicLink/a", "/api/MagicLink/*"),
        ("/resetPassword/a", "/resetPassword/*"),
        ("/verify_email/a", "/verify_email/*"),
        ("/tilaus/1024", "/tilaus/1024"),
        ("/tuote/iphone-15-pro-max-256gb-musta", "/tuote/iphone-15-pro-max-256gb-musta"),
        ("/static/main.3f2a9c1b.js", "/static/main.3f2a9c1b.js"),
        ("/fi/%F0%9F%8E%81", "/fi/%F0%9F%8E%81"),
    ],
)
def test_paths(target, expected):
    assert path_of(target) == expected


@pytest.mark.parametrize("route", [route for route in ROUTES if "<token>" in route])
def test_links_of_our_own_letters_are_masked(route):
    path = path_of("/plugins/jokkerit.register/" + route.replace("<token>", "a.b"))
    assert path.endswith("/*")


@pytest.mark.parametrize(
    ("referer", "expected"),
    [
        ("-", ""),
        ("https://Shop.example:8443/a/b?c#d", "https://shop.example:8443"),
        ("https://aino:pw@shop.example/", "https://shop.example"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
        ("javascript:alert(1)", ""),
        ("https://<script>/", ""),
        ("https://shop.example:99999/", ""),
        ("https://[oops", ""),
    ],
)
def test_of_the_referer_its_origin_is_left(referer, expected):
    assert kept(combined(referer=referer)).referer == expected


def test_an_agent_is_shown_without_addresses_and_keys():
    agent = f"Bot/1.0 (+mailto:aino@example.com; {UUID}) AppleWebKit/537.36 Chrome/120.0.0.0"
    shown = "Bot/1.0 (+mailto:*; *) AppleWebKit/537.36 Chrome/120.0.0.0"
    assert kept(combined(agent=agent)).agent == shown
    for encoded in ("%40", "%2540", "%252540"):
        assert kept(combined(agent=agent.replace("@", encoded))).agent == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r"\x1B[2J\x1b]0;x\x07", r"\x1b[2J\x1b]0;x\x07"),
        (r"<b>\"it\"</b>", '<b>"it"</b>'),
        ("'; DROP TABLE x; --", "'; DROP TABLE x; --"),
        (r"\xC3\xA4\xE2\x80\xAEgnp", "ä\\u202egnp"),
        (r"\xFF\xFE", r"\xff\xfe"),
        ("\u200bA\u2028B", r"\u200bA\u2028B"),
        ("A\tB", r"A\x09B"),
        ("\x1b[2J\x00", r"\x1b[2J\x00"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(written, shown):
    assert kept(combined(agent=written)).agent == shown


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (b"\x16\x03\x01\x02\x00\x01", Refusal.BINARY),
        (b"hello\x00", Refusal.BINARY),
        (b"hello\xff", Refusal.BINARY),
        ("a" * (LONGEST_LINE + 1), Refusal.ENORMOUS),
        ("hello", Refusal.MALFORMED),
        (combined().replace(" 200 ", " 999 "), Refusal.MALFORMED),
        (combined().replace(" 200 ", " 099 "), Refusal.MALFORMED),
        (combined().replace("Nov", "Nyt"), Refusal.MALFORMED),
        (combined().replace("28/", "99/"), Refusal.MALFORMED),
        (combined()[:60], Refusal.MALFORMED),
        ("{", Refusal.MALFORMED),
        ("[" * 60_000, Refusal.MALFORMED),
        ('{"a":' * 12_000, Refusal.MALFORMED),
        ("[1]", Refusal.MALFORMED),
        (as_json(time=None), Refusal.MALFORMED),
        (as_json(time=1e300), Refusal.MALFORMED),
        (as_json(time=float("nan")), Refusal.MALFORMED),
        (as_json(time=[1]), Refusal.MALFORMED),
        (as_json(status=True), Refusal.MALFORMED),
        (as_json(status="²00"), Refusal.MALFORMED),
        (as_json(path=["/"]), Refusal.MALFORMED),
        (as_json(address=["::1"], path={}), Refusal.MALFORMED),
    ],
)
def test_what_is_no_line_is_refused(text, refusal):
    assert line(text) == refusal


#: What a client may make of each field that it chooses, at a web server's own limits.
CHOSEN = [
    combined(user="a" * 20_000),
    combined(user="a [28/Nov/2020:08:00:00 +0200] b"),
    combined(user=r"a [28/Nov/2020:08:00:00 +0200] \"GET /x HTTP/1.1\" 200 9 \"-\" \"-\""),
    combined(user=""),
    combined(agent="Mozilla/5.0 (X11)\udcff"),
    combined(
        "/fi/tuote?" + r"\x22" * 8_000, referer="https://shop.example/" + r"\x22" * 8_000,
        agent="Mozilla/5.0 (X11) " + r"\x22" * 8_000,
    ),
    combined(more="\x00\udcff"),
    combined(more=' "x user=42 y"'),
    combined(more=" " + "x" * LONGEST_LINE),
    combined(referer="https://shop.example/" + "a user=42 " * 40_000),
    combined(address="evil, 203.0.113.9"),
    combined(address=", ,203.0.113.9"),
    as_json(
        client_ip="evil, 203.0.113.9", method="GET", bytes=512, agent="Mozilla/5.0 (X11)",
        referer="https://shop.example/",
    ).replace("(X11)", "(X11)\udcff\x01"),
]  # fmt: skip


@pytest.mark.parametrize("text", CHOSEN, ids=range(len(CHOSEN)))
def test_no_field_that_a_client_chooses_throws_its_line_away(text):
    found = kept(text.encode("utf-8", "surrogateescape"))
    assert replace(found, agent="", referer="") == replace(WHOLE, agent="", referer="")


@pytest.mark.parametrize(
    "text",
    [
        combined(address="host.example"),
        as_json(client_ip="203.0.113.9, unknown"),
        'INFO:     unknown:0 - "GET /fi/tuote HTTP/1.1" 200 OK',
    ],
    ids=["combined", "json", "uvicorn"],
)
def test_an_address_that_is_none_leaves_the_rest_of_the_line(text):
    found = kept(text)
    assert (found.address, found.path, found.status) == (None, "/fi/tuote", 200)


@pytest.mark.parametrize(
    "begun",
    [
        "a b " + "[" * LONGEST_LINE, "a b " + " [a" * 80_000, "a, " * 80_000,
        'a b [c] "' + "\\" * 99_999,
    ],
    ids=range(4),
)  # fmt: skip
def test_a_line_that_is_none_takes_no_longer_the_worse_it_is(begun):
    # Were one of the patterns not linear, this would not end.
    assert line(begun[:LONGEST_LINE]) is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'GET /reset/Zk3p?a=aino@example.com "Aino"', 'AAA /aaaaa/Aa9a?a=aaaa@aaaaaaa.aaa "Aaaa"'),
        (b"\x1b[2J\x00\xc3\xa4\x7f", r"\x1b[9A\x00??\x7f"),
        (b"a" * 70_000, "a" * LONGEST_SHAPE),
    ],
)
def test_of_a_refused_line_its_shape_is_shown_and_nothing_that_it_says(raw, expected):
    assert shape(raw) == expected


@pytest.mark.parametrize("text", ["", "  ", "\r", "\ufeff"])
def test_an_empty_line_is_none(text):
    assert line(text) is None


@pytest.mark.parametrize("target", [r"\x16\x03\x01", "", "-", "GET"])
def test_a_request_that_is_none_has_no_path_and_no_method(target):
    found = kept(combined(request=target))
    assert (found.path, found.method) == ("", "GET" if target == "GET" else OTHER)


def test_what_is_odd_in_a_line_of_json_is_left_out():
    found = kept(
        as_json(
            method="BREW", user=2**63, checkout="x", bytes=-1, duration="nan", agent=5, referer=[]
        )
    )
    assert found == Line(AT, None, "", OTHER, "/fi/tuote", 200, None, None, "", None, None)


def test_long_texts_are_cut():
    found = kept(combined("/" + "ab/" * 900, agent="x y" * 900))
    assert (len(found.path), len(found.agent)) == (LONGEST_PATH, LONGEST_AGENT)
    assert found.path.endswith("…")


#: Raw bytes, text near a line's form, and JSON of any shape.
ANYTHING = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(combined).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=200).map(lambda text: combined(agent=text).encode("utf-8", "surrogatepass")),
    st.dictionaries(
        st.sampled_from(["time", "status", "path", "address", "user", "agent", "rt", "request"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40),
            st.lists(st.integers(), max_size=2), st.just(200), st.just("2026-11-28T08:00:00Z"),
        ),
    ).map(lambda said: json.dumps(said).encode()),
)  # fmt: skip


@pytest.mark.promise("P-NOTHING-ELSE")
@given(ANYTHING)
def test_any_bytes_are_kept_as_declared_or_refused(raw):
    found = line(raw)
    if not isinstance(found, Line):
        assert found is None or found in Refusal
        return
    texts = (found.path, found.agent, found.referer, found.method)
    assert all(text.isprintable() for text in texts)
    assert not any("\x00" in text or re.search(r"[\ud800-\udfff]", text) for text in texts)
    assert found.method in METHODS | {OTHER}
    assert "?" not in found.path
    assert "#" not in found.path
    assert len(found.path) <= LONGEST_PATH
    assert len(found.agent) <= LONGEST_AGENT
    assert 100 <= found.status <= 599
    assert found.at.tzinfo


_WORDS = st.text(string.ascii_letters + string.digits + "-._", max_size=12)


@given(
    st.lists(_WORDS, max_size=4),
    st.sampled_from([SECRET, UUID, "aino@example.com", "0123456789abcdef0123", "131052-308T"]),
    st.sampled_from(["/{}", "/x/{}", "/x/{}/y", "/x?{}", "/x#{}", "/x;v={}", "/reset/{}"]),
    st.integers(0, 3),
)
def test_a_secret_leaves_no_trace(parts, secret, place, rounds):
    written = secret
    for _ in range(rounds):
        written = "".join(f"%{ord(one):02X}" for one in written)
    found = path_of("/" + "/".join(parts) + place.format(written))
    assert secret not in found
    assert written not in found


def test_a_time_beyond_all_years_is_a_malformed_line_and_no_end_of_the_log():
    line = json.dumps({"time": 1e17, "path": "/", "status": 200}).encode()
    assert read(line, now=NOW) is Refusal.MALFORMED


def test_a_path_as_long_as_the_line_is_cut_before_the_work_and_no_half_of_a_part_stays():
    assert path_of("/" + "a" * 9000) == ""
    assert path_of("/a" * 4000) == path_of("/a" * 400)
