"""What an edition is made from, and whether the last one is still whole, so that nothing is made twice.

Goes in: the files of the project. Comes out: their digests, and the settings that kernels and runs are made with.
Imports nothing heavy: a command can tell at once that nothing has changed.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from warm_kernels import Settings, fingerprints, results

from childrens_services import paths

NAME = "childrens-services"
# What notebooks import, and what drawing and reading import late.
PRELOAD = (
    *("pandas", "seaborn", "scipy.stats", "pyarrow.parquet", "PIL.PngImagePlugin"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "pandas.io.formats.html"),
    *("pandas.io.formats.csvs", "pandas.core.reshape.reshape", "pandas.core.methods.to_dict"),
    *("childrens_services.tables", "childrens_services.analysis.*", "childrens_services.telling.*"),
)


def settings() -> Settings:
    """Return the settings of our kernels and of the runs of our notebooks."""
    return Settings(
        name=NAME,
        title="Children's services (warm)",
        preload=PRELOAD,
        library=("childrens_services", "ofsted_reports", "warm_kernels"),
        library_files=("*.py", "*.toml", "*.mplstyle"),
        root=paths.ROOT,
        inputs=("data/tidy", "data/curated"),
        results=paths.REPORTS / ".cache",
        exports="edition",
    )


def kernels_offered() -> list[tuple[Settings, Path | None]]:
    """Return the kernels that are installed, with the folder for those that are not found everywhere.

    Notebooks ask for `python3`, as anywhere; in the folder that `make lab` names in JUPYTER_PATH that is a warm kernel.
    """
    in_lab = replace(settings(), name="python3", title="Python 3 (warm)")
    return [(settings(), None), (in_lab, Path(sys.prefix) / "share" / NAME)]


def made_from() -> dict[str, str]:
    """Return the digests of everything that an edition is made from; the path from the root is the key."""
    folders = {paths.TIDY: "*", paths.CURATED: "*", paths.NOTEBOOKS: "[0-9][0-9]-*.ipynb", paths.ROOT: "*.md"}
    folders |= {paths.CHANGES.parent: paths.CHANGES.name}
    folders[Path(__file__).parent / "templates"] = "**/*"
    files = {path for folder, pattern in folders.items() for path in folder.glob(pattern)}
    return fingerprints.of_files(files, paths.ROOT) | fingerprints.code(settings())


def remember(edition: Path, asked: Mapping[str, str], made: Mapping[str, str]) -> None:
    """Note what an edition was asked with and made from, and the digest of every file in it."""
    note = {
        "folder": edition.name,
        "made_from": dict(made),
        "files": fingerprints.of_files(edition.rglob("*"), edition),
    }
    _note(asked).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _note(asked).write_text(json.dumps(note), encoding="utf-8")


def whole_edition(asked: Mapping[str, str]) -> Path | None:
    """Return the folder of the edition that was asked for in these words, if nothing has changed or is damaged.

    Every file is read, so that a changed, cut or lost one is noticed; the edition is then made anew. Raises StoreError
    where others can write to what is remembered.
    """
    results.check_owner(settings())
    try:
        note = json.loads(_note(asked).read_text(encoding="utf-8"))
        folder = paths.REPORTS / Path(note["folder"]).name
        whole = note["made_from"] == made_from() and not fingerprints.changed(note["files"], folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder if whole else None


def _note(asked: Mapping[str, str]) -> Path:
    return settings().results / f"edition-{fingerprints.of_values(dict(asked))[:16]}.json"
