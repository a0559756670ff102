"""The copy of Saleor's own rows: row by row what erasing would take, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.saleor import marked, rows
from tests.saleor.inside import strict_writer
from tests.saleor.marked import EMAIL, MARK, fetch, key_of
from tests.saleor.test_erasers_orders import eraser
from tests.saleor.test_erasers_people import FORMER, TABLES, cart, forget, old, staff, user

pytest_plugins = ("tests.saleor.fixtures_inside",)
__all__ = ["staff", "user"]

NAME = f"Merkki {MARK}"
#: What the law keeps out of a copy though erasing takes it, and why.
LEFT_OUT = {
    # Of no use to the person, and of much to a thief of the copy (article 32).
    ("account_user", "password"): "withheld",
    ("account_user", "jwt_token_key"): "withheld",
    # Made of both sides' names and e-mails (article 15(4)).
    ("giftcard_giftcard", "search_vector"): "shared",
}

Copy = dict[tuple[str, str], dict[str, Any]]


def customer(
    account: Any = None, *, guest: str = "", emails: Sequence[str] = (), orders: Sequence[Any] = ()
) -> int:
    """A customer of the register, as the intake would have it."""
    from jokkerit_plugin.models import Customer, KnownIdentifier, Purchase

    known = dict.fromkeys([*emails, *([account.email] if account else []), *filter(None, [guest])])
    made = Customer.objects.create(
        saleor_user=account.pk if account else None, guest_email=guest or None,
        email=account.email if account else "", entered_at=rows.at(0),
        first_name=account.first_name if account else "Merkki",
        last_name=account.last_name if account else MARK,
    )  # fmt: skip
    for email in known:
        KnownIdentifier.objects.create(
            customer=made, kind="email", value=email.lower(), first_at=rows.at(0),
            last_at=rows.at(1) if email in emails else None,
        )  # fmt: skip
    amounts = dict.fromkeys(("net", "gross", "shipping_net", "shipping_gross"), 0)
    for one in orders:
        Purchase.objects.create(
            saleor_order=one.pk, customer=made, number=str(one.number), status=one.status,
            origin="checkout", channel="fi", currency="EUR", placed_at=rows.at(0), digest="",
            gift_card_amount=0, email=one.user_email, **amounts,
        )  # fmt: skip
    return made.pk


def copy(pk: int, purchases: Sequence[int] | None = None, account: int | None = None) -> Copy:
    """By table and key what the copy says, by column."""
    from jokkerit_plugin.rights.archive import in_shop
    from jokkerit_plugin.rights.archive.whose import Whose

    found: Copy = {}
    whose = Whose(pk, None if purchases is None else tuple(purchases), account)
    for table in in_shop.of_shop(whose):
        for row in table.rows():
            assert (table.name, row[0]) not in found, "the same row twice"
            found[table.name, row[0]] = dict(zip(table.columns, row, strict=True))
    return found


def of_text(table: str) -> list[str]:
    """The columns that hold text."""
    kinds = {"varchar", "text", "bpchar", "jsonb", "inet", "tsvector"}
    return [name for name, (kind, _) in marked.columns(table).items() if kind in kinds]


def texts(tables: Sequence[str]) -> dict[tuple[str, str, str], str]:
    """Every text as PostgreSQL writes it, by table, key and column: no keys, figures and dates."""
    found = {}
    for table in tables:
        for name in of_text(table):
            sql = f'SELECT {key_of(table)}::text, "{name}"::text FROM {table}'
            found |= {(table, key, name): value for key, value in fetch(sql) if value}
    return found


def missing(before: dict[tuple[str, str, str], str], told: Copy) -> set[tuple[str, str]]:
    """Columns of which the erasing took a value that is not in the copy, row by row."""
    present = {(table, key, name) for table, key, name in texts(sorted({t for t, _, _ in before}))}
    after = texts(sorted({table for table, _, _ in before}))
    gone = {
        place: value for place, value in before.items()
        if place not in present or after[place] != value
    }  # fmt: skip
    assert len(gone) > 40
    return {
        (table, name) for (table, key, name), value in gone.items()
        if eraser().part_of(table, name) and value not in {"{}", "''"}
        and told.get((table, key), {}).get(name) != value
    }  # fmt: skip


def test_every_column_that_is_erased_is_one_of_the_copy_and_no_other(inside: None) -> None:
    from jokkerit_plugin.rights.archive import in_shop
    from jokkerit_plugin.rights.archive.whose import Whose
    from jokkerit_plugin.saleor_bridge.erasers import claims

    copied = {
        (table.name, name) for table in in_shop.of_shop(Whose(0)) for name in table.columns[1:]
    }
    erased = claims.claimed().keys()
    there = {(table, name) for table in {t for t, _ in erased} for name in of_text(table)}
    assert copied == erased & there
    # 3.21 knows nothing of a card.
    assert len(copied) > (140 if ("payment_transactionitem", "cc_last_digits") in there else 135)


def signed(made: Any) -> Any:
    """A cart whose addresses have the person's name, in whatever letters."""
    fetch(
        "UPDATE account_address SET first_name = 'Merkki', last_name = %s WHERE id = ANY(%s)",
        MARK.upper(), [made.billing_address_id, made.shipping_address_id],
    )  # fmt: skip
    return made


