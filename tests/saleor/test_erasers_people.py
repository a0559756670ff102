"""What goes with an account or an e-mail address in Saleor's own tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.shop.erasers import Done, ShopPart
from tests.saleor import rows
from tests.saleor.inside import statements, strict_writer
from tests.saleor.marked import EMAIL, MARK, VAT, address, columns, fetch, mark, read, remains
from tests.saleor.test_erasers_orders import eraser

pytest_plugins = ("tests.saleor.fixtures_inside",)

ACCOUNT = ShopPart.ACCOUNT
FORMER = f"former.{MARK}@example.com"
#: Where a person may stand who has bought nothing.
TABLES = (
    "account_user", "account_address", "account_customernote", "account_customerevent",
    "thumbnail_thumbnail", "checkout_checkout", "checkout_checkoutline",
    "checkout_checkoutmetadata", "discount_checkoutdiscount", "discount_vouchercustomer",
    "giftcard_giftcard", "giftcard_giftcardevent", "giftcard_giftcardtag", "payment_payment",
    "payment_transaction", "payment_transactionitem", "payment_transactionevent",
)  # fmt: skip


def forget(*users: Any, emails: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> Done:
    """Take and erase these accounts."""
    keys = [str(user.pk) for user in users]
    with strict_writer():
        assert eraser().take(ACCOUNT, keys) == keys
        done: Done = eraser().erase(ACCOUNT, keys, emails=emails, names=names)
        return done


def old(checkout: Any) -> None:
    """Let a checkout be as if nobody had touched it for months."""
    sql = "UPDATE checkout_checkout SET last_change = now() - interval '99 days' WHERE token = %s"
    fetch(sql, checkout.pk)


def cart(**fields: Any) -> Any:
    """An abandoned checkout full of marks."""
    from saleor.checkout.models import CheckoutMetadata

    made = rows.checkout(
        billing_address=address(), shipping_address=address(), **{"email": EMAIL, **fields}
    )
    mark("checkout_checkout", made.pk, email=made.email)
    CheckoutMetadata.objects.update_or_create(checkout=made, defaults={"metadata": {MARK: MARK}})
    old(made)
    return made


@pytest.fixture
def staff(inside: None) -> Any:
    return rows.user("clerk@example.com", is_staff=True)


@pytest.fixture
def user(staff: Any) -> Any:
    """A person in every corner but orders."""
    from saleor.account.models import CustomerEvent, CustomerNote
    from saleor.discount.models import Voucher, VoucherCode, VoucherCustomer
    from saleor.giftcard.models import GiftCard, GiftCardEvent, GiftCardTag
    from saleor.thumbnail.models import Thumbnail

    made = rows.user(EMAIL, first_name="Merkki", last_name=MARK, avatar=f"user-avatars/{MARK}.png")
    mark("account_user", made.pk, email=EMAIL, first_name="Merkki", last_name=MARK)
    made.addresses.add(address())
    made.default_billing_address = address()
    made.save(update_fields=["default_billing_address"])
    CustomerNote.objects.create(customer=made, user=staff, content=MARK)
    Thumbnail.objects.create(user=made, size=64, image=f"thumbnails/{MARK}.png")
    for whose, kind, parameters in (
        (made, "email_changed", {"old_email": FORMER, "new_email": EMAIL}),
        (staff, "email_assigned", {"message": FORMER}),
        (staff, "name_assigned", {"message": f"Merkki {MARK}"}),
        (None, "email_assigned", {"message": EMAIL.upper()}),
        (staff, "customer_deleted", {"count": 3}),
        (staff, "email_assigned", {"message": "somebody.else@example.com"}),
    ):
        CustomerEvent.objects.create(user=whose, type=kind, parameters=parameters)
    code = VoucherCode.objects.create(code="MERKKI", voucher=Voucher.objects.create(name="v"))
    for email in (EMAIL, FORMER, "somebody.else@example.com"):
        VoucherCustomer.objects.create(voucher_code=code, customer_email=email)
    worth = {"currency": "EUR", "initial_balance_amount": 10, "current_balance_amount": 7}
    card = GiftCard.objects.create(
        code="MERKKIKORTTI", used_by=made, used_by_email=EMAIL, created_by_email=FORMER, **worth
    )
    mark("giftcard_giftcard", card.pk)
    card.tags.add(GiftCardTag.objects.create(name=EMAIL))
    other = GiftCard.objects.create(code="MUUKORTTI", **worth)
    GiftCardEvent.objects.create(gift_card=card, type="note_added", parameters={"message": MARK})
    GiftCardEvent.objects.create(
        gift_card=other, type="sent_to_customer", parameters={"email": EMAIL}
    )
    cart(user=made, email=None)
    return made


def test_nothing_of_the_person_is_left(user: Any) -> None:
    cart(email=FORMER)
    done = forget(user, emails=(EMAIL, FORMER))
    assert remains(read(*TABLES)) == set()
    assert done.rows["account_user"] == 1
    assert done.rows["checkout_checkout"] == 2
    # Of the book two, of each checkout two.
    assert done.rows["account_address"] == 6
    assert len(done.files) == 2
    fetch("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_name_that_staff_changed_goes_from_their_events(user: Any, staff: Any) -> None:
    from saleor.account.models import CustomerEvent

    for name in ("Merkki Entinen", "Muu Henkilö"):
        CustomerEvent.objects.create(user=staff, type="name_assigned", parameters={"message": name})
    forget(user, emails=(EMAIL, FORMER), names=("Merkki Entinen",))
    events = read("account_customerevent")["account_customerevent"].values()
    said = {row["parameters"].get("message") for row in events}
    assert "Merkki Entinen" not in said
    assert "Muu Henkilö" in said


def test_what_is_not_the_person_s_stays(user: Any, staff: Any) -> None:
    forget(user, emails=(EMAIL, FORMER))
    events = read("account_customerevent")["account_customerevent"].values()
    mine = sorted(str(row["parameters"]) for row in events if row["user_id"] == staff.pk)
    assert mine == ["{'count': 3}", "{'message': 'somebody.else@example.com'}", "{}", "{}"]
    emails = {row["customer_email"] for row in
              read("discount_vouchercustomer")["discount_vouchercustomer"].values()}  # fmt: skip
    assert "somebody.else@example.com" in emails
    cards = {row["code"]: row for row in read("giftcard_giftcard")["giftcard_giftcard"].values()}
    card = cards["MERKKIKORTTI"]
    assert float(card["current_balance_amount"]) == 7.0
    assert card["is_active"] is True
    assert card["search_index_dirty"] is True


def test_former_addresses_are_found_in_the_account_s_own_events(user: Any) -> None:
    forget(user)
    assert remains(read(*TABLES)) == set()


def test_a_guest_is_an_e_mail_address(user: Any) -> None:
    cart(email=f"guest.{EMAIL}".upper())
    eraser().erase(ACCOUNT, [], emails=[f"guest.{EMAIL}"])
    carts = read("checkout_checkout")["checkout_checkout"].values()
    assert "GUEST" not in str([row["email"] for row in carts])
    user.refresh_from_db()
    assert user.email == EMAIL


def test_an_order_stays_without_its_account(user: Any) -> None:
    place = address()
    user.addresses.add(place)
    order = rows.order(
        user=user, user_email=EMAIL, status="fulfilled", charge_status="full",
        billing_address=place,
    )  # fmt: skip
    rows.told(order, "placed", rows.at(1))
    fetch("UPDATE order_orderevent SET user_id = %s WHERE order_id = %s", user.pk, order.pk)
    forget(user, emails=(EMAIL,))
    order.refresh_from_db()
    assert order.user_id is None
    # Its own clocks keep these; a shared address is the order's now.
    assert order.user_email == EMAIL
    assert order.billing_address.last_name == MARK
    assert order.events.get().user_id is None
    fetch("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "spent",
    [{"current_balance_amount": 0}, {"expiry_date": date(2026, 1, 1)}, {}, {"granted": True}],
)
def test_a_card_of_one_person_is_switched_off_as_saleor_does(
    user: Any, spent: dict[str, Any]
) -> None:
    from saleor.giftcard.models import GiftCard

    from jokkerit_plugin.models import Customer, Owed
    from tests.kept import Person, insert

    spent = dict(spent)
    if "assigned_to_id" not in columns("giftcard_giftcard"):
        pytest.skip("this Saleor has no assigned gift cards")
    card = GiftCard.objects.create(
        code="OMAKORTTI", currency="EUR", initial_balance_amount=9, current_balance_amount=9,
        assigned_to=user, assigned_to_email=EMAIL,
    )  # fmt: skip
    # Money on it keeps the account, unless its owner has asked for the end of both.
    assert left_for(user) == "card"
    if spent.pop("granted", False):
        # While nothing was erased here: nobody is a customer any more.
        Owed.objects.create(what="granted", key=str(user.pk), since=clock.now())
    elif spent:
        GiftCard.objects.filter(pk=card.pk).update(**spent)
    else:
        customer, _ = insert(Person(request="accepted"))
        Customer.objects.filter(pk=customer).update(saleor_user=user.pk)
    forget(user, emails=(EMAIL,))
    card.refresh_from_db()
    assert (card.assigned_to_id, card.assigned_to_email, card.is_active) == (None, None, False)
    assert card.current_balance_amount == spent.get("current_balance_amount", 9)


def test_values_of_customer_attributes_go_and_choices_stay(user: Any) -> None:
    from saleor.attribute import models

    if not hasattr(models, "AssignedUserAttributeValue"):
        pytest.skip("this Saleor has no customer attributes")
    kept = set()
    for kind in ("plain-text", "file", "dropdown"):
        attribute = models.Attribute.objects.create(
            slug=f"a-{kind}", name=kind, type="customer-type", input_type=kind
        )
        value = models.AttributeValue.objects.create(
            attribute=attribute, name=MARK, slug=f"{MARK}-{kind}", plain_text=MARK,
            file_url=f"file_upload/{MARK}.pdf" if kind == "file" else None,
        )  # fmt: skip
        models.AssignedUserAttributeValue.objects.create(value=value, user=user)
        if kind == "dropdown":
            kept.add(value.pk)
    done = forget(user, emails=(EMAIL,))
    mine = models.AttributeValue.objects.filter(slug__startswith=MARK)
    assert set(mine.values_list("pk", flat=True)) == kept
    assert not models.AssignedUserAttributeValue.objects.filter(user_id=user.pk).exists()
    assert len(done.files) == 3
    fetch("SET CONSTRAINTS ALL IMMEDIATE")


def test_files_go_after_the_commit_and_not_before(user: Any) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.db import transaction

    name = default_storage.save(f"user-avatars/{MARK}.png", ContentFile(b"picture"))
    type(user).objects.filter(pk=user.pk).update(avatar=name)
    try:
        with transaction.atomic():
            rolled_back = forget(user)
            assert default_storage.exists(name)
            transaction.set_rollback(True)
        eraser().remove_files(rolled_back.files)
        assert default_storage.exists(name)

        done = forget(user)
        assert default_storage.exists(name)
        assert eraser().remove_files(done.files) == []
        assert not default_storage.exists(name)
        # A process killed before it wrote that down asks again.
        assert eraser().remove_files(done.files) == []
    finally:
        default_storage.delete(name)


def test_a_file_that_cannot_be_removed_does_not_keep_the_others(
    user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.storage import default_storage

    gone: list[str] = []

    def delete(name: str) -> None:
        if "avatars" in name:
            raise OSError("busy")
        gone.append(name)

    done = forget(user)
    monkeypatch.setattr(default_storage, "delete", delete)
    left = eraser().remove_files(done.files)
    assert len(left) == 1
    assert gone == [f"thumbnails/{MARK}.png"]
    monkeypatch.setattr(default_storage, "delete", gone.append)
    assert eraser().remove_files(left) == []
    assert gone == [f"thumbnails/{MARK}.png", f"user-avatars/{MARK}.png"]


def left_for(user: Any) -> str:
    """The account is not taken tonight; why it will not be later, if so."""
    key = str(user.pk)
    assert eraser().take(ACCOUNT, [key]) == []
    with strict_writer():
        return str(eraser().hindrances([key, "999999"]).get(key, ""))


def test_staff_are_never_taken(staff: Any) -> None:
    assert left_for(staff) == "staff"


@pytest.mark.parametrize("status", ["draft", "unconfirmed", "unfulfilled"])
def test_an_open_order_keeps_the_account(user: Any, status: str) -> None:
    order = rows.order(user=user, status=status)
    assert left_for(user) == "order"
    # What nobody finished in a year keeps nobody.
    fetch(
        "UPDATE order_order SET created_at = now() - interval '13 months' WHERE id = %s", order.pk
    )
    assert eraser().take(ACCOUNT, [str(user.pk)]) == [str(user.pk)]


def test_somebody_who_shops_just_now_is_left(user: Any) -> None:
    rows.checkout(user=user)
    assert left_for(user) == ""


def test_money_in_a_checkout_keeps_it_and_its_account(user: Any) -> None:
    from saleor.payment.models import TransactionItem

    made = cart(user=user)
    TransactionItem.objects.create(checkout=made, currency="EUR", authorized_value=5)
    assert left_for(user) == "checkout"
    assert eraser().take(ShopPart.CHECKOUT, [str(made.pk)]) == []
    eraser().erase(ACCOUNT, [], emails=[EMAIL])
    assert type(made).objects.filter(pk=made.pk).exists()


def test_the_number_of_statements_does_not_grow_with_the_batch(staff: Any) -> None:
    counts = []
    for many in (1, 20):
        users = [rows.user(f"n{n}.{many}@example.com") for n in range(many)]
        for one in users:
            one.addresses.add(rows.address())
        with statements() as sent:
            forget(*users)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_log_ins_are_read(user: Any) -> None:
    from jokkerit_plugin.shop.port import shop

    never = rows.user("never@example.com")
    seen = rows.at(0) + timedelta(days=3)
    type(user).objects.filter(pk=user.pk).update(last_login=seen)
    with strict_writer():
        assert shop().last_seen([user.pk, never.pk, 999_999_999]) == {user.pk: seen}


def test_the_mark_of_saleor_s_anonymizer_is_recognised(inside: None) -> None:
    done = {"status": "fulfilled", "charge_status": "full"}
    scrambled = rows.order(metadata={"saleor-anonymized": "true", **VAT}, **done)
    rows.order(metadata={"saleor-anonymized": "false"}, **done)
    rows.order(metadata=VAT, **done)
    key = str(scrambled.pk)
    with strict_writer():
        assert eraser().scrambled(limit=10) == [key]
        assert eraser().scrambled(after=key, limit=10) == []
    # It stays as long as the identity would have.
    for part, expected in ((ShopPart.ORDER_DETAIL, [key]), (ShopPart.ORDER_IDENTITY, [])):
        eraser().erase(part, [key])
        assert eraser().scrambled(limit=10) == expected


def test_a_purchase_whose_identity_the_anonymizer_destroyed_is_reported(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jokkerit_plugin.models import Purchase, Sweep
    from jokkerit_plugin.overview import overview
    from jokkerit_plugin.register import sweep
    from jokkerit_plugin.shop.port import shop

    order = rows.order(
        metadata={"saleor-anonymized": "true"}, status="fulfilled", charge_status="full"
    )
    config = replace(shop().config(), active=True)
    monkeypatch.setattr(type(shop()), "config", lambda self: config)
    with shop().writer():
        sweep.run(sweep.start(Sweep.Name.BY_HAND))
    key = Purchase.objects.get(saleor_order=order.pk).pk
    told = "Saleor's Anonymizer app has overwritten names that bookkeeping needs, of purchases (1)"
    assert f"{told}: {key}." in overview().problems
    eraser().erase(ShopPart.ORDER_IDENTITY, [str(order.pk)])
    assert told not in str(overview().problems)
