"""The internal record of processing activities, GDPR article 30(1)."""

from .. import clock
from ..policy import wording
from ..policy.categories import TITLES, Category
from ..policy.fields import CLAIMS
from ..policy.languages import Language, Texts
from ..policy.purposes import GROUNDS, Purpose
from ..policy.recipients import DISCLOSURES, RecipientKind
from ..policy.roles import ALLOWED, GRANT_LONGEST, Role
from ..policy.schedule import in_force
from . import record_sentences as say
from .document import Block, Document, Section
from .facts import Facts
from .notice import controller, country, head, listed, name, purpose_row, retention, who


def record(facts: Facts, language: Language) -> Document:
    """Write it."""
    found = {
        "about": [Block(text=say.ABOUT[language])],
        "controller": [controller(facts.config, language)],
        "name": [Block(text=name(facts.config, language))],
        "purposes": [_purposes(language)],
        "subjects": [Block(items=tuple(one[language] for one in say.SUBJECTS))],
        "data": [_data(language)],
        "access": [_access(language), _text(say.GRANTS, language, days=GRANT_LONGEST.days)],
        "recipients": [_recipients(facts, language), *_processors(facts, language)],
        "transfer": [
            _text(say.TRANSFER, language),
            Block(items=tuple(one[language] for one in wording.TRANSFERS.values())),
        ],
        "retention": [retention(facts, language), _grounds(language)],
        "measures": [
            Block(items=tuple(one[language] for one in say.MEASURES)),
            _text(say.HOSTING, language, country=country(facts.config.hosting_country, language)),
        ],
    }
    sections = tuple(
        Section(one, say.HEADINGS[one][language], tuple(blocks)) for one, blocks in found.items()
    )
    return Document("record", language.code, say.TITLE[language], sections)


def _text(texts: Texts, language: Language, **words: object) -> Block:
    return Block(text=texts[language].format(**words))


def _purposes(language: Language) -> Block:
    rows = tuple((*purpose_row(one, language), GROUNDS[one].source) for one in Purpose)
    return Block(head=head(say.PURPOSE_HEAD, language), rows=rows)


def _data(language: Language) -> Block:
    """Every category with the tables of the register that hold it."""
    rows = []
    for category in Category:
        tables = [
            model for model, claims in CLAIMS.items() if any(category in c for c in claims.values())
        ]
        rows.append((TITLES[category][language], ", ".join(tables) or say.NOWHERE[language]))
    return Block(head=head(say.DATA_HEAD, language), rows=tuple(rows))


def _access(language: Language) -> Block:
    """Every role, with the purposes for which it may use the same categories together."""
    rows = []
    for role in Role:
        together: dict[frozenset[Category], list[str]] = {}
        for purpose in Purpose:
            if purpose in ALLOWED[role]:
                told = wording.PURPOSES[purpose][language]
                together.setdefault(ALLOWED[role][purpose], []).append(told)
        for held, purposes in together.items():
            rows.append(
                (wording.ROLES[role][language], "; ".join(purposes), listed(held, language))
            )
    return Block(head=head(say.ACCESS_HEAD, language), rows=tuple(rows))


def _recipients(facts: Facts, language: Language) -> Block:
    rows = tuple(
        (
            wording.RECIPIENTS[kind][language],
            listed(DISCLOSURES[kind][1], language),
            who(facts.companies, kind, language) or say.NOBODY[language],
        )
        for kind in RecipientKind
    )
    return Block(head=head(say.RECIPIENT_HEAD, language), rows=rows)


def _processors(facts: Facts, language: Language) -> list[Block]:
    found = who(facts.companies, "processor", language)
    what = wording.PROCESSORS[language]
    return [_text(say.PROCESSORS, language, what=what, who=found)] if found else []


def _grounds(language: Language) -> Block:
    rows = tuple(
        (rule.title[language], rule.ground[language]) for rule in in_force(clock.today()).values()
    )
    return Block(head=head(say.GROUND_HEAD, language), rows=rows)
