"""Settings: what is wrong is told in one line that names it; nothing is guessed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import CLIENT_SETTINGS, PREFIX, BadSetting, Settings, load


def loaded(**environ: str) -> Settings:
    return load({f"BYTEME_{name}": value for name, value in environ.items()}, dotenv=None)


def said(**environ: str) -> str:
    with pytest.raises(BadSetting) as error:
        loaded(**environ)
    assert "\n" not in error.value.message
    return error.value.message


def test_without_any_setting_it_is_a_server_for_this_machine_alone() -> None:
    settings = loaded()
    assert (settings.host, settings.port, settings.registration, settings.rate_limits) == (
        "127.0.0.1", 8000, "open", "on",
    )  # fmt: skip
    assert settings.database == f"sqlite:///{Path('.byteme').resolve()}/byteme.db"
    assert settings.artifact_dir == Path(".byteme/artifacts")


def test_an_unknown_setting_stops_the_start_and_is_named() -> None:
    assert said(PROT="80") == "BYTEME_PROT: there is no such setting"


def test_a_setting_in_small_letters_is_not_ours() -> None:
    assert load({"byteme_port": "1", "PORT": "2"}, dotenv=None).port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "-1"), ("PORT", "65536"),
        ("REGISTRATION", "maybe"), ("RATE_LIMITS", "true"),
        ("RUN_SLOTS", "0"), ("RUN_SLOTS", "two"), ("WARM_POOL_SIZE", "-1"),
        ("SANDBOX_RUNTIME", "crun"), ("LOG_SOURCE", "logs"), ("STORAGE", "tape"), ("LOG_LEVEL", "LOUD"),
        ("LEASE_S", "0"), ("ACCESS_TOKEN_S", "1"), ("REFRESH_TOKEN_S", "1"), ("RETENTION_DAYS", "0"),
        ("MAX_BODY_MB", "0"), ("MAX_DATASET_MB", "0"), ("MIN_FREE_DISK_MB", "-1"), ("SHUTDOWN_GRACE_S", "-1"),
        ("TRUSTED_PROXIES", "9"), ("SANDBOX_UIDS", "a,b"),
        ("EGRESS", "yes"), ("EGRESS_PRESETS", "mirror"), ("EGRESS_PRESETS", "[]"), ("EGRESS_PRESETS", '{"a": ["b"]}'),
        ("EGRESS_DNS", "resolver.example"), ("EGRESS_NETWORKS", "mirror.example"), ("EGRESS_NETWORKS", "10.0.0.1/8"),
        ("EGRESS_NETWORKS", "0.0.0.0/0"), ("EGRESS_NETWORKS", "169.254.0.0/16"), ("EGRESS_NETWORKS", "127.0.0.0/8"),
        ("QUOTA", '{"egress": "a.b"}'),
        ("QUOTA", "memory_mb=1"), ("QUOTA", "[]"), ("QUOTA", '{"memory": 1}'), ("QUOTA", '{"memory_mb": 0}'),
    ],
)  # fmt: skip
def test_a_bad_value_stops_the_start_and_its_setting_is_named(name: str, value: str) -> None:
    assert said(**{name: value}).startswith(f"BYTEME_{name}: ")


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"RATE_LIMITS": "off", "HOST": "0.0.0.0"}, ["BYTEME_RATE_LIMITS", "BYTEME_HOST"]),
        ({"RATE_LIMITS": "off", "HOST": "example.com"}, ["BYTEME_RATE_LIMITS", "BYTEME_HOST"]),
        ({"ADMIN_EMAIL": "a@example.com"}, ["BYTEME_ADMIN_EMAIL", "BYTEME_ADMIN_PASSWORD"]),
        ({"ADMIN_PASSWORD": "long enough"}, ["BYTEME_ADMIN_EMAIL", "BYTEME_ADMIN_PASSWORD"]),
        ({"SECRET_KEY": "short"}, ["BYTEME_SECRET_KEY"]),
        ({"BROKER_URL": "redis://localhost"}, ["BYTEME_BROKER_URL"]),
        ({"ARTIFACT_URL": "s3://bucket/prefix"}, ["BYTEME_ARTIFACT_URL"]),
        ({"EGRESS": "on", "SANDBOX_RUNTIME": "runsc"}, ["BYTEME_EGRESS", "BYTEME_SANDBOX_RUNTIME"]),
        ({"QUOTA": '{"egress": ["gone"]}'}, ["BYTEME_QUOTA", "BYTEME_EGRESS_PRESETS", "gone"]),
        ({"SANDBOX_UIDS": "20000"}, ["BYTEME_SANDBOX_UIDS"]),
        ({"SANDBOX_UIDS": "0,500"}, ["BYTEME_SANDBOX_UIDS"]),
        ({"SANDBOX_UIDS": "20010,20000"}, ["BYTEME_SANDBOX_UIDS"]),
    ],
)
def test_an_illegal_mix_names_the_settings_it_is_made_of(environ: dict[str, str], named: list[str]) -> None:
    assert all(name in said(**environ) for name in named)


def test_an_operators_presets_stand_beside_ours_and_quotas_may_name_them() -> None:
    settings = loaded(
        EGRESS_PRESETS='{"mirror": ["mirror.example.org"]}', QUOTA='{"egress": ["mirror", "huggingface"]}'
    )
    assert settings.egress_presets["mirror"] == ("mirror.example.org",)
    assert settings.egress_presets["huggingface"] == loaded().egress_presets["huggingface"]
    assert settings.quota.egress == ("mirror", "huggingface")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_rate_limits_may_be_off_while_nobody_else_can_connect(host: str) -> None:
    assert loaded(RATE_LIMITS="off", HOST=host).rate_limits == "off"


def test_a_refused_secret_is_not_repeated() -> None:
    assert "hunter2" not in said(SECRET_KEY="hunter2") + said(ADMIN_PASSWORD="hunter2")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = loaded(SECRET_KEY="k" * 32, ADMIN_EMAIL="a@example.com", ADMIN_PASSWORD="hunter2 and more")
    assert "kkk" not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_an_empty_value_is_no_value() -> None:
    assert loaded(PORT="", ADMIN_PASSWORD="").port == 8000


@pytest.mark.parametrize("name", sorted(CLIENT_SETTINGS))
def test_the_command_lines_own_settings_may_stand_in_the_same_environment(name: str) -> None:
    assert loaded(**{name: "http://127.0.0.1:8000"}) == loaded()


def test_a_dotenv_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# ours\n\nBYTEME_PORT=9000\nexport BYTEME_HOST='::1'\n"
        'BYTEME_QUOTA={"cpus": 4}\nBYTEME_LOG_LEVEL = "DEBUG"\nOTHER=ignored\n'
    )
    settings = load({"BYTEME_PORT": "9001"}, dotenv)
    assert (settings.port, settings.host, settings.log_level, settings.quota.cpus) == (9001, "::1", "DEBUG", 4.0)


def test_a_broken_line_of_the_dotenv_file_is_named_by_its_number(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("BYTEME_PORT=9000\nBYTEME_HOST\n")
    with pytest.raises(BadSetting, match=r"\.env:2: not of the form NAME=value"):
        load({}, dotenv)


def test_an_unknown_setting_in_the_dotenv_file_is_named_too(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("BYTEME_PROT=80\n")
    with pytest.raises(BadSetting, match="BYTEME_PROT"):
        load({}, dotenv)


def test_a_dotenv_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert load({}, tmp_path / "missing") == loaded()


def test_lists_are_separated_by_commas_or_spaces() -> None:
    origins = loaded(ALLOWED_ORIGINS="https://a.example, https://b.example").allowed_origins
    assert origins == ["https://a.example", "https://b.example"]
    assert loaded(SANDBOX_UIDS="30000 30099").sandbox_uids == [30000, 30099]


def test_an_artifact_folder_of_ones_own() -> None:
    assert loaded(ARTIFACT_URL="file:///srv/artifacts").artifact_dir == Path("/srv/artifacts")


def test_a_database_url_is_taken_as_it_is() -> None:
    assert loaded(DATABASE_URL="postgresql://db/byteme").database == "postgresql://db/byteme"


def test_settings_can_not_be_changed_later() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        loaded().port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_says_what_it_is_for(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert not description.endswith(".")
    assert f"{PREFIX}{name.upper()}".isidentifier()
