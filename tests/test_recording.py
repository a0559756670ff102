"""The recording of a real shop that the demo plays, and the command that makes recordings."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from jokkerit_plugin.config import Config
from jokkerit_plugin.models import InboxEvent
from jokkerit_plugin.register import inbox
from jokkerit_plugin.shop import documents, port
from jokkerit_plugin.shop.port import Key
from jokkerit_plugin.shop.recorded import RecordedShop
from jokkerit_plugin.shop.recording import Writer, read
from jokkerit_plugin.shop.snapshots import CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot
from tests.paper_shop import PaperShop, key_of, party

RECORDING = Path(__file__).parent.parent / "demo" / "recording.jsonl.gz"
HEADER, _lines = read(RECORDING)
LINES = list(_lines)


def test_every_document_parses_and_holds_what_a_snapshot_reads_and_no_more():
    shapes = {
        Kind.ORDER: OrderSnapshot, Kind.CUSTOMER: CustomerSnapshot, Kind.CHECKOUT: CheckoutSnapshot,
    }  # fmt: skip
    assert 1 <= HEADER["format"] <= documents.FORMAT
    for line in LINES:
        if line.document is None:
            continue
        (snapshot,) = documents.parse(line.kind, [(line.document, "x")])
        assert str(snapshot.key) == line.key
        found = set(json.loads(line.document))
        names = {field.name for field in fields(shapes[line.kind])} - {"digest"}
        # What snapshots have learnt to read since the recording was made has a default.
        younger = {"gateways", "marketing"} & names
        assert names - younger <= found <= names


def test_it_is_small_and_shows_what_a_shop_meets():
    assert RECORDING.stat().st_size < 500_000
    documents_ = [json.loads(one.document) for one in LINES if one.document]
    orders = [one for one in documents_ if "gift_card_amount" in one]
    kinds = {movement["kind"] for one in orders for movement in one["movements"]}
    assert {"payment", "refund"} <= kinds
    assert len({one["currency"] for one in orders}) >= 5
    assert len({line["tax_rate"] for one in orders for line in one["lines"]}) >= 6
    assert any(Decimal(one["gift_card_amount"]) for one in orders)
    assert any(one["user"] for one in orders)
    assert any(not one["user"] and one["email"] for one in orders)


def test_nobody_in_it_exists():
    """Mail domains that are reserved, so belong to nobody."""
    reserved = (".example", "example.com", "example.org", "example.net")
    for line in LINES:
        for field in ("email", "former_emails"):
            found = json.loads(line.document or "{}").get(field, [])
            for email in [found] if isinstance(found, str) else found:
                assert not email or email.lower().endswith(reserved), line.key


class Recordable(RecordedShop):
    """A shop on paper that can be recorded, as Saleor's can."""

    def documents(self, kind: Kind, keys: Sequence[Key], config: Config) -> dict[str, str]:
        found = self._query(
            "SELECT json_array(key, document) FROM state WHERE kind = ? AND key IN"
            " (SELECT value FROM json_each(?))",
            [kind, json.dumps([str(key) for key in keys])],
        )
        return dict(json.loads(pair) for pair in found)

    def figures(self) -> dict[str, Any]:
        return {"format": documents.FORMAT, "totals": []}


@pytest.mark.django_db
def test_the_command_records_the_inbox_and_leaves_it(shop: PaperShop, tmp_path: Path):
    port.install(Recordable(shop.port.path))
    shop.order("old")
    shop.account(5)
    shop.delivered()
    shop.checkout("cart")
    shop.order("new", checkout_token=str(key_of("checkout cart")), user=5)
    shop.remove(Kind.ORDER, key_of("order old"))
    shop.events += [(Kind.ADDRESS, "77"), (Kind.CUSTOMER, "5")]
    for kind, key in shop.delivered():
        inbox.note(kind, [key])
    call_command(
        "register_record", output=tmp_path / "own.jsonl.gz", invented_customers=True, once=True,
        stdout=StringIO(),
    )  # fmt: skip
    assert InboxEvent.objects.count() == 5
    header, lines = read(tmp_path / "own.jsonl.gz")
    found = list(lines)
    assert header["totals"] == []
    assert [(one.kind.value, one.changed, one.told) for one in found] == [
        ("order", True, False),
        ("customer", True, False),
        ("checkout", True, False),
        ("checkout", False, True),
        ("order", False, True),
        ("order", True, True),
        ("address", False, True),
        ("customer", False, True),
    ]
    assert found[5].document is None


