"""The night's work in one script: what it runs after each answer of `refresh`, how it ends, and what it commits."""

import os
import shutil
import subprocess

import pytest
from childrens_services import paths

MAKE = '#!/bin/sh\necho "make $*" >>log\ncase "$*" in report) cp data/table reports/page ;; esac\n'
COMMAND = """\
#!/bin/sh
echo "$1 $2" >>log
case "$1$2" in
  refresh--test) [ "$ANSWER" -ne 10 ] || echo new >data/table; echo half >notebooks/one; exit "$ANSWER" ;;
  refresh*) exit "$ANSWER" ;;
  changes--sentence) echo "A grade changed." ;;
esac
"""
EDITION = ["make report", "changes --write", "make report"]
NIGHTS = {
    "nothing new": (0, True, 0, ["refresh --test", *EDITION], "Begin"),
    "something taken": (10, True, 0, ["refresh --test", "make notebooks", *EDITION, "changes --sentence"], "A grade"),
    "a person is needed": (20, True, 20, ["refresh --test", *EDITION], "Begin"),
    "no beginning": (1, True, 1, ["refresh --test"], "Begin"),
    "nothing new, nothing here to build from": (0, False, 0, ["refresh --check", *EDITION], "Begin"),
    "something new, nothing here to build from": (10, False, 20, ["refresh --check", *EDITION], "Begin"),
}


@pytest.mark.parametrize(("answer", "files", "status", "steps", "commit"), NIGHTS.values(), ids=NIGHTS)
def test_a_night(answer, files, status, steps, commit, tmp_path):
    for name in (".ci", ".venv/bin", "data", "notebooks", "reports", "raw/ofsted_outcomes"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("data/table", "notebooks/one", "reports/page"):
        (tmp_path / name).write_text("old\n")
    for name, text in {"make": MAKE, ".venv/bin/childrens-services": COMMAND}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    shutil.copy(paths.ROOT / ".ci/nightly", tmp_path / ".ci")
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "RAW_DIR": "raw" if files else "none"}
    env |= {f"GIT_{who}_{what}": "nobody@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(words, cwd=tmp_path, env=env | {"ANSWER": str(answer)}, capture_output=True, text=True)

    for words in (["init"], ["add", "data", "notebooks", "reports"], ["commit", "-m", "Begin"]):
        run("git", *words).check_returncode()

    assert run(".ci/nightly").returncode == status
    assert (tmp_path / "log").read_text().splitlines() == ["make .venv/ready", *steps]
    assert run("git", "log", "-1", "--format=%s").stdout.startswith(commit)
    assert (run("git", "status", "--short", "-uno").stdout == "") == (status != 1)