def test_row_by_row_what_goes_with_an_account_was_in_the_copy(user: Any) -> None:
    signed(cart(email=FORMER))
    told = copy(customer(user, emails=[FORMER]))
    before = texts(TABLES)
    forget(user, emails=(EMAIL, FORMER))
    assert sorted(missing(before, told) - LEFT_OUT.keys()) == []


def test_row_by_row_what_goes_with_orders_was_in_the_copy(inside: None) -> None:
    from jokkerit_plugin.shop.erasers import ShopPart

    person = marked.person()
    told = copy(customer(person.user, orders=[person.order]))
    before = texts([*marked.ORDER_TABLES, "account_user"])
    with strict_writer():
        for part in (ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY):
            assert eraser().take(part, [str(person.order.pk)])
            eraser().erase(part, [str(person.order.pk)])
    assert sorted(missing(before, told) - LEFT_OUT.keys()) == []


def test_of_what_is_withheld_the_copy_says_that_it_is_there(user: Any) -> None:
    told = copy(customer(user))
    assert told["account_user", str(user.pk)]["password"] == "(not shown)"


def test_attributes_of_a_customer_are_in_it_with_their_files(user: Any) -> None:
    from saleor.attribute import models

    if not hasattr(models, "AssignedUserAttributeValue"):
        pytest.skip("this Saleor has no customer attributes")
    attribute = models.Attribute.objects.create(
        slug="a", name="a", type="customer-type", input_type="file"
    )
    values = [
        models.AttributeValue.objects.create(
            attribute=attribute, name=name, slug=name, file_url=f"file_upload/{name}.pdf"
        )
        for name in (MARK, "another")
    ]
    other = rows.user("other@example.com")
    for value, whose in zip(values, (user, other), strict=True):
        models.AssignedUserAttributeValue.objects.create(value=value, user=whose)
    told = copy(customer(user))
    assert told["attribute_attributevalue", str(values[0].pk)]["file_url"] == (
        f"file_upload/{MARK}.pdf"
    )
    assert ("attribute_attributevalue", str(values[1].pk)) not in told


@pytest.fixture
def clerk(inside: None) -> Any:
    """Somebody who works in the shop, and buys there."""
    from saleor.account.models import CustomerEvent, CustomerNote

    made = rows.user("clerk@example.com", is_staff=True, first_name="Kirsi", last_name="Kauppias")
    other = rows.user("other@example.com", first_name="Otto", last_name="Outo")
    CustomerNote.objects.create(customer=other, user=made, content="Otto is cross")
    CustomerNote.objects.create(customer=made, user=other, content="Kirsi is kind")
    for kind, text in (("email_assigned", "otto@example.com"), ("name_assigned", "Otto Outo"),
                       ("name_assigned", "Kirsi Kauppias")):  # fmt: skip
        CustomerEvent.objects.create(user=made, type=kind, parameters={"message": text})
    CustomerEvent.objects.create(user=made, type="placed_order", parameters={})
    order = rows.order(user=other, user_email="other@example.com")
    rows.told(order, "note_added", rows.at(1), message="Otto's order")
    fetch("UPDATE order_orderevent SET user_id = %s", made.pk)
    return made


def test_who_works_in_the_shop_gets_nothing_of_the_customers(clerk: Any) -> None:
    told = copy(customer(clerk))
    assert "Kirsi is kind" in str(told)
    assert "Kirsi Kauppias" in str([row.get("parameters") for row in told.values()])
    assert "tto" not in str(told)


def card(code: str, **sides: Any) -> Any:
    from saleor.giftcard.models import GiftCard

    made = GiftCard.objects.create(
        code=code, currency="EUR", initial_balance_amount=10, current_balance_amount=10, **sides
    )
    fetch("UPDATE giftcard_giftcard SET search_vector = '''both'':1' WHERE id = %s", made.pk)
    return made


def test_of_a_gift_card_each_side_gets_its_own(inside: None) -> None:
    from saleor.giftcard.models import GiftCardEvent

    giver = rows.user("giver@example.com")
    made = card("LAHJA", created_by=giver, created_by_email=giver.email, used_by_email=EMAIL)
    GiftCardEvent.objects.create(
        gift_card=made, type="sent_to_customer", parameters={"email": EMAIL, "expiry_date": "x"}
    )
    key = ("giftcard_giftcard", str(made.pk))
    given, got = copy(customer(giver)), copy(customer(guest=EMAIL))
    assert (given[key]["created_by_email"], given[key]["used_by_email"]) == (giver.email, None)
    assert (got[key]["created_by_email"], got[key]["used_by_email"]) == (None, EMAIL)
    assert given[key]["search_vector"] is got[key]["search_vector"] is None
    assert EMAIL not in str(given)
    assert "expiry_date" in str(given)
    assert giver.email not in str(got)
    assert EMAIL in str([row.get("parameters") for row in got.values()])


