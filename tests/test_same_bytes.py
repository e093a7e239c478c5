"""The same bytes on every machine: what is computed and exported, with the processor's own code and without it.

NumPy and the C library choose faster code by what the processor can do, and its last digits and its order of equal
values differ. A child process is made to choose as the oldest processor would.
"""

import json
import os
import re
import subprocess
import sys
from functools import cache

import pytest
from childrens_services import paths
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from warm_kernels import fingerprints

# Each way to choose is a tuple of variables, so that what was run is kept.
NUMPY_OLDEST = ("NPY_DISABLE_CPU_FEATURES", " ".join(name for name in __cpu_dispatch__ if __cpu_features__.get(name)))
OWN = ("NPY_DISABLE_CPU_FEATURES", ""), ("GLIBC_TUNABLES", "")
NUMPY_ALONE = NUMPY_OLDEST, ("GLIBC_TUNABLES", "")
HWCAPS = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"
LOWEST = NUMPY_OLDEST, ("GLIBC_TUNABLES", HWCAPS), ("OPENBLAS_CORETYPE", "Nehalem")

BEGIN = """
import hashlib, json, sys, tempfile
from pathlib import Path

import numpy as np
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

def tell(parts):
    found = {name: hashlib.sha256(content).hexdigest() for name, content in parts.items()}
    print(json.dumps({"chosen": [name for name in __cpu_dispatch__ if __cpu_features__.get(name)], "found": found}))
"""
COMPUTED = """
import pandas as pd
from childrens_services import tables
from childrens_services.analysis import claims, compare, shares, spells, timeline
from childrens_services.normalise.authorities import areas

now = pd.Timestamp("2026-06-29")
load = {name: tables.load(name) for name in claims.NEEDED + ("population", "prices", "spending")}
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
    found[f"survival {judgement}"] = spells.survival(spells.inadequate_spells(judgements, authorities, judgement, now))
    found[f"shares {judgement}"] = timeline.grade_shares(timeline.grades_on(judgements, authorities, now, judgement))
tell({name: frame.to_csv().encode() for name, frame in found.items()})
"""
TABLES = """
from childrens_services import paths, tables
from childrens_services.normalise import build

frames = build.build_all()
paths.TIDY = Path(tempfile.mkdtemp())
tables.store(frames)
tell({path.name: path.read_bytes() for path in sorted(paths.TIDY.iterdir())})
"""
EDITION = """
from concurrent.futures import ThreadPoolExecutor
from childrens_services.edition import run
from childrens_services.edition.parameters import Parameters

begun = [int(number) for number in sys.argv[2:]]
jobs = [job for job in run.jobs(Parameters().values()) if int(job.name[:2]) in begun]
with ThreadPoolExecutor(int(sys.argv[1])) as threads:
    runs = list(threads.map(run.run_notebook, jobs))
assert not any(run.failure for run in runs), [run.failure for run in runs]
parts = {f"{run.name}/{name}": content for run in runs for name, content in run.files.items()}
tell(parts | {f"{run.name}.ipynb": run.notebook.encode() for run in runs})
"""
DRAWN = ("0", "1", "2", "3", "5", "8")


@cache
def run(code, dispatch, *arguments):
    """Run code in a child process with an environment; return the digests that it tells of, by name."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code, *arguments],
        env={**os.environ, "PYTHONHASHSEED": "0", **dict(dispatch)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert dispatch == OWN or told["chosen"] == []  # otherwise this would compare a thing with itself
    return told["found"]


def differing(one, other):
    return sorted(name for name in one | other if one.get(name) != other.get(name))


def test_what_is_computed_does_not_depend_on_the_processor():
    own = run(COMPUTED, OWN)

    assert len(own) == 9
    assert differing(own, run(COMPUTED, LOWEST)) == []


@pytest.mark.sweep
def test_the_committed_tables_are_built_on_any_processor(raw):
    committed = fingerprints.of_files((path for path in paths.TIDY.iterdir() if path.stem != "datapackage"), paths.TIDY)

    assert differing(committed, run(TABLES, LOWEST)) == []


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("dispatch", "workers"),
    [(OWN, "2"), (NUMPY_ALONE, "1"), (LOWEST, "2")],
    ids=["two at a time", "NumPy's oldest code", "all of the oldest code"],
)
def test_what_notebooks_export_depends_neither_on_the_processor_nor_on_how_many_run_at_a_time(dispatch, workers):
    own = run(EDITION, OWN, "1", *DRAWN)

    assert sum(name.endswith(".csv") for name in own) >= 15
    assert differing(own, run(EDITION, dispatch, workers, *DRAWN)) == []


@pytest.mark.parametrize("path", sorted(paths.REPORTS.glob("*/charts/*.csv")), ids=lambda path: path.stem)
def test_a_chart_has_no_digits_that_are_the_machines(path):
    floats = re.findall(r"(?<![\w.])-?\d+\.\d+(?:e-?\d+)?(?![\w.])", path.read_text(encoding="utf-8"))

    assert [number for number in floats if len(re.sub(r"e.*|[-.]", "", number).strip("0")) > 10] == []
