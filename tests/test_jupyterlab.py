"""`make lab` opens a notebook on a warm kernel; a parameter is changed, all cells are run, the chart is another."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from childrens_services import cli, paths
from click.testing import CliRunner

CHROMIUM = Path("/usr/bin/chromium")
NOTEBOOK = "01-what-happened"  # the lightest with a chart
SECONDS = 120
TOKEN = "for-this-test"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is missing: sudo apt-get install chromium"),
]
# Every cell on the page at once, no question about news, no look for updates.
SETTINGS = {
    "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
    "config/labconfig/page_config.json": {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}},
}
OPTIONS = (
    "--no-browser --allow-root --ServerApp.ip=127.0.0.1 --ServerApp.port=0 --ServerApp.token=for-this-test "
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly"
)
# Where Jupyter writes to, each a folder of the test's own.
FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data-of-jupyter",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Serve a copy of the notebook by the command of `make lab`, on this machine alone; gives its address."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", tmp_path / "notebooks")
    shutil.copy(paths.ROOT / "METHODS.md", tmp_path)
    for place, content in SETTINGS.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(json.dumps(content), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "prefix", str(tmp_path / ".venv"))
        assert CliRunner().invoke(cli.main, ["kernel", "install"]).exit_code == 0
    recipe = re.search(r"^lab:.*\n\t@(.+)$", (paths.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    started = f"exec env {recipe} {OPTIONS}".replace("$(BIN)/jupyter lab", f"{sys.executable} -m jupyterlab")
    env = os.environ | {name: str(tmp_path / place) for name, place in FOLDERS.items()}
    how = {"shell": True, "cwd": tmp_path, "env": env}
    with (tmp_path / "lab.log").open("w") as log:
        served = subprocess.Popen(started.replace("$(CURDIR)", str(tmp_path)), **how, stdout=log, stderr=log)
    try:
        yield address(tmp_path, served)
    finally:
        served.terminate()
        served.wait(timeout=30)


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
    """Return the charts as the notebook holds them."""
    cells = nbformat.read(paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb", as_version=4).cells
    found = [output.get("data", {}).get("image/png") for cell in cells for output in cell.get("outputs", [])]
    return [base64.b64decode(picture) for picture in found if picture]


def pictures(page) -> list[bytes]:
    """Return the charts as the page shows them."""
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


def is_forked(process: Path, mark: str) -> bool:
    """Whether a process is a parent of kernels or forked from one, of a test with this mark in its environment."""
    try:
        return b"warm_kernels.fork_parent" in (process / "cmdline").read_bytes() and (
            mark.encode() in (process / "environ").read_bytes()
        )
    except OSError:
        return False


def test_a_parameter_is_changed_and_the_chart_changes(lab, page, tmp_path):
    before = (paths.NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_bytes()
    page.goto(f"{lab}?token={TOKEN}")
    page.locator(".jp-DirListing-item").filter(has_text=NOTEBOOK).dblclick()
    page.get_by_text("Python 3 (warm) | Idle").wait_for()  # cells that are run before there is a kernel are not run
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
    assert len([each for each in Path("/proc").iterdir() if is_forked(each, str(tmp_path))]) == 2  # a parent, a kernel
    names = {each["name"] for each in page.request.get(f"{lab}api/contents?token={TOKEN}").json()["content"]}
    assert {"METHODS.md", "notebooks"} <= names
