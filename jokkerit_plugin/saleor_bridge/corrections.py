"""Corrects Saleor's user, address book and open orders; nothing else of Saleor's is written.

Only what says exactly what was wrong is changed, under the row's lock. An address that something
else refers to as well (old shops share one row between orders and books) is left as it is, and a
row of its own put in its place. Apps are told as by Saleor's own mutations; Saleor's search is
made anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from saleor.account.models import Address, User
from saleor.core.utils.events import call_event
from saleor.order.actions import call_order_event
from saleor.order.models import Order
from saleor.order.search import update_order_search_vector
from saleor.order.utils import invalidate_order_prices
from saleor.plugins.manager import get_plugins_manager
from saleor.webhook.event_types import WebhookEventAsyncType

from ..shop.corrections import Answer, ShopCorrection, ShopRefused, same_email, same_party
from ..shop.snapshots import OPEN_STATUSES, Party

_COLUMNS = {"street_1": "street_address_1", "street_2": "street_address_2"}
_NAMES = [one.name for one in fields(Party)]


def write(what: ShopCorrection) -> Answer:
    """See `ShopPort.correct`; in a transaction of its own, or a savepoint."""
    try:
        with transaction.atomic():
            return _write(what)
    except IntegrityError:
        message = "Another account of the shop has this e-mail address."
        raise ShopRefused(message, field="email") from None


def _write(what: ShopCorrection) -> Answer:
    found: set[Answer] = set()
    user = None
    if what.user is not None:
        user = User.objects.select_for_update(of=("self",)).filter(pk=what.user).first()
    if user is not None:
        found.add(_book(user, *what.parties) if what.parties else _account(user, what))
    if what.mailed and _mailed(what):
        found.add(Answer.DONE)
    if what.parties:
        for side, keys in (("billing", what.billed), ("shipping", what.shipped)):
            if _orders(side, keys, *what.parties):
                found.add(Answer.DONE)
    for answer in (Answer.DONE, Answer.NEWER):
        if answer in found:
            return answer
    return Answer.NOWHERE


def _account(user: Any, what: ShopCorrection) -> Answer:
    said = getattr(user, what.field)
    if said == what.right:
        return Answer.DONE
    if said != what.wrong and not (what.field == "email" and same_email(said, what.wrong)):
        return Answer.NEWER if said else Answer.NOWHERE
    setattr(user, what.field, what.right)
    user.save(update_fields=[what.field, "updated_at"])
    _tell_of(user)
    return Answer.DONE


def _book(user: Any, wrong: Party, right: Party) -> Answer:
    defaults = {user.default_billing_address_id, user.default_shipping_address_id} - {None}
    book = {*user.addresses.values_list("pk", flat=True), *defaults}
    rows = list(Address.objects.select_for_update().filter(pk__in=book).order_by("pk"))
    changed = [row for row in rows if same_party(_party(row), wrong)]
    for row in changed:
        if _elsewhere(row.pk, user):
            _replace(user, row, right)
        else:
            Address.objects.filter(pk=row.pk).update(**_values(right))
            _event("address_updated", Address.objects.get(pk=row.pk))
    if changed:
        user.save(update_fields=["updated_at"])
        _tell_of(user)
    known = changed or any(same_party(_party(row), right) for row in rows)
    return Answer.DONE if known else Answer.NOWHERE


def _replace(user: Any, row: Any, right: Party) -> None:
    """Put an address of its own into the book in the place of a shared one."""
    made = row.get_copy()
    Address.objects.filter(pk=made.pk).update(**_values(right))
    user.addresses.add(made)
    user.addresses.remove(row)
    sides = [
        side for side in ("default_billing_address", "default_shipping_address")
        if getattr(user, f"{side}_id") == row.pk
    ]  # fmt: skip
    for side in sides:
        setattr(user, side, made)
    if sides:
        user.save(update_fields=[*sides, "updated_at"])


def _elsewhere(address: int, user: Any) -> bool:
    """Tell whether something refers to an address that is not this account."""
    return any(
        (rows.exclude(pk=user.pk) if rows.model is User else rows).exists()
        for rows in _referring(address)
    )


def _referring(address: int) -> Iterator[Any]:
    """Yield, for each column that may refer to an address, the rows that do; hidden ones too."""
    for relation in Address._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete:
            model = relation.related_model
            if not model._meta.auto_created:
                yield model.objects.filter(**{relation.field.name: address})


def _mailed(what: ShopCorrection) -> int:
    orders = Order.objects.select_for_update(of=("self",)).filter(
        pk__in=what.mailed, user_email__iexact=what.wrong.strip()
    )
    found = list(orders.order_by("pk"))
    for order in found:
        order.user_email = what.right
        _save(order, "user_email")
    return len(found)


def _orders(side: str, keys: Sequence[UUID], wrong: Party, right: Party) -> int:
    column = f"{side}_address"
    orders = Order.objects.select_for_update(of=("self",)).filter(
        pk__in=keys, status__in=OPEN_STATUSES
    )
    found = [
        order for order in orders.select_related(column).order_by("pk")
        if same_party(_party(getattr(order, column)), wrong)
    ]  # fmt: skip
    for order in found:
        # Of its own always: the other side, a book or a checkout may have the row.
        made = getattr(order, column).get_copy()
        Address.objects.filter(pk=made.pk).update(**_values(right))
        old = getattr(order, f"{column}_id")
        setattr(order, column, Address.objects.get(pk=made.pk))
        invalidate_order_prices(order)
        _save(order, column, "should_refresh_prices")
        if not _used(old):
            Address.objects.filter(pk=old).delete()
    return len(found)


def _used(address: int) -> bool:
    return any(rows.exists() for rows in _referring(address))


def _save(order: Any, *names: str) -> None:
    update_order_search_vector(order, save=False)
    order.updated_at = timezone.now()
    order.save(update_fields=[*names, "search_vector", "updated_at"])
    # Until 3.22 the plain call refuses orders.
    call_order_event(_manager(), WebhookEventAsyncType.ORDER_UPDATED, order)


def _tell_of(user: Any) -> None:
    _index(user)
    _event("customer_updated", user)


def _index(user: Any) -> None:
    """Let Saleor's own search find the account by what it says now."""
    from saleor.account import search

    user = User.objects.get(pk=user.pk)
    if hasattr(search, "update_user_search_vector"):
        search.update_user_search_vector(user)
        return
    # Until 3.22.
    user.search_document = search.prepare_user_search_document_value(
        user, attach_addresses_data=True
    )
    user.save(update_fields=["search_document"])


def _event(name: str, subject: Any) -> None:
    """Tell apps and plugins, ourselves too, once this is committed."""
    call_event(getattr(_manager(), name), subject)


def _manager() -> Any:
    return get_plugins_manager(allow_replica=False)


def _party(row: Any) -> Party | None:
    if row is None:
        return None
    return Party(**{name: _text(getattr(row, _COLUMNS.get(name, name))) for name in _NAMES})


def _text(value: Any) -> str:
    # A number as Saleor stores it; a country is an object.
    text = getattr(value, "as_e164", None) if getattr(value, "is_valid", bool)() else None
    return str(text or getattr(value, "code", value) or "")


def _values(party: Party) -> dict[str, str]:
    return {_COLUMNS.get(name, name): getattr(party, name) for name in _NAMES}
