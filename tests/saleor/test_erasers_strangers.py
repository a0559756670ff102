"""Nobody else's row goes with an account, whatever e-mail or name its owner gave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.shop.erasers import ShopPart
from tests.saleor import rows
from tests.saleor.inside import strict_writer
from tests.saleor.marked import columns, fetch, read
from tests.saleor.test_erasers_orders import erase, eraser
from tests.saleor.test_erasers_people import cart, forget

pytest_plugins = ("tests.saleor.fixtures_inside",)

SHARED, MINE = "info@firma.example", "mina@example.com"
WORTH = {"currency": "EUR", "initial_balance_amount": 50, "current_balance_amount": 50}
TABLES = (
    "account_user", "account_customerevent", "checkout_checkout", "discount_vouchercustomer",
    "giftcard_giftcard", "giftcard_giftcardevent", "giftcard_giftcardtag",
    "giftcard_giftcard_tags",
)  # fmt: skip


def told(user: Any, kind: str, **parameters: str) -> None:
    """An event of an account, or under nobody's."""
    from saleor.account.models import CustomerEvent

    CustomerEvent.objects.create(user=user, type=kind, parameters=parameters)


@pytest.fixture
def me(inside: None) -> Any:
    from jokkerit_plugin.saleor_bridge.erasers import whose

    # As a run begins: another test's may have asked.
    whose.mixed.cache_clear()
    return rows.user(MINE, first_name="Black", last_name="Friday")


def stranger(email: str, user: Any = None) -> Any:
    """Everything that an e-mail may stand in, of an account or of a guest; the card."""
    from saleor.discount.models import Voucher, VoucherCode, VoucherCustomer
    from saleor.giftcard.models import GiftCard, GiftCardEvent, GiftCardTag

    cart(email=email, user=user)
    code = VoucherCode.objects.create(code="FIRMA", voucher=Voucher.objects.create(name="v"))
    VoucherCustomer.objects.create(voucher_code=code, customer_email=email)
    theirs = {"used_by": user, "used_by_email": email}
    if user and "assigned_to_id" in columns("giftcard_giftcard"):
        theirs |= {"assigned_to": user, "assigned_to_email": email}
    card = GiftCard.objects.create(code="FIRMANKORTTI", metadata={"a": "b"}, **theirs, **WORTH)
    card.tags.add(GiftCardTag.objects.create(name=email))
    parameters = {"email": email, "assigned_to_email": email}
    GiftCardEvent.objects.create(gift_card=card, type="sent_to_customer", parameters=parameters)
    told(None, "email_assigned", message=email)
    return card


def standing() -> dict[str, Any]:
    """All rows but the account's own."""
    found = read(*TABLES)
    found["account_user"] = {
        key: row for key, row in found["account_user"].items() if row["email"] != MINE
    }
    own = [row["id"] for row in read("account_user")["account_user"].values()
           if row["email"] == MINE]  # fmt: skip
    found["account_customerevent"] = {
        key: row for key, row in found["account_customerevent"].items() if row["user_id"] not in own
    }
    return found


def test_a_former_address_that_is_another_s_log_in_is_theirs(me: Any) -> None:
    told(me, "email_changed", old_email=SHARED, new_email=MINE)
    stranger(SHARED, rows.user(SHARED.upper()))
    before = standing()
    # The register knows accounts that bought, and this one has not.
    forget(me, emails=(MINE, SHARED))
    assert standing() == before


def test_an_address_that_was_only_asked_for_is_nobody_s(me: Any) -> None:
    told(me, "email_changed_request", old_email=MINE, new_email="victim@example.com")
    stranger("victim@example.com")
    before = standing()
    forget(me)
    assert standing() == before


@pytest.mark.parametrize("user", [None, 4711])
def test_a_former_address_that_the_register_knows_as_another_s_is_theirs(
    me: Any, user: int | None
) -> None:
    from jokkerit_plugin.models import Customer, KnownIdentifier

    other = Customer.objects.create(saleor_user=user, guest_email=None if user else SHARED)
    KnownIdentifier.objects.create(
        customer=other, kind="email", value=SHARED, first_at=clock.now(), last_at=clock.now()
    )
    told(me, "email_changed", old_email=SHARED, new_email=MINE)
    stranger(SHARED)
    before = standing()
    forget(me)
    assert standing() == before


