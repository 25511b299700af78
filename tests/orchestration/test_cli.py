"""Usage: what is wrong is said, with exit code 2 and no traceback; help is quick and has examples."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from orchestration import runner
from orchestration.cli import main
from orchestration.commands.standing import show_standing
from sources.base.engine import ask
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed, replay
from sources.intake.intact import refuse_altered
from sources.intake.standing import rows_in_force
from sources.mending.versions import versions
from tests.orchestration.calling import TOOLS, call_all, commands
from tests.sources import making


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("words", commands(main), ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]):
    code, output = invoke(*words, "--help")
    assert code == 0
    assert f"yigongti {' '.join(words)}" in output


def test_the_commands_are_those_of_the_interface():
    assert {" ".join(words) for words in commands(main)} == {
        "run", "county new", "county simulate", "county check", "feed check", "feed draft", "feed quarantine", "feed history", "feed replay", "feed batches",
        "feed withdraw", "feed retire", "feed line", "feed export",
        "release list", "release show", "release diff", "release excerpt", "release sign", "verify", "explain", "ui", "code unmapped", "quality",
        "person review", "kpi list", "kpi show", "casemix group", "casemix dip", "casemix import",
        "ledger show", "ledger prove", "ledger head",
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--month", "2025-01", "--county", "{county}", "--home", "/dev/null/home"],
        ["run", "--month", "2025-01", "--county", "{county}", "--home", "/proc/home"],
        ["county", "new", "/proc/county"],
        ["county", "simulate", "/dev/null/county", "--residents", "500", "--months", "1"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_path_that_cannot_be_is_said_and_no_traceback(words: list[str], county_dir: Path, tmp_path: Path):
    code, output = invoke(*(word.format(county=county_dir, home=tmp_path) for word in words))
    assert (code, output.count("错误 error: /")) == (2, 1), output


def test_a_terminal_without_chinese_still_says_something(county_dir: Path):
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "county", "check", str(county_dir)],
        capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (done.returncode, b"no problems" in done.stdout, b"Traceback" in done.stderr) == (0, True, False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--target", "hive"], "spark"),
        (["run", "--month", "2025-3"], "2025-03"),
        (["run", "--month", "2025-13"], "2025-03"),
        (["run", "--month", "2025-01", "--from", "2025-01", "--to", "2025-02"], "--month"),
        (["run", "--from", "2025-01"], "--to"),
        (["run", "--nonsense"], "--nonsense"),
        (["explain", "--month", "2025-01", "--kpi", "KPI-010"], "--institution"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_said_and_exits_2(words: list[str], told: str):
    code, output = invoke(*words)
    assert code == 2
    assert told in output
    assert "Traceback" not in output


def test_no_county_says_how_to_get_one(tmp_path: Path):
    code, output = invoke("run", "--county", str(tmp_path), "--home", str(tmp_path / "home"))
    assert code == 2
    assert "county simulate" in output
    assert not (tmp_path / "home").exists()


def test_months_that_the_county_does_not_have(county_dir: Path, tmp_path: Path):
    code, output = invoke("run", "--county", str(county_dir), "--home", str(tmp_path), "--month", "2031-01")
    assert code == 2
    assert "2025-03" in output


def test_to_before_from(county_dir: Path, tmp_path: Path):
    code, output = invoke(
        "run", "--county", str(county_dir), "--home", str(tmp_path), "--from", "2025-03", "--to", "2025-01"
    )
    assert code == 2
    assert "--from" in output


def test_a_county_without_deliveries_has_nothing_to_run(county_dir: Path, tmp_path: Path):
    code, output = invoke("run", "--county", str(county_dir), "--home", str(tmp_path / "home"))
    assert code == 0
    assert "nothing new" in output


def test_a_broken_county_lists_every_problem(own_county: Path):
    settings = own_county / "county.yml"
    settings.write_text(
        settings.read_text("utf-8").replace("tier: county_lead", "tier: castle") + "colour: red\n", "utf-8"
    )
    code, output = invoke("county", "check", str(own_county))
    assert code == 2
    assert "county.yml" in output
    assert "colour" in output


def test_a_county_in_order(county_dir: Path):
    code, output = invoke("county", "check", str(county_dir))
    assert (code, output.splitlines()[-1]) == (0, "没有问题 / no problems")
    assert "institution_baseline.csv" in output, "notes are no problems"


def test_help_of_every_command_imports_nothing_slow():
    calls = [[*words, "--help"] for words in (*commands(main), ())]
    slow = (*TOOLS, "duckdb", "pandas", "pyarrow")
    brought, codes = call_all(calls, *slow)
    assert brought == {}
    assert set(codes.values()) == {0}


def test_what_stops_with_a_sentence_needs_no_tool(county_dir: Path, tmp_path: Path):
    place = ["--county", str(county_dir), "--home", str(tmp_path / "home")]
    calls = [["run", *place], ["run", *place, "--month", "2031-01"], ["code", "unmapped", *place]]
    brought, codes = call_all(calls, *TOOLS)
    assert brought == {}
    assert list(codes.values()) == [0, 2, 2]


def test_a_batch_is_withdrawn_and_put_back_in_words(tmp_path: Path):
    """The decision is written down and shown with the batch, and what the batch had overtaken counts again."""
    county, home = making.make_county(tmp_path / "county"), Home(tmp_path / "home")
    place = ["--county", str(county.folder), "--home", str(home.root)]
    name, ids = f"{making.TOWNSHIP}/{making.MONTH}/MZJZ_202503.csv", []
    for numbers in ((1, 2), (1,)):
        making.deliver(county, name, making.visits(*map(making.visit, numbers)))
        ids += [batch.batch_id for batch in ingest_feed(county, home, "his_op_visit", [making.MONTH])]
    first, second = ids

    code, said = invoke(
        "feed", "withdraw", second, *place, "--reason", "报错了", "--by", "李工", "--on", "2025-04-10"
    )
    assert code == 0 and "已撤回 withdrawn 2025-04-10 李工: 报错了" in said
    assert f"{first}: 有效 in force" in said
    code, listed = invoke("feed", "batches", *place)
    assert code == 0 and first in listed and "报错了" in listed

    code, said = invoke("feed", "withdraw", second, *place, "--reason", "没错", "--by", "李工", "--undo")
    assert code == 0 and f"{second}: 有效 in force" in said and f"已被 {second} 取代 overtaken" in said
    decisions = [json.loads(line) for line in home.withdrawals.read_text("utf-8").splitlines()]
    assert [each["withdrawn"] for each in decisions] == [True, False]

    code, said = invoke("feed", "withdraw", "../../etc", *place, "--reason", "x", "--by", "y")
    assert code == 2 and "feed batches" in said


@pytest.mark.parametrize("way", ["withdraw", "replaces: month"])
def test_a_correction_under_another_name_is_told_with_what_heals_the_month(tmp_path: Path, way: str):
    """What a run says of two files of which the later repeats most of the earlier is followed to the letter, either way."""
    county, home = making.make_county(tmp_path / "county"), Home(tmp_path / "home")
    place = ["--county", str(county.folder), "--home", str(home.root)]
    for name, numbers in (("MZJZ_202503.csv", (1, 2, 3)), ("MZJZ_202503_更正.csv", (1, 2))):
        making.deliver(
            county, f"{making.TOWNSHIP}/{making.MONTH}/{name}", making.visits(*map(making.visit, numbers))
        )
        batches = ingest_feed(county, home, "his_op_visit", [making.MONTH])
    first = next(batch.batch_id for batch in batches if batch.accepted_rows == 3)

    said = _said_of(county, home)
    assert "MZJZ_202503.csv" in said and "2 keys are in the later file too, 1 only here" in said
    (command,) = re.findall(r"yigongti (feed withdraw \w+) --reason … --by …", said)
    assert command.endswith(first) and "在映射的 his_op_visit 下写 replaces: month" in said
    if way == "withdraw":
        code, _ = invoke(*command.split(), *place, "--reason", "更正", "--by", "李工")
        assert code == 0
    else:
        mapping = county.folder / "mappings" / "vendor.yml"
        text = mapping.read_text("utf-8").replace(
            "    columns: &visit\n", f"    {way}\n    columns: &visit\n"
        )
        mapping.write_text(text, "utf-8")
        county = County.load(county.folder)
        ingest_feed(county, home, "his_op_visit", [making.MONTH])
    (counting,) = ask(f"select count(distinct visit_id), count(*) from {rows_in_force(home, 'his_op_visit')}")
    assert counting == (2, 2)
    assert "only here" not in _said_of(county, home)


def test_lines_corrected_to_another_institution_are_retired_and_put_back_in_words(tmp_path: Path):
    """What a run says of a file with both versions of a row is followed to the letter; the row counts once, and twice when put back."""
    county, home = making.make_county(tmp_path / "county"), Home(tmp_path / "home")
    place = ["--county", str(county.folder), "--home", str(home.root)]
    later = {"JGDM": making.VILLAGE, "GXSJ": "2025-03-09 09:00:00"}
    rows = [
        making.visit(1),
        making.visit(1, **later),
        making.visit(2),
        making.visit(2, **later),
        making.visit(3),
    ]
    making.deliver(county, f"{making.TOWNSHIP}/{making.MONTH}/MZJZ_202503.csv", making.visits(*rows))
    (first,) = ingest_feed(county, home, "his_op_visit", [making.MONTH])
    assert _counting(home) == ["T1", "T2", "T3", "V1", "V2"]

    said = _said_of(county, home)
    (command,) = re.findall(r"yigongti (feed retire \w+) --reason … --by …", said)
    assert command.endswith(first.batch_id) and "有 2 行" in said
    code, listed = invoke(*command.split(), *place)
    assert code == 0 and "第 2 行 line: 镇卫生院 → 村卫生室" in listed and "第 4 行" in listed
    assert _counting(home) == ["T1", "T2", "T3", "V1", "V2"]
    code, said = invoke(*command.split(), *place, "--line", "2", "--reason", "x")
    assert code == 2 and "--by" in said
    code, said = invoke(*command.split(), *place, "--line", "6", "--reason", "x", "--by", "y")
    assert code == 2 and "6" in said

    who = ["--reason", "机构填错", "--by", "李工", "--on", "2025-04-10"]
    before = runner.state(county, home, [making.MONTH], "duckdb")
    code, said = invoke(*command.split(), *place, "--line", "2", *who)
    assert code == 0 and "第 2 行" in said and "第 4 行" not in said
    assert runner.state(county, home, [making.MONTH], "duckdb") != before, "the next run has something to do"
    ingest_feed(county, home, "his_op_visit", [making.MONTH])
    replay(county, home, feed="his_op_visit")
    assert _counting(home) == ["T2", "T3", "V1", "V2"]
    told = _said_of(county, home)
    assert "有 1 行" in told and "1 行 rows" in told and "2025-04-10 李工: 机构填错" in told
    code, again = invoke(*command.split(), *place, *who)
    assert code == 0 and "第 4 行" in again and "第 2 行" not in again
    assert _counting(home) == ["T3", "V1", "V2"]
    assert "feed retire" not in _said_of(county, home)
    code, none = invoke(*command.split(), *place)
    assert code == 0 and "没有 none" in none
    refuse_altered(home, verify=True)

    (back,) = re.findall(r"yigongti (feed withdraw \w+) --reason … --by …", said)
    code, _ = invoke(*back.split(), *place, "--reason", "两家各一笔", "--by", "李工")
    assert (code, _counting(home)) == (0, ["T1", "T3", "V1", "V2"])


def _counting(home: Home) -> list[str]:
    """The visits that count, by the rule of the warehouse: T of the township, V of the village."""
    found = [v for v in versions(home, "his_op_visit", {}) if v.counts]
    return sorted(
        ("V" if v.key["org_code"] == making.VILLAGE else "T") + str(int(v.key["visit_id"][-4:]))
        for v in found
    )


def _said_of(county: County, home: Home) -> str:
    """What a run of the month says of its files."""
    console = Console(file=io.StringIO(), width=1_000)
    show_standing(console, county, home, [making.MONTH])
    return console.file.getvalue()


@pytest.mark.skipif(shutil.which("localedef") is None, reason="no locale can be made here")
def test_names_of_files_are_read_in_every_locale(county_dir: Path, tmp_path: Path):
    made = ["localedef", "-i", "zh_CN", "-f", "GB18030", str(tmp_path / "zh_CN.GB18030")]
    if subprocess.run(made, capture_output=True, check=False).returncode:
        pytest.skip("the system has no sources of locales")
    inbox = tmp_path / "县" / "inbox" / making.TOWNSHIP / making.MONTH
    shutil.copytree(county_dir, tmp_path / "县")
    inbox.mkdir(parents=True)
    (inbox / "就诊.csv").write_text("就诊号,就诊时间\n1,2025-01-01\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "feed", "draft", str(tmp_path / "县"), making.TOWNSHIP],
        capture_output=True, check=False, env={**os.environ, "LC_ALL": "zh_CN.GB18030", "LOCPATH": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, "就诊" in done.stdout.decode("gb18030")) == (0, True), done.stderr.decode(
        "gb18030"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{home}/lake"], "lies inside the home"),
        (["lake", "--feed", "his_visits"], "--feed his_visits: 没有这个数据源"),
    ],
)
def test_an_export_that_cannot_be_says_why(tmp_path: Path, words: list[str], said: str):
    home = Home(tmp_path / "home")
    home.landing.mkdir(parents=True)
    code, output = invoke(
        "feed", "export", *(word.format(home=home.root) for word in words), "--home", str(home.root)
    )
    assert code == 2 and said in output
