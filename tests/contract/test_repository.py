"""Which code a checkout runs."""

import os
import subprocess
import sys

from contract.repository import ROOT
from tests.checkouts import copy_work_tree


def test_a_copy_imports_its_own_function(tmp_path):
    """A worktree, a rollback's checkout and a scratch copy find their own lambda/, even while the
    environment leads to another one."""
    copy_work_tree(tmp_path, "contract", "local", "lambda")
    code = "import local.function, openapi_handler, visits; print(*visits.__path__)"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'lambda'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-c", code]
    found = subprocess.check_output(command, cwd=tmp_path, env=environment, text=True)
    assert found.strip() == str(tmp_path / "lambda" / "visits")
