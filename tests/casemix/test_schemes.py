"""Schemes as files: those that come along hold together, a broken one says where, an imported one stays what it was."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from sources.casemix.checks import check_scheme
from sources.casemix.importing import import_scheme
from sources.casemix.scheme import SchemeError, load_scheme, read_settings, scheme_folders
from sources.casemix.switches import Switches, decide
from sources.county.casemix import check_casemix
from sources.reference import CASEMIX, nhsa_codes
from tests.casemix.grouping import grouped
from tests.casemix.oracle import Case

NATIONAL = CASEMIX / "chs-drg-1.1"
# Used by rules of the scheme, unknown to the insurance edition (README of the tables).
UNKNOWN = {"K43.900", "K43.900x001", "K43.902", "P78.300x004"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A scheme of a city: the national ADRGs, one of them split otherwise."""
    folder = tmp_path / "city-2025"
    folder.mkdir()
    (folder / "scheme.yml").write_text(
        'id: city-2025\nmethod: drg\nname_zh: 某市 2025\nbase: chs-drg-1.1\nversion: "2025"\nsource: 某市医保局\nrights: 内部使用\n',
        "utf-8",
    )
    text = (NATIONAL / "drg.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in text if ",BR2," not in line]
    (folder / "drg.csv").write_text("".join(kept) + "BR29,BR2,9,unsplit,脑缺血性疾患\n", "utf-8")
    return folder


@pytest.fixture
def county(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "county"
    (folder / "policy").mkdir(parents=True)
    yield folder


def test_those_that_come_along_have_no_problem() -> None:
    folders = scheme_folders()
    assert sorted(folders) == ["chs-drg-1.1", "harbin-2022", "harbin-2023", "harbin-2024"]
    assert {name: check_scheme(folder, folders) for name, folder in folders.items()} == {
        name: [] for name in folders
    }


def test_their_size_is_that_of_the_published_tables() -> None:
    tables = load_scheme(scheme_folders(), "chs-drg-1.1").tables
    assert (len(tables["mdc"]), len(tables["adrg"]), len(tables["drg"])) == (26, 376, 628)
    levels = Counter(row["level"] for row in tables["complication"])
    assert (levels["MCC"], levels["CC"], len(tables["exclusion"])) == (4_678, 16_568, 28_302)
    codes = {row["code"] for row in tables["code_list"] if row["code_system"] == "diagnosis"}
    assert codes - nhsa_codes("diagnosis").keys() <= UNKNOWN
    split = {
        year: len(load_scheme(scheme_folders(), f"harbin-{year}").rows("drg")) for year in (2022, 2023, 2024)
    }
    assert split == {2022: 668, 2023: 710, 2024: 710}


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        ("drg.csv", "BR29,BR2,9,unsplit", "BR29,BR2,1,mcc", "drg.csv: BR2"),
        ("drg.csv", "BR29,BR2,9", "BR29,BX9,9", "there is no adrg BX9"),
        ("drg.csv", "BR29,BR2,9,unsplit", "BR29,BR2,9,whole", "severity_rule"),
        ("drg.csv", "BR29,BR2", "BR11,BR2", "has the key of line"),
        ("drg.csv", "severity_rule", "rule", "drg.csv:1:"),
        ("scheme.yml", "rights: 内部使用\n", "", "rights"),
        ("scheme.yml", "rights: 内部使用", 'rights: ""', "rights"),
        ("scheme.yml", "base: chs-drg-1.1", "base: city-2025", "lead back"),
        ("scheme.yml", "id: city-2025", "id: city-2024", "city-2025"),
        ("scheme.yml", "base: chs-drg-1.1", "base: chs-drg-7", "chs-drg-7"),
    ],
)
def test_a_broken_scheme_says_where(own: Path, county: Path, file, old, new, where) -> None:
    text = (own / file).read_text("utf-8")
    assert old in text
    (own / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SchemeError) as caught:
        import_scheme(own, county, scheme_folders(county))
    assert where in str(caught.value)
    assert not (county / "casemix").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BR2.diagnosis", "BR2.diagnoses", "BR2.diagnoses"),
        ("any,1,BR2.diagnosis", ",1,BR2.diagnosis", "quantifier"),
        ("principal_diagnosis,any,1,BR2.diagnosis", "age_days,any,1,BR2.diagnosis", "age_days"),
        ("BR2,1,1,principal_diagnosis", "BQ2,1,1,principal_diagnosis", "BQ2"),
        ("BR2,1,1,principal_diagnosis", "BR2,01,1,principal_diagnosis", "01"),
        ("any,1,BR2.diagnosis", "any,0,BR2.diagnosis", "min_count"),
        ("any,1,BR2.diagnosis", "any,2,BR2.diagnosis", "one principal diagnosis"),
        (",1,1500", ",1500,1500", "not below"),
    ],
)
def test_a_condition_that_cannot_hold_says_where(own: Path, county: Path, old, new, said) -> None:
    text = (NATIONAL / "adrg_condition.csv").read_text("utf-8")
    assert old in text
    (own / "adrg_condition.csv").write_text(text.replace(old, new), "utf-8")
    problems = check_scheme(own, scheme_folders())
    assert any(said in str(problem) and problem.file == "adrg_condition.csv" for problem in problems), (
        problems
    )


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("adrg_conditions.csv", "adrg\nBR2\n", "adrg_conditions.csv"),
        ("weight.csv", "drg,weight\nBR29,1.23456\n", "four decimals"),
        ("weight.csv", "drg,weight\nBR29,inf\n", "no number"),
        ("code_list.csv", "list_id,code,code_system\nBR2.diagnosis,I63.900 ,diagnosis\n", "no blanks"),
        ("code_list.csv", "list_id,code,code_system\nMDCB,I63.900,diagnosis\n", "another table"),
        ("code_list.csv", "list_id,code,code_system\nl,I63.900,diagnosis\nl,41.5x00,procedure\n", "mixes"),
    ],
)
def test_a_table_that_would_group_wrongly_is_refused(own: Path, file: str, text: str, said: str) -> None:
    (own / file).write_text(text, "utf-8")
    assert any(said in str(problem) for problem in check_scheme(own, scheme_folders()))


