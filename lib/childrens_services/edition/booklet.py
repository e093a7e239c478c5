"""Write `report.pdf`: the whole edition to print or to send, made without a browser.

Goes in: an edition's folder with its charts, and its pages. Comes out: A4 pages with the story and its charts, a
chapter a question with its charts and tables, the sources and what this is not. The same pages give the same bytes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Spacer,
)

from childrens_services.edition.booklet_blocks import (
    HEIGHT,
    LINE,
    MARGIN,
    SOFT,
    STYLES,
    WIDTH,
    Paragraph,
    StoredPng,
    flow,
    link,
    markup,
    plain,
    read_html,
    register_fonts,
)
from childrens_services.edition.edition_pages import shown_parameters
from childrens_services.edition.front_page import Story, tell_story
from childrens_services.edition.pages import Page, numbers_table, sources_used
from childrens_services.edition.parameters import Parameters

BRAND = "Children's services compared"
NOT_OFFICIAL = (
    "These are not official statistics. They are made from published sources, each of which is named. Unlike things "
    "are not compared in silence, a missing value is not zero, and nothing here says what caused what."
)
Figure = tuple[Flowable, ...]  # a picture and what belongs to it
_TALLEST = HEIGHT - 160  # of a picture: its heading and how it is read must stand on the same page
_ROOM = 150  # points that a heading wants below it, or it moves to the next page
_LEAD = 4  # a bookmark, a heading and two paragraphs


def write_booklet(folder: Path, pages: Sequence[Page], parameters: Parameters, heading: str) -> None:
    """Write `report.pdf` into the folder of an edition that holds `charts/<id>.png`.

    `heading` is the edition's title. Raises FileNotFoundError where a chart's picture is missing; for example
    `write_booklet(folder, read, Parameters(), "Children's services in Nottingham and Nottinghamshire")`.
    """
    register_fonts()
    rl_config.useA85 = 0  # bytes as they are, not spelled in letters: a fifth smaller
    document = BaseDocTemplate(
        str(folder / "report.pdf"), pagesize=A4, title=heading, author=BRAND, creator=BRAND, subject=NOT_OFFICIAL,
        lang="en-GB", displayDocTitle=1, invariant=1, pageCompression=1, initialFontName="House",
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN + 17, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=lambda canvas, _: _foot(canvas, heading)))
    story = tell_story(pages[0], parameters.authorities, heading)
    cover = _cover(pages, story, shown_parameters(parameters), heading)
    document.build([*cover, *_chapters(folder, pages, story), *_end(pages)])


def _foot(canvas: Canvas, heading: str) -> None:
    """Number the page, and say on each what the whole is not."""
    canvas.saveState()
    canvas.setFont("House", 8.5)
    canvas.setFillColor(SOFT)
    canvas.drawString(MARGIN, MARGIN - 6, f"{heading}. Not official statistics.")
    canvas.drawRightString(A4[0] - MARGIN, MARGIN - 6, str(canvas.getPageNumber()))
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, MARGIN + 6, A4[0] - MARGIN, MARGIN + 6)
    canvas.restoreState()


def _cover(pages: Sequence[Page], story: Story, shown: Mapping[str, str], heading: str) -> Iterator[Flowable]:
    yield Paragraph(BRAND, STYLES["brand"])
    yield Paragraph(escape(heading), STYLES["title"])
    headline = read_html(story.headline)
    if plain(headline) != heading:
        yield Paragraph(markup(headline), STYLES["h2"])
    yield from (Paragraph(markup(read_html(sentence)), STYLES["lead"]) for sentence in story.standfirst)
    yield Paragraph("What is in here", STYLES["h2"])
    yield from (_Entry(page.slug, page.title) for page in pages)
    yield _Entry("sources", "Sources and methods")
    yield Paragraph("What this is not", STYLES["h2"])
    yield Paragraph(NOT_OFFICIAL, STYLES["p"])
    yield Paragraph("What was asked", STYLES["h2"])
    yield from (Paragraph(f"{escape(name)}: {escape(value)}", STYLES["p"]) for name, value in shown.items())


def _chapters(folder: Path, pages: Sequence[Page], story: Story) -> Iterator[Flowable]:
    """Give a chapter a question; the first tells the story, each paragraph beside the chart that it is about."""
    everywhere = set.intersection(*map(_words, pages)) if len(pages) > 1 else set()
    for page in pages:
        yield PageBreak()
        yield _Mark(page.slug, page.title, 0)
        blocks = [block for block in page.blocks if block["html"] not in everywhere]
        told = story if page is pages[0] else None
        parts = (part for number, block in enumerate(blocks) for part in _block(folder, page, block, number, told))
        yield from _bound(parts)


def _words(page: Page) -> set[str]:
    """Give a page's blocks of words; those that every page has are said once at the end."""
    return {block["html"] for block in page.blocks if block["kind"] == "words"}


