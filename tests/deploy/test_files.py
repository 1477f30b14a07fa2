"""The examples name what is there: settings, files, metrics, commands; and the programs they are for accept them."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from authority_portal.config import CHECKOUT, Settings, environment_with, settings
from authority_portal.web.counting import Counters
from authority_portal.web.ops.figures import House
from tests.deploy.conftest import program

DEPLOY = CHECKOUT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
ALERTS, DASHBOARD = DEPLOY / "prometheus/alerts.yml", DEPLOY / "grafana/portal.json"
PAGE = CHECKOUT / "docs/operations.md"
READ_BESIDE = {"PORTAL_BIND", "PORTAL_WEB_WORKERS", "PORTAL_WEB_THREADS", "PORTAL_SECRETS", "PORTAL_HOST", "PORTAL_UPSTREAM"}
"""Read by gunicorn's configuration, by `config.py` itself and by Caddy: not settings of the portal."""


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "container/compose.yaml").read_text())


@pytest.fixture
def metrics(house):
    """Names of all metrics, with the endings that Prometheus adds."""
    counters = Counters().ready()
    names = {family.name for family in House().collect()}
    for kind in (counters.requests, counters.pool_timeouts):
        names |= {f"{family.name}_total" for family in kind.collect()}
    names |= {f"{family.name}_{ending}" for family in counters.seconds.collect() for ending in ("bucket", "count", "sum")}
    return names | {"portal_sweeper_age_seconds"}  # told while somebody sweeps


def named(expression):
    return set(re.findall(r"\bportal_[a-z_]+", expression))