class Changing(Recordable):
    """Its rows change after the first look, as a shop's do while it is recorded."""

    later: Callable[[], None] | None = None

    def customers_of_addresses(self, keys: Sequence[int]) -> list[int]:
        if self.later:
            self.later()
        return super().customers_of_addresses(keys)


@pytest.mark.django_db
def test_silent_changes_are_recorded_beside_the_event_that_they_belong_to(
    shop: PaperShop, tmp_path: Path
):
    recorded = Changing(shop.port.path)
    port.install(recorded)
    shop.order("guests")
    shop.account(5)
    cart = shop.checkout("cart")
    shop.delivered()

    def later() -> None:
        shop.order("guests", user=5)
        shop.order("new", user=5, checkout_token=str(cart))
        shop.remove(Kind.CHECKOUT, cart)
        book = [{"key": 77, "party": party(), "default_billing": True, "default_shipping": True}]
        shop.account(5, addresses=book)

    recorded.later = later
    inbox.note(Kind.ADDRESS, [77])
    inbox.note(Kind.ORDER, [key_of("order new")])
    inbox.note(Kind.CUSTOMER, [5])
    call_command(
        "register_record", output=tmp_path / "own.jsonl.gz", invented_customers=True, once=True,
        stdout=StringIO(),
    )  # fmt: skip
    _, lines = read(tmp_path / "own.jsonl.gz")
    found = [(one.kind.value, one.key, one.told, one.document is None) for one in lines][3:]
    assert found == [
        ("customer", "5", False, False),
        ("address", "77", True, True),
        ("checkout", str(cart), False, True),
        ("order", str(key_of("order new")), True, False),
        ("order", str(key_of("order guests")), False, False),
        ("customer", "5", True, True),
    ]


@pytest.mark.django_db
def test_what_cannot_be_recorded_is_said(shop: PaperShop, tmp_path: Path):
    def record(**options: bool) -> None:
        call_command("register_record", output=tmp_path / "own.jsonl.gz", once=True, **options)

    with pytest.raises(CommandError, match="inside Saleor"):
        record(invented_customers=True)
    port.install(Recordable(shop.port.path, Config(active=False)))
    with pytest.raises(CommandError, match="deactivated"):
        record(invented_customers=True)
    port.install(Recordable(shop.port.path))
    with pytest.raises(CommandError, match="--invented-customers"):
        record()
    port.install(Recordable(shop.port.path, Config(controller_name="Jokkerit Oy")))
    with pytest.raises(CommandError, match="real customers"):
        record(invented_customers=True)
    assert list(tmp_path.glob("own*")) == []


def test_a_recording_comes_back_as_it_was_written(tmp_path: Path):
    writer = Writer(tmp_path / "own.jsonl.gz")
    writer.write(Kind.CUSTOMER, "1", '{"key": 1}', told=False)
    writer.write(Kind.CUSTOMER, "1", '{"key": 1}', told=False)
    writer.write(Kind.CUSTOMER, "1", '{"key": 1}')
    writer.write(Kind.CUSTOMER, "2", None, told=False)
    writer.write(Kind.ADDRESS, "7", None)
    writer.write(Kind.CUSTOMER, "1", None)
    writer.finish({"format": 1})
    header, lines = read(writer.path)
    assert header == {"format": 1}
    assert [(one.key, one.document, one.changed, one.told) for one in lines] == [
        ("1", '{"key":1}', True, False),
        ("1", None, False, True),
        ("7", None, False, True),
        ("1", None, True, True),
    ]
    assert [one.name for one in tmp_path.iterdir()] == ["own.jsonl.gz"]
