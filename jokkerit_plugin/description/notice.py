"""The public notice of GDPR articles 13 and 14: "rekisteriseloste"."""

from collections.abc import Iterable

from babel import Locale

from .. import clock
from ..config import Config
from ..policy import categories, parts, recipients, wording
from ..policy.categories import Category
from ..policy.languages import Language, Texts
from ..policy.parts import Part
from ..policy.purposes import GROUNDS, Basis, Purpose
from ..policy.roles import ALLOWED, Role
from ..policy.schedule import LAWFUL_IDENTITY_YEARS, Rule, in_force
from . import headings
from . import sentences as say
from .document import Block, Document, Row, Section
from .facts import Company, Facts


def notice(facts: Facts, language: Language) -> Document:
    """Write it."""
    return _document("notice", _sections(facts, language), language)


def contacts(config: Config, language: Language) -> Document:
    """Write whom one can ask: what is known of the controller, and nothing else."""
    about = [Block(text=say.SOON[language])]
    found = {"about": about, "controller": [controller(config, language)]}
    return _document("contacts", found, language)


def controller(config: Config, language: Language) -> Block:
    """Return who the controller is, as pairs; what is not given is left out."""
    known = ((label, getattr(config, name)) for name, label in headings.LABELS.items())
    return Block(rows=tuple((label[language], value) for label, value in known if value))


def name(config: Config, language: Language) -> str:
    """Return what the register is called."""
    return say.NAME[language].format(controller=config.controller_name)


def country(code: str, language: Language) -> str:
    """Return a country's name in a language; of an unknown code the code."""
    found: str = Locale(language.code).territories.get(code, code)
    return found


def listed(found: Iterable[Category], language: Language) -> str:
    """Return the names of categories, in the description's order."""
    held = set(found)
    return ", ".join(categories.TITLES[one][language] for one in Category if one in held)


def head(texts: tuple[Texts, ...], language: Language) -> Row:
    """Return the head of a table."""
    return tuple(one[language] for one in texts)


def retention(facts: Facts, language: Language) -> Block:
    """Return the schedule as a table."""
    rows = tuple(_kept(rule, facts.config, language) for rule in in_force(clock.today()).values())
    return Block(head=head(headings.RETENTION_HEAD, language), rows=rows)


def who(companies: Iterable[Company], kind: str, language: Language) -> str:
    """Return the companies of a kind, with their countries."""
    return ", ".join(
        f"{one.name} ({country(one.country, language)})" for one in companies if one.kind == kind
    )


def _document(kind: str, found: dict[str, list[Block]], language: Language) -> Document:
    sections = tuple(
        Section(one, headings.HEADINGS[one][language], tuple(blocks))
        for one, blocks in found.items()
    )
    return Document(kind, language.code, headings.TITLE[language], sections)


def _sections(facts: Facts, language: Language) -> dict[str, list[Block]]:
    config = facts.config

    def text(texts: Texts, **words: object) -> Block:
        return Block(text=texts[language].format(**words))

    erasing = [one for one, on in (
        (say.BY_ITSELF, facts.erases), (say.IN_SHOP, facts.erases_in_shop),
        (say.IDENTITY, config.identity_years > LAWFUL_IDENTITY_YEARS),
    ) if on]  # fmt: skip
    return {
        "about": [text(say.ABOUT)],
        "controller": [controller(config, language)],
        "name": [Block(text=name(config, language))],
        "who": [text(say.WHO)],
        "purposes": [text(say.PURPOSES), _purposes(language), text(say.MARKETING)],
        "data": [
            text(say.DATA),
            Block(items=tuple(categories.TITLES[one][language] for one in Category)),
            text(say.LOG, purposes=_log_purposes(language)),
            text(say.NEEDED),
        ],
        "sources": [text(say.SOURCES)],
        "access": [
            text(say.ACCESS),
            Block(items=tuple(wording.ROLES[one][language] for one in Role)),
            text(say.AGREEMENT),
        ],
        "disclosure": _disclosure(facts, language),
        "transfer": [
            text(say.TRANSFER),
            Block(items=tuple(
                wording.TRANSFERS[one][language] for one in recipients.TransferGround
            )),
            text(say.TRANSFER_RISK),
        ],
        "retention": [
            text(say.RETENTION, years=config.bookkeeping_years),
            retention(facts, language),
            *(text(one) for one in erasing),
        ],
        "protection": [text(say.PROTECTION, country=country(config.hosting_country, language))],
        "rights": [
            text(say.RIGHTS), Block(items=tuple(one[language] for one in say.RIGHT_ITEMS)),
        ],
        "complaint": [text(say.COMPLAINT)],
        "automated": [text(say.AUTOMATED)],
    }  # fmt: skip


def purpose_row(purpose: Purpose, language: Language) -> Row:
    """Return a purpose with its basis, and the interest or law that it rests on."""
    basis = GROUNDS[purpose].basis
    article = say.ARTICLE[language].format(number=basis.value)
    why = wording.OBLIGATIONS if basis is Basis.LEGAL_OBLIGATION else wording.INTERESTS
    found = why[purpose][language] if purpose in why else ""
    what = wording.PURPOSES[purpose][language]
    return (what, f"{wording.BASES[basis][language]} ({article})", found)


def _purposes(language: Language) -> Block:
    rows = tuple(purpose_row(one, language) for one in Purpose)
    return Block(head=head(headings.PURPOSE_HEAD, language), rows=rows)


def _log_purposes(language: Language) -> str:
    found = (
        one for one in Purpose if any(Category.LOG in ALLOWED[role].get(one, ()) for role in Role)
    )
    return ", ".join(wording.PURPOSES[one][language] for one in found)


def _disclosure(facts: Facts, language: Language) -> list[Block]:
    rows = tuple(
        (
            wording.RECIPIENTS[kind][language],
            listed(given, language),
            who(facts.companies, kind, language) or say.NOBODY[language],
        )
        for kind, (_, given) in recipients.DISCLOSURES.items()
    )
    found = [
        Block(text=say.DISCLOSURE[language]),
        Block(head=head(headings.DISCLOSURE_HEAD, language), rows=rows),
    ]
    if processors := [one for one in facts.companies if one.kind == "processor"]:
        what = wording.PROCESSORS[language]
        found += [
            Block(text=say.PROCESSORS[language].format(what=what)),
            Block(items=tuple(who([one], one.kind, language) for one in processors)),
        ]
    return found


def _kept(rule: Rule, config: Config, language: Language) -> Row:
    what = ", ".join(parts.TITLES[one][language] for one in Part if one in rule.parts)
    if rule.parts in {frozenset(), frozenset(Part)}:
        what = say.ALL[language]
    elif rule.parts == parts.OF_PURCHASES:
        what = say.WHOLE[language]
    how_long = rule.words(language, config)
    if rule.varies(config):
        how_long = say.LONGEST[language].format(term=how_long)
    return (rule.title[language], what, how_long)
