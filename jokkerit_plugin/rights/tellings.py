"""Tells those who were given data that it was corrected, erased or restricted (article 19).

Whom is told by the log of disclosures. The mail names order numbers and kinds of data, and nothing
of what was or is: what is right is given in the way in which the data was. Who has no address, or
whose mail fails, is a task of the controller's until it is marked as told.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..access.subjects import heir
from ..config import Config
from ..disclosure import history
from ..errors import RegisterError
from ..models import Purchase, Recipient, Request, Restriction, Telling
from ..policy.categories import TITLES, Category
from ..policy.corrections import TELLING_LATE, TOLD, Told
from ..policy.holds import add_years
from ..policy.languages import Language, language_of
from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from ..policy.requests import RequestState
from ..policy.retention import CORRECTION_YEARS
from ..shop.port import ShopPort, shop
from . import sending
from .errors import RequestError
from .store import SHOP
from .words import contact, texts, written

#: Order numbers of one telling, the newest; who had more is told of them as a whole.
ORDERS = 100

#: What of a person may be corrected.
CONTACT = frozenset({Category.NAME, Category.POSTAL, Category.EMAIL, Category.PHONE})


def make(
    customer: int,
    what: Told,
    *,
    categories: Collection[Category],
    source: str,
    request: int | None = None,
    ready: bool = True,
) -> int:
    """Note whom to tell, in the caller's transaction; return how many.

    Those who were given one of the categories, at any time, and have not given back or deleted
    what they had. `ready` False: when the request is done.
    """
    numbers = Purchase.objects.filter(customer=customer).order_by("-placed_at", "-pk")
    orders = list(numbers.values_list("number", flat=True)[:ORDERS])
    now, made = clock.now(), 0
    for holder in history.recipients_of(customer):
        theirs = sorted(one.value for one in holder.categories & frozenset(categories))
        kept = Recipient.objects.filter(pk=holder.recipient, data_outcome="").exists()
        if not theirs or not kept:
            continue
        days = [at.astimezone(clock.HELSINKI).date() for at in (holder.first_at, holder.last_at)]
        _, new = Telling.objects.get_or_create(
            recipient_id=holder.recipient, source=source,
            defaults={
                "what": what, "customer": customer, "request": request, "orders": orders,
                "categories": " ".join(theirs), "first_on": days[0], "last_on": days[1],
                "made_at": now, "next_at": now, "ready_at": now if ready else None,
            },
        )  # fmt: skip
        made += new
    return made


def restricted(row: Restriction, *, request: int | None = None) -> int:
    """Note whom to tell of a restriction; return how many."""
    return make(
        row.customer_id, Told.RESTRICTION, categories=frozenset(Category),
        source=f"restriction {row.pk}", request=request,
    )  # fmt: skip


def lifted(row: Restriction) -> int:
    """Note whom to tell that a restriction has ended, in the caller's transaction; return how many.

    Those who were told of it; who was not, never is. While another restriction of the customer is
    in force nobody is told: for the recipient nothing has ended.
    """
    theirs = Restriction.objects.filter(customer=row.customer_id)
    if theirs.filter(lifted_at=None).exists():
        return 0
    keys = list(theirs.values_list("pk", flat=True))
    begun = Telling.objects.filter(source__in=[f"restriction {pk}" for pk in keys])
    # One that is being mailed this moment tells of it: nobody waits for the mail server.
    untold = begun.filter(told_at=None).order_by("pk").select_for_update(skip_locked=True)
    Telling.objects.filter(pk__in=list(untold.values_list("pk", flat=True))).delete()
    ended = Telling.objects.filter(source__in=[f"lifting {pk}" for pk in keys])
    over = dict(ended.order_by("made_at").values_list("recipient", "made_at"))
    last = {one.recipient_id: one for one in begun.order_by("made_at", "pk")}
    now = clock.now()
    made = [
        Telling(
            recipient_id=key, what=Told.LIFTED, source=f"lifting {row.pk}", customer=one.customer,
            categories=one.categories, orders=one.orders, first_on=one.first_on,
            last_on=one.last_on, made_at=now, next_at=now, ready_at=now,
        )
        for key, one in last.items() if key not in over or over[key] < one.made_at
    ]  # fmt: skip
    return len(Telling.objects.bulk_create(made))


def erasing(row: Request) -> int:
    """Note whom to tell of an erasure that was granted, once it is done; return how many.

    Granted anew it is told as things stand then; asked again at its end, those who were given data
    since are told, too.
    """
    if row.customer is None:
        return 0
    if row.state != RequestState.DONE:
        Telling.objects.filter(request=row.pk, what=Told.ERASURE, ready_at=None).delete()
    return make(
        row.customer, Told.ERASURE, categories=frozenset(Category), source=f"request {row.pk}",
        request=row.pk, ready=False,
    )  # fmt: skip


def follow_requests() -> None:
    """Let those be told whose erasure is done, and nobody of one that came to nothing."""
    unready = Telling.objects.filter(ready_at=None)
    if not unready.exists():
        return
    done = Request.objects.filter(state=RequestState.DONE).values("pk")
    over = Request.objects.filter(state__in=[RequestState.REFUSED, RequestState.WITHDRAWN])
    unready.filter(request__in=done).update(ready_at=clock.now(), next_at=clock.now())
    unready.filter(request__in=over.values("pk")).delete()


def waiting() -> QuerySet[Telling]:
    """Return who is still to be told, the oldest first."""
    found = Telling.objects.filter(told_at=None, ready_at__isnull=False)
    return found.order_by("ready_at", "pk")


def send_waiting(config: Config, port: ShopPort) -> int:
    """Mail those who have an address; return how many. Several processes may do so at once."""
    sent, failed = 0, set[int]()
    while True:
        with transaction.atomic():
            due = waiting().filter(next_at__lte=clock.now()).exclude(recipient__email="")
            row = (
                due.exclude(pk__in=failed).select_related("recipient")
                .select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            )  # fmt: skip
            if row is None:
                return sent
            if row.what == Told.RESTRICTION and not _restricts(row):
                # It was in our hands when the restriction ended, and did not go.
                row.delete()
                continue
            try:
                port.mail(*write(row, config), [row.recipient.email])
            except RegisterError as error:
                failed.add(row.pk)
                Telling.objects.filter(pk=row.pk).update(**sending.again(row, error))
                continue
            row.told_at, row.told_by, row.error = clock.now(), SHOP, ""
            row.save(update_fields=["told_at", "told_by", "error"])
            sent += 1


def _restricts(row: Telling) -> bool:
    """Tell whether the restriction that a telling tells of is in force."""
    key = int(row.source.removeprefix("restriction "))
    return Restriction.objects.filter(pk=key, lifted_at=None).exists()


def told(telling_id: int, *, actor: Actor) -> Telling:
    """Record that a recipient was told in another way. Raises `RequestError`."""
    controller_only(actor, "telling told")
    with transaction.atomic():
        row = waiting().select_for_update(no_key=True).filter(pk=telling_id).first()
        if row is None:
            raise RequestError("There is nobody who waits to be told.", field="id")
        row.told_at, row.told_by, row.error = clock.now(), actor.key, ""
        row.save(update_fields=["told_at", "told_by", "error"])
    return row


def read(telling_id: int, *, actor: Actor) -> tuple[Telling, str, str]:
    """Return a telling with its subject and text, through the guard."""
    row = Telling.objects.select_related("recipient").filter(pk=telling_id).first()
    if row is None:
        raise RequestError("There is no such notice.", field="id")
    with guard.visit(
        actor, Purpose.SERVICE, act="tellingContent", asks={Category.PURCHASE},
        needs={Permission.MANAGE_PRIVACY},
    ) as visit:  # fmt: skip
        if (whose := heir(row.customer)) is not None:
            visit.saw([whose])
        subject, text = write(row, shop().config())
    return row, subject, text


def write(row: Telling, config: Config) -> tuple[str, str]:
    """Return subject and text of a telling, in the recipient's language."""
    language = language_of(row.recipient.language)
    at, words = Language.of(language), texts("tellings", language)
    own, frame = words[row.what], words["frame"]
    orders = ", ".join(row.orders)
    if len(row.orders) == ORDERS:
        orders += f" {frame['more']}"
    values = {
        "what": TOLD[Told(row.what)][at], "orders": orders or frame["none"],
        "categories": ", ".join(TITLES[Category(one)][at] for one in row.categories.split()),
        "first": written(row.first_on, language), "last": written(row.last_on, language),
    }  # fmt: skip
    given = frame["given" if row.first_on != row.last_on else "given_once"]
    body = [
        frame["hello"], "", own["text"].strip().format(**values), "",
        given.format(**values), frame["orders"].format(**values), "", frame["number"].format(
            number=row.pk), "", contact(config),
    ]  # fmt: skip
    return own["subject"], "\n".join(body).rstrip() + "\n"


def late() -> list[int]:
    """Return the keys of those who have waited for too long."""
    before = clock.now() - TELLING_LATE
    failing = waiting().filter(Q(ready_at__lt=before) | Q(attempts__gt=2))
    return list(failing.values_list("pk", flat=True))


def forget() -> int:
    """Delete what was told three years ago; return how many."""
    day = add_years(clock.today(), -CORRECTION_YEARS)
    with transaction.atomic():
        rows = Telling.objects.filter(told_at__date__lt=day).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:500])
        Telling.objects.filter(pk__in=found).delete()
    return len(found)