def _block(
    folder: Path, page: Page, block: Mapping[str, Any], number: int, story: Story | None
) -> Iterator[Flowable | Figure]:
    """Turn words or the outputs of code into flowables; the code stays in the edition's notebooks."""
    if block["kind"] == "words":
        yield from _headed(page, block["html"], number)
    for output in block.get("outputs", ()):
        if output["kind"] == "chart":
            told = [part.told for part in story.parts if part.chart["id"] == output["id"]] if story else []
            yield from _paragraphs(*told)
            yield _figure(folder, page, output)
        elif output["kind"] == "html" and story and all(sentence in output["html"] for sentence in page.in_short):
            yield from _paragraphs(story.rest)
        elif output["kind"] == "html":
            yield from _said(page, read_html(output["html"]))
        else:
            yield Paragraph(escape(plain(read_html(output["html"]))), STYLES["small"])


def _paragraphs(*told: Sequence[str]) -> Iterator[Flowable]:
    return (Paragraph(markup(read_html(words)), STYLES["p"]) for paragraphs in told for words in paragraphs)


def _said(page: Page, tree: Element) -> Iterator[Flowable]:
    yield from flow(tree)
    if tree.find(".//details") is not None:
        yield Paragraph(f"Each of these lists stands in the edition, in {page.slug}.html.", STYLES["small"])


def _headed(page: Page, text: str, number: int) -> Iterator[Flowable]:
    """Turn words into flowables, with a bookmark for each heading; the first heading is the chapter's."""
    for at, child in enumerate(read_html(text)):
        if child.tag == "h1":
            yield Paragraph(markup(child), STYLES["h1"])
            continue
        if child.tag in ("h2", "h3"):
            yield CondPageBreak(_ROOM)
            yield _Mark(f"{page.slug}-{number}-{at}", plain(child), 1)
        holder = read_html("")
        holder.append(child)
        yield from flow(holder)


def _figure(folder: Path, page: Page, chart: Mapping[str, Any]) -> Figure:
    mark = _Mark(f"{page.slug}-{chart['id']}", chart["finding"].rstrip("."), 2)
    return (Spacer(0, 4), mark, _Picture(folder / "charts", chart), Spacer(0, 10))


def _bound(parts: Iterable[Flowable | Figure]) -> list[Flowable]:
    """Bind a chart to the heading and the few words just above it, and to how it is read just below it."""
    done: list[Flowable] = []
    figure: list[Flowable] = []
    for part in parts:
        read = [part] if figure and isinstance(part, Paragraph) else []
        done += [KeepTogether([*figure, *read])] if figure else []
        figure = []
        if isinstance(part, tuple):
            at = _heading_above(done)
            figure, done = [*done[at:], *part], done[:at]
        elif not read:
            done.append(part)
    return done + ([KeepTogether(figure)] if figure else [])


def _heading_above(done: Sequence[Flowable]) -> int:
    """Find the bookmark of the last heading where at most two paragraphs follow it, else the end."""
    for back in range(1, min(len(done), _LEAD) + 1):
        if isinstance(done[-back], _Mark):
            return len(done) - back
        if not isinstance(done[-back], Paragraph):
            break
    return len(done)