def test_what_does_not_fit_a_table_of_the_base_is_said_of_the_scheme(own: Path) -> None:
    mdcs = (NATIONAL / "mdc.csv").read_text("utf-8").splitlines(keepends=True)
    (own / "mdc.csv").write_text("".join(line for line in mdcs if not line.startswith("Z,")), "utf-8")
    problems = check_scheme(own, scheme_folders())
    assert problems
    assert {problem.file for problem in problems} == {"scheme.yml"}
    assert "adrg.csv of the base: there is no mdc Z" in problems[0].message_en


def test_what_is_written_is_what_was_judged(own: Path, county: Path) -> None:
    text = (own / "scheme.yml").read_text("utf-8").replace('version: "2025"', "version: 1.10")
    (own / "scheme.yml").write_text(text, "utf-8")
    folder = import_scheme(own, county, scheme_folders(county))
    settings, _ = read_settings(folder)
    assert settings is not None
    assert (settings.version, settings.base, check_casemix(county)) == ("1.10", "chs-drg-1.1", [])
    said = (folder / "scheme.yml").read_text("utf-8").replace("base: chs-drg-1.1", "base: harbin-2022")
    (folder / "scheme.yml").write_text(said, "utf-8")
    assert ["SHA-256" in str(problem) for problem in check_casemix(county)] == [True]


def test_an_imported_scheme_groups_and_stays_what_it_was(own: Path, county: Path, tmp_path: Path) -> None:
    folder = import_scheme(own, county, scheme_folders(county))
    assert import_scheme(own, county, scheme_folders(county)) == folder
    assert check_casemix(county) == []
    rows = grouped(tmp_path, [Case("w", 2, 67, None, None, ("I63.900", "N17.900"), ())], "city-2025", county)
    assert [row["drg"] for row in rows] == ["BR29"]
    with (folder / "drg.csv").open("a", encoding="utf-8") as file:
        file.write("XX99,BR2,9,unsplit,后加的\n")
    assert ["SHA-256" in str(problem) for problem in check_casemix(county)] == [True]


