"""Fixtures shared by the tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import paths, sources, tables
from childrens_services.normalise import authorities, reference
from hypothesis import Phase, settings

settings.register_profile("no clock", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("no clock")
# For `mutate.py`: the same examples each time, and none made smaller once it has failed.
settings.register_profile(
    "changes", deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate)
)


@pytest.fixture(scope="session")
def raw() -> Path:
    """The folder of published files; the test is skipped where it is not there."""
    folder = paths.raw_dir()
    if not (folder / "ofsted_outcomes").is_dir():
        pytest.skip(
            f"the published files are not in {os.environ.get('RAW_DIR') or 'data/raw'}; set RAW_DIR to test them"
        )
    return folder


@pytest.fixture(scope="session")
def tidy() -> dict[str, pd.DataFrame]:
    """The committed tables, for reading only."""
    return {name: tables.load(name) for name in tables.contracts()}


@pytest.fixture
def own_data(tmp_path, monkeypatch) -> Iterator[Path]:
    """Empty folders in the place of data/curated, data/tidy and the published files; gives the folder around them."""
    for name, place in {"CURATED": "data/curated", "TIDY": "data/tidy", "FETCHED": "fetched"}.items():
        (tmp_path / place).mkdir(parents=True)
        monkeypatch.setattr(paths, name, tmp_path / place)
    (tmp_path / "data" / "raw").mkdir()
    monkeypatch.setenv("RAW_DIR", str(tmp_path / "data" / "raw"))
    sources.forget()
    yield tmp_path / "data"
    sources.forget()


@pytest.fixture(scope="session")
def raw_authorities(raw) -> pd.DataFrame:
    """The table of authorities as the published file gives it."""
    listed = reference.read_cells(raw / "ees" / "b1_children_in_need_2013_to_2025.csv").assign(source_id="dfe_b1")
    return authorities.build_authorities(listed, *map(sources.read_curated, ("authority_changes", "authority_codes")))


@pytest.fixture(scope="session")
def known(raw_authorities) -> dict[str, str]:
    """The code in use by every code that the published files print."""
    return authorities.known_codes(authorities.areas(raw_authorities), authorities.code_changes())
