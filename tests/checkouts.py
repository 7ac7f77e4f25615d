"""Copies of this work tree."""

import shutil
import subprocess
from pathlib import Path

from contract.repository import ROOT


def copy_work_tree(folder: Path, *parts: str) -> None:
    """Copy the files that git knows, or would add, into a folder: all, or those of some parts."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *parts]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(lambda name: (ROOT / name).exists(), names.splitlines()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
