"""The same bytes on every machine: what is computed and exported, with the processor's own code and without it.

NumPy and the C library choose faster code by what the processor can do, and its last digits and its order of equal
values differ. A child process is made to choose as the oldest processor would.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from childrens_services import paths, tables
from childrens_services.analysis import claims, compare, shares, spells, timeline
from childrens_services.edition import run
from childrens_services.edition.parameters import Parameters
from childrens_services.normalise import build
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from warm_kernels import fingerprints

# Each way to choose is a tuple of variables, so that what was run is kept.
NUMPY_OLDEST = ("NPY_DISABLE_CPU_FEATURES", " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name)))
OWN = ("NPY_DISABLE_CPU_FEATURES", ""), ("GLIBC_TUNABLES", "")
NUMPY_ALONE = NUMPY_OLDEST, ("GLIBC_TUNABLES", "")
HWCAPS = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"
LOWEST = NUMPY_OLDEST, ("GLIBC_TUNABLES", HWCAPS), ("OPENBLAS_CORETYPE", "Nehalem")
CHILD = "import sys, test_same_bytes as here; here.tell(*sys.argv[1:])"
DRAWN = ("0", "1", "2", "3", "5", "8")


def computed():
    """What analysis makes of the tables: sums, medians, ranks, spells, survival, shares, claims."""
    now = pd.Timestamp("2026-06-29")
    load = {name: tables.load(name) for name in (*claims.NEEDED, "population", "prices", "spending")}
    judgements, authorities = load["judgements"], load["authorities"]
    each = compare.per_child(compare.in_real_terms(load["spending"], load["prices"], "2024-25"), load["population"])
    group = compare.group("E06000018", "statistical neighbours", authorities, load["neighbours"])
    found = {
        "per_child": each,
        "median": compare.group_median(each, group, "amount_per_child"),
        "england": compare.england_per_child(load["spending"], load["population"]),
        "shares": shares.of(load["observations"], load["indicators"], ["plans_two_years_or_more_percent"]),
        "claims": claims.run_tests(load),
    }
    for judgement in ("overall_effectiveness", "help_and_protection"):
        lasting = spells.inadequate_spells(judgements, authorities, judgement, now)
        found[f"survival {judgement}"] = spells.survival(lasting)
        found[f"shares {judgement}"] = timeline.grade_shares(
            timeline.grades_on(judgements, authorities, now, judgement)
        )
    return {name: frame.to_csv().encode() for name, frame in found.items()}


def built():
    """The files of every table, built from the published files."""
    frames = build.build_all()
    with tempfile.TemporaryDirectory() as folder:
        tables.store(frames, Path(folder) / "tidy")
        return {path.name: path.read_bytes() for path in Path(folder, "tidy").iterdir()}


def exported(workers, *numbers):
    """What notebooks export and show, so many of them run at a time."""
    begun = [job for job in run.jobs(Parameters().values()) if str(int(job.name[:2])) in numbers]
    with ThreadPoolExecutor(int(workers)) as threads:
        runs = list(threads.map(run.run_notebook, begun))
    assert not any(each.failure for each in runs), [each.failure for each in runs]
    parts = {f"{each.name}/{name}": content for each in runs for name, content in each.files.items()}
    return parts | {f"{each.name}.ipynb": each.notebook.encode() for each in runs}


def digests(parts):
    return {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}


def tell(what, *arguments):
    """Print what the processor's own code was chosen for, and the digests of what one of the functions gives."""
    found = digests(globals()[what](*arguments))
    print(json.dumps({"chosen": [name for name in __cpu_dispatch__ if __cpu_features__.get(name)], "found": found}))


@cache
def in_child(dispatch, *arguments, seed="0"):
    """Run a function in a child process with an environment; return the digests that it tells of, by name.

    Another seed of hashes gives every set another order.
    """
    ours = os.pathsep.join([str(Path(__file__).parent), str(paths.ROOT / "lib")])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": ours, **dict(dispatch)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert dispatch == OWN or told["chosen"] == []  # otherwise this would compare a thing with itself
    return told["found"]


def differing(one, other):
    return sorted(name for name in one | other if one.get(name) != other.get(name))


def test_what_is_computed_does_not_depend_on_the_processor():
    own = digests(computed())

    assert len(own) == 9
    assert differing(own, in_child(LOWEST, "computed")) == []


@pytest.mark.sweep
def test_the_committed_tables_are_built_on_any_processor_and_in_any_order_of_sets(raw):
    committed = fingerprints.of_files((path for path in paths.TIDY.iterdir() if path.stem != "datapackage"), paths.TIDY)

    assert differing(committed, in_child(LOWEST, "built", seed="12345")) == []


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("dispatch", "workers"),
    [(OWN, "2"), (NUMPY_ALONE, "1"), (LOWEST, "2")],
    ids=["two at a time", "NumPy's oldest code", "all of the oldest code"],
)
def test_what_notebooks_export_depends_neither_on_the_processor_nor_on_how_many_run_at_a_time(dispatch, workers):
    own = in_child(OWN, "exported", "1", *DRAWN)

    assert sum(name.endswith(".csv") for name in own) >= 15
    assert differing(own, in_child(dispatch, "exported", workers, *DRAWN)) == []


def test_no_chart_has_digits_that_are_the_machines():
    number, found = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e-?\d+)?(?![\w.])"), set()
    for path in paths.REPORTS.glob("*/charts/*.csv"):
        numbers = number.findall(path.read_text(encoding="utf-8"))
        found |= {f"{path.stem}: {each}" for each in numbers if len(re.sub(r"e.*|[-.]", "", each).strip("0")) > 10}

    assert found == set()
