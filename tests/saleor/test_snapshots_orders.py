"""Orders as snapshots: complete, exact, and taxed where Saleor taxes them."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from uuid import uuid4

import pytest

from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots
from jokkerit_plugin.shop.snapshots import Kind, Party
from tests.saleor import rows
from tests.saleor.reading import change, keys, read

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")


class TestOrders:
    """OrderSnapshot."""

    def test_every_field_is_read(self) -> None:
        buyer = rows.user("buyer@example.com")
        billing = rows.address(
            last_name="Virtanen",
            company_name="Oy",
            street_address_1="Kaskitie 7",
            street_address_2="B 3",
            postal_code="51900",
            city="Juva",
            city_area="Keskusta",
            country_area="Savo",
            phone="+358405551234",
        )
        order = rows.order(
            user=buyer,
            user_email="Buyer@Example.com",
            language_code="fi",
            created_at=rows.at(0),
            total_net_amount=Decimal("100.005"),
            total_gross_amount=Decimal("125.506"),
            shipping_price_net_amount=Decimal(5),
            shipping_price_gross_amount=Decimal("6.275"),
            shipping_tax_rate=Decimal("0.255"),
            shipping_tax_class_name="Freight",
            tax_exemption=True,
            billing_address=billing,
            metadata={"vatId": " FI23685823 "},
            checkout_token="token",
        )
        line = rows.line(
            order,
            "100.005",
            "125.506",
            variant_name="L",
            product_sku="JR-PAITA",
            quantity=2,
            tax_rate=Decimal("0.2550"),
            tax_class_name="Standard",
            is_gift_card=True,
            variant=rows.variant("shirt"),
        )

        found = read(order)

        assert dataclasses.asdict(found) | {"digest": ""} == {
            "key": order.pk,
            "number": str(order.number),
            "status": "unfulfilled",
            "origin": "checkout",
            "channel": "fi",
            "currency": "EUR",
            "language": "fi",
            "user": buyer.pk,
            "email": "Buyer@Example.com",
            "placed_at": rows.at(0),
            "paid_at": None,
            "delivered_at": None,
            "cancelled_at": None,
            "net": Decimal("100.005"),
            "gross": Decimal("125.506"),
            "shipping_net": Decimal(5),
            "shipping_gross": Decimal("6.275"),
            "shipping_tax_rate": Decimal("0.255"),
            "shipping_tax_class": "Freight",
            "gift_card_amount": Decimal(0),
            "tax_country": "FI",
            "tax_exempt": True,
            "vat_id": "FI23685823",
            "checkout_token": "token",
            "marketing": {},
            "billing": dataclasses.asdict(
                Party(
                    first_name="Aino",
                    last_name="Virtanen",
                    company_name="Oy",
                    street_1="Kaskitie 7",
                    street_2="B 3",
                    postal_code="51900",
                    city="Juva",
                    city_area="Keskusta",
                    country_area="Savo",
                    country="FI",
                    phone="+358405551234",
                )
            ),
            "shipping": None,
            "lines": (
                {
                    "key": line.pk,
                    "name": "Paita",
                    "variant": "L",
                    "sku": "JR-PAITA",
                    "quantity": 2,
                    "net": Decimal("100.005"),
                    "gross": Decimal("125.506"),
                    "tax_rate": Decimal("0.255"),
                    "tax_class": "Standard",
                    "is_gift_card": True,
                    "added_at": None,
                    "product_type": "shirt",
                },
            ),
            "movements": (),
            "deliveries": (),
            "invoices": (),
            "gateways": (),
            "outside": (),
            "digest": "",
        }

    @pytest.mark.parametrize(
        ("currency", "amount"),
        [("KWD", "0.001"), ("JPY", "123456789012345"), ("EUR", "0.1"), ("EUR", "-2.345")],
    )
    def test_amounts_are_exact_in_any_currency(self, currency: str, amount: str) -> None:
        shop = rows.channel(currency.lower(), currency)
        order = rows.order(channel=shop, currency=currency, total_gross_amount=Decimal(amount))
        rows.line(order, amount, amount)
        rows.attempt(rows.payment(order), "capture", amount)

        found = read(order)

        (line,), (movement,) = found.lines, found.movements
        assert {found.gross, line.net, line.gross, movement.amount} == {Decimal(amount)}
        assert (found.currency, movement.currency) == (currency, currency)

    def test_nulls_of_texts_are_empty(self) -> None:
        order = rows.order()
        rows.line(order, "1", "1", product_sku=None, tax_class_name=None, tax_rate=None)

        found = read(order)

        assert (found.shipping_tax_class, found.lines[0].sku, found.lines[0].tax_class) == (
            ("",) * 3
        )
        assert (found.shipping_tax_rate, found.lines[0].tax_rate) == (None, None)

    def test_the_type_of_a_product_that_is_gone_is_known_as_long_as_the_shop_knows_it(self) -> None:
        from saleor.order.models import OrderLine

        order, sold = rows.order(), rows.variant("saw")
        known = {"product_type_id": sold.product.product_type_id}
        keeps = hasattr(OrderLine, "product_type_id")  # from Saleor 3.22 on
        rows.line(order, "1", "1", variant=sold, **known if keeps else {})

        sold.product.delete()

        assert read(order).lines[0].product_type == ("saw" if keeps else "")

    def test_text_comes_through_as_it_is(self) -> None:
        order = rows.order(metadata={"vatId": "ÅÄÖ\u2028'\"\\%s%%{0}"})

        assert read(order).vat_id == "ÅÄÖ\u2028'\"\\%s%%{0}"

    def test_drafts_and_orders_of_excluded_channels_do_not_exist(self) -> None:
        draft, other = rows.order(status="draft"), rows.order(channel=rows.channel("other"))
        config = Config(excluded_channels=("other",))

        assert snapshots.orders([draft.pk, other.pk, uuid4()], config) == []
        assert not {draft.pk, other.pk} & set(keys(Kind.ORDER, config))
        assert snapshots.orders([], config) == []

    def test_orders_of_excluded_gateways_do_not_exist(self) -> None:
        from saleor.payment.models import TransactionItem

        buyer = rows.user("buyer@example.com", is_staff=True)
        ours, legacy, new = rows.order(), rows.order(user=buyer), rows.order()
        rows.payment(ours, gateway="ours")
        rows.payment(legacy, gateway="theirs")
        TransactionItem.objects.create(order=new, name="Theirs too", currency="EUR")
        config = Config(excluded_gateways=("theirs", "Theirs too"))

        found = snapshots.orders([ours.pk, legacy.pk, new.pk], config)

        assert [one.key for one in found] == [ours.pk]
        assert {legacy.pk, new.pk, ours.pk} & set(keys(Kind.ORDER, config)) == {ours.pk}
        assert buyer.pk not in keys(Kind.CUSTOMER, config)
        assert buyer.pk in keys(Kind.CUSTOMER, Config())

    def test_a_line_was_added_later_only_if_an_event_says_so(self) -> None:
        order = rows.order()
        rows.told(order, "placed", rows.at(0))
        lines = {name: rows.line(order, "1", "1", product_name=name) for name in "abcd"}
        for name, minute in (("a", -1), ("b", 5), ("c", 6), ("d", 7)):
            change(lines[name], created_at=rows.at(minute))
        # The quantity of `a` was raised; `d` was dated by a migration.
        for names in ("a", "bc"):
            named = [{"line_pk": str(lines[name].pk), "quantity": 1} for name in names]
            rows.told(order, "added_products", rows.at(9), lines=named)

        found = {one.name: one.added_at for one in read(order).lines}

        assert found == {"a": None, "b": rows.at(5), "c": rows.at(6), "d": None}

    def test_deliveries_and_invoices(self) -> None:
        from saleor.invoice.models import Invoice

        order = rows.order()
        line = rows.line(order, "1", "1")
        sent, back = rows.parcel(order, line), rows.parcel(order, line, status="returned")
        for status, number in [
            ("success", "1"),
            ("success", None),
            ("pending", None),
            ("pending", "2"),
            ("failed", "3"),
        ]:
            Invoice.objects.create(order=order, status=status, number=number)
        dated = Invoice.objects.create(order=order, status="success", created=rows.at(5))

        found = read(order)

        assert [(h.line, h.status, h.quantity, h.at) for h in found.deliveries] == [
            (line.pk, "fulfilled", 1, sent.created_at),
            (line.pk, "returned", 1, back.created_at),
        ]
        assert [i.number for i in found.invoices] == ["1", "", "2", ""]
        assert (found.invoices[-1].key, found.invoices[-1].created_at) == (dated.pk, rows.at(5))


class TestTaxes:
    """The country that taxes the order, and the buyer's VAT id."""

    def test_the_country_is_the_collection_point_s_else_the_address_s(self) -> None:
        from saleor.warehouse.models import Warehouse

        depot = Warehouse.objects.create(name="d", slug="d", address=rows.address(country="AX"))
        shop = rows.channel("se", "SEK", "SE")
        billing, shipping = rows.address(country="DE"), rows.address(country="EE")
        order = rows.order(
            channel=shop,
            collection_point=depot,
            shipping_address=shipping,
            billing_address=billing,
        )
        seen = [read(order).tax_country]
        for column in ("collection_point", "shipping_address", "billing_address"):
            change(order, **{column: None})
            seen.append(read(order).tax_country)

        assert seen == ["AX", "EE", "DE", "SE"]

    def test_the_vat_id_is_the_order_s_else_the_address_s_and_never_the_account_s(self) -> None:
        config = Config(vat_id_keys=("vat", "alv"))
        buyer = rows.user("b@example.com", metadata={"vat": "user"})
        billing = rows.address(metadata={"vat": "billing"})
        order = rows.order(
            user=buyer, billing_address=billing, metadata={"vat": " ", "alv": "order", "x": "y"}
        )
        seen = [read(order, config).vat_id]
        for row, fields in (
            (order, {"metadata": {"vat": None, "alv": 7}}),
            (order, {"metadata": {}}),
            (billing, {"metadata": {"vatId": "not configured"}}),
        ):
            change(row, **fields)
            seen.append(read(order, config).vat_id)

        assert seen == ["order", "7", "billing", ""]
