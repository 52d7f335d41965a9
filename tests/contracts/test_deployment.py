"""The deployment files say what the code says: commands, settings, secrets, probes and metrics that exist."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import click
import pytest
import typer.main
import yaml  # type: ignore[import-untyped, unused-ignore]

from console.cli import gather_commands
from console.web import make_app
from infra import metrics
from infra.docker.runtime_lock import EMBEDDED, cut_lock
from infra.settings import AWS_VARIABLES, SECRET_SETTINGS, SettingLine, list_settings
from workers.app import make_app as make_celery
from workers.bootstrap import System

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "infra/docker/Dockerfile").read_text(encoding="utf-8")
KUBERNETES = sorted((ROOT / "infra/kubernetes").rglob("*.yaml"))
IMAGE = "persona-import"
#: What boto3 reads by itself beside the variables that the product names.
AWS_ALLOWED = {*AWS_VARIABLES, "AWS_SHARED_CREDENTIALS_FILE"}
SETTINGS: dict[str, SettingLine] = {line.variable: line for line in list_settings()}
#: Secrets without which a process would make one of its own, and differ from its neighbours.
NEEDED = {
    "worker": {"blocklist_key"},
    "worker-small-files": {"blocklist_key"},
    "consumer": {"blocklist_key"},
    "console": {"blocklist_key", "event_token", "text_token"},
    "flower": {"flower_password"},
}
#: Programs in the image that checks may use beside our own.
PROGRAMS = {"sh", "python", "find", "grep", "test", "socat", "exec"}


@dataclass
class Process:
    """One container of ours, whatever file it is from."""

    where: str
    name: str
    #: The shell's view: our own command line, with `personas` in front.
    line: str
    environment: dict[str, str]
    checks: list[dict[str, Any]] = field(default_factory=list)
    #: Paths of secrets in the container.
    secrets: set[str] = field(default_factory=set)
    grace: int = 0


def _compose_processes() -> Iterator[Process]:
    for name, service in COMPOSE["services"].items():
        if service["image"] != IMAGE:
            continue
        line = (
            " ".join(service["command"]) if "entrypoint" in service else shlex.join(["personas", *service["command"]])
        )
        test = service.get("healthcheck", {}).get("test", [])
        checks = [{"exec": test[1:] if test[0] == "CMD" else ["sh", "-c", test[1]]}] if test else []
        secrets = {f"/run/secrets/{each}" for each in service.get("secrets", [])}
        grace = int(service["stop_grace_period"].removesuffix("s"))
        yield Process("compose", name, line, dict(service["environment"]), checks, secrets, grace)


def _documents() -> Iterator[dict[str, Any]]:
    for path in KUBERNETES:
        yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def _kubernetes_processes() -> Iterator[Process]:
    shared = next(each["data"] for each in _documents() if each["kind"] == "ConfigMap")
    for document in _documents():
        if document["kind"] not in ("Deployment", "Job"):
            continue
        pod = document["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["image"] == IMAGE
        own = {each["name"]: each["value"] for each in container.get("env", [])}
        items = next(each["secret"]["items"] for each in pod["volumes"] if each["name"] == "secrets")
        folder = next(each["mountPath"] for each in container["volumeMounts"] if each["name"] == "secrets")
        probes = [container[key] for key in container if key.endswith("Probe")]
        for probe in probes:
            if "exec" in probe:
                probe["exec"] = probe["exec"]["command"]
        secrets = {f"{folder}/{each['path']}" for each in items}
        line = shlex.join(["personas", *container["args"]])
        grace = pod["terminationGracePeriodSeconds"]
        yield Process("kubernetes", container["name"], line, {**shared, **own}, probes, secrets, grace)


PROCESSES = [*_compose_processes(), *_kubernetes_processes()]
each_process = pytest.mark.parametrize("process", PROCESSES, ids=lambda each: f"{each.where}-{each.name}")


def our_commands(line: str) -> list[list[str]]:
    """The arguments of each call of `personas` in a line of shell."""
    found = re.findall(r"\bpersonas (?!/)([^|;&]+)", line)
    return [shlex.split(each) for each in found]


def check_command(arguments: list[str]) -> None:
    """The command exists and takes these options; it is not run."""
    name, *options = arguments
    command = cast(click.Group, typer.main.get_command(gather_commands())).commands[name]
    command.make_context(name, list(options))


def test_both_run_the_same_processes() -> None:
    names = {where: {each.name for each in PROCESSES if each.where == where} for where in ("compose", "kubernetes")}
    workers, others = {"worker", "worker-small-files"}, {"migrate", "beat", "console", "flower", "consumer"}
    assert names["compose"] == names["kubernetes"] == workers | others


@each_process
def test_a_process_runs_a_command_that_exists(process: Process) -> None:
    (command,) = our_commands(process.line)
    # Named after its command, and after the option that makes another process of it.
    assert process.name in (command[0], f"{command[0]}{command[-1][1:]}")
    check_command(command)


@each_process
def test_a_process_is_given_settings_that_exist(process: Process) -> None:
    for name in process.environment:
        if name.startswith("AWS_"):
            assert name in AWS_ALLOWED
        elif name.endswith("_FILE"):
            assert SETTINGS[name.removesuffix("_FILE")].by_file, name
        else:
            assert name in SETTINGS, name
            assert name.removeprefix("PERSONAS_").lower() not in SECRET_SETTINGS, f"{name} belongs into a file"
    # The three services are outside: nothing embedded may start in a container.
    assert {"PERSONAS_DATABASE_URL_FILE", "PERSONAS_BROKER_URL_FILE", "PERSONAS_S3_ENDPOINT_URL"} <= {
        *process.environment
    }


@each_process
def test_a_process_has_the_secrets_that_it_names_and_no_others(process: Process) -> None:
    named = {path for name, path in process.environment.items() if name.endswith("_FILE")}
    assert named == process.secrets
    assert NEEDED.get(process.name, set()) <= {Path(path).name for path in named}


@each_process
def test_a_check_asks_what_exists(process: Process) -> None:
    routes = {getattr(route, "path", "") for route in _console_routes()}
    assert process.checks or process.name in ("migrate", "consumer")
    for check in process.checks:
        if "exec" in check:
            line = " ".join(check["exec"])
            for command in our_commands(line):
                check_command(command)
            assert check["exec"][0] in PROGRAMS
            for port, path in re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", line):
                assert path == "/healthcheck" if process.name == "flower" else path in routes
                assert port in process.line
        if "httpGet" in check:
            assert check["httpGet"]["path"] in routes


def _console_routes() -> list[Any]:
    settings = SimpleNamespace(event_secrets=lambda: ("token",), text_secrets=lambda: ("token",))
    return list(make_app(cast(System, SimpleNamespace(settings=settings))).routes)


@each_process
def test_a_worker_may_finish_what_it_is_at(process: Process) -> None:
    limit = make_celery("redis://127.0.0.1:1/0").conf.task_time_limit
    assert process.grace > limit if process.name.startswith("worker") else process.grace >= 10


def test_every_service_of_compose_checks_itself_and_comes_back() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["restart"] in ("unless-stopped", "on-failure:5")
        assert "healthcheck" in service or name == "migrate"
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", [])), f"{name} is open to others"


def test_compose_waits_for_what_can_be_waited_for() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            ends = services[name]["command"] == ["migrate"]
            assert wanted["condition"] == ("service_completed_successfully" if ends else "service_healthy")
            assert ends or "healthcheck" in services[name]


def test_every_secret_of_compose_is_made_and_used() -> None:
    made = set(re.findall(r"\| keep (\w+)|keep (\w+) <<", _script()))
    names = {one or two for one, two in made} | set(re.findall(r"for name in ([\w ]+);", _script())[0].split())
    assert set(COMPOSE["secrets"]) == names
    used = [each for service in COMPOSE["services"].values() for each in service.get("secrets", [])]
    assert {each if isinstance(each, str) else each["source"] for each in used} == names
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"infra/docker/secrets/{name}"
    assert (ROOT / "infra/docker/secrets/.gitignore").read_text().splitlines()[1:] == ["*", "!.gitignore"]


def _script() -> str:
    return (ROOT / "infra/docker/make-secrets.sh").read_text(encoding="utf-8")


def test_variables_that_compose_takes_from_outside_are_settings() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", text):
        assert name in SETTINGS
        assert default in ("", SETTINGS[name].default, "http://objectstore:8333"), name
    assert not re.findall(r"\$\{\w+\}", text), "a variable without default"


def test_the_override_for_aws_leaves_out_the_store_alone() -> None:
    override = yaml.safe_load((ROOT / "infra/docker/aws.yml").read_text(encoding="utf-8"))
    assert set(override["services"]) == {"objectstore", "migrate"}
    store = override["services"]["migrate"]["depends_on"]["objectstore"]
    assert store == {**COMPOSE["services"]["migrate"]["depends_on"]["objectstore"], "required": False}


def test_workers_scale_by_a_metric_that_exists() -> None:
    (scaled,) = [each for each in _documents() if each["kind"] == "ScaledObject"]
    target = scaled["spec"]["scaleTargetRef"]["name"]
    assert ("Deployment", target) in {(each["kind"], each.get("metadata", {}).get("name")) for each in _documents()}
    (trigger,) = scaled["spec"]["triggers"]
    assert re.findall(r"personas_\w+", trigger["metadata"]["query"]) == [metrics.OPEN]
    assert "stage" in trigger["metadata"]["query"]
    # The sweeps are tasks: without any worker nothing would ever be noticed.
    assert scaled["spec"]["minReplicaCount"] >= 1


def test_kubernetes_lists_every_file_and_links_what_exists() -> None:
    for path in KUBERNETES:
        if path.name == "kustomization.yaml":
            listed = yaml.safe_load(path.read_text(encoding="utf-8"))["resources"]
            assert {path.parent / each for each in listed} | {path} == set(path.parent.glob("*.yaml"))
    pods = [each["spec"]["template"] for each in _documents() if each["kind"] in ("Deployment", "Job")]
    accounts = {each["metadata"]["name"] for each in _documents() if each["kind"] == "ServiceAccount"}
    for pod in pods:
        assert pod["spec"]["serviceAccountName"] in accounts
        assert pod["spec"]["securityContext"]["runAsUser"] == int(re.findall(r"USER (\d+)", DOCKERFILE)[0])
        assert pod["spec"]["enableServiceLinks"] is False


def test_the_image_is_built_of_what_is_there() -> None:
    for sources in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE):
        for source in sources.split():
            assert (ROOT / source).exists()
    assert "--require-hashes" in DOCKERFILE
    assert "USER 0" not in DOCKERFILE
    packages = ("schemas", "pipeline", "infra", "workers", "console")
    assert all(f"COPY {name} /srv/personas/{name}" in DOCKERFILE for name in packages)


def test_the_image_has_every_package_that_a_process_needs_and_no_tools() -> None:
    project, lock = ((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock"))
    kept = set(re.findall(r"(?m)^([\w.-]+)==", cut_lock(project, lock)))
    assert {"celery", "kombu", "redis", "psycopg-binary", "numpy", "botocore", "starlette", "tornado"} <= kept
    assert not kept & {"pytest", "mypy", "moto", "hypothesis", *EMBEDDED}
    assert kept <= set(re.findall(r"(?m)^([\w.-]+)==", lock))
