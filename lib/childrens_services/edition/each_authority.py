"""An edition for each authority against its neighbours: several at a time, resumable, a failure not stopping the rest.

Goes in: parameters as a person types them, but for the authority. Comes out: `reports/<authority>/`, a line an edition
with an estimate of the time left, and how each went. An edition that is whole and unchanged is not made again, so a run
that was stopped goes on where it was.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process

from warm_kernels import forks, runner

from childrens_services import paths, tables
from childrens_services.edition import leftovers, make, unchanged
from childrens_services.edition.parameters import ParameterError, read_parameters, split_names

# A worker is replaced after so many editions: what libraries keep for themselves does not add up.
EDITIONS_A_WORKER = 20


@dataclass(frozen=True)
class Outcome:
    """How the edition of one authority went: made, unchanged, or what failed."""

    authority: str
    seconds: float
    failure: str = ""
    kept: bool = False


class InLine(Executor):
    """An executor that runs a task when it is handed in: the editions, not their notebooks, run side by side."""

    def submit(self, task: Callable, /, *arguments, **named) -> Future:
        """Run the task here and return a future that is done."""
        future: Future = Future()
        future.set_result(task(*arguments, **named))
        return future


def names_asked_for(asked: Mapping[str, str]) -> list[str]:
    """Return the authorities of a run: those of `authorities`, or every one there is on the day.

    Raises ParameterError for a parameter that cannot be meant, and for `edition`: each edition has its own folder.
    """
    if "edition" in asked:
        raise ParameterError("edition: each authority has a folder of its own; leave it out with --each-authority")
    listed = split_names(asked["authorities"]) if "authorities" in asked else _all_names(asked.get("as_at", ""))
    if not listed:
        raise ParameterError("authorities: none is named; name one, or leave it out for every authority")
    names = [read_parameters({**asked, "authorities": name}).authorities[0] for name in listed]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ParameterError(f"authorities: {twice[0]} is named twice; name each once")
    return names


def _all_names(as_at: str) -> list[str]:
    authorities = tables.load("authorities", as_at)
    day = tables.read_day(as_at, "as_at: ") if as_at else authorities["published"].max()
    return sorted(authorities[authorities["existed_to"].isna() | (authorities["existed_to"] >= day)]["name"])


def make_each(
    names: Sequence[str], given: Mapping[str, str], say: Callable[[str], None], workers: int = 0, force: bool = False
) -> list[Outcome]:
    """Make an edition for each authority and return how each went, in the order asked for.

    `given` are the other parameters as typed, for example `{"as_at": "2024-04-04"}`; `say` is told a line an edition.
    """
    workers = min(workers or runner.cores(), len(names))
    outcomes: dict[str, Outcome] = {}
    for outcome in _finished(names, given, workers, force):
        outcomes[outcome.authority] = outcome
        left = time_left(list(outcomes.values()), len(names) - len(outcomes), workers)
        say(f"{len(outcomes)} of {len(names)}  {outcome.authority}  {told(outcome)}{left}")
    return [outcomes[name] for name in names]


def told(outcome: Outcome) -> str:
    """Return in a few words how an edition went."""
    if outcome.failure:
        return f"failed: {outcome.failure}"
    return "unchanged" if outcome.kept else f"done in {outcome.seconds:.1f} s"


def time_left(outcomes: Sequence[Outcome], left: int, workers: int) -> str:
    """Return in words the time that editions still take, by the mean of those made: kept ones cost and tell nothing."""
    made = [outcome.seconds for outcome in outcomes if not outcome.kept]
    seconds = sum(made) / len(made) * left / workers if made else 0
    words = f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
    return words if seconds >= 1 else ""


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return how many editions were made, were unchanged and failed, and why those failed, a line each."""
    failed = [outcome for outcome in outcomes if outcome.failure]
    kept = sum(outcome.kept for outcome in outcomes)
    first = f"{len(outcomes) - kept - len(failed)} made, {kept} unchanged, {len(failed)} failed"
    return "\n".join([first, *(f"{outcome.authority}: {outcome.failure}" for outcome in failed)])


def _finished(names: Sequence[str], given: Mapping[str, str], workers: int, force: bool) -> Iterator[Outcome]:
    """Yield outcomes as they come; where a worker was killed, those it took with it run again, each apart."""
    lost = []
    with _pool(workers) as pool:
        with _deaf():
            futures = {pool.submit(_make_one, name, given, force): name for name in names}
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenExecutor:
                lost.append(futures[future])
    for name in lost:
        try:
            with _pool(1) as pool:
                with _deaf():
                    future = pool.submit(_make_one, name, given, force)
                yield future.result()
        except BrokenExecutor:
            yield Outcome(name, 0.0, "its process was ended from outside, or ran out of memory, twice")


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield worker processes; an exception, such as an interrupt, ends them at once, and with them their kernels."""
    before = set(active_children())
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, max_tasks_per_child=EDITIONS_A_WORKER
    )
    try:
        yield pool
    except BaseException:
        for worker in set(active_children()) - before:
            worker.kill()
        pool.shutdown(cancel_futures=True)
        leftovers.sweep(paths.REPORTS)  # those whose workers were ended
        raise
    pool.shutdown()


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep interrupts from the processes and threads that begin within: a worker hears them before it is ready."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Make a worker ready: it leaves interrupts to its owner, ends when that does, and warms its kernels."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_owner, daemon=True).start()
    forks.start(unchanged.settings())


def _end_with_owner() -> None:
    parent_process().join()
    os._exit(1)


def _make_one(name: str, given: Mapping[str, str], force: bool) -> Outcome:
    """Make the edition of one authority in this process; what fails is told, so that the others go on."""
    asked = {**given, "authorities": name}
    started = time.perf_counter()
    if not force and unchanged.whole_edition(asked):
        return Outcome(name, 0.0, kept=True)
    try:
        make.make_edition(read_parameters(asked), InLine(), force=force, asked=asked, tell=lambda line: None)
    except Exception as error:
        return Outcome(name, time.perf_counter() - started, f"{error}".replace("\n", "; "))
    return Outcome(name, time.perf_counter() - started)
