"""What every command is guarded by: refusals as one line, stops, a checkout, tables that do not change meanwhile."""

import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from childrens_services import moving, paths

# After an interrupt; kernels and workers end with this process.
SECONDS_TO_STOP = 4


@contextmanager
def in_words() -> Iterator[None]:
    """End a command with the words of what was refused or failed, and status 1; a fault of ours keeps its traceback."""
    try:
        yield
    except ValueError as error:  # as which whatever is foreseen is raised
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # whoever read the output is gone: there is nobody to tell
        raise
    except OSError as error:
        click.echo(f"error: {_of_the_system(error)}; what was there before is untouched", err=True)
        sys.exit(1)


_MENDS = {
    errno.ENOSPC: "make room on the disk and run it again",
    errno.EDQUOT: "make room in your quota and run it again",
    errno.EACCES: "let it be read and written by you",
    errno.EROFS: "it is on a disk that cannot be written to",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def _of_the_system(error: OSError) -> str:
    parts = (error.filename and str(error.filename), error.strerror or str(error), _MENDS.get(error.errno))
    return ": ".join(part for part in parts if part).replace("\n", " ")


@contextmanager
def in_checkout() -> Iterator[None]:
    """Let a command run in a checkout only, because it reads notebooks or curated files; elsewhere the status is 2."""
    if not paths.IS_CHECKOUT:
        name = click.get_current_context().info_name
        click.echo(f"error: {name} needs a checkout of the project: clone it, then `pip install -e .` in it", err=True)
        sys.exit(2)
    yield


@contextmanager
def reading_tables() -> Iterator[None]:
    """Finish what a killed `data` began, and let no other change the tables as long as a command reads them."""
    moving.finish(paths.TIDY.parent, paths.TIDY.name)
    with moving.locked(paths.TIDY.parent, shared=True):
        yield


@contextmanager
def stoppable() -> Iterator[None]:
    """Let an interrupt, or a scheduler's request to end, end the command in one line with status 130 or 143."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is _stop:  # while the command is stopped, no other signal counts
                signal.signal(number, handler)


def _stop(number: int, _: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # once is enough
    # Straight to the descriptor: the interrupt may have come while the stream was being written to.
    os.write(2, b"stopped; what was there before is untouched\n")
    # Where the exception is lost, as in a callback of the system, or a library waits for long: end all the same.
    last = threading.Timer(SECONDS_TO_STOP, os._exit, [128 + number])
    last.daemon = True
    last.start()
    sys.exit(128 + number)
