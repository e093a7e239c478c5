"""Note which files a notebook reads: an IPython extension, so that neither notebook nor library need call anything.

The kernels of a run load it. It hears of every file that Python opens in the kernel's process; one that a library in
another language opens by itself (Arrow, SQLite) is noted only if Python opens it first.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from warm_kernels import fingerprints
from warm_kernels.settings import Settings

FILE = "files-read.txt"  # in the folder that the kernel starts in
_VARIABLE = "WARM_KERNELS_INPUTS"


def environment(settings: Settings) -> dict[str, str]:
    """Return the variable that tells a kernel the folders to watch."""
    return {_VARIABLE: json.dumps({name: str(settings.root.absolute() / name) for name in settings.inputs})}


def load_ipython_extension(shell: Any) -> None:
    """Watch what is read from now on; the file of notes exists from now on too, so that its absence tells a fault."""
    folders = json.loads(os.environ[_VARIABLE])
    watched = {f"{os.path.realpath(folder)}{os.sep}": name for name, folder in folders.items()}
    notes = Path(FILE).open("a", encoding="utf-8")  # noqa: SIM115 - open as long as the kernel lives
    noted: set[str] = set()

    def hear(event: str, arguments: tuple) -> None:
        if event != "open" or isinstance(arguments[0], int) or arguments[2] & os.O_WRONLY:
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        for folder, name in watched.items():
            if path.startswith(folder) and path not in noted:
                noted.add(path)  # before it is opened for its digest
                relative = path.removeprefix(folder).replace(os.sep, "/")
                print(fingerprints.of_file(Path(path)), f"{name}/{relative}", file=notes, flush=True)

    sys.addaudithook(hear)


def read(folder: Path) -> dict[str, str] | None:
    """Return what a kernel noted in the folder that it began in, digests by name; None where it could not."""
    if not (folder / FILE).is_file():
        return None
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    return {name: found for found, name in (line.split(" ", 1) for line in lines)}