def _end(pages: Sequence[Page]) -> Iterator[Flowable]:
    yield PageBreak()
    yield _Mark("sources", "Sources and methods", 0)
    yield Paragraph("Sources and methods", STYLES["h1"])
    yield Paragraph(
        "Every number stands in numbers.html and numbers.csv of this edition, with how it was computed and the rows "
        "it comes from. The data of each chart stands beside it in charts, all of it in tables.xlsx. How dates are "
        "read, what counts as known on a day and which rules are ours stands in METHODS.md.",
        STYLES["p"],
    )
    for source in sources_used(numbers_table(pages), pages):
        title = link(source["url"], escape(source["title"])) if source["url"] else escape(source["title"])
        words = f"{escape(source['publisher'])}: {title}. {escape(source['licence'])}."
        yield Paragraph(words, STYLES["small"])


class _Mark(Flowable):
    """A place to which bookmarks, the list of contents and links lead; it takes no room."""

    def __init__(self, key: str, title: str, level: int) -> None:
        super().__init__()
        self.key, self.title, self.level, self.keepWithNext = key, title, level, 1

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        canvas = self.canv
        canvas.bookmarkHorizontal(self.key, 0, 24)
        level = min(
            self.level, canvas._doc.outline.currentlevel + 1
        )  # a chart may stand under its page's heading alone
        canvas.addOutlineEntry(self.title, self.key, level, closed=level > 0)
        canvas.showOutline()
        if self.level == 0:  # the list of contents was drawn before: its page numbers are filled in now
            number = str(canvas.getPageNumber())
            canvas.beginForm(f"page-{self.key}", upperx=40, uppery=14)
            canvas.setFont("House", STYLES["p"].fontSize)
            canvas.drawRightString(40, 3, number)
            canvas.endForm()


class _Entry(Paragraph):
    """A line of the list of contents, with a page number that is known only later."""

    def __init__(self, key: str, title: str) -> None:
        super().__init__(f'<a href="#{key}" color="#12436d">{escape(title)}</a>', STYLES["p"])
        self.key = key

    def draw(self) -> None:
        super().draw()
        self.canv.saveState()
        self.canv.translate(WIDTH - 40, self.height - STYLES["p"].fontSize - 3)
        self.canv.doForm(f"page-{self.key}")
        self.canv.restoreState()


class _Picture(Flowable):
    """A chart with its alternative text, as wide as the page unless that makes it too tall.

    Its finding and description lie behind it as text that is found and read aloud and not seen: the picture shows it.
    """

    def __init__(self, folder: Path, chart: Mapping[str, Any]) -> None:
        super().__init__()
        self.chart, self.image = chart, StoredPng(chart["id"], folder / f"{chart['id']}.png")
        ratio = self.image.height / self.image.width
        self.width = min(WIDTH, _TALLEST / ratio)
        self.height = self.width * ratio

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        canvas._code.append(f"/Span <</Alt {_pdf_text(self.chart['alt'])}>> BDC")
        self._said(canvas)
        name = canvas._doc.getXObjectName(self.image.name)
        if name not in canvas._doc.idToObject:
            canvas._setXObjects(self.image)
            canvas._doc.Reference(self.image, name)
            canvas._doc.addForm(self.image.name, self.image)
        canvas.saveState()
        canvas.scale(self.width, self.height)
        canvas._code.append(f"/{name} Do")
        canvas.restoreState()
        canvas._formsinuse.append(self.image.name)
        canvas._code.append("EMC")

    def _said(self, canvas: Canvas) -> None:
        said = f"{self.chart['finding']} {self.chart['description'] or self.chart['alt']}"
        words = canvas.beginText(0, self.height - 8)
        words.setFont("House", 6)
        words.setTextRenderMode(3)
        words.textLines(simpleSplit(said, "House", 6, self.width))
        canvas.drawText(words)


def _pdf_text(text: str) -> str:
    """Spell words as PDF does where they are not in a font: UTF-16 in hexadecimal digits."""
    return f"<feff{text.encode('utf-16-be').hex()}>"
