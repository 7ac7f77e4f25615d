"""Run a repository's workflows on this machine with act, without containers.

The actions in actions/ replace those that need GitHub; all other steps run unchanged.
https://nektosact.com
"""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from contract.repository import ROOT

ACT = ROOT / ".venv" / "bin" / "act"
ACTIONS = Path(__file__).parent / "actions"
RUNNERS = ("ubuntu-24.04", "ubuntu-24.04-arm")
KEPT = ("PATH", "LANG", "CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH", "TERRAFORM_PLUGIN_DIR")


@dataclass
class Run:
    """The result of a run.

    Attributes:
        code: the exit code of act.
        jobs: the result of each job that ran, by its id.
        printed: the output of all steps.
        artifacts: the folder with the uploaded files.
    """

    code: int
    jobs: dict[str, str]
    printed: str
    artifacts: Path

    @property
    def failed(self) -> list[str]:
        return [name for name, result in self.jobs.items() if result != "success"]


@dataclass
class Runner:
    """GitHub Actions for one repository.

    Args:
        folder: for the files of each run.
        origin: the bare repository.
        variables: the variables in its settings.
        environment: of the runner; PATH must have a `gh`.
    """

    folder: Path
    origin: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        workflow: str,
        commit: str,
        event: str = "workflow_dispatch",
        *jobs: str,
        passed: str = "",
        **payload: Any,
    ) -> Run:
        """Run one of its workflows for a commit of main, or only some of its jobs.

        Args:
            passed: a job that passes without its steps.
            payload: of the event.
        """
        folder = self.folder / f"run-{len(list(self.folder.glob('run-*')))}"
        checkout, artifacts = folder / "checkout", folder / "artifacts"
        artifacts.mkdir(parents=True)
        git(self.folder, "clone", "--quiet", self.origin, checkout)
        git(checkout, "checkout", "--quiet", "-B", "main", commit)
        git(checkout, "remote", "set-url", "origin", "https://github.com/robin/visits.git")
        adapt(checkout / ".github" / "workflows" / workflow, passed)
        payload = {"ref": "refs/heads/main", "repository": {"private": False}, **payload}
        (folder / "event.json").write_text(json.dumps(payload))
        done = subprocess.run(
            [ACT, event, f"--workflows=.github/workflows/{workflow}", *self._options(folder)]
            + [f"--job={job}" for job in jobs],
            cwd=checkout,
            env=self._environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout or done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        jobs = {each["jobID"]: each["jobResult"] for each in lines if "jobResult" in each}
        printed = "".join(f"{each.get('jobID')}: {each['msg'].rstrip()}\n" for each in lines)
        return Run(done.returncode, jobs, printed, artifacts)

    def _options(self, folder: Path) -> list[str]:
        environment = {
            "ARTIFACTS": str(folder / "artifacts"),
            "ORIGIN": str(self.origin),
            "INSTALLED": str(ROOT),
            **self.environment,
        }
        environment = {k: v for k, v in environment.items() if k not in {"PATH", "GH_TOKEN"}}
        return [
            f"--eventpath={folder / 'event.json'}",
            *[f"--platform={runner}=-self-hosted" for runner in RUNNERS],
            *[f"--local-repository={name}={ACTIONS / kind}" for name, kind in actions()],
            *[f"--var={name}={value}" for name, value in self.variables.items()],
            *[f"--env={name}={value}" for name, value in environment.items()],
            f"--secret=GITHUB_TOKEN={self.environment['GH_TOKEN']}",
            "--json",
        ]

    def _environment(self, folder: Path) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(self.folder),
            "ACT_DISABLE_VERSION_CHECK": "1",
        }
        return {**kept, **own, "PATH": self.environment["PATH"]}


def run_file(folder: Path, workflow: Mapping[str, Any]) -> int:
    """Run a workflow that uses no action, and return the exit code of act."""
    (folder / "workflow.yml").write_text(yaml.safe_dump(workflow, sort_keys=False))
    git(folder, "init", "--quiet")
    command = [ACT, "push", "--workflows=workflow.yml", "--platform=ubuntu-24.04=-self-hosted"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def actions() -> set[tuple[str, str]]:
    """Return every action that the workflows use, and the folder that replaces it."""
    texts = [path.read_text() for path in (ROOT / ".github").rglob("*.yml")]
    used = re.findall(r"uses: ([\w-]+/([\w-]+)@\w+)", "".join(texts))
    return {(name, kind) for name, kind in used if (ACTIONS / kind).exists()}


def adapt(path: Path, passed: str) -> None:
    """Remove `queue` from a workflow's concurrency, which act does not know, and a job's steps."""
    document = yaml.safe_load(path.read_text())
    document.get("concurrency", {}).pop("queue", None)
    if passed:
        document["jobs"][passed]["steps"] = [{"run": "true"}]
    document = {"on": document.pop(True), **document}  # YAML 1.1 reads `on` as true
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def git(folder: Path, *arguments: object) -> str:
    author = ["-c", "user.name=Robin", "-c", "user.email=robin@example.com"]
    command = ["git", *author, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()
