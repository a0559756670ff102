"""A document as plain data: what page, PDF, JSON and digest are made of."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One of: a paragraph (`text`), a list (`items`), a table (`head`, `rows`).

    Rows without a head are pairs of a name and what stands for it.
    """

    text: str = ""
    items: Row = ()
    head: Row = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """`name` is the same in every language."""

    name: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`language`: fi, sv or en. `kind`: `notice` (GDPR articles 13 and 14), `record` (article 30),
    or `contacts`, which is shown while nothing is published.
    """

    kind: str
    language: str
    title: str
    sections: tuple[Section, ...]

    def plain(self) -> str:
        """Return it as text."""
        return "\n".join([self.title.upper(), *_lines(self)]) + "\n"


#: Kind to language to document, as it is stored.
Documents = Mapping[str, Mapping[str, Any]]


def stored(documents: Iterable[Document]) -> dict[str, dict[str, Any]]:
    """Return documents as JSON values, by kind and language."""
    found: dict[str, dict[str, Any]] = {}
    for one in documents:
        found.setdefault(one.kind, {})[one.language] = json.loads(json.dumps(asdict(one)))
    return found


def read(values: Mapping[str, Any]) -> Document:
    """Return the document that `stored` wrote."""
    sections = tuple(
        Section(one["name"], one["heading"], tuple(_block(block) for block in one["blocks"]))
        for one in values["sections"]
    )
    return Document(values["kind"], values["language"], values["title"], sections)


def digest(documents: Documents) -> str:
    """Return SHA-256 over the documents (JSON, keys sorted, no spaces, UTF-8), 64 digits."""
    text = json.dumps(documents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _block(values: Mapping[str, Any]) -> Block:
    rows = tuple(tuple(row) for row in values["rows"])
    return Block(values["text"], tuple(values["items"]), tuple(values["head"]), rows)


def _lines(document: Document) -> Iterable[str]:
    for section in document.sections:
        yield f"\n{section.heading}\n" if section.heading else ""
        for block in section.blocks:
            if block.text:
                yield block.text
            yield from (f"- {item}" for item in block.items)
            yield from (_row(block.head, row) for row in block.rows)


def _row(head: Row, row: Row) -> str:
    if not head:
        return ": ".join(row)
    told = [f"{name}: {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell]
    return f"- {row[0]}. " + "; ".join(told)