def test_another_scheme_does_not_take_a_name_that_is_taken(own: Path, county: Path) -> None:
    folder = import_scheme(own, county, scheme_folders(county))
    before = (folder / "drg.csv").read_bytes()
    (own / "drg.csv").write_text(
        (own / "drg.csv").read_text("utf-8").replace("脑缺血性疾患", "脑梗死"), "utf-8"
    )
    with pytest.raises(SchemeError, match="city-2025"):
        import_scheme(own, county, scheme_folders(county))
    assert (folder / "drg.csv").read_bytes() == before


def test_a_killed_import_leaves_no_scheme(own: Path, county: Path) -> None:
    left = county / "casemix" / ".city-2025"
    shutil.copytree(own, left)
    assert "city-2025" not in scheme_folders(county)
    assert check_casemix(county) == []
    import_scheme(own, county, scheme_folders(county))
    assert not left.exists()


def test_policy_names_a_scheme_that_is_there(county: Path) -> None:
    header = (
        "method,scheme,procedure_matching,ambiguous_groups,ambiguous_never,mdc_lists,condition_variants,"
        "newborn_without_weight,effective_from,effective_to,assumption,origin\n"
    )
    for scheme, variants, said in (
        ("chs-drg-9", "", "chs-drg-9"),
        ("chs-drg-1.1", "pv2", "pv1_every_infant"),
    ):
        row = f"drg,{scheme},,,,,{variants},,2025-01-01,,1,测试\n"
        (county / "policy" / "casemix_scheme.csv").write_text(header + row, "utf-8")
        found = check_casemix(county)
        assert [(each.file, each.line) for each in found] == [("policy/casemix_scheme.csv", 2)]
        assert said in str(found[0])


@pytest.mark.parametrize("never", ["astwxy", "A,S", ""])
def test_mdcs_without_an_ambiguous_group_are_letters(never: str) -> None:
    with pytest.raises(ValidationError):
        Switches(ambiguous_never=never)


def test_decisions_that_collide_are_refused() -> None:
    scheme = load_scheme(scheme_folders(), "chs-drg-1.1")
    more = [{**row, "variant": "other"} for row in scheme.rows("adrg_condition_variant")]
    rows = {**scheme.tables, "adrg_condition_variant": [*scheme.rows("adrg_condition_variant"), *more]}
    with pytest.raises(SchemeError, match="PV1"):
        decide(replace(scheme, tables=rows), Switches(condition_variants="pv1_every_infant|other"))
    taken = [{**scheme.rows("drg")[0], "drg": "BQY"}]
    with pytest.raises(SchemeError, match="BQY"):
        decide(replace(scheme, tables={**scheme.tables, "drg": taken}), Switches(ambiguous_groups="on"))


def test_completed_lists_and_another_reading_of_infants_reach_the_groups(tmp_path: Path) -> None:
    gap = next(
        row
        for row in load_scheme(scheme_folders(), "chs-drg-1.1").rows("known_gap")
        if row["kind"] == "adrg_diagnosis_outside_mdc_list" and row["mdc"] == "W"
    )
    outside = Case("gap", 1, 40, None, None, (gap["code"],), ())
    infant = Case("infant", 1, 0, 200, 5000, ("P07.300x011",), ())
    published = grouped(tmp_path, [outside, infant], "chs-drg-1.1")
    otherwise = grouped(
        tmp_path,
        [outside, infant],
        "chs-drg-1.1",
        mdc_lists="completed",
        condition_variants="pv1_every_infant",
    )
    assert [row["mdc"] == "W" for row in published] == [False, False]
    assert [(row["mdc"], row["adrg"]) for row in otherwise][1] == ("P", "PV1")
    assert otherwise[0]["mdc"] == "W" or otherwise[0]["reason"] == "no_group_in_mdc"


def test_decisions_become_rows() -> None:
    scheme = load_scheme(scheme_folders(), "chs-drg-1.1")
    national = decide(scheme, Switches()).tables
    assert national["adrg_condition"] == scheme.tables["adrg_condition"]
    completed = decide(scheme, Switches(mdc_lists="completed")).tables["mdc_principal_diagnosis"]
    pairs = {(row["mdc"], row["diagnosis_code"]) for row in completed}
    assert len(pairs) == len(completed) > len(national["mdc_principal_diagnosis"])
    infants = decide(scheme, Switches(condition_variants="pv1_every_infant")).tables["adrg_condition"]
    assert [row["list_id"] for row in infants if row["adrg"] == "PV1"] == ["MDCP"]
