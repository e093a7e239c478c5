"""What a project hands in: what its kernels import beforehand, what a run depends on, and where results are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Describe a project to the kernels and to the runner; every field has a default.

    `Settings(preload=("pandas", "ours.*"), library=("ours",), inputs=("data",))` forks kernels from a process that has
    imported pandas and every module of the package `ours`; a notebook runs again when a file of `ours` changes, or a
    file below `data` that it has read.
    """

    name: str = "warm-kernels"  # of the kernelspec
    title: str = "Python 3 (warm)"  # what JupyterLab calls it
    preload: Sequence[str] = ()  # modules; `package.*` for a package and every module below it
    library: Sequence[str] = ()  # top-level packages whose files a notebook depends on
    library_files: Sequence[str] = ("*.py",)  # which of their files
    root: Path = Path()  # where the names of inputs start
    inputs: Sequence[str] = ()  # folders below the root; a file in them that a notebook reads is an input of it
    results: Path = Path(".warm-kernels")  # the folder that results are kept in
    exports: str = "exports"  # the folder beside a running notebook whose files are given back

    def preloaded(self) -> dict[str, list[str]]:
        """Return the fields that a process to fork from is made with, as a kernelspec can hold them."""
        return {name: list(getattr(self, name)) for name in ("preload", "library", "library_files")}
