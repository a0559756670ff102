"""Protected servers, strong encryption: each protection switched off is an alarm."""

import http.server
import ipaddress
import ssl
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import checks

from jokkerit_plugin import clock, overview, tasks
from jokkerit_plugin.description import https, protection, versions
from jokkerit_plugin.description.https import Seen
from jokkerit_plugin.description.versions import DescriptionError
from jokkerit_plugin.models import Description, SeenHttps
from jokkerit_plugin.shop.connections import Connection, Seal
from tests.published import described, published

pytestmark = pytest.mark.django_db

YEAR = 31_536_000


def names(config) -> list[str]:
    return [one.name for one in protection.alarms(config)]


@pytest.fixture
def outside(shop):
    """A shop at a public address, whose proxy was asked and answered well."""
    shop.port.found_at = "https://kauppa.example"
    SeenHttps.objects.create(host="kauppa.example", at=clock.now(), hsts=YEAR)
    return shop


@pytest.mark.promise("P-PROTECTED", "P-ENCRYPTED")
def test_a_protected_shop_raises_no_alarm(outside):
    outside.port.lines = [
        Connection("database:default", "db.example", Seal.VERIFIED),
        Connection("database:replica", "", Seal.OPEN),
        Connection("CELERY_BROKER_URL", "127.0.0.1", Seal.OPEN),
        Connection("cache:default", "localhost", Seal.OPEN),
    ]
    assert protection.alarms(described(outside)) == []
    assert published(outside).version == 1


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
@pytest.mark.parametrize("name", [
    "database:default", "CELERY_BROKER_URL", "cache:default", "EMAIL_URL", "webhook:7", "app:3",
])  # fmt: skip
@pytest.mark.parametrize("seal", [Seal.OPEN, Seal.UNVERIFIED])
def test_a_connection_without_verified_tls_is_an_alarm(outside, name, seal):
    published(outside)
    outside.port.lines = [Connection(name, "elsewhere.example", seal)]
    (alarm,) = protection.alarms(outside.port.settings)
    assert (alarm.name, name in alarm.sentence) == ("connection", True)
    told = overview.overview().problems
    assert any(name in one and "elsewhere.example" in one for one in told)
    assert [one.id for one in checks.run_checks(tags=["security"])
            if one.id.startswith("jokkerit")] == ["jokkerit_plugin.W021"]  # fmt: skip


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
@pytest.mark.parametrize(("seen", "expected"), [
    ({"hsts": 0}, ["hsts"]),
    ({"hsts": 3600}, ["hsts"]),
    ({"problem": "It answers without TLS, and does not send on to HTTPS."}, ["https"]),
    ({"at": clock.now() - timedelta(hours=49)}, ["https"]),
])  # fmt: skip
def test_https_that_is_not_alone_or_not_for_good_is_an_alarm(outside, seen, expected):
    published(outside)
    SeenHttps.objects.update(**seen)
    assert names(outside.port.settings) == expected
    assert not overview.overview().healthy


def test_a_shop_that_was_never_asked_is_not_known_to_be_safe(outside):
    SeenHttps.objects.all().delete()
    assert names(described(outside)) == ["https"]


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
def test_a_public_address_without_https_is_an_alarm(outside):
    outside.port.found_at = "http://kauppa.example"
    assert names(described(outside)) == ["https"]


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1", ""])
def test_a_shop_on_this_machine_needs_no_https(outside, address):
    outside.port.found_at = address
    assert names(described(outside)) == []


@pytest.mark.promise("P-PROTECTED", "P-EU", breaks=True)
@pytest.mark.parametrize("country", ["US", "GB", "NO", "IS", "CH", "GL"])
def test_servers_outside_the_union_are_an_alarm(outside, country):
    assert names(described(outside, hosting_country=country)) == ["hosting"]


