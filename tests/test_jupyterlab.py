"""JupyterLab opens a notebook, a parameter is changed, all cells are run, and the chart is another."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from childrens_services import paths

CHROMIUM = Path("/usr/bin/chromium")
NOTEBOOK = "01-what-happened"  # the lightest with a chart
SECONDS = 120
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is missing: sudo apt-get install chromium"),
]
# One setting at a time: every cell on the page at once, no question about news, no look for updates.
SETTINGS = {
    "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    "config/labconfig/page_config.json": {
        "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
    },
}  # fmt: skip
OPTIONS = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0",
           "--ServerApp.token=for-this-test", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
           "--LabApp.extension_manager=readonly"]  # fmt: skip


@pytest.fixture
def lab(tmp_path):
    """Serve a copy of the notebook by JupyterLab on this machine alone; gives the address of its page."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", tmp_path / "notebooks")
    for place, content in SETTINGS.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(json.dumps(content), encoding="utf-8")
    with (tmp_path / "lab.log").open("w") as log:
        served = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={tmp_path / 'notebooks'}"],
            cwd=tmp_path, env=environment(tmp_path), stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield f"{address(tmp_path, served)}lab/tree/{NOTEBOOK}.ipynb?reset&token=for-this-test"
    finally:
        served.terminate()
        served.wait(timeout=30)


def environment(folder: Path) -> dict[str, str]:
    """Put every folder that Jupyter writes to into one of the test's own."""
    ours = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython"}  # fmt: skip
    return os.environ | {name: str(folder / place) for name, place in ours.items()}


def address(folder: Path, served: subprocess.Popen) -> str:
    """Wait until the server has said where it listens; tell its log where it ended instead."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and served.poll() is None:
        for told in (folder / "runtime").glob("jpserver-*.json"):
            try:
                return json.loads(told.read_text(encoding="utf-8"))["url"]
            except json.JSONDecodeError:  # half written
                pass
        time.sleep(0.1)
    pytest.fail("JupyterLab did not start:\n" + (folder / "lab.log").read_text(encoding="utf-8")[-2000:])


@pytest.fixture
def page():
    """A page of Debian's Chromium that waits long, because the machine may be busy."""
    from playwright.sync_api import sync_playwright  # here, so that a machine without it can still collect the tests

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1280, "height": 1000})
        shown.set_default_timeout(SECONDS * 1000)
        yield shown
        browser.close()


def stored_pictures() -> list[bytes]:
    """Give the charts as the notebook holds them."""
    cells = nbformat.read(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", as_version=4).cells
    found = [output.get("data", {}).get("image/png") for cell in cells for output in cell.get("outputs", [])]
    return [base64.b64decode(picture) for picture in found if picture]


def pictures(page) -> list[bytes]:
    """Give the charts as the page shows them."""
    sources = page.locator(".jp-Notebook .jp-OutputArea-output img").evaluate_all("all => all.map(one => one.src)")
    return [base64.b64decode(source.partition("base64,")[2]) for source in sources]


def choose(page, authorities: str) -> None:
    """Write other authorities into the parameters cell, as a person does."""
    line = page.locator(".jp-CodeCell .cm-line").filter(has_text="authorities: list").first
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text(f"authorities: list = {authorities}")


def run_all(page) -> None:
    """Clear what was stored, run all cells, both from the menu, and wait until each cell has its number."""
    for menu, item in (("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")):
        page.get_by_role("menuitem", name=menu, exact=True).click()
        page.get_by_role("menuitem", name=item, exact=True).click()
        if menu == "Edit":
            page.locator(".jp-OutputArea-output").first.wait_for(state="detached")
    page.wait_for_function(
        """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
        .every(one => /^\\[\\d+\\]:$/.test(one.textContent))"""
    )


def test_a_parameter_is_changed_and_the_chart_changes(lab, page):
    before = (paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_bytes()
    page.goto(lab)
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    page.locator(".jp-OutputArea-output img").first.wait_for()
    assert pictures(page) == stored_pictures()

    choose(page, '["Leeds"]')
    run_all(page)

    assert page.locator('.jp-OutputArea-output[data-mime-type*="error"]').all_text_contents() == []
    text = page.locator(".jp-Notebook .jp-OutputArea").all_text_contents()
    assert "Leeds has been rated" in " ".join(text) and "Nottingham" not in " ".join(text)
    drawn = pictures(page)
    assert drawn and not set(drawn) & set(stored_pictures())
    assert (paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_bytes() == before
