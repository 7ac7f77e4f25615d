"""Copies of this work tree."""

import shutil
import subprocess
from pathlib import Path

from contract.repository import ROOT


def copy_work_tree(folder: Path, *parts: str) -> None:
    """Copy the files that git knows, or would add, into a folder: all, or those of some parts."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *parts]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(lambda name: (ROOT / name).is_file(), names.splitlines()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def clone_work_tree(folder: Path) -> Path:
    """Make a repository of a copy of this work tree, with what is installed here linked into it."""
    copy_work_tree(folder)
    (folder / ".venv").mkdir()
    for path in (ROOT / ".venv").iterdir():
        (folder / ".venv" / path.name).symlink_to(path)
    for stamp in ("run", "dev"):
        (folder / ".venv" / stamp).unlink()
        (folder / ".venv" / stamp).touch()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=clone")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Robin", "-c", "user.email=robin@resume.example"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
