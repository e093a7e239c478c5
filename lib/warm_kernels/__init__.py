"""Warm Jupyter kernels: forked from a parent that has imported what notebooks need, and only what changed is run.

- `Settings`: what a project hands in.
- `kernels.install(settings)` offers its kernels to JupyterLab, papermill and nbval.
- `runner.running(...)` and `runner.run_notebook(job, settings)` run a `Job` and give a `Run`.
- `results.find(job, settings)` gives the `Run` that was kept, or says why the notebook must run again.

README.md beside this file shows them at work. Importing the package imports nothing heavy.
"""

from warm_kernels.results import Job, Run
from warm_kernels.settings import Settings

__all__ = ["Job", "Run", "Settings"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "warm_kernels.kernels"}]