@pytest.mark.promise("P-PROTECTED", breaks=True)
def test_backups_that_nobody_declared_encrypted_are_an_alarm(outside):
    today = clock.now().astimezone(clock.HELSINKI).date()
    assert names(described(outside, backups_encrypted_on=None)) == ["backups"]
    for days, expected in ((0, []), (366, []), (367, ["backups"]), (-1, ["backups"])):
        day = today - timedelta(days=days)
        assert names(described(outside, backups_encrypted_on=day)) == expected


@pytest.mark.promise("P-PROTECTED", "P-ENCRYPTED", breaks=True)
def test_a_text_that_tells_of_protection_is_not_published_without_it(outside):
    outside.port.lines = [Connection("database:default", "db.example", Seal.OPEN)]
    with pytest.raises(DescriptionError, match="database:default"):
        published(outside)
    assert versions.in_force() is None
    assert not Description.objects.exists()


def test_the_night_asks_and_keeps_the_answer(outside, monkeypatch, caplog):
    published(outside)
    asked = []

    def answer(host):
        asked.append(host)
        return Seen(hsts=60)

    monkeypatch.setattr(https, "ask", answer)
    tasks.watch_description()
    assert asked == ["kauppa.example"]
    assert SeenHttps.objects.get().hsts == 60
    assert "Strict-Transport-Security" in caplog.text


def test_a_local_shop_is_not_asked(shop, monkeypatch):
    monkeypatch.setattr(https, "ask", lambda _host: pytest.fail("asked"))
    protection.ask()
    shop.port.found_at = "http://localhost:8000"
    protection.ask()
    assert not SeenHttps.objects.exists()


@pytest.mark.parametrize(("header", "seconds"), [
    ("max-age=31536000; includeSubDomains; preload", YEAR),
    ('includeSubDomains; Max-Age="600"', 600), ("max-age=0", 0), ("", 0), ("preload", 0),
    ("max-age=x", 0), ("max-age", 0), ("max-age=" + "9" * 40, 2**62),
])  # fmt: skip
def test_the_header_of_hsts(header, seconds):
    assert https.max_age(header) == seconds


class _Answers(http.server.BaseHTTPRequestHandler):
    answers: dict = {}

    def do_GET(self):
        status, headers = self.answers
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def serving(status, headers, context=None):
    handler = type("Handler", (_Answers,), {"answers": (status, headers)})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """A server's context, and a client's that trusts its certificate."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, secret)
    return server, ssl.create_default_context(cafile=str(certificate))


HSTS = {"Strict-Transport-Security": f"max-age={YEAR}"}
ONWARDS = {"Location": "https://127.0.0.1/"}


@pytest.mark.parametrize(("status", "headers", "problem"), [
    (301, ONWARDS, ""), (308, ONWARDS, ""), (200, {}, "without TLS"),
    (301, {"Location": "http://127.0.0.1/x"}, "without TLS"), (404, {}, "without TLS"),
])  # fmt: skip
def test_a_shop_that_answers_without_tls_is_found_out(tls, status, headers, problem):
    server, client = tls
    with serving(200, HSTS, server) as port, serving(status, headers) as plain:
        seen = https.ask("127.0.0.1", tls=client, port=port, plain=plain)
    assert seen.hsts == YEAR
    assert (problem in seen.problem) if problem else seen.problem == ""


def test_a_shop_that_only_listens_with_tls_is_the_best(tls):
    server, client = tls
    with serving(200, {}, server) as port:
        assert https.ask("127.0.0.1", tls=client, port=port, plain=1) == Seen(0, "")


def test_a_certificate_that_nobody_vouches_for_is_found_out(tls):
    server, _ = tls
    with serving(200, HSTS, server) as port:
        assert "certificate" in https.ask("127.0.0.1", port=port, plain=1).problem


def test_a_shop_without_tls_is_found_out():
    assert "does not answer over HTTPS" in https.ask("127.0.0.1", port=1, plain=1).problem


def test_an_unreadable_setting_is_no_hosting_country(shop):
    shop.port.settings = replace(described(shop), hosting_country="")
    assert names(shop.port.settings) == []
