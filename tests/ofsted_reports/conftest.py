"""Fixtures of these tests; they need nothing of the project but the folder itself."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from ofsted_reports import read_reports

settings.register_profile("no clock", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("no clock")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def write_file(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write_file


@pytest.fixture(scope="session")
def published():
    """The folder of Ofsted's own reports; the test is skipped where it is not there."""
    folder = Path(os.environ.get("RAW_DIR") or ROOT / "data" / "raw").resolve() / "ofsted_reports"
    if not folder.is_dir():
        pytest.skip(f"Ofsted's reports are not in {folder}; set RAW_DIR to test them")
    return folder


@pytest.fixture(scope="session")
def own_reports(published):
    """Ofsted's own reports as read, by folder and name."""
    reports = read_reports([published], ROOT / "data" / "tidy" / "authorities.csv")
    return {str(Path(report.file).relative_to(published)): report for report in reports}
