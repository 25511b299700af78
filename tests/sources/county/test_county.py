"""A county folder is judged whole: every problem at once, each with file, line and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.county.county import DEMONSTRATION_KEY, County, CountyError, check, notes
from tests.sources.making import BUREAU, COUNTY, HOSPITAL, PLATFORM, TOWNSHIP, VENDOR, VILLAGE

TEMPLATE = Path("sources/counties/template")
PERIODS = "minimum_peers,5,2025-01-01,2025-06-30,1,假设\nminimum_peers,6,2025-07-01,,"


def change(county: County, file: str, old: str, new: str) -> list[str]:
    """The problems, as `file:line`, after replacing text in one file of the folder."""
    path = county.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = check(county.folder)
    assert all(problem.message_zh and problem.message_en for problem in problems)
    return [f"{problem.file}:{problem.line}" for problem in problems]


def replaced(county: County, table: str, old: str, new: str) -> list[str]:
    """The problems after replacing the beginning of a policy row."""
    return change(county, f"policy/{table}.csv", old, new)


def line(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("secret", ["0" * 32, " " * 40, "abcabc" * 8, DEMONSTRATION_KEY.decode()])
def test_what_is_no_secret_is_refused_by_a_real_county(county: County, secret: str) -> None:
    path = county.folder / "county.yml"
    path.write_text(path.read_text("utf-8").replace("simulated: true", "simulated: false"), "utf-8")
    with pytest.raises(CountyError, match="is no secret"):
        County.load(county.folder).pseudonym_key({"YIGONGTI_PSEUDONYM_KEY": secret})


def test_a_good_county(county: County) -> None:
    assert check(county.folder) == []
    assert county.deliverers == (HOSPITAL, TOWNSHIP, PLATFORM, BUREAU)
    assert county.expected_feeds(BUREAU) == ("si_insured",)
    assert county.institution_ids == {HOSPITAL, TOWNSHIP, VILLAGE}
    assert [one.delivered_by for one in county.institutions] == [HOSPITAL, TOWNSHIP, TOWNSHIP]
    assert (county.first_month, county.last_month, county.region_code) == ("2025-01", None, "340621")


def test_keys(county: County) -> None:
    assert county.pseudonym_key({}) == DEMONSTRATION_KEY
    assert county.uses_demonstration_key({})
    secret = "a secret that is long enough, really"
    assert county.pseudonym_key({"YIGONGTI_PSEUDONYM_KEY": secret}) == secret.encode()
    with pytest.raises(CountyError, match="32"):
        county.pseudonym_key({"YIGONGTI_PSEUDONYM_KEY": "short"})


def test_a_folder_without_county() -> None:
    (problem,) = check("/nowhere")
    assert problem.file == "county.yml"


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("tier: township", "tier: town", "镇卫生院"),
        ("parent: H34062100101", "parent: H9", "村卫生室"),
        ("alliance: YGT01, urban_rural: 1", "alliance: YGT09, urban_rural: 1", "县医院"),
        ("{id: PH340621", "{id: SI340621", "公卫平台"),
        ("institution: PH340621", "institution: H34062101001", "mapping: platform"),
        ("institution: PH340621", "institution: NOBODY", "mapping: platform"),
        ("mapping: platform", "mapping: platfrom", "mapping: platform"),
        ("first_month: 2025-01", "first_month: 2025-13", "first_month"),
        ("name: 测试县", "nam: 测试县", "name: 测试县"),
        ("region_code: 340621", "region_code: 340621\nregion_code: 340622", "simulated:"),
    ],
)
def test_problems_of_county_yml_name_their_line(county: County, old: str, new: str, part: str) -> None:
    assert f"county.yml:{line(COUNTY, part)}" in change(county, "county.yml", old, new)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("visit_time: JZSJ", "visit_tme: JZSJ", "visit_time: JZSJ"),
        ("his_op_visit:", "his_op_visits:", "his_op_visit:"),
        ("dictionary: gender", "dictionary: gendre", "gender: {from: XB"),
        ('file: "{institution}/{month}/HZ_{yyyymm}*.csv"', 'file: "{institution}/HZ.csv"', "HZ_{yyyymm}"),
        ('file: "{institution}/{month}/BASY_{yyyymm}.csv"', 'file: "x/{month}/BASY.csv"', None),
        ("join: date_hour", "join: dat", "admit_time"),
        ('{const: "1"}', "{}", "map_status"),
        ("n: [1, 3]", "n: [1]", "repeat:"),
        ("money_unit: yuan", "money_unit: dollar", "money_unit: yuan"),
        ('nation: ["1"]', 'natoin: ["1"]', 'nation: ["1"]'),
        ('name_matches: ["演示"]', 'name_matches: ["("]', "name_matches"),
    ],
)
def test_problems_of_a_mapping_name_their_line(county: County, old: str, new: str, part: str | None) -> None:
    where = change(county, "mappings/vendor.yml", old, new)
    if part is None:
        assert where == [f"county.yml:{line(COUNTY, 'H34062100101, mapping')}"], "two deliverers, one pattern"
    else:
        assert any(place == f"mappings/vendor.yml:{line(VENDOR, part)}" for place in where), where


def test_unreadable_yaml_is_a_problem_not_an_exception(county: County) -> None:
    where = change(county, "mappings/vendor.yml", "feeds:", "feeds: [")
    assert len(where) == 1 and where[0].startswith("mappings/vendor.yml:")


def test_all_problems_are_told_at_once(county: County) -> None:
    change(county, "county.yml", "mapping: platform", "mapping: other")
    change(county, "mappings/vendor.yml", "visit_time: JZSJ", "visit_tme: JZSJ")
    where = change(county, "policy/kpi_target.csv", "abs", "absolute")
    assert len({place.split(":")[0] for place in where}) == 3
    with pytest.raises(CountyError) as raised:
        County.load(county.folder)
    assert len(raised.value.problems) == len(where)


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("kpi_target.csv", "60,90", "sixty,90", 2),
        ("kpi_target.csv", "KPI-001,,,", "KPI-1,,,", 2),
        ("kpi_target.csv", "KPI-001,,,", "KPI-001,,H9,", 2),
        ("kpi_target.csv", "2025-01-01,", "2025/1/1,", 2),
        ("kpi_target.csv", "2025-01-01,,", "2025-01-01,2024-01-01,", 2),
        ("kpi_target.csv", "tolerance,", "tolerances,", 1),
        ("kpi_weight.csv", "county_lead", "", 2),
        ("score_anchor.csv", "target,100", "baseline,100", 4),
        ("pay_curve.csv", ",1,假设", ",2,假设", 2),
    ],
)
def test_problems_of_a_policy_name_their_line(
    county: County, file: str, old: str, new: str, place: int
) -> None:
    assert f"policy/{file}:{place}" in change(county, f"policy/{file}", old, new)


def test_periods_that_follow_each_other_may_name_the_same_key(county: County) -> None:
    assert replaced(county, "kpi_parameter", "minimum_peers,5,2025-01-01,,", PERIODS) == []
    assert change(county, "policy/kpi_parameter.csv", "2025-06-30", "2025-07-01") == [
        "policy/kpi_parameter.csv:3"
    ]


def test_missing_and_unknown_policy_files(county: County) -> None:
    (county.folder / "policy" / "score_anchor.csv").rename(county.folder / "policy" / "score_anchors.csv")
    files = {problem.file for problem in check(county.folder)}
    assert files == {"policy/score_anchor.csv", "policy/score_anchors.csv"}


def test_codes_stay_as_written(county: County) -> None:
    dictionary = county.mappings["vendor"].mapping.dictionaries
    assert dictionary["institution"]["01"] == TOWNSHIP
    assert dictionary["gender"]["男"] == "1"


def test_the_template_is_a_good_start() -> None:
    problems = [problem for problem in check(TEMPLATE) if not problem.file.startswith("policy/")]
    assert problems == []


@pytest.mark.parametrize(
    ("file", "old", "new", "part", "zh", "en"),
    [
        ("mappings/vendor.yml", "[RYRQ, RYXS]", "[RYRQ, RYXS", "admit_time", "收尾", "not closed"),
        ("mappings/vendor.yml", "repeat:", "repaet:", "repeat:", "是否 repeat", "did you mean repeat"),
        ("mappings/vendor.yml", "start: 0", "start: zero", "start: 0", "整数", "integer"),
        ("mappings/vendor.yml", "男: 1", "男: 7", "gender: {男", "7 不在", "gives 7"),
        ("mappings/vendor.yml", "join: date_hour", "join: concat, split: x, extract: y", "admit_time", "只写一个", "either"),
        ("county.yml", "tier: township", "tier: town", "镇卫生院", "只能是 county_lead、county", "must be county_lead"),
    ],
)  # fmt: skip
def test_a_problem_is_said_once_in_both_languages(
    county: County, file: str, old: str, new: str, part: str, zh: str, en: str
) -> None:
    text = (county.folder / file).read_text(encoding="utf-8")
    place = f"{file}:{line(text, part)}"
    assert change(county, file, old, new).count(place) == 1
    (problem,) = [each for each in check(county.folder) if f"{each.file}:{each.line}" == place]
    assert zh in problem.message_zh and en in problem.message_en
    assert en not in problem.message_zh


def test_a_wrong_entry_does_not_empty_its_list(county: County) -> None:
    path = county.folder / "county.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  - {id: H34062100001", "  - {idd: H34062100001"), encoding="utf-8")
    assert all("at least" not in problem.message_en for problem in check(county.folder))


@pytest.mark.parametrize(
    ("file", "is_doubled"),
    [("{institution}/{month}/MZJZ_{yyyymm}*.csv", True), ("{institution}/{month}/MZJZ_{yyyymm}_2*.csv", True), ("{institution}/{month}/M*", True),
     ("{institution}/{month}/OTHER_{yyyymm}.csv", False)],
)  # fmt: skip
def test_two_mappings_on_one_file_are_a_problem(county: County, file: str, is_doubled: bool) -> None:
    vendor = (county.folder / "mappings" / "vendor.yml").read_text(encoding="utf-8")
    text = vendor.replace("{institution}/{month}/MZJZ_{yyyymm}*.csv", file)
    only = (
        text[: text.index("junk:")]
        + "feeds:\n"
        + text[text.index("  his_op_visit:") : text.index("  his_ip_stay:")]
    )
    (county.folder / "mappings" / "second.yml").write_text(only, encoding="utf-8")
    path = county.folder / "county.yml"
    said = path.read_text(encoding="utf-8").replace(
        "  - {institution: SI340621, mapping: bureau}",
        f"  - {{institution: {TOWNSHIP}, mapping: second}}\n  - {{institution: SI340621, mapping: bureau}}",
    )
    path.write_text(said, encoding="utf-8")
    assert any("his_op_visit" in str(problem) for problem in check(county.folder)) == is_doubled


def test_what_a_county_still_lacks_is_noted_and_no_problem(county: County) -> None:
    path = county.folder / "county.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("simulated: true", "simulated: false"), encoding="utf-8"
    )
    (note,) = notes(county.folder, {})
    assert "YIGONGTI_PSEUDONYM_KEY" in note.message_zh and ":0" not in str(note)
    secret = {"YIGONGTI_PSEUDONYM_KEY": "a secret that is long enough, really"}
    assert notes(county.folder, secret) == []
    targets = county.folder / "policy" / "kpi_target.csv"
    targets.write_text(
        targets.read_text(encoding="utf-8").replace("KPI-001,,,abs,60,", "KPI-001,,,delta,,"),
        encoding="utf-8",
    )
    (note,) = notes(county.folder, secret)
    assert (note.file, note.line) == ("policy/kpi_target.csv", 2)
    assert f"{HOSPITAL},KPI-001,8.5" in note.message_en and TOWNSHIP not in note.message_en
    header = "institution_id,kpi_id,baseline_value,effective_from,effective_to,assumption,origin"
    baselines = county.folder / "policy" / "institution_baseline.csv"
    baselines.write_text(f"{header}\n{HOSPITAL},KPI-001,8.5,2025-01-01,,1,\n", encoding="utf-8")
    assert (check(county.folder), notes(county.folder, secret)) == ([], [])
