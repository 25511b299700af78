"""Calling every command, and seeing in a fresh interpreter what each of them imports."""

import json
import subprocess
import sys
from collections.abc import Sequence

import click

# What only a run needs: each of them costs seconds.
TOOLS = ("dagster", "dagster_dbt", "dbt", "great_expectations")

CALL_AND_LOOK = """
import json, sys
from click.testing import CliRunner
from orchestration.cli import main

calls, watched = json.loads(sys.argv[1])
brought, codes = {}, {}
for call in calls:
    words = " ".join(call)
    result = CliRunner().invoke(main, call)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    codes[words] = result.exit_code
    for name in set(watched) & set(sys.modules) - set(brought):
        brought[name] = words
print(json.dumps([brought, codes]))
"""


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    """Every command of the command line, as words."""
    found = []
    for name, command in group.commands.items():
        inner = (*path, name)
        found += commands(command, *inner) if isinstance(command, click.Group) else [inner]
    return found


def call_all(calls: Sequence[Sequence[str]], *watched: str) -> tuple[dict[str, str], dict[str, int]]:
    """Make all calls in one new process: package of `watched` → the call that first imported it; call → exit code."""
    done = subprocess.run(
        [sys.executable, "-c", CALL_AND_LOOK, json.dumps([calls, watched])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    brought, codes = json.loads(done.stdout)
    return brought, codes
