"""What somebody delivered or configured is text wherever it is shown: on a page, in a draft, in SQL, on a terminal, in a workbook."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from orchestration.cli import main
from orchestration.settings import PROJECT_ROOT as ROOT
from sources.base.home import Home
from sources.base.yamlfile import read_yaml
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.onboarding.codes import quoted
from tests.sources.making import (
    MONTH,
    TOWNSHIP,
    VISIT_HEADER,
    conformed,
    deliver,
    make_county,
    visit,
    with_mapping,
)

# A command to each of them, and what ends a line or a text early.
TEXTS = [
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "[red]x[/red]",
    ":smile:",
    "a: b # c",
    "- x",
    "*x",
    "&x",
    "null",
    "yes",
    "~",
    "'; drop table x; --",
    'x" or "1"="1',
    "$$x$$",
    "%s{0}",
    "x\u2028feeds: {}",
    "x\u2029feeds: {}",
    "x\x85feeds: {}",
    "\x1b]0;x\x07",
    "x\x7f",
    "x\ufffe",
    "x\u202ey",
    "\U000e0041",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_yaml_scalar_reads_back(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(f"k: {quoted(text)}\n", "utf-8")
    file = read_yaml(tmp_path / "a.yml", "a.yml")
    assert (file.problems, file.content) == ([], {"k": text})


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Every text is a header and, in one row each, a code and a diagnosis; one is the county's name."""
    folder = make_county(tmp_path / "county").folder
    settings = folder / "county.yml"
    settings.write_text(
        settings.read_text("utf-8").replace("name: 测试县", f"name: {quoted(TEXTS[0])}"), "utf-8"
    )
    columns = "org_code: JGDM, visit_id: JZLSH, patient_id: HZBH, visit_time: JZSJ, visit_type: JZLX, dept_code: KSDM, staff_id: YSGH"
    evil = ", ".join(f"{quoted(text)}: '1'" for text in TEXTS[4:8])
    return with_mapping(
        County.load(folder),
        f'  his_op_visit:\n    file: "{{institution}}/{{month}}/MZ*"\n    columns: {{{columns}, main_diag_code: ZDBM, main_diag_name: '
        f"{{first_of: [ZDMC, {quoted(TEXTS[15])}]}}, status: {{from: ZT, dictionary: zt, replace: {{{quoted(TEXTS[15])}: x}}}}}}\n",
        f"dictionaries: {{zt: {{{evil}}}}}\njunk: {{main_diag_name: [{quoted(TEXTS[16])}]}}\n"
        f"test_patient: {{except: [{quoted(TEXTS[15])}]}}\nnull_values: [{quoted(TEXTS[17])}]\n",
    )


def delivered(county: County) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = [
        visit(n, ZDMC=cell(text), ZT=cell(text) if n % 2 else "1") + "," + ",".join(map(cell, TEXTS))
        for n, text in enumerate(TEXTS, start=1)
    ]
    header = VISIT_HEADER + "," + ",".join(map(cell, TEXTS))
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZ.csv", "\n".join([header, *rows]) + "\n")


def told(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    text = result.stdout + result.stderr
    assert not [c for c in text if c in "\x1b\x07\x7f\x85\u202e"], "nothing commands the terminal"
    return text.replace("\n", "")


def test_on_the_terminal_in_sql_in_a_draft_and_in_workbooks(county: County, tmp_path: Path) -> None:
    delivered(county)
    home, folder = Home(tmp_path / "home"), str(county.folder)
    check = told("feed", "check", folder, TOWNSHIP)
    assert "[red]x[/red]" in check and ":smile:" in check and "<script>" in check
    (outcome,) = ingest_feed(county, home, "his_op_visit", [MONTH])
    assert outcome.accepted_rows + outcome.quarantined_rows == len(TEXTS)
    assert {"+1+1", "@SUM(A1)", "'; drop table x; --"} <= {
        r["main_diag_name"] for r in conformed(home, "his_op_visit")
    }

    book = tmp_path / "q.xlsx"
    told("feed", "quarantine", "--county", folder, "--home", str(home.root), "--output", str(book))
    for sheet in CalamineWorkbook.from_path(book).sheet_names:
        assert CalamineWorkbook.from_path(book).get_sheet_by_name(sheet).to_python()
    with_formulas = shutil.unpack_archive(book, tmp_path / "parts", "zip")
    assert with_formulas is None
    assert not [
        p for p in (tmp_path / "parts" / "xl" / "worksheets").glob("*.xml") if "<f>" in p.read_text("utf-8")
    ]

    draft = tmp_path / "draft.yml"
    told("feed", "draft", folder, TOWNSHIP, "--feed", "his_op_visit", "--output", str(draft))
    file = read_yaml(draft, "draft.yml")
    assert not file.problems
    assert list(file.content["feeds"]) == ["his_op_visit"], "no header ends its comment and begins a key"
    assert len(draft.read_text("utf-8").splitlines()) == draft.read_text("utf-8").count("\n")


def test_each_of_these_ways_out_is_made_in_one_place_only() -> None:
    """Pages escape, consoles know no markup, workbooks make no formulas: nobody else makes any."""
    files = [p for room in ("sources", "expectations", "orchestration") for p in (ROOT / room).rglob("*")]
    texts = {
        p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in files if p.suffix in (".py", ".j2")
    }

    def making(words: str) -> set[str]:
        return {name for name, text in texts.items() if re.search(words, text) and "simulator" not in name}

    assert making(r"xlsxwriter\.Workbook\(") == {"sources/base/xlsx.py"}
    assert making(r"\bConsole\(|_Plain\(") == {"orchestration/console.py"}
    for name in making(r"jinja2\.(Environment|Template)\("):
        assert texts[name].count("autoescape=True") == len(
            re.findall(r"jinja2\.(?:Environment|Template)\(", texts[name])
        )
    assert making(r"\|\s*safe\b|Markup\(|autoescape (false|off)") == set()
