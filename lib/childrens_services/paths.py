"""Where the folders are. Nothing else in the library spells a path from the root."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CURATED = ROOT / "data" / "curated"
CHANGES = ROOT / "data" / "changes.csv"
NOTEBOOKS = ROOT / "notebooks"
REPORTS = ROOT / "reports"
FETCHED = ROOT / ".fetched"  # what publishers answered last, so that they are asked only for what changed
# Installed from a wheel, the package holds the tidy tables itself, and there is nothing else to read.
IS_CHECKOUT = CURATED.is_dir() and NOTEBOOKS.is_dir()
TIDY = ROOT / "data" / "tidy" if IS_CHECKOUT else Path(__file__).parent / "tidy"


def raw_dir() -> Path:
    """Return the folder of published files: `RAW_DIR` where it is set, else `data/raw`."""
    return Path(os.environ.get("RAW_DIR") or ROOT / "data" / "raw").resolve()
