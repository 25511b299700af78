"""The examples of docs/deploy.md: Dagster reads the settings, and the units start programs, options and files that are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from orchestration import settings
from orchestration.instance import OURS, SETTINGS
from sources.base.home import Home
from sources.county.county import KEY_VARIABLE
from tests.docs.pages import DOCS

EXAMPLES = DOCS / "examples" / "deploy"
UNITS = tuple(sorted(EXAMPLES.glob("*.service")))
PROGRAMS = "/opt/yigongti/.venv/bin/"
# Programs that are a module of ours around somebody else's command line.
COMMAND_OF = {"orchestration.web_server": "dagster_webserver.cli:dagster_webserver"}


def unit(file: Path) -> dict[str, list[str]]:
    """Key → values of a unit; sections do not share keys."""
    found: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        key, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def variables(name: str) -> dict[str, str]:
    lines = (EXAMPLES / name).read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def started(file: Path) -> list[str]:
    """The command line behind the shell that reads the secrets."""
    shell, options, script = shlex.split(unit(file)["ExecStart"][0])
    assert (shell, options) == ("/bin/sh", "-ac")
    assert script.startswith('. "$CREDENTIALS_DIRECTORY/secrets.env" && exec ')
    return shlex.split(script.partition(" exec ")[2])


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words start, and the words that are left for its options."""
    program, *rest = words
    name = program.removeprefix(PROGRAMS)
    if name == "python":
        assert rest[0] == "-m"
        module, _, attribute = COMMAND_OF[rest[1]].partition(":")
        assert import_module(rest[1])
        command, rest = getattr(import_module(module), attribute), rest[2:]
    elif name == "yigongti":
        command = import_module("orchestration.cli").main
    else:
        (point,) = entry_points(group="console_scripts", name=name)
        module = import_module(point.module)
        command = getattr(module, "create_dagster_cli", getattr(module, "create_dagster_daemon_cli", None))()
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def test_there_is_a_unit_for_each_service() -> None:
    names = [file.stem for file in UNITS]
    assert names == ["yigongti-code", "yigongti-daemon", "yigongti-run", "yigongti-webserver"]


def test_dagster_reads_the_settings_and_they_hold_what_ours_say() -> None:
    text = (EXAMPLES / "dagster.yaml").read_text("utf-8")
    assert not text.startswith(OURS)
    read, _ = dagster_instance_config(str(EXAMPLES))
    for block, said in yaml.safe_load(SETTINGS).items():
        assert read[block] == said


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_units_start_commands_with_options_that_they_have(file: Path) -> None:
    command, rest = command_of(started(file))
    known = {option for each in command.params for option in each.opts}
    assert [word for word in rest if word.startswith("--") and word not in known] == []


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_units_and_files_name_each_other(file: Path) -> None:
    found = unit(file)
    for path in [*found["EnvironmentFile"], found["LoadCredential"][0].partition(":")[2]]:
        assert (EXAMPLES / Path(path).name).is_file()
    for word in started(file):
        assert not word.startswith("/etc/") or (EXAMPLES / Path(word).name).is_file()
    others = [*found.get("After", []), *found.get("Wants", [])]
    for name in re.findall(r"yigongti-[\w.]+", " ".join(others)):
        assert (EXAMPLES / name).is_file()


def test_the_units_are_equally_shut() -> None:
    """What comes after the comment about rights is the same in each."""
    shut = {
        file.read_text("utf-8").partition("\n# Nothing but")[2].partition("\n\n[")[0].strip()
        for file in UNITS
    }
    assert len(shut) == 1
    assert "ProtectSystem=strict" in shut.pop()


def sockets() -> Iterator[str]:
    (location,) = yaml.safe_load((EXAMPLES / "workspace.yaml").read_text("utf-8"))["load_from"]
    yield location["grpc_server"]["socket"]
    words = started(EXAMPLES / "yigongti-code.service")
    yield words[words.index("--socket") + 1]


def test_the_socket_is_one_and_lies_in_the_folder_that_systemd_makes() -> None:
    (socket,) = set(sockets())
    assert socket.startswith(f"/run/{unit(EXAMPLES / 'yigongti-code.service')['RuntimeDirectory'][0]}/")


def test_variables_are_those_that_the_programs_read() -> None:
    plain, secret = variables("yigongti.env"), variables("secrets.env")
    assert {settings.COUNTY_VARIABLE, settings.HOME_VARIABLE} <= set(plain)
    assert Path(plain["DAGSTER_HOME"]) == Home(Path(plain[settings.HOME_VARIABLE])).root / "dagster"
    read = yaml.safe_load((EXAMPLES / "dagster.yaml").read_text("utf-8"))
    assert set(secret) == {KEY_VARIABLE, read["storage"]["postgres"]["postgres_db"]["password"]["env"]}
    # A text in the place of the key would be long enough to be taken for one.
    assert set(secret.values()) == {"''"}
