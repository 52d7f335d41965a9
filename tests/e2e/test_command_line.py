"""The command line as people and programs use it: what runs, what is printed, and the exit codes."""

import csv
import json
import signal
import time
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.e2e.shell import Shell, wait_for

pytestmark = pytest.mark.services

STOP = signal.SIGINT
CUSTOMERS = """First Name,Phone,Email,Points,Opt-in SMS,Junk
Ada,(415) 555-2671,ada@example.org,50,yes,1
Bo,415-555-2672,nonsense,x,no,2
Cy,12,,-5,,3
"""


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS, encoding="utf-8")
    return path


def fresh(folder: Path, number: int, rows: str = "") -> Path:
    """A small file that no other test imports."""
    path = folder / f"fresh-{number}.csv"
    path.write_text(f"Phone,Points\n+1415555{number},1\n{rows}", encoding="utf-8")
    return path


def test_help_and_status_are_instant(idle: Shell) -> None:
    for arguments in (["--help"], ["status", "--json"]):
        begun = time.monotonic()
        assert idle.run(*arguments, apart=True).returncode == 0
        assert time.monotonic() - begun < 2.0  # 0.3 s on an idle machine
    assert idle.ask("status", "--json", apart=True) == {"services": {}, "workers": []}


def test_an_import_starts_what_it_needs_and_stops_it_again(idle: Shell, customers: Path) -> None:
    told = idle.ask("import", customers, "--accept-terms", "--ignore", "junk", "--json", apart=True)
    assert told["status"] == "completed"
    assert told["trigger"] == "cli"
    assert told["name"] == "customers.csv"
    assert told["rows"] == {"read": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1, "skipped": 0}
    assert told["mapping"]["Junk"] is None
    assert idle.status() == {"services": {}, "workers": []}
    assert not [each for each in psutil.process_iter(["cmdline"]) if str(idle.home) in str(each.info["cmdline"])]
    assert [each["import_id"] for each in idle.ask("history", "--json")] == [told["import_id"]]
    assert idle.status() == {"services": {}, "workers": []}


def test_status_tells_every_part_with_its_pid(shell: Shell) -> None:
    state = shell.status()
    assert set(state["services"]) == {"postgres", "broker", "object_store", "flower", "console"}
    assert set(state["services"]["object_store"]) == {"url", "bucket", "access_key", "secret_key", "region", "pid"}
    assert [worker["name"] for worker in state["workers"]] == ["worker-1", "worker-small-files"]
    pids = [each["pid"] for each in [*state["services"].values(), *state["workers"]]]
    assert all(psutil.pid_exists(pid) for pid in pids)
    assert len(set(pids)) == 7
    with urlopen(f"{state['services']['console']['url']}/health") as answer:
        assert json.load(answer) == {"status": "ok"}


def test_flower_is_behind_a_password_and_for_looking_only(shell: Shell) -> None:
    import base64
    from urllib.error import HTTPError

    url = shell.status()["services"]["flower"]["url"]
    assert url.startswith("http://127.0.0.1:")
    for path in ("/", "/tasks", "/api/workers"):
        with pytest.raises(HTTPError) as refused:
            urlopen(url + path)
        assert refused.value.code == 401
        refused.value.close()
    password = (shell.home / "secrets" / "flower_password").read_text().strip()
    entry = {"Authorization": "Basic " + base64.b64encode(f"personas:{password}".encode()).decode()}

    def shows_the_worker() -> bool:
        with urlopen(Request(f"{url}/workers", headers=entry)) as answer:
            return b"worker-1" in answer.read()

    wait_for(shows_the_worker)
    with pytest.raises(HTTPError) as refused:
        urlopen(Request(f"{url}/api/worker/shutdown/x", headers=entry, method="POST", data=b""))
    assert refused.value.code in (403, 404, 405)
    refused.value.close()


def test_only_one_supervisor_per_home(shell: Shell) -> None:
    assert "runs already" in shell.refuse("up", apart=True)


def test_a_worker_that_dies_is_started_again(shell: Shell) -> None:
    worker = shell.status()["workers"][0]
    psutil.Process(worker["pid"]).kill()

    def is_back() -> bool:
        workers = shell.status()["workers"]
        return bool(workers) and workers[0]["pid"] != worker["pid"]

    wait_for(is_back)


def test_waiting_for_a_person_and_answering(shell: Shell, customers: Path) -> None:
    told = shell.ask("import", customers, "--json", code=3, apart=True)
    assert (told["status"], told["code"]) == ("needs_approval", "terms_not_accepted")
    number = told["import_id"]
    told = shell.ask("approve", number, "--accept-terms", "--json")
    assert (told["import_id"], told["status"]) == (number, "completed")
    assert shell.ask("show", number, "--json") == told
    assert "nothing to approve" in shell.refuse("approve", number)
    again = shell.ask("import", customers, "--accept-terms", "--json", code=3)
    assert again["code"] == "already_imported"
    assert shell.ask("cancel", again["import_id"], "--json")["status"] == "cancelled"
    task_id = told["attempts"][0]["task_id"]
    replayed = shell.run("replay", task_id, "--json", apart=True)
    assert replayed.returncode == 0
    assert "nothing to replay" in replayed.stderr
    assert json.loads(replayed.stdout) == told


