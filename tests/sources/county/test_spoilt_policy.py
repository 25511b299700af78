"""The demo county's money policy, spoilt in one place each: what is refused under whatever spelling, and what is ordinary and passes.

Here: kinds that several tables share (words, documents, dates, digits, things that happened once). Not here: what is particular to a
table (the tests of that table).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sources.county.county import check
from sources.county.money.guards import guard_against, is_document

DEMO = Path("sources/counties/demo")
OPEN = "2015-01-01,,1,x"
ORDINARY = (
    "WEIGHT-LOSS|HEARING-LOSS-SCREEN|GLOSSECTOMY|margin-excision|倍率镜检|HOME-BED|BED-BATH|DEVICE-IMPLANT|设备消毒|大型设备检查|药学服务|"
    "用药指导|处方审核|高血压随访|床旁超声|膀胱残余尿|workload"
)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "county"))


def spoilt(county: Path, table: str, *rows: str, header: str | None = None) -> list[str]:
    """English messages about a table to which rows were added, or which has these alone."""
    path = county / "policy" / f"{table}.csv"
    before = (
        f"{header},effective_from,effective_to,assumption,origin\n" if header else path.read_text("utf-8")
    )
    path.write_text(before + "".join(f"{row}\n" for row in rows), "utf-8")
    return [each.message_en for each in check(county) if each.file == f"policy/{path.name}"]


@pytest.mark.parametrize(
    ("guard", "names"),
    [
        (
            "case_money",
            "payment standard|payment-standard|standard_fee|cost balance|case_cost_diff|overrun|overspend|drg_limit|DRG限额|DRG定额|"
            "标准差额|结算差额|清算差额|收支差|控费|节余|毛利|净收益|付费标准|拨付标准|医保支付额|费用消耗指数|特病单议|special_review|"
            "yingkui|yingyu|kuisun|jieyu|chaozhi|zhifubiaozhun|ZFBZ|ｐｒｏｆｉｔ|盈虧|結餘|支付 标准|盈/亏|支\u200b付标准|病例盈亏分成",
        ),
        (
            "static_resource",
            "CT台数|面积|编制|在编人数|固定资产|病床|床|牙椅|BedCount|openbeds|headcount|fixed_assets|scanners|chuangwei|shebei|設備|床 位|ＢＥＤ",
        ),
        (
            "handed_on",
            "药品收入|西药费|高值耗材|开单提成|药品回扣|药 品 提成|耗材分成|drug_income|drug rebate",
        ),
        (
            "referral_count",
            "介绍病人奖励|推荐住院患者协作费|病人输送费|转院协作|转 诊 件数|轉診|zhuanzhen|referral bonus|patient transfer",
        ),
        ("service_count", "随访件数|签约件数|隨訪件数|contract_count|follow-up count"),
    ],
)
def test_a_guard_knows_its_words_in_every_spelling(guard: str, names: str) -> None:
    told = {name: guard_against(name) for name in names.split("|")}
    assert {name: found and found.name for name, found in told.items()} == dict.fromkeys(told, guard)


@pytest.mark.parametrize("name", ORDINARY.split("|"))
def test_ordinary_work_is_no_guarded_word(name: str) -> None:
    assert guard_against(name) is None


@pytest.mark.parametrize(
    "text", ["无", "待批", "审批中", "待定", "无文号", "/", "-", "0", "x", "?", "TBD", "none", "N/A"]
)
def test_what_says_that_there_is_no_document_is_none(text: str) -> None:
    assert not is_document(text)
    assert is_document("县医共体〔2025〕12号")


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        # count × price without a gate, a share of the bill, persons paid for referrals
        ("point_rule", f"X,service_item,转诊件数,event,5,,,{OPEN}", "no bounty per referral"),
        ("assistance_rule", f"teleconsult,上转奖,5,24,,,{OPEN}", "no bounty per referral"),
        ("assistance_rule", f"teleconsult,病例盈亏,5,24,,,{OPEN}", "payment standard and profit"),
        ("post_factor", f"assignment_type,转诊,1.2,{OPEN}", "no bounty per referral"),
        ("point_rule", f"R,referral_down,*,event,5,no_bounce_back,-1,{OPEN}", "column gate_days lies between 1 and 366: -1"),
        ("market_price", f"COOP,协作费,例,primary,hospital,flat,5000,1,协议,,,,,,,{OPEN}", "COOP would pay the grass roots for what no record shows"),
        ("market_price", f"UP_PREP,资料,例,primary,hospital,flat,5000,1,协议,,,,,,,{OPEN}", "service_code UP_PREP is made of capitals"),
        ("market_price", f"ＵＰ-PREP,资料,例,primary,hospital,flat,5000,1,协议,,,,,,,{OPEN}", "service_code ＵＰ-PREP is made of capitals"),
        ("market_price", f"COOP,患者收入协作,例,hospital,primary,share,,1,协议,,,,,,,{OPEN}", "no record of COOP says what was charged"),
        ("market_price", f"DRG-SURPLUS,病例盈余分成,例,hospital,primary,flat,5,1,协议,,,,,,,{OPEN}", "DRG-SURPLUS: payment standard and profit"),
        ("market_price", f"DRUG-KB,药品收入返利,盒,hospital,primary,flat,500,1,协议,,,,,,,{OPEN}", "药品收入返利: income from drugs"),
        ("market_price", f"FD-FEE,签约服务费,人,primary,hospital,flat,12000,1,协议,,,,,,,{OPEN}", "FD-FEE is the contract fee shared out and has no price"),
        ("market_price", f"TELE-X,影像,例,hospital,primary,flat,5,1,协议,-90,,,,,,{OPEN}", "column report_within_minutes lies between 1"),
        ("market_split", f"CHRON-PKG,expert,1,{OPEN}", "CHRON-PKG may not be shared with a person"),
        ("subsidy_rule", "posted_expert,10000000,0,2015-01-01,2015-12-31,1,x", "column minimum lies between 1 and 10000: 0"),
        # quality that is none
        ("quality_factor_rule", f"institution,KPI-107,1,0.9,1.1,{OPEN}", "KPI-107 may not enter a quality factor"),
        ("quality_factor_rule", f"institution,KPI-112,1,0.9,1.1,{OPEN}", "KPI-112 may not enter a quality factor"),
        ("quality_factor_rule", f"physician,KPI-039,1,0.8,1.2,{OPEN}", "KPI-039 has no score for a physician"),
        ("quality_factor_rule", f"physician,KPI-007,1,0.8,1.2,{OPEN}", "physician: KPI-007 counts only together with KPI-008"),
        # the same yuan twice, or nowhere
        ("pool_receipt", "CZ202401-1,YGT01,2024-01,treasury,9000000,号1,2030-01-01,,1,x", "two rows in force|has a row already: it counts once"),
        ("pool_receipt", f"R9,340621,2025-01,treasury,9000000,号1,{OPEN}", "there is no community 340621"),
        ("capability_project", f"NL2025-01,H34062100101,equipment,x,1990-01,5,-50,号1,{OPEN}", "column minimum_growth_pct lies between"),
        # figures and bands
        ("retention_band", "95,,0.1,2015-01-01,,1,x", "bands do not join|falls from"),
        ("deposit_return", "95,10,2024-01-01,,1,x", "returned_pct falls from 100 to 10 though points_from rises"),
        ("completion_factor", f"-1,0.1,always,{OPEN}", "column age_months lies between 0 and 120: -1"),
        # another spelling of a figure or a day is no figure
        ("pool_receipt", f"R9,YGT01,２０２５-02,treasury,9000000,号1,{OPEN}", "column month wants a month YYYY-MM"),
        ("pool_receipt", f"R9,YGT01,0000-01,treasury,9000000,号1,{OPEN}", "column month wants a month YYYY-MM"),
        ("pool_receipt", f"R9,YGT01,2025-01,treasury,{'9' * 30},号1,{OPEN}", "column amount_fen wants a whole number"),
        ("pool_receipt", f"R9,YGT01,2025-01,treasury,1_000,号1,{OPEN}", "column amount_fen wants a whole number"),
        ("pool_receipt", "R9,YGT01,2025-01,treasury,9,号1,0205-01-01,,1,x", "column effective_from wants a date"),
        ("pool_receipt", "R9,YGT01,2025-01,treasury,9,号1,20250101,,1,x", "column effective_from wants a date"),
        ("pool_tier_factor", "village,0.10000041,2015-01-01,2015-12-31,1,x", "column factor wants a number with six decimals"),
        ("pool_receipt", f'R9,YGT01,2025-01,treasury,9,"号1,{OPEN}\nR8,YGT01,2025-01,treasury,9,号"2,{OPEN}', "a cell holds a line break"),
    ],
)  # fmt: skip
def test_one_row_too_many_is_told(county: Path, table: str, row: str, said: str) -> None:
    found = spoilt(county, table, row)
    assert any(part in each for each in found for part in said.split("|")), found


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("390,basic,any,70,20,1,100", "age_to lies below age_from"),
        ("390,basic,primary,0,,1,100", "place is any for basic"),
        ("390,HTN,any,0,,1,100", "place is any for basic"),
        ("390,HTN,primary,-5,,1,100", "column age_from lies between 0 and 150: -5"),
    ],
)
def test_a_rate_by_heads_applies_to_somebody(county: Path, row: str, said: str) -> None:
    header = "insurance,capitation_group,place,age_from,age_to,coefficient,annual_fen"
    assert any(said in each for each in spoilt(county, "capitation_rate", f"{row},{OPEN}", header=header))


APPROVAL = "month,release_id,approved_by,approved_on,document"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2025-03,2025-03.0,管委会,2025-04-20,县〔2025〕1号,2025-01-01,,0,x", "release_id is the number of a release"),
        ("2025-03,２０２５-03.1,管委会,2025-04-20,县〔2025〕1号,2025-01-01,,0,x", "release_id is the number of a release"),
        ("2025-03,2025-03.1,管委会,2025-04-20,县〔2025〕1号,2015-01-01,2015-12-31,0,x", "an approval is for good"),
        ("2025-03,2025-03.1,管委会,2025-04-20,待批,2025-01-01,,0,x", "document says who approved it"),
        ("2025-03,2025-03.1,无,2025-04-20,县〔2025〕1号,2025-01-01,,0,x", "approved_by says who approved it"),
    ],
)  # fmt: skip
def test_an_approval_is_one(county: Path, row: str, said: str) -> None:
    assert any(said in each for each in spoilt(county, "pay_approval", row, header=APPROVAL))


POOL = "community_id,base,share,reserve_share,person_mode,approval_number"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("YGT01,fund_total,0.15,0.1,direct,待批", "needs an approval"),
        ("YGT01,fund_total,0.3,0.1,direct,县〔2025〕1号", "is above 0.2"),
        ("340621,retained_surplus,0.3,0.1,direct,", "there is no community 340621"),
        ("YGT01,fund_total,0.2,0.1,direct,县〔2025〕1号", None),
    ],
)
def test_a_pool_on_the_fund_has_a_number_and_a_limit(county: Path, row: str, said: str | None) -> None:
    found = spoilt(county, "pool_rule", f"{row},{OPEN}", header=POOL)
    assert (found == []) if said is None else any(said in each for each in found)


def test_a_companion_that_ends_before_the_pool_does_is_told(county: Path) -> None:
    """From a month that is computed on; of one that nobody asked for yet it is a note."""
    path = county / "policy" / "pool_use_plan.csv"
    path.write_text(path.read_text("utf-8").replace("2015-01-01,,", "2015-01-01,2016-12-31,"), "utf-8")
    found = [each.message_en for each in check(county) if each.file == "policy/pool_rule.csv"]
    assert any("no row in force of pool_use_plan" in each for each in found)


@pytest.mark.parametrize("name", ["pool_rule.CSV", "head_pay.xlsx", "病组盈亏.csv"])
def test_a_file_that_nobody_reads_is_told(county: Path, name: str) -> None:
    (county / "policy" / name).write_text("x", "utf-8")
    (only,) = [each for each in check(county) if each.file == f"policy/{name}"]
    assert "policy" in only.message_en


@pytest.mark.parametrize(
    "text", ["a,b\rc,d\r", "a," + "x" * 140_000 + "\n", "use,share,share\nregular,1,1\n"]
)
def test_what_is_no_table_is_told(county: Path, text: str) -> None:
    (county / "policy" / "pool_use_plan.csv").write_bytes(text.encode())
    assert [each for each in check(county) if each.file == "policy/pool_use_plan.csv"]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("quality_factor_rule", ("physician,KPI-072,1,0.8,1.3,2015-01-01,2025-12-31,1,x", "physician,KPI-072,1,0.7,1.4,2026-01-01,,1,x")),
        ("pool_tier_factor", ("village,0.8,2015-01-01,,1,x",)),
    ],
)  # fmt: skip
def test_what_changes_with_the_years_passes(county: Path, table: str, rows: tuple[str, ...]) -> None:
    header = (county / "policy" / f"{table}.csv").read_text("utf-8").split(",effective_from")[0]
    assert spoilt(county, table, *rows, header=header) == []
