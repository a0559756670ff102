"""What the authority is told of a breach, as a document to copy or print: GDPR article 33(3)."""

from datetime import datetime
from typing import Any

from ... import clock
from ...config import Config
from ...description.document import Block, Document, Row, Section
from ...models import Breach, BreachEvent
from ...policy import breaches as policy
from ...policy.breaches import Exemption, Phase, Risk
from ...policy.categories import TITLES, Category
from ...policy.languages import Language
from ..words import contact, texts
from . import affected


def document(row: Breach, config: Config, language: str) -> Document:
    """Write the notification from the record; what is not known yet is said to follow."""
    words = texts("breach", language)["document"]
    writer = _Writer(words, language)
    sections = (
        writer.section("controller", [Block(text=contact(config) or words["follows"])]),
        writer.section("times", [Block(rows=tuple(writer.times(row)))]),
        writer.section("nature", [
            Block(text=row.happened), Block(rows=tuple(writer.numbers(row))),
        ]),
        writer.section("consequences", [Block(text=row.consequences or words["follows"])]),
        writer.section("measures", [Block(text=row.measures or words["follows"])]),
        writer.section("risk", [Block(text=line) for line in writer.risk(row)]),
        writer.section("phases", [Block(rows=tuple(writer.phases(row)))]),
    )  # fmt: skip
    title = words["title"].format(number=row.pk)
    return Document("breach", language, title, sections)


class _Writer:
    def __init__(self, words: dict[str, Any], language: str) -> None:
        self.words, self.language, self.at = words, language, Language.of(language)

    def section(self, name: str, blocks: list[Block]) -> Section:
        return Section(name, self.words[name], tuple(blocks))

    def times(self, row: Breach) -> list[Row]:
        found: list[Row] = [
            (self.words["began"], self.moment(row.began_at)),
            (self.words["ended"], self.moment(row.ended_at)),
            (self.words["aware"], self.moment(row.aware_at)),
            (self.words["due"], self.moment(row.due_at)),
        ]
        if row.late_reasons:
            found.append((self.words["late"], row.late_reasons))
        return found

    def numbers(self, row: Breach) -> list[Row]:
        kinds = ", ".join(TITLES[Category(one)][self.at] for one in row.categories.split())
        people = row.people if row.people is not None else affected.people(row) or None
        return [
            (self.words["who"], row.who or self.words["follows"]),
            (self.words["people"], self.number(people)),
            (self.words["categories"], kinds or self.words["follows"]),
            (self.words["records"], self.number(row.records)),
        ]

    def risk(self, row: Breach) -> list[str]:
        if not row.risk:
            return [self.words["follows"]]
        found = [f"{policy.RISKS[Risk(row.risk)][self.at].capitalize()}. {row.risk_reasons}"]
        if row.letters_at:
            found.append(self.words["letters"].format(day=self.moment(row.letters_at)))
        elif row.exempt:
            found.append(f"{self.words[Exemption(row.exempt).value]} {row.exempt_reasons}")
        elif row.risk == Risk.HIGH:
            found.append(self.words["untold"])
        return found

    def phases(self, row: Breach) -> list[Row]:
        rows = row.events.filter(what=BreachEvent.What.NOTIFIED).order_by("pk")
        told: list[Row] = [
            (
                policy.PHASES[Phase(one.values["phase"])][self.at],
                " ".join(
                    [self.moment(datetime.fromisoformat(one.values["at"])), one.values["reference"]]
                ).strip(),
            )
            for one in rows
        ]
        return told or [(policy.PHASES[Phase.INITIAL][self.at], self.words["this"])]

    def moment(self, at: datetime | None) -> str:
        if at is None:
            return str(self.words["follows"])
        local = at.astimezone(clock.HELSINKI)
        if self.language == "fi":
            return f"{local.day}.{local.month}.{local.year} klo {local:%H.%M}"
        return f"{local:%Y-%m-%d %H:%M}"

    def number(self, found: int | None) -> str:
        return str(self.words["follows"] if found is None else found)