def test_what_says_my_address_and_hangs_on_another_s_account_is_theirs(me: Any) -> None:
    from saleor.giftcard.models import GiftCard

    other = rows.user("toinen@example.com")
    cart(email=MINE, user=other)
    theirs: dict[str, Any] = {"used_by": other, "created_by": other}
    said = {"used_by_email": MINE, "created_by_email": MINE}
    if "assigned_to_id" in columns("giftcard_giftcard"):
        theirs["assigned_to"], said["assigned_to_email"] = other, MINE
    GiftCard.objects.create(code="TOISENKORTTI", metadata={"a": "b"}, **theirs, **said, **WORTH)
    before = standing()
    forget(me)
    assert standing() == before


def test_who_never_bought_and_deletes_the_account_is_found_afterwards(inside: None) -> None:
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.models import Owed
    from jokkerit_plugin.register.intake import apply
    from jokkerit_plugin.shop.port import shop
    from jokkerit_plugin.shop.snapshots import Kind

    config = Config(active=True)
    mine = rows.user(MINE, first_name="Uuno", last_name="Uusi")
    bought = rows.user("toinen@example.com", first_name="Aino", last_name="Virtanen")
    told(None, "email_assigned", message=MINE)
    told(None, "name_assigned", message="Uuno Uusi")
    told(None, "name_assigned", message="Aino Virtanen")
    if "assigned_to_id" in columns("giftcard_giftcard"):
        from saleor.giftcard.models import GiftCard

        # As Saleor leaves it, for whoever opens an account by that address again.
        GiftCard.objects.create(code="K", assigned_to_email=MINE, **WORTH)
    with shop().writer():
        apply([(Kind.CUSTOMER, str(mine.pk))], port=shop(), config=config)
        key = mine.pk
        mine.delete()
        apply([(Kind.CUSTOMER, str(key))], port=shop(), config=config)
    owed = sorted(Owed.objects.values_list("what", "key"))
    kinds = {one.partition(":")[0] for _, one in owed}
    assert {what for what, _ in owed} == {"mention"}
    assert kinds >= {"staff_event"}
    keys = [one for _, one in owed]
    with strict_writer():
        assert eraser().take(ShopPart.MENTION, keys) == keys
        eraser().erase(ShopPart.MENTION, keys)
    left = str(read(*TABLES))
    assert MINE not in left
    assert "Uuno" not in left
    assert "Aino Virtanen" in left
    assert bought.pk


def test_looking_for_people_reads_no_table_of_all_accounts_or_their_events(me: Any) -> None:
    from django.db import connection

    from jokkerit_plugin.saleor_bridge.erasers import mentions, whose

    told(None, "name_assigned", message="Black Friday")
    fetch("SET LOCAL enable_seqscan = off")
    plans: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")) and "EXPLAIN" not in sql:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + sql, params)
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
        return execute(sql, params, many, context)

    whose.mixed.cache_clear()
    assert not whose.mixed()
    known = {"giftcard_giftcard": columns("giftcard_giftcard")}
    with connection.execute_wrapper(explained):
        mentions.find(whose.said([str(me.pk)], [MINE], ["Nobody Called So"]), known)
    read_whole = [
        line for plan in plans for line in plan.splitlines()
        if "Seq Scan on account_customerevent" in line or "Seq Scan on account_user u" in line
    ]  # fmt: skip
    assert plans
    assert read_whole == []


def test_an_order_s_e_mail_takes_nobody_off_their_card(inside: None) -> None:
    from saleor.giftcard.models import GiftCard, GiftCardEvent

    other = rows.user(SHARED)
    card = GiftCard.objects.create(
        code="TOISENKORTTI", metadata={"a": "b"}, used_by=other, used_by_email=SHARED, **WORTH
    )
    guest = rows.order(user_email=SHARED, status="fulfilled", charge_status="full")
    GiftCardEvent.objects.create(gift_card=card, order=guest, type="used_in_order")
    before = read("giftcard_giftcard")
    erase(ShopPart.ORDER_DETAIL, guest)
    assert read("giftcard_giftcard") == before


def test_a_tag_goes_from_the_person_s_cards_and_stays_on_others(me: Any) -> None:
    from saleor.giftcard.models import GiftCard, GiftCardTag

    shops, own, unused = (
        GiftCardTag.objects.create(name=name)
        for name in ("Black Friday", "black FRIDAY", "BLACK FRIDAY")
    )
    mine, other = (
        GiftCard.objects.create(code=code, **by, **WORTH)
        for code, by in (("OMAKORTTI", {"used_by": me}), ("MUUKORTTI", {}))
    )
    mine.tags.set([shops, own])
    other.tags.set([shops])
    forget(me)
    links = read("giftcard_giftcard_tags")["giftcard_giftcard_tags"].values()
    ours = {mine.pk, other.pk}
    assert [row["giftcard_id"] for row in links if row["giftcard_id"] in ours] == [other.pk]
    assert set(GiftCardTag.objects.filter(name__iexact="black friday")) == {shops, unused}


