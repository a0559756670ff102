"""A document as PDF, in the fonts that every reader has (cp1252: Finnish, Swedish, English).

What cp1252 lacks (a name in another alphabet) is written in its letters.
"""

from datetime import datetime
from functools import lru_cache

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, VAlign, XPos, YPos
from fpdf.fonts import FontFace
from text_unidecode import unidecode

from .document import Block, Document

_ENCODING = "windows-1252"
_SIZE, _LINE = 10.5, 5.2


class _Page(FPDF):
    """A4 with a foot: what the document is, and the page."""

    foot = ""

    def footer(self) -> None:
        """See FPDF."""
        self.set_y(-15)
        self.set_font("Helvetica", size=8.5)
        self.set_text_color(85)
        self.cell(0, 5, self.foot)
        self.set_x(self.l_margin)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0)


@lru_cache(maxsize=16)
def write(document: Document, foot: str, at: datetime) -> bytes:
    """Return the PDF; the same bytes for the same arguments. `foot`: its version and date."""
    page = _Page(format="A4")
    page.core_fonts_encoding = _ENCODING
    page.set_creation_date(at)
    page.set_title(encodable(document.title))
    page.set_lang(document.language)
    page.set_margins(22, 20, 22)
    page.set_auto_page_break(True, margin=22)
    page.foot = encodable(foot)
    page.add_page()
    page.set_font("Helvetica", "B", 20)
    _flow(page, document.title, 9)
    for section in document.sections:
        if section.heading:
            # A heading does not stay alone at the end of a page.
            if page.will_page_break(30):
                page.add_page()
            page.ln(4)
            page.set_font("Helvetica", "B", 13)
            page.start_section(encodable(section.heading))
            _flow(page, section.heading, 7)
        for block in section.blocks:
            _block(page, block)
    return bytes(page.output())


def encodable(text: str) -> str:
    """Return a text of which every letter is in cp1252."""
    return "".join(one if _known(one) else unidecode(one) or "?" for one in text)


def _known(letter: str) -> bool:
    try:
        letter.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _block(page: FPDF, block: Block) -> None:
    page.set_font("Helvetica", size=_SIZE)
    if block.text:
        _flow(page, block.text, _LINE)
        page.ln(1.5)
    for item in block.items:
        page.set_x(page.l_margin + 2)
        page.cell(4, _LINE, encodable("•"))
        _flow(page, item, _LINE)
    if block.items:
        page.ln(1.5)
    if block.rows:
        _table(page, block)
        page.ln(1.5)


def _table(page: FPDF, block: Block) -> None:
    layout = TableBordersLayout.HORIZONTAL_LINES if block.head else TableBordersLayout.NONE
    widths = (1, 2.4) if not block.head else None
    page.set_font("Helvetica", size=9.5)
    page.set_draw_color(150)
    with page.table(
        borders_layout=layout, line_height=4.6, padding=1.2 if block.head else 0.6, align="L",
        text_align="LEFT", col_widths=widths, first_row_as_headings=bool(block.head),
        headings_style=FontFace(emphasis="BOLD", fill_color=238),
    ) as table:  # fmt: skip
        for cells in filter(None, (block.head, *block.rows)):
            row = table.row()
            for number, cell in enumerate(cells):
                strong = FontFace(emphasis="BOLD") if not block.head and not number else None
                row.cell(encodable(cell), style=strong, v_align=VAlign.T)


def _flow(page: FPDF, text: str, height: float) -> None:
    page.multi_cell(0, height, encodable(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
