"""docs/add-a-member.md is what happens: its commands are run as they stand there, and print what they print there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed, prepare

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "add-a-member.md").read_text(encoding="utf-8")
MEMBER = "H34060000101"


def told() -> list[tuple[str, list[str]]]:
    """[(command, lines it prints)] of the console blocks, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line.strip())
    return found


def answered(draft: str) -> str:
    """The draft with the answers that the text gives in step 3."""
    text = re.sub(r'institution: \{\}.*\n +# "01": \?.*', f'institution:\n    "01": {MEMBER}', draft)
    text = text.replace("# fee_time: 收费时间", "fee_time: 收费时间")
    return re.sub(r"# 待定 status: \?", 'status: {const: "1"}', text)


def take_in(folder: Path) -> None:
    """What `yigongti run` does with the files (step 6), without the warehouse."""
    county, home = County.load(folder / "my-county"), Home(folder / "data")
    prepare(county, home, ["2025-03"])
    for feed in county.expected_feeds(MEMBER):
        ingest_feed(county, home, feed, ["2025-03"])


def test_the_worked_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIGONGTI_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(DOCS / "examples", tmp_path / "examples")
    for command, lines in told():
        program, *arguments = shlex.split(command)
        if program == "cp":
            Path("my-county/inbox").mkdir(exist_ok=True)
            source, target = Path(arguments[-2]), Path(arguments[-1])
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, target / source.name if source.is_dir() else target)
            continue
        if arguments[:2] == ["feed", "quarantine"]:
            take_in(tmp_path)
        result = CliRunner().invoke(main, arguments)
        printed = result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        assert [line for line in lines if line not in printed] == [], f"{command}\n{printed}"
        if arguments[:2] == ["feed", "draft"]:
            mapping, settings = Path("my-county/mappings/liuhe.yml"), Path("my-county/county.yml")
            mapping.write_text(answered(mapping.read_text(encoding="utf-8")), encoding="utf-8")
            text = settings.read_text(encoding="utf-8")
            settings.write_text(
                text.replace(f"{MEMBER}, mapping: vendor", f"{MEMBER}, mapping: liuhe"), encoding="utf-8"
            )


@pytest.mark.parametrize("number", range(1, 41))
def test_every_vendor_difference_is_in_the_table(number: int) -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| V")]
    assert sum(f"V{number:02d}" in row.split("|")[1] for row in rows) == 1


def test_every_rule_and_refusal_named_there_exists() -> None:
    from sources.conforming.rules import RULE_IDS

    said = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT)) - {"YIGONGTI_PSEUDONYM_KEY"}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "sources").rglob("*.py"))
    code += (
        (DOCS.parent / "dbt_project" / "seeds" / "quality_rule.csv")
        .read_text(encoding="utf-8")
        .replace(",", '"')
    )
    code = f'"{code}'.replace("\n", '\n"')
    assert {name for name in said if name not in RULE_IDS and f'"{name}"' not in code} == set()
