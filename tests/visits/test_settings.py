"""All settings are checked when the function starts."""

import subprocess
import sys

import pytest

from tests.conftest import ENVIRONMENT
from visits.settings import DeclaredCounter, Settings, SettingsError

AWS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}


def test_valid_settings_are_read():
    """Everything about a counter is optional; commas separate the origins of all counters."""
    settings = Settings.from_environment(
        ENVIRONMENT
        | {
            "TABLE_NAME": "My_table.1-a",
            "COUNTERS": '{"resume": {"allowed_origins": ["https://r.example", '
            '"https://s.example"]}, "blog": {"visits": 7, "visitors": 5}}',
            "ALLOWED_ORIGINS": "https://a.example,http://localhost:5500",
        }
    )
    assert settings.counters == {
        "resume": DeclaredCounter(0, 0, frozenset({"https://r.example", "https://s.example"})),
        "blog": DeclaredCounter(7, 5, frozenset()),
    }
    assert settings.allowed_origins == {"https://a.example", "http://localhost:5500"}
    assert (settings.table, settings.shards, settings.visit_cap) == ("My_table.1-a", 4, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TABLE_NAME", ""),
        ("TABLE_NAME", "a b c"),
        ("SECRETS_TABLE_NAME", ""),
        ("COUNTERS", ""),
        ("COUNTERS", "[]"),
        ("COUNTERS", "{}"),
        ("COUNTERS", '{"resume": 3}'),
        ("COUNTERS", '{"Resume": {}}'),
        ("COUNTERS", '{"resume": {"visits": -1}}'),
        ("COUNTERS", '{"resume": {"visits": true}}'),
        ("COUNTERS", '{"resume": {"hits": 1}}'),
        ("COUNTERS", '{"resume": {"allowed_origins": []}}'),
        ("COUNTERS", '{"resume": {"allowed_origins": "https://a.example"}}'),
        ("COUNTERS", '{"resume": {"allowed_origins": ["https://a.example/"]}}'),
        ("COUNTERS", '{"%s": {}}' % (65 * "a")),
        ("ALLOWED_ORIGINS", ""),
        ("ALLOWED_ORIGINS", "example.com"),
        ("ALLOWED_ORIGINS", "https://example.com/"),
        ("ALLOWED_ORIGINS", "https://Example.com"),
        ("ALLOWED_ORIGINS", "https://*.example.com"),
        ("ALLOWED_ORIGINS", "https://example.com:443"),
        ("ALLOWED_ORIGINS", "https://b\u00fccher.example"),
        ("ALLOWED_ORIGINS", "https://me@example.com"),
        ("SHARDS", "0"),
        ("SHARDS", "100"),
        ("SHARDS", "two"),
        ("VISIT_CAP", "-1"),
        ("VISIT_CAP", "007"),
        ("VISIT_CAP", "1000000"),
    ],
)
def test_invalid_setting_is_named(name, value):
    """The error names the variable and what it must be."""
    with pytest.raises(SettingsError, match=f"^{name} must be "):
        Settings.from_environment(ENVIRONMENT | {name: value})


def test_every_invalid_setting_is_named():
    """One error names all missing variables."""
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({})
    for name in ENVIRONMENT.keys() - AWS:
        assert f"{name} must be" in str(error.value)


def test_settings_and_contract_accept_the_same_counter_names(document):
    """Every counter name that the settings accept is valid in the path of a request."""
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
    """The package can be imported without settings and without AWS."""
    result = run("import visits.handler, sys; print('ok')")
    assert (result.returncode, result.stdout) == (0, "ok\n"), result.stderr


def test_in_lambda_settings_are_checked_at_initialisation():
    """In Lambda an invalid setting fails before any request."""
    result = run("import visits.handler", AWS_LAMBDA_FUNCTION_NAME="visits")
    assert result.returncode == 1
    assert "SettingsError: TABLE_NAME must be" in result.stderr
