"""Pages in a real browser, Debian's Chromium: nothing breaks, nobody is left out, and what can be pressed works."""

import io
import re
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from childrens_services.edition import run
from editions import EACH, edition
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser
PAGES = ["index", "charts", "numbers", "sources", "changes", *run.notebook_names()]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
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


@pytest.fixture
def folder(request, tmp_path_factory):
    return edition(tmp_path_factory, request.param)


@pytest.fixture
def visit(chromium: Browser):
    """Open pages in a browser of its own settings: `visit(path, color_scheme="dark")`."""
    contexts = []

    def opened(path: Path | None = None, fragment: str = "", **settings) -> Page:
        contexts.append(chromium.new_context(**{"viewport": DESK, **settings}))
        page = contexts[-1].new_page()
        if path:
            page.goto(path.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()


# Every page of both editions.

# Tables of more than one row whose headings cannot be pressed, but for those that were worked with.
UNSORTED = """(tables) => tables.filter((t) => t.tBodies[0].rows.length > 1 && !t.closest(".code")
    && [...t.tHead.rows[0].cells].some((th) => !th.querySelector("button"))).map((t) => t.caption.textContent)"""
# Pictures that cannot be read; that are not the drawing for phones; or of which more than the title is cut off.
ILL_DRAWN = """async () => {
    const seen = [...document.images].map((img) => { img.loading = "eager"; return img.decode().then(() => {
        const scale = img.clientWidth / img.naturalWidth, shown = img.clientHeight / scale;
        const cut = img.naturalHeight - shown;
        return img.currentSrc.endsWith(".narrow.svg") && cut >= 0 && cut < 160 && img.clientWidth > 250
            ? null : `${img.src}: ${cut} cut`; }, () => img.src); });
    return (await Promise.all(seen)).filter(Boolean); }"""


# All pictures there, and all that folds closed, as it is when a page is first opened.
TALL = """async () => {
    await Promise.all([...document.images].map((img) => img.decode()));
    return document.documentElement.scrollHeight; }"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("folder", EACH, indirect=True)
def test_a_page_opens_without_a_fault_is_cropped_on_no_phone_and_is_at_most_twelve_screens_tall(
    folder, name, visit, request
):
    faults, asked, widths = [], [], []
    page = visit(viewport=PHONE)
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("request", lambda request: asked.append(request.url))

    page.goto((folder / f"{name}.html").as_uri())
    ill_drawn, unsorted = page.evaluate(ILL_DRAWN), page.eval_on_selector_all("table", UNSORTED)
    for width in (390, 320):  # as wide as a phone, and as narrow as a page enlarged four times
        page.set_viewport_size({**PHONE, "width": width})
        widths.append(page.evaluate("document.documentElement.scrollWidth"))
    page.set_viewport_size(DESK)
    screens = page.evaluate(TALL) / DESK["height"]

    assert faults == [] and ill_drawn == [] and unsorted == []
    assert [url for url in asked if not url.startswith(folder.as_uri())] == []
    assert widths == [390, 320]
    # Numbers are a list to look up, and four councils take more room than two.
    assert screens <= 12 or name == "numbers" or request.node.callspec.params["folder"] == "odd"


PLACES = """(all) => all.map((img) => { const { left, top, right, bottom } = img.getBoundingClientRect();
    return [img.getAttribute("src"), ...[left, top, right, bottom].map(Math.round)]; })"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_have_the_paper_of_the_page_in_the_light_and_in_the_dark(default, visit, scheme):
    page = visit(default / "charts.html", color_scheme=scheme)
    paper = {"light": (255, 255, 255), "dark": (20, 24, 28)}[scheme]  # --paper in edition.css
    page.evaluate(ILL_DRAWN)
    places = page.eval_on_selector_all(".charts img", PLACES)
    whole = np.asarray(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB"))

    slabs = {}
    for name, left, top, right, bottom in places:
        seen = whole[top:bottom, left:right]
        edge = np.concatenate([seen[1], seen[-2], seen[:, 1], seen[:, -2]])
        if (edge != paper).any(axis=1).mean() > 0.05:
            slabs[name] = edge[0].tolist()

    assert slabs == {} and len(places) > 10


def test_the_policy_of_a_page_lets_nothing_run_or_load_that_is_not_its_own(default, visit):
    page = visit(default / "index.html")
    page.evaluate("""() => {
        window.refused = [];
        document.addEventListener("securitypolicyviolation", (e) => window.refused.push(e.effectiveDirective));
        document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
        document.body.insertAdjacentHTML("beforeend", '<p style="color: red" onclick="window.ran = true">x</p>'
            + '<img src="https://example.org/x.png" alt=""><a id="hostile" href="javascript:window.ran = true">x</a>');
        document.querySelector("[onclick]").click();
        document.querySelector("#hostile").click();
    }""")
    page.wait_for_function("window.refused.length >= 5")

    assert not page.evaluate("window.ran")
    assert {"script-src-elem", "script-src-attr", "style-src-attr", "img-src"} <= set(page.evaluate("window.refused"))


# Axe takes seconds a page, and pages of questions come from one template: all but two of them are for the sweep.
AXED = [*PAGES[:7], *(pytest.param(name, marks=pytest.mark.sweep) for name in PAGES[7:])]


@pytest.mark.parametrize("name", AXED)
@pytest.mark.parametrize("folder", EACH, indirect=True)
def test_axe_finds_nothing_in_the_light_and_no_faint_words_in_the_dark(folder, name, visit):
    page = visit(folder / f"{name}.html")
    page.evaluate(FEW)
    page.eval_on_selector_all("details", "(all) => all.forEach((part) => (part.open = true))")

    light = violations(page)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, COLOURS)

    assert light == [] and dark == []


# Of rows, charts and cells of code a few, because all are made alike.
FEW = f"""() => {{
    const lists = [...document.querySelectorAll("tbody")].map((body) => [...body.rows]);
    for (const kind of [".charts > figure", "details.code"]) lists.push([...document.querySelectorAll(kind)]);
    for (const list of lists) for (const one of list.slice({READ})) one.remove(); }}"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """Give what axe finds as `rule: element`, by all its rules or by some."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


# Numbers.


def first_number(page: Page):
    return page.locator("main p a.number").first, page.locator("#opened")


def test_a_number_opens_under_the_pointer_and_with_the_focus_and_closes_with_both(default, visit):
    page = visit(default / "index.html")
    number, box = first_number(page)

    number.hover()
    expect(box).to_contain_text(f"{number.text_content()}: {number.get_attribute('data-how')}")
    expect(box).to_contain_text(re.compile("Computed from the table .*Sources?: "))
    box.hover()
    page.wait_for_timeout(500)  # longer than it stays open for a pointer that has left
    expect(box).to_be_visible()
    page.mouse.move(5, 5)
    expect(box).to_be_hidden()
    for opens in (number.hover, number.focus):
        opens()
        expect(box).to_be_visible()
        assert number.get_attribute("aria-describedby") == box.get_attribute("id")
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()
    assert box.get_attribute("role") == "tooltip"
    expect(number).to_be_focused()
    page.keyboard.press("Tab")
    expect(box).to_be_visible()  # that of the next number
    page.locator(".brand a").focus()
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
    assert number.get_attribute("title")
    target = number.get_attribute("href")

    number.click()
    page.wait_for_url(f"**/{target}")
    for name in ("numbers", "charts"):
        page.goto((default / f"{name}.html").as_uri())
        assert page.locator("button:visible, input:visible, select:visible").count() == 0


# Tables.

TABLE = """<!doctype html><html lang="en-GB"><head><title>T</title><script src="edition.js" defer></script></head><body>
<table><caption>T</caption><thead><tr><th scope="col">Who</th><th scope="col">Money</th><th scope="col">When</th></tr>
</thead><tbody>{rows}</tbody></table></body></html>"""
NUMBER = '<a class="number" href="#n" data-value="{}">{}</a>'
ROWS = [
    ("Zetland", "£2.1 million", NUMBER.format("2022-09-05", "5 September 2022")),
    ("Årby", "£900", NUMBER.format("2022-04-26/2022-04-27", "26 to 27 April 2022")),
    ("alton", NUMBER.format("1699", "£1,699"), NUMBER.format("2024-07-12", "12 July 2024")),
    ("Bury 10", "", ""),
    ("Bury 9", "-£5", NUMBER.format("2019-03", "March 2019")),
]


@pytest.fixture
def table(tmp_path, visit):
    shutil.copy(files("childrens_services.edition") / "templates" / "edition.js", tmp_path)
    rows = "".join(f'<tr><th scope="row">{who}</th><td>{money}</td><td>{when}</td></tr>' for who, money, when in ROWS)
    (tmp_path / "t.html").write_text(TABLE.format(rows=rows), encoding="utf-8")
    return visit(tmp_path / "t.html")


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


# All charts.


def charts(page):
    return page.locator(".charts > figure")


def test_charts_are_found_by_words_and_question_and_the_one_that_an_address_names_is_seen_large(default, visit):
    page = visit(default / "charts.html")
    told, every = page.locator(".found"), charts(page).count()
    words, visible = page.get_by_label("Find by words"), page.locator(".charts > figure:visible")
    expect(told).to_have_text(f"{every} charts")

    for asked, said in [("agency  SOCIAL", True), ("failing", False), ("budget cash", False)]:
        words.fill(asked)
        found = visible.evaluate_all("(all) => all.map((one) => one.innerText)")
        assert 0 < len(found) < every
        assert any(all(word in text.lower() for word in asked.lower().split()) for text in found) == said
        expect(told).to_have_text(re.compile(rf"^{len(found)} charts?$"))
    words.fill("no such chart")
    expect(page.get_by_text("No chart fits.")).to_be_visible()
    expect(told).to_have_text("0 charts")
    words.fill("")
    question = charts(page).last.get_attribute("data-group")
    page.get_by_label("Find by question").select_option(question)
    groups = visible.evaluate_all("(all) => all.map((one) => one.dataset.group)")
    assert set(groups) == {question} and len(groups) < every

    page.get_by_label("Find by question").select_option(index=0)
    chart = charts(page).first
    small = chart.bounding_box()["width"]
    chart.get_by_text("See it large").press("Enter")
    assert chart.bounding_box()["width"] > small * 1.5 and page.url.endswith(f"#{chart.get_attribute('id')}")
    expect(chart).to_be_in_viewport()
    words.fill("no such chart")
    expect(visible).to_have_count(1)  # the one that the address names
    chart.get_by_text("Back to all charts").press("Enter")
    words.fill("")
    assert chart.bounding_box()["width"] == small


@pytest.mark.parametrize("way", ["clipboard", "hidden field"])
def test_one_press_copies(default, visit, way):
    page = visit(default / "charts.html", permissions=["clipboard-read", "clipboard-write"])
    if way == "hidden field":
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    chart = charts(page).first
    page.locator("#words").evaluate("(field) => field.outerHTML = '<textarea id=pasted></textarea>'")

    for kind in ("embed", "alt", "caption", "citation"):
        button = chart.locator(f"button[data-copies$=-{kind}]")
        button.press("Enter")
        expect(chart.locator(".copied")).to_have_text(f"Copied: {button.get_attribute('data-what')}.")
        expect(button).to_be_focused()
        page.locator("#pasted").fill("")
        page.locator("#pasted").press("Control+V")
        text = chart.locator(f"pre[id$=-{kind}]").evaluate("(pre) => pre.textContent")
        assert len(text) > 30 and page.locator("#pasted").input_value() == text


def test_an_embedded_chart_needs_nothing_but_its_picture(default, visit, tmp_path):
    chart = charts(visit(default / "charts.html")).first
    name = chart.get_attribute("id")
    code = chart.locator("pre[id$=-embed]").evaluate("(pre) => pre.textContent")
    shutil.copy(default / "charts" / f"{name}.png", tmp_path)
    (tmp_path / "story.html").write_text(f"<!doctype html><title>S</title><body>{code}", encoding="utf-8")

    page = visit(tmp_path / "story.html", viewport=PHONE)

    img = page.locator("figure img")
    shown, natural = img.evaluate(
        "(i) => i.decode().then(() => [i.clientWidth / i.clientHeight, i.naturalWidth / i.naturalHeight])"
    )
    assert abs(shown - natural) < 0.02 and page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert len(img.get_attribute("alt")) > 20 and "Source: " in page.locator("figcaption").inner_text()
    assert not re.search(r"script|https?:|src=\"/", code)


# The keyboard, large targets, and paper.

STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility())"""
LISTEN = f"""() => {{
    [window.reached, window.unseen] = [new Set(), new Set()];
    document.addEventListener("focusin", ({{ target }}) => {{
        const style = getComputedStyle(target), at = target.getBoundingClientRect();
        window.reached.add(target);
        if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 || at.bottom <= 0
            || at.top >= innerHeight || at.width <= 0) window.unseen.add(target);
    }});
    return ({STOPS})().length; }}"""
TOO_SMALL = """(all) => all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)
    .map((one) => one.outerHTML.slice(0, 120))"""
LEFT = f"""() => [...({STOPS})().filter((one) => !window.reached.has(one)), ...window.unseen]
    .map((one) => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", ["index", "charts", PAGES[-1]])
def test_what_is_pressed_is_large_and_the_keyboard_reaches_everything_and_shows_where_it_is(default, visit, name):
    page = visit(default / f"{name}.html")
    assert page.eval_on_selector_all("button, input, select, summary, nav a, .files a, .see a", TOO_SMALL) == []
    page.evaluate(FEW)
    page.wait_for_timeout(200)  # regions that do not scroll give their place up

    for _ in range(page.evaluate(LISTEN) + 1):
        page.keyboard.press("Tab")

    assert page.evaluate(LEFT) == []


def test_a_page_is_printed_black_on_white_with_its_charts_whole(default, visit):
    page = visit(default / "index.html", color_scheme="dark")
    styles = "(all) => all.map((one) => getComputedStyle(one)).map((s) => [s.color, s.backgroundColor, s.breakInside])"

    page.emulate_media(media="print", color_scheme="dark")

    assert page.locator("body").evaluate_all(styles)[0][:2] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert {inside for *_, inside in page.locator("figure").evaluate_all(styles)} == {"avoid"}
    assert page.locator("nav:visible, details:visible, .files:visible").count() == 0
    tall = page.locator("figure").evaluate_all("(all) => all.map((f) => f.getBoundingClientRect().height)")
    assert max(tall) < 261 * 96 / 25.4  # the height of A4 within its margins
