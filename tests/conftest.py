"""Fixtures shared by the tests."""

import os
from pathlib import Path

import pytest
from childrens_services import paths
from hypothesis import settings

settings.register_profile("no clock", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("no clock")


@pytest.fixture(scope="session")
def raw() -> Path:
    """The folder of published files; the test is skipped where it is not there."""
    folder = paths.raw_dir()
    if not (folder / "ofsted_outcomes").is_dir():
        pytest.skip(
            f"the published files are not in {os.environ.get('RAW_DIR') or 'data/raw'}; set RAW_DIR to test them"
        )
    return folder
