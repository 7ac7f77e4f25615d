"""What make installs, and hands on, with a Python that only writes down how it was called."""

import re
import shutil
import subprocess

import pytest

# It stands for every Python here: the one that makes an environment, and the one in it.
PYTHON = """#!/bin/sh
echo "$*${WHY:+ $WHY}" >> "$LOG"
case "$*" in
  *"-m venv"*)
    for folder; do :; done
    mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python"
    test "$BREAK" != venv || exit 1
    touch "$folder/bin/pip" ;;
  *"-m pip --version"*) test -e "$(dirname "$0")/pip" ;;
  *"-m pip install"*) test "$BREAK" != pip ;;
  *"-m uv pip install"*) test "$BREAK" != pip && test "$BREAK" != uv ;;
esac
"""


@pytest.fixture
def make(tmp_path):
    """Returns a function that makes a target; it returns the exit code and the new calls."""
    shutil.copy("Makefile", tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").touch()
    python, log = tmp_path / "python", tmp_path / "log"
    python.write_text(PYTHON)
    python.chmod(0o755)

    def run(target: str, *variables: str, broken: str = "") -> tuple[bool, list[str]]:
        log.write_text("")
        done = subprocess.run(
            ["make", "--silent", target, f"PYTHON={python}", *variables],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "LOG": str(log), "BREAK": broken},
            capture_output=True,
            check=False,
        )
        return done.returncode == 0, log.read_text().splitlines()

    return run


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ("venv", "-m venv --clear .venv"),
        ("pip", "-m uv pip install .*--force-reinstall -r requirements/run.txt"),
    ],
)
def test_interrupted_installation_is_repeated(make, step, command):
    """After an interruption the next make repeats the whole step; after that it does nothing."""
    assert not make(".venv/run", broken=step)[0]
    succeeded, calls = make(".venv/run")
    assert succeeded
    assert len([call for call in calls if re.fullmatch(command, call)]) == 1
    assert make(".venv/run") == (True, [])


def test_pip_installs_what_uv_cannot(make):
    """uv does not know pip's configuration, which can name another index."""
    succeeded, calls = make(".venv/run", broken="uv")
    assert succeeded
    assert re.fullmatch("-m pip install .* -r requirements/run.txt", calls[-1])


def test_a_reason_with_a_dollar_sign_is_handed_on_as_it_is(make):
    """make would expand $HOME and $(...) in the WHY of `make correct`."""
    _, calls = make("correct", "WHY=$HOME $(x) bots")
    assert calls[-1] == "-m owner correct $HOME $(x) bots"


def test_a_python_that_is_too_old_is_named_at_once(make, tmp_path):
    """Nothing is installed, and the message names PYTHON and what to do."""
    old = ["make", "--silent", ".venv/run", "PYTHON=false"]
    done = subprocess.run(old, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "needs Python 3.11 or newer" in done.stdout
    assert "PYTHON=false is older or missing" in done.stdout
