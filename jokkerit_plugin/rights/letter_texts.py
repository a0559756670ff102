"""What a letter to the one who asked says, to whom and in which language."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from .. import clock
from ..config import Config
from ..errors import RegisterError
from ..models import Customer, Request, RequestLetter, Telling
from ..policy import parts
from ..policy import requests as policy
from ..policy.languages import Language, language_of
from ..policy.requests import RequestKind
from ..policy.schedule import LAWFUL_IDENTITY_YEARS, in_force
from ..retention import keeps
from . import content, links
from .archive import writing
from .words import contact, texts, written

_What = RequestLetter.What


def whereto(row: Request) -> tuple[str, str]:
    """Return e-mail (or nothing) and language of the one who asked. Raises `NoKey`."""
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    address = content.read(row).email or (customer.email if customer else "")
    return address, language_for(row)


def envelope(row: Request) -> tuple[str, ...]:
    """Return name and postal address of the one who asked: lines. Raises `NoKey`.

    The account's own, or the last purchase's; none where it is not known whose request it is.
    """
    if row.proof not in policy.PROVED:
        return ()
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    if customer is None:
        # Sealed before they were erased (`letters.erasing`).
        return tuple(content.read(row).name.splitlines())
    bought = customer.purchases.exclude(billing_address=None)
    at = None
    if row.purchases is None:
        at = customer.addresses.filter(default_billing=True).first()
    else:
        # Others share the mailbox: whose these purchases are.
        bought = bought.filter(pk__in=row.purchases)
    if at is None:
        # Never where a parcel went: it may have been a gift.
        last = bought.select_related("billing_address").order_by("-placed_at", "-pk").first()
        at = last.billing_address if last else None
    whose = at or (customer if row.purchases is None else None)
    if whose is None:
        return ()
    lines = [f"{whose.first_name} {whose.last_name}".strip() or whose.company_name]
    if at is not None:
        lines += [at.street_1, at.street_2, f"{at.postal_code} {at.city}".strip(), at.country]
    return tuple(filter(None, lines))


def language_for(row: Request) -> str:
    """Return the language of the one who asked, as far as it is known."""
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    return row.language or (language_of(customer.language) if customer else "fi")


def write(letter: RequestLetter, config: Config, language: str) -> tuple[str, str]:
    """Return subject and text."""
    row = letter.request
    words = texts("letters", language)
    frame, own = words["frame"], words[letter.what]
    received = row.opened_at.astimezone(clock.HELSINKI).date()
    title = policy.TITLES[RequestKind(row.kind)][Language.of(language)]
    values = {
        "title": title, "reason": letter.reason,
        "due": written(row.due_on or received, language),
        "extended": written(policy.extended_to(received), language),
        "form": links.page("requests", language),
        **_special(letter, own, config, language),
    }  # fmt: skip
    body = [frame["hello"], "", own["text"].strip().format(**values).strip()]
    if letter.what == _What.ARCHIVE and row.purchases is not None:
        body += ["", own["rest"].format(**values)]
    if letter.what in {_What.ACCEPTED, _What.ARCHIVE} and row.reason:
        body += ["", row.reason]
    if letter.what != _What.CONFIRM:
        number = {"title": title, "number": row.pk, "received": written(received, language)}
        body += ["", frame["number"].format(**number)]
    if letter.what in {_What.REFUSED, _What.EXTENDED, _What.ACCEPTED, _What.LIFTING}:
        body += ["", frame["complaint"]]
    body += ["", contact(config)]
    return own["subject"], "\n".join(body).rstrip() + "\n"


def _special(
    letter: RequestLetter, own: dict[str, str], config: Config, language: str
) -> dict[str, str]:
    row = letter.request
    if letter.what == _What.CONFIRM:
        ends = clock.today() + timedelta(days=policy.CONFIRM_DAYS)
        return {"link": links.confirm(row, language), "until": written(ends, language)}
    if letter.what == _What.ARCHIVE:
        made = writing.standing(row.pk)
        if made is None:
            raise RegisterError("The copy is not there any more: make another.")
        until = made.expires_at.astimezone(clock.HELSINKI).date()
        return {"link": links.archive(made, language), "until": written(until, language)}
    if letter.what == _What.REFUSED:
        return {"ground": texts("letters", language)["grounds"][row.ground]}
    if letter.what == _What.ACCEPTED:
        where = own["everywhere" if config.erase_in_shop else "register"]
        return {"stays": letter.reason, "where": where}
    if letter.what == _What.DONE:
        return {"done": _done(row, own, config)}
    return {}


def _done(row: Request, own: dict[str, str], config: Config) -> str:
    done = own[row.kind]
    proved = row.proof in policy.PROVED and row.purchases is None
    if row.kind == RequestKind.OBJECTION and not proved:
        # `objections.oppose`: a mailbox alone speaks for itself.
        done = own["objection_mailbox"]
    beyond = config.identity_years > LAWFUL_IDENTITY_YEARS
    if row.kind == RequestKind.OBJECTION and not row.marketing and beyond:
        done += " " + own["objection_vouchers"]
    if row.kind == RequestKind.ERASURE and not config.erase_in_shop:
        done = own["erasure_register"]
    if names := _recipients(row):
        done += "\n\n" + own["told"].format(recipients=", ".join(names))
    return done


def stays(row: Request, config: Config, language: str) -> str:
    """Return what an erasure leaves, why and until when: article 17(3), line by line."""
    own = texts("letters", language)[_What.ACCEPTED]
    customer = row.customer or 0
    found = keeps.of_customers([customer], clock.today(), config)[customer]
    # What the request itself ends keeps nothing from tomorrow on.
    lines = _lines((one for one in found if one.rule not in {"request", "telling"}), language)
    return "\n".join([own["stays"], *lines]) if lines else own["nothing_stays"]


def _lines(found: Iterable[keeps.Keep], language: str) -> list[str]:
    """Return a line a part and rule: what, on which ground, until the latest day."""
    until: dict[tuple[parts.Part, str], list[date | None]] = defaultdict(list)
    for one in found:
        until[one.part, one.rule].append(one.until)
    rules, lines = in_force(clock.today()), []
    for (part, name), days in until.items():
        rule = rules[name]
        known = [day for day in days if day]
        end = written(max(known), language) if len(known) == len(days) else (
            rule.words(Language.of(language), Config()))  # fmt: skip
        what, why = parts.TITLES[part][Language.of(language)], rule.title[Language.of(language)]
        lines.append(f"- {what}: {why} ({rule.ground[Language.of(language)]}), {end}")
    return lines


def _recipients(row: Request) -> list[str]:
    """Return who is told of it (article 19): they, and no other, had what it is about."""
    rows = Telling.objects.filter(request=row.pk).order_by("recipient__name")
    return list(rows.values_list("recipient__name", flat=True).distinct())