def test_every_setting_that_an_example_names_exists():
    known = {f"PORTAL_{name}" for name in Settings.model_fields} | READ_BESIDE
    files = [file for file in DEPLOY.rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")]
    named_there = {(file.name, name) for file in files for name in re.findall(r"PORTAL_[A-Z_]+\b", file.read_text())}
    named_there |= {(PAGE.name, name) for name in re.findall(r"PORTAL_[A-Z_]+\b", PAGE.read_text())}

    assert {pair for pair in named_there if pair[1] not in known} == set()


def test_alerts_are_sound_and_ask_for_metrics_that_exist(metrics):
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    checked = subprocess.run([program("promtool"), "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert set().union(*(named(rule["expr"]) for rule in rules)) - metrics == set()
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "desk")
        assert f"### {rule['alert']}\n" in PAGE.read_text(), f"docs/operations.md does not say what to do about {rule['alert']}"
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"


def test_alerts_go_off_when_they_should(tmp_path):
    """By promtool's own tests: series in, alerts out."""
    series = {
        "PortalNobodySweeps": ("portal_sweeper_leads", "0x10", "1x10"),
        "PortalMessagesLate": ('portal_messages_oldest_seconds{channel="email"}', "1000x20", "10x20"),
        "PortalErrors": ('portal_requests_total{status="5xx"}', "0+10x20", "0x20"),
        "PortalDatabaseAway": ("portal_database_up", "0x10", "1x10"),
    }
    tests = []
    for alert, (name, bad, good) in series.items():
        for values, expected in ((bad, 1), (good, 0)):
            beside = [{"series": 'portal_requests_total{status="2xx"}', "values": "0+100x20"}] if alert == "PortalErrors" else []
            tests.append((alert, expected, [{"series": name, "values": values}, *beside]))
    rules = yaml.safe_load(ALERTS.read_text())
    for alert, expected, given in tests:
        rule = next(one for one in rules["groups"][0]["rules"] if one["alert"] == alert)
        (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "one", "rules": [{**rule, "annotations": {}}]}]}))
        labels = {"channel": "email"} if alert == "PortalMessagesLate" else {}
        known = [{"exp_labels": rule["labels"] | labels}] if expected else []
        test = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": given,
                    "alert_rule_test": [{"eval_time": "10m", "alertname": alert, "exp_alerts": known}],
                }
            ],
        }
        (tmp_path / "test.yml").write_text(yaml.safe_dump(test))
        done = subprocess.run(
            [program("promtool"), "test", "rules", str(tmp_path / "test.yml")],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, f"{alert} with {given}: {done.stdout}{done.stderr}"


def test_prometheus_accepts_how_it_is_told_to_read_the_portal(tmp_path):
    token = tmp_path / "token"
    token.write_text("a-token-of-at-least-twenty-characters")
    shutil.copy(ALERTS, tmp_path)
    words = (DEPLOY / "prometheus/prometheus.yml").read_text().replace("/etc/prometheus/portal-token", str(token))
    (tmp_path / "prometheus.yml").write_text(words)

    done = subprocess.run(
        [program("promtool"), "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_for_metrics_that_exist_in_words_that_prometheus_reads(metrics, tmp_path):
    board = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [{"record": f"one:n{number}", "expr": expression} for number, expression in enumerate(asked)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = subprocess.run(
        [program("promtool"), "check", "rules", str(tmp_path / "rules.yml")], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert set().union(*map(named, asked)) - metrics == set()
    assert metrics - set().union(*map(named, asked)) == {"portal_request_seconds_count", "portal_request_seconds_sum"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_systemd_reads_every_unit(unit, tmp_path):
    analyze = shutil.which("systemd-analyze")
    words = unit.read_text()
    if unit.suffix == ".service":
        assert re.search("^(User=portal(-backup)?|DynamicUser=yes)$", words, re.MULTILINE)
        assert "NoNewPrivileges=yes" in words
        assert "ProtectSystem=strict" in words
        assert re.search(
            r"^ExecStart=(/opt/portal/venv/bin/python -m (gunicorn|authority_portal\.worker|flask)|/usr/bin/logger)\b",
            words,
            re.MULTILINE,
        )
    assert analyze is not None, "systemd-analyze is missing, which alone says whether a unit is sound: install systemd"
    for other in UNITS:
        (tmp_path / other.name).write_text(other.read_text().replace("/opt/portal/venv/bin/python", sys.executable))
    done = subprocess.run([analyze, "verify", "--man=no", str(tmp_path / unit.name)], capture_output=True, text=True, check=False)

    said = [line for line in done.stderr.splitlines() if unit.name in line]
    assert said == []


def test_only_the_owners_jobs_get_the_owners_address(compose):
    secret = "PORTAL_DATABASE_OWNER_URL"
    assert {name for name, service in compose["services"].items() if secret in service.get("secrets", ())} == {
        "migrate",
        "backup",
    }
    owner = [unit.name for unit in UNITS if "/etc/portal/owner.env" in unit.read_text()]
    assert owner == ["portal-backup.service"]


def test_web_and_workers_reach_neither_the_owners_address_nor_the_archives():
    backup = (DEPLOY / "systemd/portal-backup.service").read_text()
    assert "\nUser=portal-backup\n" in backup
    assert "\nStateDirectory=portal-backup\nStateDirectoryMode=0700\n" in backup, (
        "systemd makes the folder; no step can be forgotten"
    )
    assert "--to %S/portal-backup " in backup
    assert "\nOnFailure=portal-alarm@%n.service\n" in backup
    for name in ("web", "worker"):
        words = (DEPLOY / f"systemd/portal-{name}.service").read_text()
        assert "\nUser=portal\n" in words
        assert "\nInaccessiblePaths=-/etc/portal -/var/lib/portal-backup\n" in words


def test_no_secret_lies_where_the_image_is_built_from(compose):
    for name, secret in compose["secrets"].items():
        place = (DEPLOY / "container" / secret["file"]).resolve()
        assert not place.is_relative_to(CHECKOUT), f"{name} would be copied into the image"
    # The one name that every builder reads.
    left_out = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert {".git", ".local", "secrets", "**/secrets"} <= set(left_out)
    assert not (CHECKOUT / ".containerignore").exists(), "podman would read it instead, and docker would not"


def test_the_compose_file_closes_what_can_be_closed(compose):
    for name, service in compose["services"].items():
        assert service["restart"] in ("unless-stopped", "no"), name
        for mounted in service.get("secrets", ()):
            assert mounted in compose["secrets"], (name, mounted)
        for net in service["networks"]:
            assert net in compose["networks"]
        if service.get("image") == "portal":
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]
    published = [name for name, service in compose["services"].items() if "ports" in service]
    assert published == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True
    assert all(":" in service["image"] or service["image"] == "portal" for service in compose["services"].values())


def test_the_container_file_names_what_is_there_and_runs_as_nobody_in_particular():
    words = (DEPLOY / "container/Containerfile").read_text()
    stages = words.split("\nFROM ")
    copied = [line.split()[1:-1] for line in words.splitlines() if line.startswith("COPY ") and "--from" not in line]

    assert all((CHECKOUT / source).exists() for sources in copied for source in sources)
    assert "--require-hashes" in words
    assert "USER 10001:10001" in stages[-1]
    assert "npm" not in stages[-1]
    assert "pip install" not in stages[-1]
    assert re.findall(r"^ADD ", words, re.MULTILINE) == []


def test_secrets_may_be_files(monkeypatch, tmp_path, environment):
    for name in ("SECRET_KEY", "DATABASE_URL"):
        (tmp_path / f"PORTAL_{name}").write_text(environment[f"PORTAL_{name}"] + "\n")
        monkeypatch.delenv(f"PORTAL_{name}")
    monkeypatch.setenv("PORTAL_SECRETS", str(tmp_path))
    settings.cache_clear()
    try:
        assert environment["PORTAL_SECRET_KEY"] == settings().SECRET_KEY
        assert environment["PORTAL_DATABASE_URL"] == settings().DATABASE_URL
        assert environment["PORTAL_DATA_KEYS"] == settings().DATA_KEYS, "what the environment says counts"
        handed_on = environment_with(DATABASE_URL="postgresql+psycopg://app@/other")
        assert handed_on["PORTAL_SECRET_KEY"] == environment["PORTAL_SECRET_KEY"], (
            "a process of ours needs what lay in a file too"
        )
        assert handed_on["PORTAL_DATABASE_URL"] == "postgresql+psycopg://app@/other"
    finally:
        monkeypatch.undo()
        settings.cache_clear()
