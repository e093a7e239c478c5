"""Our notebooks run warm as cold, what they read is noted, and the command offers their kernel."""

import subprocess
import sys
from dataclasses import replace

import pytest
from childrens_services import cli, paths
from childrens_services.edition import run, unchanged
from childrens_services.edition.parameters import Parameters
from click.testing import CliRunner
from jupyter_client.kernelspec import KernelSpecManager
from nbformat import v4, writes
from warm_kernels import fingerprints, kernels, runner


def read_by(*cells: str) -> dict[str, str]:
    """What a notebook of some cells has read."""
    text = writes(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells]))
    done = run.run_notebook(runner.jobs({"one": text}, None, unchanged.settings())[0])
    assert not done.failure
    return done.inputs


def test_tables_and_registers_are_noted_by_whoever_reads_them():
    tables = "from childrens_services import sources, tables\n_ = tables.load('spending'), sources.register()"
    on_a_day = "_ = tables.load('forecasts', as_at='2022-08-01')"  # their events and sources must be public

    names = "curated/sources.csv tidy/spending.parquet tidy/forecasts.csv tidy/events.csv tidy/sources.csv"
    files = [paths.ROOT / "data" / name for name in names.split()]
    assert read_by(tables, on_a_day) == fingerprints.of_files(files, paths.ROOT)


def test_what_kernels_import_beforehand_reads_no_table():
    code = (
        "import sys; sys.addaudithook(lambda event, told: event == 'open' and isinstance(told[0], str)"
        f" and told[0].startswith({str(paths.ROOT / 'data')!r}) and print(told[0]));"
        "from childrens_services.edition import unchanged; from warm_kernels import fork_parent;"
        "print('failed:', fork_parent.preload(unchanged.PRELOAD))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "failed: \n", done.stderr


@pytest.mark.sweep
@pytest.mark.parametrize("name", run.notebook_names())
def test_every_notebook_runs_warm_as_it_runs_cold(name):
    one = next(each for each in run.jobs(Parameters().values()) if each.name == name)

    warm, cold = (runner.run_notebook(one, unchanged.settings(), warm=warm) for warm in (True, False))

    assert (warm.failure, cold.failure) == ("", "")
    assert replace(warm, seconds=0, in_cells=0) == replace(cold, seconds=0, in_cells=0)
    assert warm.inputs and bool(warm.files) == (name != "07-do-the-claims-hold")  # which draws nothing


def test_the_command_installs_the_kernel_and_takes_it_away(monkeypatch, tmp_path):
    monkeypatch.setattr(kernels.sys, "prefix", str(tmp_path))
    everywhere, in_lab = (
        KernelSpecManager(kernel_dirs=[str(tmp_path / "share" / name / "kernels")], ensure_native_kernel=False)
        for name in ("jupyter", "childrens-services")
    )

    installed = CliRunner().invoke(cli.main, ["kernel", "install"])
    spec, names = everywhere.get_kernel_spec("childrens-services"), list(in_lab.find_kernel_specs())
    removed = CliRunner().invoke(cli.main, ["kernel", "remove"])

    assert (installed.exit_code, removed.exit_code, names) == (0, 0, ["python3"])
    assert "childrens_services.analysis.*" in spec.metadata["kernel_provisioner"]["config"]["preload"]
    assert {**everywhere.find_kernel_specs(), **in_lab.find_kernel_specs()} == {}


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr(runner, "CONNECT_SECONDS", 1)

    done = CliRunner().invoke(cli.main, ["report", "--force", "--scheduler", "tcp://127.0.0.1:9"])

    assert done.exit_code == 1
    assert done.stderr == "error: nobody answers at tcp://127.0.0.1:9; start `dask scheduler` there\n"
