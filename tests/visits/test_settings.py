"""The function's configuration is checked at the start, all of it."""

import subprocess
import sys

import pytest

from tests.conftest import ENVIRONMENT
from visits.settings import Settings, SettingsError, Start


def test_good_settings_are_read():
    """Counters may leave out their start; several origins are separated by commas."""
    settings = Settings.from_environment(
        ENVIRONMENT
        | {
            "COUNTERS": '{"resume": {}, "blog": {"visits": 7, "visitors": 5}}',
            "ALLOWED_ORIGINS": "https://a.example,http://localhost:5500",
        }
    )
    assert settings.counters == {"resume": Start(0, 0), "blog": Start(7, 5)}
    assert settings.allowed_origins == {"https://a.example", "http://localhost:5500"}
    assert settings.shards == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TABLE_NAME", ""),
        ("TABLE_NAME", "a b c"),
        ("COUNTERS", ""),
        ("COUNTERS", "resume"),
        ("COUNTERS", "[]"),
        ("COUNTERS", "{}"),
        ("COUNTERS", '{"resume": 3}'),
        ("COUNTERS", '{"Resume": {}}'),
        ("COUNTERS", '{"resume": {"visits": -1}}'),
        ("COUNTERS", '{"resume": {"visits": 1.5}}'),
        ("COUNTERS", '{"resume": {"visits": true}}'),
        ("COUNTERS", '{"resume": {"hits": 1}}'),
        ("COUNTERS", '{"%s": {}}' % (65 * "a")),
        ("ALLOWED_ORIGINS", ""),
        ("ALLOWED_ORIGINS", "example.com"),
        ("ALLOWED_ORIGINS", "https://example.com/"),
        ("ALLOWED_ORIGINS", "https://Example.com"),
        ("ALLOWED_ORIGINS", "https://*.example.com"),
        ("ALLOWED_ORIGINS", "https://example.com?page"),
        ("ALLOWED_ORIGINS", "https://me@example.com"),
        ("ALLOWED_ORIGINS", "https://a.example,,https://b.example"),
        ("SHARDS", "0"),
        ("SHARDS", "100"),
        ("SHARDS", "two"),
    ],
)
def test_a_bad_setting_is_named(name, value):
    """The error names the variable and says what it has to be."""
    with pytest.raises(SettingsError, match=f"^{name} must be "):
        Settings.from_environment(ENVIRONMENT | {name: value})


def test_every_bad_setting_is_named_at_once():
    """One error tells all that is missing."""
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({})
    for name in ("TABLE_NAME", "COUNTERS", "ALLOWED_ORIGINS", "SHARDS"):
        assert f"{name} must be" in str(error.value)


def test_the_settings_know_the_contracts_counter_names(document):
    """What the settings accept as a counter's name, the contract accepts as its path."""
    schema = document["components"]["schemas"]["Counter"]["properties"]["counterId"]
    assert (schema["pattern"], schema["maxLength"]) == ("^[a-z0-9][a-z0-9-]*$", 64)


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": "lambda", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_importing_needs_neither_environment_nor_aws():
    """A test, a tool or a colleague may import the package anywhere."""
    result = run("import visits.handler, sys; print('ok')")
    assert (result.returncode, result.stdout) == (0, "ok\n"), result.stderr


def test_in_lambda_a_bad_setting_shows_at_the_start():
    """There the function checks its settings while it initialises, before any request."""
    result = run("import visits.handler", AWS_LAMBDA_FUNCTION_NAME="visits")
    assert result.returncode == 1
    assert "SettingsError: TABLE_NAME must be" in result.stderr