def test_a_namesake_s_name_and_what_is_no_name_stay_in_staff_s_events(me: Any) -> None:
    clerk = rows.user("clerk@example.com", is_staff=True)
    told(clerk, "note_added", message="Black Friday")
    told(clerk, "name_assigned", message="Aino Aalto")
    rows.user("aalto@example.com", first_name="aino", last_name="Aalto")
    me.addresses.add(rows.address(last_name="Aalto"))
    told(clerk, "name_assigned", message="Black Friday")
    forget(me, names=("Aino Aalto",))
    events = fetch(
        "SELECT parameters ->> 'message' FROM account_customerevent WHERE user_id = %s ORDER BY id",
        clerk.pk,
    )
    assert events == [("Black Friday",), ("Aino Aalto",), (None,)]


def test_a_card_s_event_that_names_the_account_goes_whatever_its_e_mail(me: Any) -> None:
    from saleor.giftcard.models import GiftCard, GiftCardEvent

    rows.user(SHARED)
    card = GiftCard.objects.create(code="MUUKORTTI", **WORTH)
    for whose in ("assigned_to", "previous_assigned_to"):
        GiftCardEvent.objects.create(
            gift_card=card,
            type="assigned_to_user",
            parameters={f"{whose}_id": me.pk, f"{whose}_email": SHARED},
        )
    forget(me)
    assert [row.parameters for row in card.events.all()] == [{}, {}]


GUEST = "vieras@example.com"


def noted() -> list[str]:
    with strict_writer():
        found: list[str] = eraser().mentions([], emails=[GUEST], names=[])
        return found


def where(email: str) -> set[str]:
    return {name for name, found in read(*TABLES).items() if email in str(found)}


def test_rows_that_name_a_guest_are_found_first_and_erased_by_key(inside: None) -> None:
    card = stranger(GUEST)
    keys = noted()
    assert {key.partition(":")[0] for key in keys} == {
        "voucher", "staff_event", "used_by", "card_event", "tag"
    }  # fmt: skip
    with strict_writer():
        assert eraser().take(ShopPart.MENTION, keys) == keys
        done = eraser().erase(ShopPart.MENTION, keys)
    # A cart goes by its own clock.
    assert where(GUEST) == {"checkout_checkout"}
    card.refresh_from_db()
    assert (card.current_balance_amount, card.is_active, card.metadata) == (50, True, {})
    assert done.rows["discount_vouchercustomer"] == 1
    assert noted() == []
    with strict_writer():
        assert eraser().take(ShopPart.MENTION, keys) == keys
        assert eraser().erase(ShopPart.MENTION, keys).rows == {}


@pytest.mark.parametrize("account", [True, False])
def test_a_card_that_somebody_else_has_used_since_is_theirs(inside: None, account: bool) -> None:
    card = stranger(GUEST)
    keys = noted()
    if account:
        card.used_by = rows.user("toinen@example.com")
    else:
        card.last_used_on = clock.now()
    card.used_by_email = "toinen@example.com"
    card.save()
    eraser().erase(ShopPart.MENTION, keys)
    card.refresh_from_db()
    assert card.used_by_email == "toinen@example.com"
    assert card.metadata == {"a": "b"}


def test_a_guest_who_goes_while_saleor_is_left_alone_is_counted_and_goes_later(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jokkerit_plugin.models import Customer
    from jokkerit_plugin.policy.parts import Part
    from jokkerit_plugin.retention import batches, keeps, owed, sweeps
    from jokkerit_plugin.shop.port import shop

    stranger(GUEST)
    guest = Customer.objects.create(guest_email=GUEST, email=GUEST)
    monkeypatch.setattr(keeps, "still_due", lambda _part, ids, *_: set(ids))
    config = replace(shop().config(), erase_in_shop=False)
    with strict_writer(), shop().writer():
        batches._subjects(Part.CONTACT, [guest.pk], config, clock.now())
        keys = owed.page(ShopPart.MENTION, after="", limit=99)
        assert owed.count() == len(keys) > 4
        config = replace(config, erase_in_shop=True)
        assert (ShopPart.MENTION.value, keys, "owed") in list(
            sweeps.overdue(clock.today(), config, limit=99)
        )
        batches._of_the_shop(ShopPart.MENTION, keys, config)
        assert owed.count() == 0
    assert where(GUEST) == {"checkout_checkout"}