def test_columns_nobody_knows_wait_for_a_mapping(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    path.write_text("Kontakt,Punkte\n415-555-2699,5\n", encoding="utf-8")
    told = shell.ask("import", path, "--accept-terms", "--json", code=3)
    assert told["status"] == "needs_mapping"
    told = shell.ask("map", told["import_id"], "--map", "KONTAKT=phone", "--json")
    assert told["status"] == "completed"
    assert told["mapping"]["Kontakt"] == "phone"


def test_a_bad_file_fails_with_a_code(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    told = shell.ask("import", path, "--json", code=4)
    assert (told["status"], told["code"]) == ("failed", "empty_file")


def test_several_files_print_an_object_a_line_and_the_worst_exit_code(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "empty.csv"
    bad.write_bytes(b"")
    done = shell.run(
        "import", fresh(tmp_path, 2701), bad, fresh(tmp_path, 2702), "--accept-terms", "--json", apart=True
    )
    assert done.returncode == 4
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["completed", "failed", "completed"]


def test_without_waiting_it_is_accepted(shell: Shell, tmp_path: Path) -> None:
    told = shell.ask("import", fresh(tmp_path, 2703), "--accept-terms", "--no-wait", "--json")
    wait_for(lambda: shell.ask("show", told["import_id"], "--json")["status"] == "completed")


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "FILE", "--account", "unheard-of"],
        ["import", "FILE", "--mapping", "unheard-of"],
        ["show", "999999"],
        ["approve", "999999"],
        ["cancel", "999999"],
        ["map", "999999", "--map", "a=phone"],
        ["replay", "unheard-of"],
        ["history", "--account", "unheard-of"],
        ["export", "--account", "unheard-of"],
        ["account", "show", "unheard-of"],
        ["account", "set", "default", "color=red"],
        ["token", "revoke", "unheard-of"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_is_refused_in_a_sentence(shell: Shell, customers: Path, arguments: list[str]) -> None:
    assert shell.refuse(*[customers if each == "FILE" else each for each in arguments]).strip()


def test_rejects_come_back_as_a_table_and_as_a_file(shell: Shell, customers: Path, tmp_path: Path) -> None:
    shell.run("account", "add", "reports")
    number = shell.ask("import", customers, "--account", "reports", "--accept-terms", "--json")["import_id"]
    counts, table = shell.run("rejects", number).stdout.split(" line ", 1)
    assert [line.split()[:3] for line in counts.splitlines() if "notice" in line or "reject " in line] == [
        ["reject", "1", "no_phone_or_email"],
        ["notice", "1", "email_invalid"],
        ["notice", "1", "phone_invalid"],
        ["notice", "1", "points_invalid"],
    ]
    assert all(word in table for word in ("no_phone_or_email", "email_invalid", "nonsense", "Points"))
    lines = [json.loads(line) for line in shell.run("rejects", number, "--json").stdout.splitlines()]
    assert [(line["line"], line["value"]) for line in lines] == [(3, "nonsense"), (3, "x"), (4, None), (4, "12")]
    path = tmp_path / "report.csv"
    assert shell.run("rejects", number, "-o", path).returncode == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["First Name"], row["line"]) for row in rows] == [("Bo", "3"), ("Cy", "4")]
    assert ".csv or .xlsx" in shell.refuse("rejects", number, "-o", tmp_path / "report.pdf")


def test_an_import_without_rejects_says_so(shell: Shell, tmp_path: Path) -> None:
    number = shell.ask("import", fresh(tmp_path, 2704), "--accept-terms", "--json")["import_id"]
    assert shell.run("rejects", number).stdout == "No rejects and no notices.\n"
    assert shell.run("rejects", number, "--json").stdout == ""


def test_personas_are_found_shown_and_exported(shell: Shell, customers: Path, tmp_path: Path) -> None:
    shell.run("account", "add", "people")
    shell.ask("import", customers, "--account", "people", "--accept-terms", "--json")
    ada = shell.ask("find", "415 555 2671", "--account", "people", "--json")
    shown = shell.ask("persona", "show", "ada@example.org", "--account", "people", "--json")
    assert {name: shown[name] for name in ada} == ada
    assert (ada["points"], ada["consent"]["sms"]) == (50, "opted_in")
    lines = shell.run("export", "--account", "people").stdout.splitlines()
    assert [json.loads(line)["first_name"] for line in lines] == ["Ada", "Bo"]
    path = tmp_path / "people.jsonl"
    assert shell.run("export", "--account", "people", "-o", path).returncode == 0
    assert path.read_text(encoding="utf-8").splitlines() == lines
    assert "Lovelace" not in shell.run("find", "nobody@example.org", "--account", "people").stdout


def test_accounts_and_tokens(shell: Shell) -> None:
    assert shell.run("account", "add", "acme", "--region", "GB").returncode == 0
    shell.run("account", "set", "acme", "accept_terms_by=Jo", "double_opt_in=18:30")
    told = shell.ask("account", "show", "acme", "--json")
    assert (told["region"], told["timezone"], told["double_opt_in"]) == ("GB", "Europe/London", "18:30")
    token = shell.run("token", "add", "till", "--account", "acme", "--role", "staff")
    assert token.returncode == 0
    assert len(token.stdout.split()) == 1
    assert shell.run("token", "revoke", "till").returncode == 0


def test_templates_and_doctor(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("templates", "-o", tmp_path / "templates").returncode == 0
    assert {path.suffix for path in (tmp_path / "templates").iterdir()} == {".csv", ".xlsx"}
    doctor = shell.run("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "PostgreSQL" in doctor.stdout
