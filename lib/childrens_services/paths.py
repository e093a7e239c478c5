"""Where the folders are. Nothing else in the library spells a path from the root."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CURATED = ROOT / "data" / "curated"
TIDY = ROOT / "data" / "tidy"
NOTEBOOKS = ROOT / "notebooks"
REPORTS = ROOT / "reports"


def raw_dir() -> Path:
    """Give the folder of published files: `RAW_DIR` where it is set, else `data/raw`."""
    return Path(os.environ.get("RAW_DIR") or ROOT / "data" / "raw").resolve()
