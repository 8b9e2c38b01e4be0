"""The shipped dashboard and alert rules ask for nothing that a real server does not tell."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ROOT, ServerProcess, run_program

OPS = ROOT / "ops"
PROMTOOL = ROOT / ".setup" / "prometheus" / "usr" / "bin" / "promtool"
DASHBOARD = json.loads((OPS / "dashboard.json").read_text())
# What Grafana puts in before it asks Prometheus.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}
ADDED = {"instance", "job", "le"}  # labels by Prometheus itself
# Told once there is something to tell.
LATE = {"byteme_last_backup_timestamp_seconds"}
NAME = re.compile(r"\bbyteme_\w+")


def expressions() -> list[str]:
    """Every query of the dashboard, as Prometheus gets it."""
    found = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    for variable, value in VARIABLES.items():
        found = [text.replace(variable, value) for text in found]
    return found


def promtool(*arguments: object) -> str:
    assert PROMTOOL.exists(), "promtool is missing: scripts/test_setup.sh gets it"
    done = subprocess.run([PROMTOOL, *map(str, arguments)], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shown(server: ServerProcess) -> dict[str, set[str]]:
    """The series of a real server after a run with an artifact: name -> its labels. Counters that stand at nothing yet
    are known by their TYPE line."""
    run_program(server.admin(), "open('outputs/x', 'w').write('x'); print('said')")
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    series: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            parts = [f"{name}_bucket", f"{name}_count", f"{name}_sum"] if kind == "histogram" else [name]
            series |= {part: set() for part in parts if part not in series}
        elif not line.startswith("#"):
            name = re.match(r"\w+", line)[0]  # type: ignore[index]
            series.setdefault(name, set()).update(re.findall(r'[{,](\w+)="', line))
    return series


def test_every_metric_of_the_dashboard_and_the_alerts_exists(shown: dict[str, set[str]]) -> None:
    text = "\n".join([*expressions(), *(rule["expr"] for rule in rules())])
    names = set(NAME.findall(text))
    assert len(names) > 30
    assert names - LATE <= shown.keys()


def test_every_label_that_is_asked_for_exists(shown: dict[str, set[str]]) -> None:
    for text in [*expressions(), *(rule["expr"] for rule in rules())]:
        (name, *_) = [*NAME.findall(text), ""]
        labels = shown.get(name, set())
        asked = set(re.findall(r'(\w+)(?:=~|!=|=)"', text))
        grouped = {label for group in re.findall(r"\bby \(([^)]*)\)", text) for label in group.split(", ")}
        if labels:
            assert asked | grouped <= labels | ADDED, text


def test_a_real_run_is_counted(shown: dict[str, set[str]], server: ServerProcess) -> None:
    metrics = server.metrics()
    assert metrics['byteme_start_seconds_count{warm="false"}'] >= 1
    assert metrics["byteme_queue_seconds_count"] >= 1
    assert metrics["byteme_artifact_bytes_total"] >= 1
    assert metrics['byteme_engine_call_seconds_count{call="POST containers/create"}'] >= 1
    assert metrics['byteme_stored_bytes{kind="artifacts"}'] >= 0
    assert any(name.startswith('byteme_image_info{alias="default"') for name in metrics)
    assert any(name.startswith("byteme_build_info{") for name in metrics)


def test_labels_stay_few(shown: dict[str, set[str]], server: ServerProcess) -> None:
    """No series for each run, tenant or path: their number is bounded by the code."""
    before = len(server.metrics())
    tenants = [server.tenant() for _ in range(2)]
    for tenant in tenants:
        run_program(tenant, "print(1)")
    again = len(server.metrics())
    for tenant in tenants:
        run_program(tenant, "print(1)")
    assert len(server.metrics()) == again
    assert again - before < 100


def rules() -> list[dict[str, Any]]:
    import yaml

    return [rule for group in yaml.safe_load((OPS / "alerts.yml").read_text())["groups"] for rule in group["rules"]]


def test_the_alert_rules_do_what_they_say() -> None:
    """By promtool: each fires on what it is for, and not before."""
    promtool("check", "rules", OPS / "alerts.yml")
    promtool("test", "rules", OPS / "alerts_test.yml")


def test_every_alert_has_a_test_and_says_what_to_do() -> None:
    tests = (OPS / "alerts_test.yml").read_text()
    for rule in rules():
        assert f"alertname: {rule['alert']}\n        exp_alerts" in tests, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "runbook"}
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_query_of_the_dashboard_is_sound(tmp_path: Path) -> None:
    """By promtool, which parses them as rules."""
    made = [{"record": f"query:{number}", "expr": text} for number, text in enumerate(expressions())]
    assert len(made) > 35
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": made}]}))
    promtool("check", "rules", path)


def test_a_runbook_that_an_alert_names_is_there() -> None:
    headings = set(re.findall(r"^#+ (.+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
    for rule in rules():
        if found := re.search(r'docs/operations\.md, "(.+?)"', rule["annotations"]["runbook"]):
            assert found[1] in headings, rule["alert"]


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells
