"""The copy for reading: one page without anything from elsewhere, order by order.

Headings and names of fields are in data/copy.*.toml; of the shop's own tables the columns keep
the names that they have there.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from babel import Locale

from ... import clock
from ...config import Config
from ..words import contact, texts, written
from . import about
from .held import LINES, Held, Listed, Whose, paged

#: Purchases whose lines are in memory.
PAGE = 200
#: Tables that are shown below each purchase.
BELOW = (
    "PurchaseLine", "Delivery", "Movement", "Invoice", "Posting", "Voucher", "VoucherNote",
    "BilledLine",
)  # fmt: skip
#: Not for reading: what a search is made of, keys.
_LEFT_OUT = {"SearchWords"}
#: Lists' columns whose codes another column's words say; of requests it is said already.
_CODES = {("opt_outs", "reason"): "kind", ("requests", "kind"): ""}
#: Columns that hold a day or a moment, beside those whose names end so.
_DAYS = {"at", "since", "until"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d\S*)?")
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
            yield from _cards(one, words)
    yield from _purchases(tables, words)
    for one in tables:
        if one.model in LINES:
            heads = [_label(name, words) for name in one.columns]
            yield from _table(words["tables"][one.model], heads, one.rows(), level=2)
    for listed in about.lists(whose, config, language):
        heads = [words["lists"].get(name, name) for name in listed.names]
        note = page.get(f"{listed.name}_note", "")
        yield from _table(page[listed.name], heads, _read(listed, language), note=note, level=2)
    first = f"<h2>{escape(page['shop'])}</h2>\n<p>{escape(page['shop_note'])}</p>\n"
    for one in tables:
        if not one.model:
            for piece in _table(one.name, one.columns, one.rows(), level=3):
                yield first + piece
                first = ""
    lines = "<br>".join(escape(line) for line in contact(config).splitlines())
    yield f"</main><footer><h2>{escape(page['contact'])}</h2><p>{lines}</p></footer>\n"
    yield "</body></html>\n"


def _read(listed: Listed, language: str) -> Iterator[list[str]]:
    """Yield the rows of a list in words: programs are given the codes."""
    known = texts("copy", language)["codes"]
    codes = [known.get(_CODES.get((listed.name, name), name), {}) for name in listed.names]
    for row in listed.rows:
        cells = zip(listed.names, row, codes, strict=True)
        yield [of.get(value) or _word(name, value, language) for name, value, of in cells]


def _word(name: str, value: str, language: str) -> str:
    if name == "refused" and value:
        return str(texts("letters", language)["grounds"][value])
    if name == "country":
        return str(Locale(language).territories.get(value, value))
    if name == "language":
        return str(Locale(language).languages.get(value, value))
    if (name in _DAYS or name.endswith(("_at", "_on"))) and _MOMENT.fullmatch(value):
        return _moment(value, language)
    return value


def _moment(value: str, language: str) -> str:
    if len(value) == 10:
        return written(date.fromisoformat(value), language)
    at = datetime.fromisoformat(value).astimezone(clock.HELSINKI)
    return f"{written(at.date(), language)} {at:%H:%M}"


def _cards(one: Held, words: Words) -> Iterator[str]:
    first = f"<h2>{escape(words['tables'][one.model])}</h2>\n"
    for row in one.rows():
        if card := _card(one, row, words):
            yield f"{first}{card}"
            first = ""


def _purchases(tables: Sequence[Held], words: Words) -> Iterator[str]:
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
            yield _card(bought, row, words)
            for one in below:
                if rows := found[one.model].get(row[key]):
                    heads = [_label(name, words) for name in one.columns[1:]]
                    cells = (each[1:] for each in rows)
                    yield from _table(words["tables"][one.model], heads, cells, level=0)


def _by_purchase(one: Held, wanted: set[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in one.of(sorted(wanted)):
        found[row[0]].append(row)
    return found


def _card(one: Held, row: Sequence[Any], words: Words) -> str:
    shown = [
        f"<dt>{escape(_label(name, words))}</dt><dd>{escape(_value(value, words))}</dd>"
        for name, value in zip(one.columns, row, strict=True)
        if value not in (None, "") and not name.endswith("_id") and name != "id"
    ]
    return f"<dl>{''.join(shown)}</dl>\n" if shown else ""


def _table(
    title: str, heads: Sequence[str], rows: Iterator[Sequence[Any]], *, note: str = "", level: int
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
        cells = "".join(f"<td>{escape(_value(value, {}))}</td>" for value in row)
        yield f"{before}<tr>{cells}</tr>\n"
        before, empty = "", False
    if not empty:
        yield "</tbody></table></div>\n"


def _label(name: str, words: Words) -> str:
    plain = name.removesuffix("_id").removeprefix("party_")
    labels = words["fields"]
    return str(labels.get(name) or labels.get(plain) or plain.replace("_", " "))


def _value(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return str(words.get("page", {}).get("yes" if value else "no", value))
    if value is None:
        return ""
    if hasattr(value, "astimezone"):
        return f"{value.astimezone(clock.HELSINKI):%Y-%m-%d %H:%M}"
    return str(value)
