"""The copy for reading: one page without anything from elsewhere, order by order.

Headings and names of fields are in data/copy.*.toml; of the shop's own tables the columns keep
the names that they have there.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...config import Config
from ..words import contact, texts
from . import about, values
from .held import LINES, Held, paged
from .whose import Whose

#: Purchases whose lines are in memory.
PAGE = 200
#: Tables that are shown below each purchase.
BELOW = (
    "PurchaseLine", "Delivery", "Movement", "Invoice", "Posting", "Voucher", "VoucherNote",
    "BilledLine",
)  # fmt: skip
#: Not for reading: what a search is made of, keys.
_LEFT_OUT = {"SearchWords"}
_STYLE = (
    "body{max-width:60rem;margin:0 auto;padding:1.25rem;font:1rem/1.5 system-ui,sans-serif;"
    "color:#1c2126;background:#fff;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:.5rem 0 1.25rem}"
    "th,td{border:1px solid #7b858f;padding:.25rem .5rem;text-align:left;vertical-align:top}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #7b858f}"
    "div{overflow-x:auto}dt{font-weight:600}dd{margin:0 0 .4rem}"
    "@media print{body{max-width:none}h3{break-after:avoid}}"
)

Words = Mapping[str, Mapping[str, Any]]


def pages(whose: Whose, tables: Sequence[Held], config: Config, language: str) -> Iterator[str]:
    """Yield the page, piece by piece; in a transaction."""
    words = texts("copy", language)
    page = words["page"]
    title = escape(page["title"])
    yield (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>\n<h1>{title}</h1>\n"
        f"<p>{escape(page['made'].format(day=about.made_on(language)))}</p>\n"
    )
    if whose.purchases is not None:
        yield f"<p>{escape(page['part'])}</p>\n"
    yield f"<p>{escape(page['sources'])}</p>\n<p>{escape(page['rights'])}</p>\n"
    for one in tables:
        if one.model and one.model not in {*BELOW, *_LEFT_OUT, *LINES, "Purchase"}:
            yield from _cards(one, words, language)
    yield from _purchases(tables, words, language)
    for one in tables:
        if one.model in LINES:
            heads = [_label(name, words) for name in one.columns]
            rows = (values.of_row(one, row, language) for row in one.rows())
            yield from _table(words["tables"][one.model], heads, rows, level=2)
    for listed in about.lists(whose, config, language):
        heads = [words["lists"].get(name, name) for name in listed.names]
        note = page.get(f"{listed.name}_note", "")
        yield from _table(
            page[listed.name], heads, values.of_list(listed, language), note=note, level=2
        )
    first = f"<h2>{escape(page['shop'])}</h2>\n<p>{escape(page['shop_note'])}</p>\n"
    for one in tables:
        if not one.model:
            rows = (values.of_row(one, row, language) for row in one.rows())
            for piece in _table(one.name, one.columns, rows, level=3):
                yield first + piece
                first = ""
    lines = "<br>".join(escape(line) for line in contact(config).splitlines())
    yield f"</main><footer><h2>{escape(page['contact'])}</h2><p>{lines}</p></footer>\n"
    yield "</body></html>\n"


def _cards(one: Held, words: Words, language: str) -> Iterator[str]:
    first = f"<h2>{escape(words['tables'][one.model])}</h2>\n"
    for row in one.rows():
        if card := _card(one, row, words, language):
            yield f"{first}{card}"
            first = ""


def _purchases(tables: Sequence[Held], words: Words, language: str) -> Iterator[str]:
    bought = next(one for one in tables if one.model == "Purchase")
    below = [one for one in tables if one.model in BELOW]
    # Each is sorted by its own key, and not by purchase: read page by page of purchases.
    key = bought.columns.index("id")
    first = f"<h2>{escape(words['tables']['Purchase'])}</h2>\n"
    for page in paged(bought.rows(), PAGE):
        wanted = {row[key] for row in page}
        found = {one.model: _by_purchase(one, wanted) for one in below}
        for row in page:
            number = escape(str(row[bought.columns.index("number")]))
            yield f"{first}<h3>{escape(words['page']['order'])} {number}</h3>\n"
            first = ""
            yield _card(bought, row, words, language)
            for one in below:
                if rows := found[one.model].get(row[key]):
                    heads = [_label(name, words) for name in one.columns[1:]]
                    cells = (values.of_row(one, each, language)[1:] for each in rows)
                    yield from _table(words["tables"][one.model], heads, cells, level=0)


def _by_purchase(one: Held, wanted: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in one.of(sorted(wanted)):
        found[row[0]].append(row)
    return found


def _card(one: Held, row: Sequence[Any], words: Words, language: str) -> str:
    said = zip(one.columns, values.of_row(one, row, language), strict=True)
    shown = [
        f"<dt>{escape(_label(name, words))}</dt><dd>{escape(value)}</dd>"
        for name, value in said
        if value and not name.endswith("_id") and name != "id"
    ]
    return f"<dl>{''.join(shown)}</dl>\n" if shown else ""


def _table(
    title: str, heads: Sequence[str], rows: Iterator[Sequence[str]], *, note: str = "", level: int
) -> Iterator[str]:
    """Yield a table with its title; nothing where there is no row."""
    caption = f"<caption>{escape(title)}</caption>" if not level else ""
    before = f"<h{level}>{escape(title)}</h{level}>\n" if level else ""
    before += f"<p>{escape(note)}</p>\n" if note else ""
    before += f"<div><table>{caption}<thead><tr>"
    before += "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    before += "</tr></thead><tbody>\n"
    empty = True
    for row in rows:
        cells = "".join(f"<td>{escape(value)}</td>" for value in row)
        yield f"{before}<tr>{cells}</tr>\n"
        before, empty = "", False
    if not empty:
        yield "</tbody></table></div>\n"


def _label(name: str, words: Words) -> str:
    plain = name.removesuffix("_id").removeprefix("party_")
    labels = words["fields"]
    return str(labels.get(name) or labels.get(plain) or plain.replace("_", " "))
