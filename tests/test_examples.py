"""Property-based tests draw the same examples in every run, and others with another seed."""

import os
import subprocess
import sys

import pytest

PROPERTIES = """
import os, schemathesis
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from contract import repository

SCHEMA = schemathesis.openapi.from_dict(repository.read()[0])

def drawn(*values):
    with open(os.environ["DRAWN"], "a") as file:
        print(ascii(values), file=file)

@SCHEMA.include(operation_id=["readBadge", "recordVisit"]).parametrize()
@settings(max_examples=10)
def test_requests(case):
    drawn(case.operation.label, case.path_parameters, case.query, case.headers)

@given(st.lists(st.text() | st.integers()))
def test_values(values):
    drawn(values)

class Machine(RuleBasedStateMachine):
    @rule(number=st.integers())
    def step(self, number):
        drawn(number)

def test_steps():
    run_state_machine_as_test(Machine, settings=settings(max_examples=5, stateful_step_count=5))
"""


@pytest.fixture
def draw(tmp_path):
    """Returns a function that runs property-based tests, and returns what they drew."""
    (tmp_path / "test_properties.py").write_text(PROPERTIES)

    def run(*options: str, **environment: str) -> str:
        drawn = tmp_path / "drawn"
        drawn.unlink(missing_ok=True)
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        imports = {"PYTHONPATH": f"lambda{os.pathsep}.", "DRAWN": str(drawn)}
        command = [sys.executable, "-m", "pytest", "--noconftest", "-pconftest", *options]
        subprocess.run(
            [*command, str(tmp_path / "test_properties.py")],
            env=kept | imports | environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        return drawn.read_text()

    return run


@pytest.mark.slow
def test_everybody_draws_the_same_examples(draw):
    """Examples do not depend on CI, on xdist, on modules that other tests import, or on hashes.

    `make trust` draws examples of its own, and the same ones again with the same seed.
    """
    alone = draw(PYTHONHASHSEED="1")
    assert len(alone.splitlines()) > 100
    others = "tests/visits/test_badge.py::test_any_text_is_only_text"
    assert draw("-n1", others, CI="true", PYTHONHASHSEED="2") == alone
    fresh = ("--hypothesis-profile=fresh", "--hypothesis-seed=1")
    first = draw(*fresh, PYTHONHASHSEED="1")
    assert draw(*fresh, PYTHONHASHSEED="2") == first != alone
