"""Pages in a real browser, Debian's Chromium: nothing breaks, nobody is left out, and what can be pressed works."""

import re
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from childrens_services.edition import make
from editions import edition
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser
PAGES = ["index", "charts", "numbers", *make.notebook_names()]
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1200, "height": 900}
COLOURS = ["color-contrast", "link-in-text-block"]  # all that changes in the dark
READ = 3


@pytest.fixture(scope="module")  # not longer: its event loop would stand in the way of other tests' own
def chromium():
    path = shutil.which("chromium")
    if not path:
        pytest.skip("Debian's Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def default(tmp_path_factory):
    return edition(tmp_path_factory, "default")


# What axe says of the odd edition takes as long again, and its pages come from the same templates.
BOTH = ["default", "odd"]
THOROUGH = ["default", pytest.param("odd", marks=pytest.mark.sweep)]


@pytest.fixture
def folder(request, tmp_path_factory):
    return edition(tmp_path_factory, request.param)


@pytest.fixture
def visit(chromium: Browser):
    """Open pages in a browser of its own settings: `visit(path, color_scheme="dark")`."""
    contexts = []

    def opened(path: Path, fragment: str = "", **settings) -> Page:
        contexts.append(chromium.new_context(**{"viewport": DESK, **settings}))
        page = contexts[-1].new_page()
        page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()


# Every page of both editions.

# Tables of more than one row whose headings cannot be pressed.
UNSORTED = """(tables) => tables.filter((t) => t.tBodies[0].rows.length > 1
    && [...t.tHead.rows[0].cells].some((th) => !th.querySelector("button"))).map((t) => t.caption.textContent)"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("folder", BOTH, indirect=True)
def test_a_page_opens_on_a_phone_without_a_fault(folder, name, chromium):
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    faults, asked = [], []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("request", lambda request: asked.append(request.url))

    page.goto((folder / f"{name}.html").as_uri())
    broken = page.evaluate("""async () => {
        const seen = [...document.images].map((img) => { img.loading = "eager"; return img.decode().then(
            () => null, () => img.src); });
        return (await Promise.all(seen)).filter(Boolean); }""")
    width = page.evaluate("document.documentElement.scrollWidth")
    unsorted = page.eval_on_selector_all("table", UNSORTED)
    context.close()

    assert faults == [] and broken == []
    assert [url for url in asked if not url.startswith(folder.as_uri())] == []
    assert width <= PHONE["width"]
    assert unsorted == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("folder", BOTH, indirect=True)
def test_every_link_of_a_page_leads_somewhere(folder, name, visit):
    page = visit(folder / f"{name}.html")

    links = page.eval_on_selector_all("a[href]", "(links) => [...new Set(links.map((a) => a.href))]")

    assert [link for link in links if link.startswith("file:") and not is_there(link)] == []


def is_there(link: str) -> bool:
    parts = urlsplit(link)
    path = Path(unquote(parts.path))
    return path.is_file() and (not parts.fragment or parts.fragment in ids_of(path))


@cache
def ids_of(path: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("folder", THOROUGH, indirect=True)
def test_axe_finds_nothing_in_the_light_and_no_faint_words_in_the_dark(folder, name, visit):
    page = visit(folder / f"{name}.html")
    page.evaluate(UNFOLDED)

    light = violations(page)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, COLOURS)

    assert light == [] and dark == []


# All that folds unfolded; of rows, cards and cells of code as many as axe reads, because all are made alike.
UNFOLDED = f"""() => {{
    for (const part of document.querySelectorAll("details")) part.open = true;
    const lists = [...document.querySelectorAll("tbody")].map((body) => [...body.rows]);
    for (const kind of [".card", "details.code"]) lists.push([...document.querySelectorAll(kind)]);
    for (const list of lists) for (const one of list.slice({READ})) one.remove(); }}"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """Give what axe finds as `rule: element`, by all its rules or by some."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


# Numbers.


def first_number(page: Page):
    return page.locator("main p a.number").first, page.locator("#opened")


def test_a_number_opens_under_the_pointer_and_lets_the_pointer_in(default, visit):
    page = visit(default / "index.html")
    number, box = first_number(page)

    number.hover()
    expect(box).to_be_visible()
    expect(box).to_contain_text("days of the inspection or visit")
    expect(box).to_contain_text("Computed from the table events:")
    expect(box).to_contain_text("Ofsted: Nottingham City: inspection")
    box.hover()
    page.wait_for_timeout(500)  # longer than it stays open for a pointer that has left
    expect(box).to_be_visible()
    page.mouse.move(5, 5)

    expect(box).to_be_hidden()


def test_a_number_opens_with_the_focus_and_is_told_by_a_screen_reader(default, visit):
    page = visit(default / "index.html")
    number, box = first_number(page)

    number.focus()
    expect(box).to_be_visible()
    assert number.get_attribute("aria-describedby") == box.get_attribute("id")
    assert box.get_attribute("role") == "tooltip"
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(number).to_be_focused()
    page.keyboard.press("Tab")
    expect(box).to_be_visible()  # that of the next number
    page.locator(".brand a").focus()

    expect(box).to_be_hidden()


def test_escape_closes_what_the_pointer_opened(default, visit):
    page = visit(default / "index.html")
    number, box = first_number(page)

    number.hover()
    expect(box).to_be_visible()
    page.keyboard.press("Escape")

    expect(box).to_be_hidden()


def test_a_touch_opens_a_number_and_a_second_leads_to_its_row(default, visit):
    page = visit(default / "index.html", has_touch=True, viewport=PHONE)
    number, box = first_number(page)
    number_id = number.get_attribute("href").partition("#")[2]

    number.tap()
    expect(box).to_be_visible()
    left = box.bounding_box()
    assert page.url.endswith("index.html") and left["x"] >= 0 and left["x"] + left["width"] <= PHONE["width"]
    page.locator("h1").tap(position={"x": 1, "y": 1})
    expect(box).to_be_hidden()
    number.tap()
    number.tap()

    page.wait_for_url(f"**/numbers.html#{number_id}")
    expect(page.locator(f"#{number_id}")).to_be_in_viewport()


def test_without_script_a_number_still_leads_to_its_row_and_nothing_useless_is_shown(default, visit):
    page = visit(default / "index.html", java_script_enabled=False)
    number, _ = first_number(page)
    number_id = number.get_attribute("href").partition("#")[2]

    assert number.get_attribute("title")
    number.click()
    page.wait_for_url(f"**/numbers.html#{number_id}")
    assert page.locator("button:visible, input:visible").count() == 0
    page.goto((default / "charts.html").as_uri())
    assert page.locator("button:visible, input:visible, select:visible").count() == 0


# Tables.

TABLE = """<!doctype html><html lang="en-GB"><head><title>T</title><script src="edition.js" defer></script></head><body>
<table><caption>T</caption><thead><tr><th scope="col">Who</th><th scope="col">Money</th><th scope="col">When</th></tr>
</thead><tbody>{rows}</tbody></table></body></html>"""
ROWS = [  # who, money, the value of its number, when, the value of its number
    ("Zetland", "£2.1 million", "", "5 September 2022", "2022-09-05"),
    ("Årby", "£900", "", "26 to 27 April 2022", "2022-04-26/2022-04-27"),
    ("alton", "£1,699", "1699", "12 July 2024", "2024-07-12"),
    ("Bury 10", "", "", "", ""),
    ("Bury 9", "-£5", "", "March 2019", "2019-03"),
]


@pytest.fixture
def table(tmp_path, visit):
    (tmp_path / "edition.js").write_text(
        (files("childrens_services.edition") / "templates" / "edition.js").read_text("utf-8")
    )
    rows = "".join(
        f'<tr><th scope="row">{who}</th><td>{link(money, value)}</td><td>{link(when, day)}</td></tr>'
        for who, money, value, when, day in ROWS
    )
    (tmp_path / "t.html").write_text(TABLE.format(rows=rows), encoding="utf-8")
    return visit(tmp_path / "t.html")


def link(text: str, value: str) -> str:
    return f'<a class="number" href="#n" data-value="{value}">{text}</a>' if value else text


def column(page: Page, n: int) -> list[str]:
    return page.eval_on_selector_all("tbody tr", f"(rows) => rows.map((row) => row.cells[{n}].textContent)")


@pytest.mark.parametrize(
    ("heading", "n", "rising"),
    [
        ("Who", 0, ["alton", "Årby", "Bury 9", "Bury 10", "Zetland"]),
        ("Money", 1, ["-£5", "£900", "£1,699", "£2.1 million", ""]),
        ("When", 2, ["March 2019", "26 to 27 April 2022", "5 September 2022", "12 July 2024", ""]),
    ],
)
def test_a_heading_sorts_its_column_up_and_then_down_blanks_last(table, heading, n, rising):
    button = table.get_by_role("button", name=heading)

    button.click()
    up, said = column(table, n), table.locator("th[aria-sort]").evaluate_all("(h) => h.map((x) => x.ariaSort)")
    button.press("Enter")
    down = column(table, n)

    full = [text for text in rising if text]
    assert up == rising and said == ["ascending"]
    assert down == full[::-1] + rising[len(full) :]
    expect(table.locator("th[aria-sort=descending]")).to_have_text(heading)


def test_sorting_moves_rows_and_loses_none(default, visit):
    page = visit(default / "01-how-have-inspections-gone.html")
    table = page.locator("table").first
    days = "(t) => [...t.tBodies[0].rows].map((row) => row.textContent)"
    before = table.evaluate(days)

    table.locator("thead button").nth(1).click()
    table.locator("thead button").nth(1).click()

    assert sorted(table.evaluate(days)) == sorted(before) and table.evaluate(days) != before


# The gallery.


def test_charts_are_found_by_words(default, visit):
    page = visit(default / "charts.html")
    cards, told = page.locator(".card"), page.locator(".found")
    every = cards.count()
    expect(told).to_have_text(f"{every} charts")

    page.get_by_label("Find by words").fill("agency  SOCIAL")
    found = page.locator(".card:visible")
    said = [words.lower() for words in found.evaluate_all("(all) => all.map((card) => card.dataset.words)")]
    assert 0 < len(said) < every and all("agency" in words and "social" in words for words in said)
    expect(told).to_have_text(re.compile(rf"^{len(said)} charts?$"))
    page.get_by_label("Find by words").fill("no such chart")

    expect(page.get_by_text("No chart fits.")).to_be_visible()
    expect(told).to_have_text("0 charts")


def test_charts_are_found_by_question(default, visit):
    page = visit(default / "charts.html")

    page.get_by_label("Find by question").select_option("02-how-are-services-graded")

    groups = page.locator(".card:visible").evaluate_all("(all) => all.map((card) => card.dataset.group)")
    assert set(groups) == {"02-how-are-services-graded"} and len(groups) > 1


def test_the_chart_that_an_address_names_is_never_hidden_and_stands_large(default, visit):
    page = visit(default / "charts.html", "#places-among-all")
    named = page.locator("#places-among-all")
    expect(named).to_be_in_viewport()
    other = page.locator(".card:not(#places-among-all)").first

    assert named.bounding_box()["width"] > other.bounding_box()["width"] * 1.5
    page.get_by_label("Find by words").fill("no such chart")
    expect(named).to_be_visible()
    expect(page.locator(".card:visible")).to_have_count(1)


def test_a_chart_is_seen_large_by_the_keyboard_and_back(default, visit):
    page = visit(default / "charts.html")
    card = page.locator(".card").first
    small = card.bounding_box()["width"]

    card.get_by_text("See it large").press("Enter")
    assert card.bounding_box()["width"] > small * 1.5
    assert page.url.endswith(f"#{card.get_attribute('id')}")
    card.get_by_text("Back to all charts").press("Enter")

    assert card.bounding_box()["width"] == small


@pytest.mark.parametrize("way", ["clipboard", "hidden field"])
@pytest.mark.parametrize("kind", ["embed", "alt", "caption", "citation"])
def test_one_press_copies(default, visit, way, kind):
    page = visit(default / "charts.html", permissions=["clipboard-read", "clipboard-write"])
    if way == "hidden field":
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    card = page.locator("#overall-grades")
    button = card.locator(f"button[data-copies=overall-grades-{kind}]")

    button.press("Enter")
    expect(card.locator(".copied")).to_have_text(f"Copied: {button.get_attribute('data-what')}.")
    expect(button).to_be_focused()
    words = page.locator("#words")
    words.evaluate("(field) => field.outerHTML = '<textarea id=pasted></textarea>'")
    page.locator("#pasted").press("Control+V")

    text = card.locator(f"#overall-grades-{kind}").evaluate("(pre) => pre.textContent")
    assert len(text) > 30
    assert page.locator("#pasted").input_value() == text


def test_an_embedded_chart_needs_nothing_but_its_picture(default, visit, tmp_path):
    code = visit(default / "charts.html").locator("#overall-grades-embed").evaluate("(pre) => pre.textContent")
    shutil.copy(default / "charts" / "overall-grades.png", tmp_path)
    (tmp_path / "story.html").write_text(f"<!doctype html><title>S</title><body>{code}", encoding="utf-8")

    page = visit(tmp_path / "story.html")

    img = page.locator("figure img")
    natural = img.evaluate("(i) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])")
    assert natural == [int(img.get_attribute("width")), int(img.get_attribute("height"))]
    assert "Last graded" in img.get_attribute("alt")
    assert "Source: " in page.locator("figcaption").inner_text()
    assert not re.search(r"script|https?:|src=\"/", code)


# The keyboard, large targets, and paper.

REACHED = """() => {
    window.reached = [];
    document.addEventListener("focusin", ({ target }) => {
        const style = getComputedStyle(target);
        const at = target.getBoundingClientRect();
        window.reached.push({ target, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            && at.bottom > 0 && at.top < innerHeight && at.width > 0 });
    });
    return [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility()).length; }"""
LEFT = """() => {
    const reached = new Set(window.reached.map((one) => one.target));
    const name = (one) => one.outerHTML.slice(0, 120);
    return { unreached: [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility() && !reached.has(one)).map(name),
      unseen: window.reached.filter((one) => !one.seen).map((one) => name(one.target)) }; }"""


@pytest.mark.parametrize("name", ["index", "charts", "01-how-have-inspections-gone"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(default, visit, name):
    page = visit(default / f"{name}.html")
    page.wait_for_timeout(200)  # regions that do not scroll give their place up
    stops = page.evaluate(REACHED)

    for _ in range(stops + 1):
        page.keyboard.press("Tab")

    assert page.evaluate(LEFT) == {"unreached": [], "unseen": []}


@pytest.mark.parametrize("name", ["index", "charts"])
def test_what_is_pressed_alone_is_large_enough(default, visit, name):
    page = visit(default / f"{name}.html")

    small = page.eval_on_selector_all(
        "button, input, select, summary, nav a, .files a, .see a",
        "(all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)"
        ".map((one) => one.outerHTML.slice(0, 120))",
    )
    assert small == []


def test_a_page_is_printed_black_on_white_with_its_charts_whole(default, visit):
    page = visit(default / "index.html", color_scheme="dark")

    page.emulate_media(media="print", color_scheme="dark")
    style = "(one) => { const s = getComputedStyle(one); return [s.color, s.backgroundColor, s.breakInside]; }"

    assert page.locator("body").evaluate(style)[:2] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert {page.locator("figure").nth(i).evaluate(style)[2] for i in range(4)} == {"avoid"}
    assert page.locator("nav:visible, details:visible, .lift:visible").count() == 0
    tall = page.locator("figure").evaluate_all("(all) => all.map((f) => f.getBoundingClientRect().height)")
    assert max(tall) < 261 * 96 / 25.4  # the height of A4 within its margins
