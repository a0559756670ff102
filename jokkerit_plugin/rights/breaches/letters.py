"""Letters to those who are affected: GDPR article 34. In their language, in plain words.

Each person is a row that waits. A worker takes one and commits that before it mails, and says after
what became of it: killed between the two, the row stays `sending`, nobody is written to twice, and
the controller is asked. An opt-out of marketing stops no such letter, and a restriction neither: it
is for the person's own rights.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from ... import clock
from ...access import copies
from ...access.actor import Actor
from ...config import Config
from ...errors import RegisterError, describe
from ...logs import logger_of
from ...models import Affected, Breach, BreachEvent, Customer, FormerCustomer
from ...policy import breaches as policy
from ...policy.breaches import BreachState, Step, Told
from ...policy.categories import TITLES, Category
from ...policy.languages import LANGUAGES, Language, language_of
from ...register.locks import Lock, lock
from ...shop.port import ShopPort, shop
from .. import sending
from ..words import contact, texts
from . import store
from .store import BreachError

logger = logger_of(__name__)

#: Letters of one round.
MOST = 500
#: What the controller writes in each language.
WORDS = ("happened", "consequences", "measures")
#: A worker says after this what became of a letter, or never.
SURE = timedelta(minutes=15)
_What = BreachEvent.What


def tell(breach_id: int, words: Mapping[str, Mapping[str, str]], *, actor: Actor) -> Breach:
    """Order the letters: from now on everybody who is affected is written to, once.

    `words`: by language (fi, sv, en) what happened, the likely consequences, and the measures with
    what the person may do. Who is found later is written to as well. Raises `BreachError`.
    """
    if not contact(shop().config()):
        raise BreachError("Fill in the controller's contacts in the settings: the letter has them.")
    with store.step(breach_id, Step.TELL, actor=actor) as row:
        if row.letters_at:
            raise BreachError("The letters were ordered already.", field="id")
        if row.searches.filter(done_at=None, discarded_at=None).exists():
            raise BreachError("It is not computed yet who is affected.", field="id")
        if not row.affected.exists():
            raise BreachError("Nobody is known to be affected: search for them first.", field="id")
        row.letter = {
            language: {
                name: store.text(
                    words.get(language, {}).get(name, ""), name,
                    message=f"Write it in each language: {language} is missing.",
                )
                for name in WORDS
            }
            for language in LANGUAGES
        }  # fmt: skip
        row.letters_at = clock.now()
        store.note(row, _What.LETTERS, actor.key, letter=row.letter)
    return row


def told(
    breach_id: int, *, how: Told, customers: Collection[int] | None = None, actor: Actor
) -> int:
    """Record that people were told by post, or otherwise (in public, in person); return how many.

    `customers`: keys; None: all whom a letter does not reach, or everybody where no letters were
    ordered. Raises `BreachError`.
    """
    if how not in policy.BY_HAND:
        raise BreachError("Say how they were told.", field="how")
    with store.step(breach_id, Step.TOLD, actor=actor) as row:
        rows = Affected.objects.filter(breach=row, state__in=sorted(policy.UNTOLD))
        if customers is not None:
            rows = rows.filter(customer__in=sorted(set(customers)))
        elif row.letters_at:
            rows = rows.filter(unreached())
        found = rows.update(state=how, at=clock.now(), told_by=actor.key, error="")
        if not found:
            raise BreachError("Nobody of these waits to be told.", field="customers")
        store.note(row, _What.TOLD, actor.key, how=how.value, count=found)
    return found


def again(breach_id: int, *, actor: Actor) -> int:
    """Let those be written to whose letter may have gone out or had no address; return how many.

    For the controller to decide: somebody may get the letter twice. Raises `BreachError`.
    """
    with store.step(breach_id, Step.TOLD, actor=actor) as row:
        rows = Affected.objects.filter(unreached(), breach=row)
        found = rows.update(state=Told.WAITING, next_at=clock.now(), attempts=0, error="")
        store.note(row, _What.TOLD, actor.key, again=found)
    return found


def unreached() -> Q:
    """Return the condition that no letter reaches somebody: it failed, or nobody knows."""
    unsure = Q(state=Told.SENDING, at__lte=clock.now() - SURE)
    return unsure | Q(state=Told.NO_ADDRESS) | Q(state=Told.WAITING, attempts__gt=2)


def send_waiting(config: Config, port: ShopPort, *, most: int = MOST) -> int:
    """Send letters that wait, `most` at most; return how many. Several processes may do so.

    None before a restored backup has been replayed: in it those wait who have been told since.
    """
    sent = 0
    waiting = Affected.objects.filter(state=Told.WAITING, next_at__lte=clock.now())
    rows = Breach.objects.exclude(letters_at=None).exclude(state=BreachState.CLOSED)
    rows = rows.filter(pk__in=waiting.values("breach"))
    if not rows.exists():
        return 0
    try:
        copies.check()
    except RegisterError as error:
        logger.warning("no letter about a breach is sent: %s", describe(error))
        return 0
    for breach in rows.order_by("letters_at"):
        while sent < most and (taken := _take(breach)):
            if person := taken[1]:
                sent += _send(taken[0], person, breach, config, port)
    return sent


def _take(breach: Breach) -> tuple[Affected, Customer | None] | None:
    """Take the next row of a breach, and commit that; the person, if a letter goes to them."""
    with transaction.atomic():
        waiting = Affected.objects.filter(
            breach=breach, state=Told.WAITING, next_at__lte=clock.now()
        )
        row = (
            waiting.order_by("next_at", "pk")
            .select_for_update(skip_locked=True, no_key=True).first()
        )  # fmt: skip
        if row is None:
            return None
        heir = FormerCustomer.objects.filter(pk=row.customer).values_list("customer", flat=True)
        key = heir.first() or row.customer
        person = Customer.objects.filter(pk=key).first()
        if person is None:
            row.state = Told.GONE
        elif _has_another(row, key):
            row.state = Told.SAME
        else:
            row.state = Told.SENDING if _address(person) else Told.NO_ADDRESS
        row.at = clock.now()
        row.save(update_fields=["state", "at"])
    return row, person if row.state == Told.SENDING else None


def _has_another(row: Affected, key: int) -> bool:
    """Tell whether another row of the same person's is told, or being told."""
    lock(Lock.AFFECTED, [f"{row.breach_id}:{key}"])
    ids = [key, *FormerCustomer.objects.filter(customer=key).values_list("pk", flat=True)]
    others = Affected.objects.filter(breach=row.breach_id, customer__in=ids).exclude(pk=row.pk)
    return others.filter(state__in=[Told.SENDING, *policy.TOLD]).exists()


def _address(person: Customer) -> str:
    return person.email or person.guest_email or ""


def _send(
    row: Affected, person: Customer, breach: Breach, config: Config, port: ShopPort
) -> bool:  # fmt: skip
    subject, text = write(breach, row.categories, config, language_of(person.language))
    mine = Affected.objects.filter(pk=row.pk, state=Told.SENDING)
    try:
        port.mail(subject, text, [_address(person)])
    except RegisterError as error:
        mine.update(state=Told.WAITING, **sending.again(row, error))
        return False
    return bool(mine.update(state=Told.MAILED, at=clock.now(), told_by=store.SHOP, error=""))


def write(breach: Breach, categories: str, config: Config, language: str) -> tuple[str, str]:
    """Return subject and text of the letter that somebody gets."""
    own = texts("breach", language)["letter"]
    kinds = [TITLES[Category(one)][Language.of(language)] for one in categories.split()]
    written = breach.letter[language] if breach.letter else {}
    words = {name: written[name] for name in WORDS}
    found = (
        own["text"]
        .strip()
        .format(**words, categories=", ".join(kinds), contact=contact(config), number=breach.pk)
    )
    return own["subject"], f"{found}\n"
