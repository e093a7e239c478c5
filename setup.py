"""Put the tidy tables into the wheel, so that `tables.load` works without a checkout; pyproject.toml has the rest."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TIDY = Path("data") / "tidy"


class BuildWithTables(build_py):
    """Copy data/tidy into the package as it is built; an editable install reads it where it is."""

    def run(self) -> None:
        """Build as always, then copy the tables."""
        super().run()
        if not self.editable_mode:
            shutil.copytree(TIDY, Path(self.build_lib) / "childrens_services" / "tidy", dirs_exist_ok=True)

    def get_source_files(self) -> list[str]:
        """Return the files of a source distribution, the tables among them."""
        return [*super().get_source_files(), *map(str, sorted(TIDY.iterdir()))]


setup(cmdclass={"build_py": BuildWithTables})
