"""A receipt on paper: PDF with a font of its own, in which nothing is markup and nothing acts."""

from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from bot.incident.sections import Line, Page, Row, Section, Tone

FONTS = Path(__file__).parents[1] / "pages" / "fonts"
_FAMILY = "DejaVuSans"

HIDDEN = "□"
"""Stands in the PDF for a character that the font does not have."""

_TOTAL = "\ue000\ue001\ue002\ue003"
"""Where fpdf puts the number of pages. Private use, so no text that was cleaned holds it."""

_LABEL, _WIDTH, _MARGIN = 58.0, 174.0, 18.0
"""Millimetres: the labels' column, the text, the margins of an A4 page."""


def as_pdf(page: Page, made: datetime) -> bytes:
    """Return a receipt as PDF; `made` is the date it bears, so that the same makes the same."""
    paper = _Paper(page, made)
    for section in page.sections:
        paper.section(section)
    return paper.finished()


class _Sheets(FPDF):
    """Sheets with the number of each at its foot."""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(_FAMILY, size=8)
        self.set_text_color(90)
        self.cell(0, 5, f"Noon · {self.page_no()}/{_TOTAL}", align="R")


class _Paper:
    """A receipt being written; no text in it is ever taken for markup."""

    def __init__(self, page: Page, made: datetime) -> None:
        self._page = page
        self._is_hiding = False
        self._pdf = pdf = _Sheets(format="A4")
        for style, file in (("", ""), ("B", "-Bold")):
            pdf.add_font(_FAMILY, style, FONTS / f"{_FAMILY}{file}.ttf")
        cmaps = (font.cmap for font in pdf.fonts.values() if isinstance(font, TTFFont))
        self._shown = frozenset.intersection(*map(frozenset, cmaps))
        pdf.set_creation_date(made)
        pdf.set_lang(page.language)
        pdf.set_title(page.title)
        pdf.set_author("Noon")
        pdf.alias_nb_pages(_TOTAL)
        pdf.set_margins(_MARGIN, _MARGIN)
        pdf.set_auto_page_break(auto=True, margin=_MARGIN + 2)
        pdf.add_page()
        self._opening()

    def section(self, section: Section) -> None:
        """Write a section; its heading never stands alone at the end of a page."""
        if self._pdf.will_page_break(24):
            self._pdf.add_page()
        self._pdf.ln(4)
        self._write(section.heading, style="B", size=10.5, height=6.5)
        for one in section.content:
            if isinstance(one, Line):
                self._write(one.text)
            else:
                self._row(one)

    def finished(self) -> bytes:
        """Return the bytes."""
        if self._is_hiding:
            self._pdf.ln(3)
            self._write(f"{HIDDEN} {self._page.hidden}", size=8)
        return bytes(self._pdf.output())

    def _opening(self) -> None:
        self._write(self._page.title, style="B", size=15, height=8)
        self._pdf.ln(2)
        if self._page.warning:
            self._boxed(self._page.warning, Tone.BAD)
        self._boxed(self._page.status, self._page.tone)

    def _boxed(self, text: str, tone: Tone) -> None:
        ink, ground = tone.value
        self._pdf.set_fill_color(*ground)
        self._pdf.set_text_color(*ink)
        self._cell(text, 6, style="B", size=10.5, fill=True, padding=3)
        self._pdf.set_text_color(0)
        self._pdf.ln(2)

    def _row(self, row: Row) -> None:
        """Write a label beside its value, or above where the label is long; then the quotation."""
        beside = len(row.label) <= 36
        if self._pdf.will_page_break(11):
            self._pdf.add_page()
        if beside:
            self._label(row.label)
        else:
            self._write(row.label, size=8.5)
        if row.value:
            self._indented(row.value)
        if row.words:
            self._indented(f"«{row.words}»", size=8.5)
        self._pdf.ln(0.8)

    def _label(self, text: str) -> None:
        self._pdf.set_text_color(70)
        self._font("", 9)
        top, sheet = self._pdf.get_y(), self._pdf.page
        self._pdf.multi_cell(_LABEL - 2, 5, self._fit(text), align="L")
        if self._pdf.page == sheet:
            self._pdf.set_y(top)
        self._pdf.set_text_color(0)

    def _indented(self, text: str, size: float = 9) -> None:
        self._pdf.set_x(_MARGIN + _LABEL)
        self._cell(text, 5, size=size, width=_WIDTH - _LABEL)

    def _write(self, text: str, *, style: str = "", size: float = 9, height: float = 5) -> None:
        self._pdf.set_x(_MARGIN)
        self._cell(text, height, style=style, size=size)

    def _cell(
        self,
        text: str,
        height: float,
        *,
        style: str = "",
        size: float = 9,
        width: float = _WIDTH,
        fill: bool = False,
        padding: int = 0,
    ) -> None:
        self._font(style, size)
        self._pdf.multi_cell(
            width,
            height,
            self._fit(text),
            align="L",
            fill=fill,
            padding=padding,
            markdown=False,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _font(self, style: str, size: float) -> None:
        self._pdf.set_font(_FAMILY, style, size)

    def _fit(self, text: str) -> str:
        """Return `text` with a sign for each character that the fonts do not have."""
        shown = self._shown
        fitting = "".join(sign if ord(sign) in shown or sign == "\n" else HIDDEN for sign in text)
        self._is_hiding = self._is_hiding or fitting != text
        return fitting
