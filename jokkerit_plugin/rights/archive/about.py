"""What goes with the data: why it is held, from where, for how long, who got it, who looked.

GDPR article 15(1)(a) to (g).
"""

from collections.abc import Iterator

from ... import clock
from ...access import looks
from ...config import Config
from ...disclosure import history
from ...models import Purchase, TransferRequest
from ...policy import parts, wording
from ...policy.breaches import TOLD
from ...policy.categories import TITLES, Category
from ...policy.languages import Language
from ...policy.purposes import GROUNDS, Purpose
from ...policy.roles import ALLOWED
from ...policy.schedule import in_force
from ...retention import keeps
from ..breaches import affected
from ..words import written
from . import dealings
from .held import Listed, Row
from .whose import Whose

#: Lines of a list that are read at a time.
PAGE = 500


def lists(whose: Whose, config: Config, language: str) -> list[Listed]:
    """Return the lists, to be read once each; in a transaction.

    Who looked and who got something is of the customer as a whole: where that is not proved, it
    is left out.
    """
    found = [
        Listed("purposes", ("purpose", "basis", "categories"), _purposes(language)),
        Listed(
            "retention", ("purchase", "part", "rule", "ground", "until"),
            _retention(whose, config, language),
        ),
    ]  # fmt: skip
    if whose.purchases is not None:
        return found
    return [
        *found,
        Listed(
            "disclosures", ("at", "recipient", "country", "purpose", "categories", "what"),
            _disclosures(whose, language),
        ),
        Listed(
            "transfers", ("requested_at", "recipient", "country", "revoked_at"), _transfers(whose)
        ),
        Listed(
            "breaches", ("at", "categories", "happened", "told_at"), _breaches(whose, language)
        ),
        Listed("looks", ("at", "role", "purpose", "categories"), _looks(whose, language)),
        *dealings.lists(whose, language),
    ]  # fmt: skip


def _purposes(language: str) -> Iterator[Row]:
    at = Language.of(language)
    for purpose, ground in GROUNDS.items():
        used = {one for allowed in ALLOWED.values() for one in allowed.get(purpose, ())}
        titles = ", ".join(TITLES[one][at] for one in sorted(used))
        basis = f"{wording.BASES[ground.basis][at]} ({ground.basis.value})"
        yield wording.PURPOSES[purpose][at], basis, titles


def _retention(whose: Whose, config: Config, language: str) -> Iterator[Row]:
    """Yield what keeps each item, on which ground, until when: the job's own answer."""
    day = clock.today()
    if whose.purchases is None:
        yield from _kept(keeps.keeps(customers=[whose.customer], day=day, config=config), language)
    after = 0
    while True:
        rows = Purchase.objects.filter(customer=whose.customer, pk__gt=after).order_by("pk")
        if whose.purchases is not None:
            rows = rows.filter(pk__in=whose.purchases)
        page = dict(rows.values_list("pk", "number")[:PAGE])
        if not page:
            return
        after = max(page)
        found = keeps.keeps(purchases=list(page), day=day, config=config)
        yield from _kept(found, language, page)


def _kept(
    found: list[keeps.Keep], language: str, numbers: dict[int, str] | None = None
) -> Iterator[Row]:
    at, rules = Language.of(language), in_force(clock.today())
    for one in found:
        rule = rules[one.rule]
        until = one.until.isoformat() if one.until else rule.words(at, Config())
        number = (numbers or {}).get(one.purchase or 0, "")
        yield number, parts.TITLES[one.part][at], rule.title[at], rule.ground[at], until


def _disclosures(whose: Whose, language: str) -> Iterator[Row]:
    at, before = Language.of(language), None
    while page := history.disclosures_of(whose.customer, before=before, limit=PAGE):
        before = page[-1].seq
        for one in page:
            yield (
                one.at.isoformat(), one.name, one.country, wording.PURPOSES[one.purpose][at],
                ", ".join(TITLES[each][at] for each in one.categories), one.what,
            )  # fmt: skip


def _transfers(whose: Whose) -> Iterator[Row]:
    rows = TransferRequest.objects.filter(customer=whose.customer).select_related("recipient")
    for one in rows.order_by("pk").iterator(PAGE):
        revoked = one.revoked_at.isoformat() if one.revoked_at else ""
        yield one.requested_at.isoformat(), one.recipient.name, one.recipient.country, revoked


def _breaches(whose: Whose, language: str) -> Iterator[Row]:
    at = Language.of(language)
    for one in affected.of_customer(whose.customer):
        breach = one.breach
        told = one.at.isoformat() if one.state in TOLD else ""
        happened = breach.letter[language]["happened"] if breach.letter else ""
        kinds = ", ".join(TITLES[Category(each)][at] for each in one.categories.split())
        yield (breach.began_at or breach.aware_at).isoformat(), kinds, happened, told


def _looks(whose: Whose, language: str) -> Iterator[Row]:
    at, before = Language.of(language), None
    while page := looks.looks_at(whose.customer, before=before, limit=PAGE):
        before = page[-1].seq
        for one in page:
            yield (
                one.at.isoformat(), wording.ROLES[one.role][at],
                wording.PURPOSES[Purpose(one.purpose)][at],
                ", ".join(TITLES[each][at] for each in one.categories),
            )  # fmt: skip


def made_on(language: str) -> str:
    """Return today as the copy says it."""
    return written(clock.now().astimezone(clock.HELSINKI).date(), language)