def test_a_mailbox_that_changed_hands_brings_nothing_of_the_other(inside: None) -> None:
    """Two accounts with one e-mail over time: who had it first, and who has it now."""
    first = rows.user("new@example.com", first_name="Merkki", last_name=MARK)
    second = rows.user(EMAIL, first_name="Merkki", last_name=MARK)
    hers = card("ENSIN", used_by=first, used_by_email=EMAIL)
    his = card("SITTEN", used_by=second, used_by_email=EMAIL)
    carts = [cart(user=first, email=EMAIL), cart(user=second, email=EMAIL)]
    told = copy(customer(first, emails=[EMAIL])), copy(customer(second))
    for copied, own, other in ((told[0], 0, 1), (told[1], 1, 0)):
        cards = ("giftcard_giftcard", str(hers.pk)), ("giftcard_giftcard", str(his.pk))
        baskets = [("checkout_checkout", str(one.pk)) for one in carts]
        assert (cards[own] in copied, cards[other] in copied) == (True, False)
        assert (baskets[own] in copied, baskets[other] in copied) == (True, False)


def test_a_cart_from_a_shared_mailbox_with_another_s_name_is_not_in_it(inside: None) -> None:
    from saleor.checkout.models import CheckoutMetadata

    own, empty = signed(cart(email=EMAIL)), rows.checkout(email=EMAIL)
    other = rows.checkout(
        email=EMAIL, note="Heikin", shipping_address=rows.address(first_name="Heikki",
                                                                  last_name="Muu"),
    )  # fmt: skip
    for one in (empty, other):
        CheckoutMetadata.objects.update_or_create(checkout=one, defaults={"metadata": {"a": "b"}})
        old(one)
    told = copy(customer(guest=EMAIL))
    assert {key for table, key in told if table == "checkout_checkout"} == {
        str(own.pk), str(empty.pk)
    }  # fmt: skip
    # What hangs on a guest's cart comes with it.
    assert len([key for table, key in told if table == "checkout_checkoutmetadata"]) == 2
    assert ("account_address", str(own.shipping_address_id)) in told
    assert "Heik" not in str(told)


def test_a_part_reaches_its_orders_alone(user: Any) -> None:
    from jokkerit_plugin.models import Purchase

    mine, other = (
        rows.order(user=user, user_email=EMAIL, customer_note=note) for note in ("eka", "toka")
    )
    pk = customer(user, orders=[mine, other])
    told = copy(pk, [Purchase.objects.get(saleor_order=mine.pk).pk])
    assert {key for table, key in told if table == "order_order"} == {str(mine.pk)}
    assert not [table for table, _ in told if table in {"account_user", "giftcard_giftcard"}]
    assert "toka" not in str(told)


def test_an_account_that_never_bought_gets_what_would_be_erased_with_it(user: Any) -> None:
    told = copy(0, account=user.pk)
    before = texts(TABLES)
    forget(user)
    # A former e-mail is known from the register, which has nothing of who never bought.
    left = {
        ("giftcard_giftcard", "created_by_email"), ("discount_vouchercustomer", "customer_email"),
        ("account_customerevent", "parameters"),
    }  # fmt: skip
    assert sorted(missing(before, told) - LEFT_OUT.keys() - left) == []
    assert told["account_user", str(user.pk)]["email"] == EMAIL
    assert "somebody.else" not in str(told)


def test_the_mark_of_the_restricted_is_on_them_and_on_no_others(inside: None) -> None:
    from jokkerit_plugin.shop.port import shop

    users = [rows.user(f"{name}@example.com") for name in ("first", "second", "third")]
    fetch("UPDATE account_user SET private_metadata = '{\"own\": 1}' WHERE id = %s", users[0].pk)
    before = [one.updated_at for one in users]

    def marks() -> list[object]:
        for one in users:
            one.refresh_from_db()
        return [one.private_metadata for one in users]

    mark = {"jokkerit.restricted": "true"}
    for restricted, expected in (
        (users[:2], [{"own": 1} | mark, mark, {}]),
        (users[:2], [{"own": 1} | mark, mark, {}]),
        (users[1:], [{"own": 1}, mark, mark]),
        ([], [{"own": 1}, {}, {}]),
    ):
        shop().mark_restricted([one.pk for one in restricted])
        assert marks() == expected
    # Nobody changed the accounts.
    assert [one.updated_at for one in users] == before


def test_each_state_of_an_order_that_saleor_knows_has_its_words() -> None:
    from saleor import order

    from jokkerit_plugin.rights.words import texts

    known = {
        ("Purchase", "status"): order.OrderStatus, ("Purchase", "origin"): order.OrderOrigin,
        ("Delivery", "status"): order.FulfillmentStatus,
    }  # fmt: skip
    for language in ("fi", "sv", "en"):
        values = texts("copy", language)["values"]
        for (model, column), kind in known.items():
            assert set(values[model][column]) == {code for code, _ in kind.CHOICES}
