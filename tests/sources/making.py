"""A small county for the tests of this room: one hospital, one township with a village, a platform, and a vendor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyarrow as pa
import pyarrow.parquet as pq

from sources.base.bounds import DEFAULT_BOUNDS, Bounds
from sources.base.engine import cursor, literal
from sources.base.home import Home
from sources.connectors.delivered import Delivered
from sources.connectors.source import Source, open_source
from sources.county.county import County

HOSPITAL, TOWNSHIP, VILLAGE = "H34062100001", "H34062100101", "H34062101001"
BUREAU, PLATFORM = "SI340621", "PH340621"
MONTH = "2025-03"
MTIME = 1_744_077_600  # 2025-04-08 10:00 in Shanghai

COUNTY = """\
name: 测试县
region_code: 340621
simulated: true
first_month: 2025-01
alliances:
  - {id: YGT01, name: 第一医共体}
institutions:
  - {id: H34062100001, name: 县医院, tier: county_lead, alliance: YGT01, urban_rural: 1}
  - {id: H34062100101, name: 镇卫生院, tier: township, parent: H34062100001, alliance: YGT01, urban_rural: 2}
  - {id: H34062101001, name: 村卫生室, tier: village, parent: H34062100101, alliance: YGT01, urban_rural: 2}
platforms:
  - {id: SI340621, name: 医保局}
  - {id: PH340621, name: 公卫平台}
deliveries:
  - {institution: H34062100001, mapping: vendor}
  - {institution: H34062100101, mapping: vendor}
  - {institution: SI340621, mapping: bureau}
  - {institution: PH340621, mapping: platform}
"""

VENDOR = """\
vendor: vendor
name_zh: 某厂商
system: his
money_unit: yuan
dictionaries:
  gender: {男: 1, 女: 2, M: 1, F: 2, 未知: 9}
  institution: {"01": H34062100101, OLD0001: H34062100001}
junk:
  phone: ["120"]
  nation: ["1"]
test_patient:
  name_matches: ["演示"]
  except: [张三1]
feeds:
  his_patient:
    file: "{institution}/{month}/HZ_{yyyymm}*.csv"
    columns:
      org_code: JGDM
      patient_id: HZBH
      name: XM
      id_type: ZJLX
      id_no: ZJHM
      gender: {from: XB, dictionary: gender}
      birth_date: CSRQ
      nation: MZ
      phone: LXDH
      insu_no: YBBH
  his_op_visit:
    file: "{institution}/{month}/MZJZ_{yyyymm}*.csv"
    columns: &visit
      org_code: JGDM
      visit_id: JZLSH
      patient_id: HZBH
      visit_time: JZSJ
      visit_type: JZLX
      dept_code: KSDM
      staff_id: YSGH
      main_diag_code: ZDBM
      main_diag_name: ZDMC
      obs_hours: LGXS
      status: ZT
      src_update_ts: GXSJ
      op_flag: CZBZ
    ignore: [XH]
  his_ip_stay:
    file: "{institution}/{month}/ZY_{yyyymm}.csv"
    columns:
      org_code: JGDM
      visit_id: ZYLSH
      patient_id: HZBH
      admit_time: {from: [RYRQ, RYXS], join: date_hour}
      admit_dept: RYKS
      discharge_time: CYSJ
      status: ZT
  his_mr_diag:
    file: "{institution}/{month}/BASY_{yyyymm}.csv"
    columns:
      visit_id: ZYLSH
      map_status: {const: "1"}
    repeat:
      into: seq
      start: 0
      keep_when: diag_code
      blocks:
        - {diag_code: JBDM, diag_name: ZYZD}
        - {n: [1, 3], diag_code: "JBDM{n}", diag_name: "QTZD{n}"}
  his_lab_report:
    file: "{institution}/{month}/workbook_{yyyymm}.xlsx"
    sheet: 检验
    header_row: 2
    columns:
      org_code: {const: "{institution}"}
      report_id: 报告号
      apply_org: 申请机构
      patient_id: 患者号
      item_group_code: 项目
      item_group_name: 项目名称
      report_time: 报告时间
      amount: {from: 金额, money_unit: fen}
  his_fee_detail:
    file: "{institution}/{month}/FY_{yyyymm}*.csv"
    columns:
      org_code: {const: "{institution}"}
      fee_id: LSH
      visit_type: LB
      visit_id: JZH
      fee_time: FSSJ
      charge_time: JZSJ
      item_code: XMDM
      item_name: XMMC
      item_type: DL
      qty: SL
      price: DJ
      amount: JE
      refund_ref: YLSH
      status: ZT
"""

BUREAU_MAPPING = """\
vendor: bureau
name_zh: 医保局
system: si
money_unit: yuan
feeds:
  si_insured:
    file: "SI340621/{month}/insured.txt"
    columns: {psn_no: psn_no, insutype: insutype, month: ym, insu_admdvs: admdvs}
"""

PLATFORM_MAPPING = """\
vendor: platform
name_zh: 公卫平台
system: ph
money_unit: fen
dictionaries:
  way: {"0": "1", "1": "2", "2": "3", "3": "2"}
  adverse: {"1": "2", "2": "1"}
feeds:
  ph_followup_htn:
    file: "{institution}/{month}/SF_*.csv"
    columns:
      fu_id: 编号
      ehr_no: 档案号
      fu_date: 随访日期
      fu_way: {from: 方式, dictionary: way}
      sbp: 收缩压
      adverse: {from: 不良反应, dictionary: adverse}
      fu_class: 分类
      staff_id: 医生
      created_at: 录入时间
"""

COMMON = "effective_from,effective_to,assumption,origin"
OPEN = "2025-01-01,,1,假设"
POLICY = {
    "kpi_target": (
        "kpi_id,institution_tier,institution_id,target_mode,baseline,target,challenge,floor,range_low,range_high,tolerance",
        [
            "KPI-001,,,abs,60,90,95,,,,",
            "KPI-013,,,abs,68,85,90,,,,",
            "KPI-005,,,abs,23,80,90,,,,",
            "KPI-008,,,abs,40,60,70,,,,",
            "KPI-009,,,abs,28,45,50,,,,",
        ],
    ),
    "kpi_weight": (
        "institution_tier,kpi_id,dimension,weight,primary_outcome",
        [
            "county_lead,KPI-001,资源整合,60,0",
            "county_lead,KPI-008,服务协同,30,1",
            "county_lead,KPI-013,满意,10,0",
            "township,KPI-005,人才共享,20,0",
            "township,KPI-009,服务协同,20,0",
            "township,KPI-013,满意,60,0",
            "village,KPI-005,人才共享,10,0",
            "village,KPI-009,服务协同,10,0",
            "village,KPI-013,满意,80,0",
        ],
    ),
    "score_anchor": ("anchor,points", ["floor,0", "baseline,60", "target,100", "challenge,120"]),
    "pay_curve": ("score_from,score_to,coefficient_from,coefficient_to", ["0,60,0,0", "60,,0.6,1.2"]),
    "kpi_parameter": (
        "parameter,value",
        [
            "minimum_peers,5",
            "expert_slot_release_hours,24",
            "first_contact_window_days,90",
            "referral_case_window_days,30",
            "long_stay_days,60",
            "duplicate_imaging_window_days,14",
            "duplicate_lab_window_days,7",
            "bounce_back_window_days,30",
            "minimum_coverage_pct,80",
            "close_after_days,15",
            "missing_indicator_is_lowest,1",
            "small_cell_minimum,5",
            "score_partial_windows,0",
            "publish_physician_values,0",
            "early_readmission_window_days,14",
            "readmission_window_days,31",
            "minimum_valid_indicators,3",
            "minimum_valid_dimensions,2",
            "elderly_from_age,65",
            "adult_from_age,20",
            "hypertension_prevalence_pct,25",
            "hypertension_task_pct,40",
            "chronic_visits_per_year,4",
            "systolic_limit,140",
            "systolic_limit_elderly,150",
            "diastolic_limit,90",
            "fasting_glucose_limit,7.0",
            "hba1c_limit,7.0",
            "early_registration_days,91",
            "prenatal_visits_due,5",
            "postpartum_visit_days,28",
            "newborn_visit_days,28",
            "puerperium_days,42",
            "child_months,84",
            "tcm_child_months,36",
            "vaccination_grace_days,30",
            "renewal_window_days,30",
            "urgent_teleconsult_minutes,30",
            "critical_value_minutes,30",
            "door_to_balloon_minutes,90",
            "adverse_event_report_days,2",
            "full_time_training_min_days,90",
            "long_posting_min_days,183",
            "support_quota_clinic,12",
            "support_quota_ward_round,12",
            "support_quota_consultation,2",
            "support_quota_demonstration,2",
            "support_quota_discussion,2",
            "support_quota_technique,1",
            "high_outlier_hundredths,300",
            "low_outlier_hundredths,40",
            "low_mortality_risk_level,1",
            "treated_here_minimum_cases,10",
            "referral_answer_minutes,2880",
            "critical_referral_minutes,120",
            "referral_arrival_days,7",
            "referral_documents_minutes,120",
            "referral_followup_days,7",
            "village_ecg_days,90",
            "annual_month_share_pct,50",
            "annual_indicator_share_pct,40",
            "annual_mutual_share_pct,10",
            "visits_per_bed_day,3",
            "same_post_band_fen,20000",
            "same_post_minimum,3",
            "ai_result_minutes,15",
            "premature_death_from_age,30",
            "premature_death_to_age,69",
            "mortality_pooled_months,36",
        ],
    ),
    "quality_dimension": (
        "dimension,weight,zero_at_pct",
        [
            "completeness,25,20",
            "conformance,25,10",
            "plausibility,20,10",
            "timeliness,15,50",
            "uniqueness,15,5",
        ],
    ),
    "quality_parameter": (
        "parameter,value",
        [
            "delivery_due_day,10",
            "minimum_rows_for_a_name,5",
            "settlement_tolerance_fen,1",
            "distribution_share_pct,50",
            "distribution_minimum_rows,20",
            "oldest_age_years,120",
        ],
    ),
    "kpi_code_set": (
        "code_set,code",
        [
            "recognition_exempt_reason,04",
            "large_equipment_class,CT",
            "large_exam_modality,CT",
            "physician_staff_type,11",
            "village_physician_staff_type,61",
            "counted_training_type,01",
            "up_indication_category,I63",
            "down_indication_category,I63",
            "first_contact_visit_type,1",
            "satisfaction_respondent,1",
            "bounce_back_visit_type,1",
            "high_operation_level,3",
            "clean_incision,Ⅰ/甲",
            "infected_incision,Ⅰ/丙",
            "inpatient_settlement_type,21",
            "face_to_face_followup_way,1",
            "key_group_disease,HTN",
            "account_medical_income,4101",
            "account_service_income,41010101",
            "account_drug_income,41010109",
            "account_material_income,41010108",
            "account_basic_subsidy,400101",
            "account_total_income,4",
            "account_activity_expense,5001",
            "account_staff_expense,500101",
            "urgent_consultation_type,1",
            "full_time_training_type,01",
            "nurse_staff_type,21",
            "long_posting_type,01",
            "stationed_title_level,3",
            "department_head_posting_type,04",
            "capability_standard_level,2",
            "suggestion_source,2",
            "staff_satisfaction_respondent,4",
            "counted_visit_type,1",
            "clinic_visit_type,1",
            "outpatient_visit_type,1",
            "appointment_channel,02",
            "antibiotic_drug_level,1",
            "drip_route,404",
            "remote_service_type,1",
            "remote_reading_type,3",
            "remote_reading_modality,ECG",
            "village_ecg_type,3",
            "post_pay_item,01",
            "performance_pay_item,03",
            "package_raised_item,01",
            "ai_negative_conclusion,NORMAL",
            "premature_death_cause,I",
        ],
    ),
}

CALENDAR = f"""kind,name_zh,{COMMON}
holiday,春节,2025-01-28,2025-02-04,1,假设
workday,春节调休,2025-02-08,2025-02-08,1,假设
"""


@contextmanager
def source_of(content: bytes, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[Source]:
    """A delivered file with these bytes."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with open_source(Path(file.name), bounds) as source:
            yield source


def whole(delivered: Delivered) -> pa.Table:
    """All chunks as one table."""
    return pa.concat_tables([delivered.schema.empty_table(), *delivered.chunks])


VISIT_HEADER = "XH,JGDM,JZLSH,HZBH,JZSJ,JZLX,KSDM,YSGH,ZDBM,ZDMC,LGXS,ZT,GXSJ,CZBZ"


def make_county(folder: Path) -> County:
    """Write the small county and load it."""
    (folder / "mappings").mkdir(parents=True)
    (folder / "policy").mkdir()
    (folder / "inbox").mkdir()
    (folder / "county.yml").write_text(COUNTY, encoding="utf-8")
    for name, text in {"vendor": VENDOR, "bureau": BUREAU_MAPPING, "platform": PLATFORM_MAPPING}.items():
        (folder / "mappings" / f"{name}.yml").write_text(text, encoding="utf-8")
    (folder / "policy" / "calendar_exception.csv").write_text(CALENDAR, encoding="utf-8")
    for name, (header, rows) in POLICY.items():
        lines = [f"{header},{COMMON}", *(f"{row},{OPEN}" for row in rows)]
        (folder / "policy" / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return County.load(folder)


def deliver(county: County, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    """Put a file into the inbox, with a fixed time of its own."""
    path = county.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    os.utime(path, (MTIME, MTIME))
    return path


def visit(number: int = 1, **changes: str) -> str:
    """One delivered line of the visits file; headers as keywords change single cells."""
    cells = {
        "XH": str(number),
        "JGDM": TOWNSHIP,
        "JZLSH": f"MZ{number:06d}",
        "HZBH": f"P{number % 7:05d}",
        "JZSJ": "2025-03-01 08:30:00",
        "JZLX": "1",
        "KSDM": "01",
        "YSGH": "P000201",
        "ZDBM": "I10.x00x002",
        "ZDMC": "高血压病",
        "LGXS": "0",
        "ZT": "1",
        "GXSJ": "2025-03-01 09:00:00",
        "CZBZ": "I",
    }
    cells.update(changes)
    return ",".join(cells.values())


def visits(*lines: str) -> str:
    return "\n".join([VISIT_HEADER, *lines]) + "\n"


def conformed(home: Home, feed: str) -> list[dict]:
    """Every accepted row of a feed, in the order of file and line."""
    files = sorted((home.conformed / feed).glob("institution_id=H*/month=*/*.parquet"))
    files += sorted((home.conformed / feed).glob("institution_id=[SP]*/month=*/*.parquet"))
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    return sorted(rows, key=lambda row: (row["source_file"], row["source_line"]))


def read_all(folder: Path) -> pa.Table:
    """All Parquet files below a folder as one table (no hive columns)."""
    pattern = str(folder / "**" / "*.parquet")
    return (
        cursor()
        .execute(f"select * from read_parquet({literal(pattern)}, hive_partitioning=false)")
        .to_arrow_table()
    )


def quarantined(home: Home) -> list[tuple[int, str, str | None]]:
    """(line, rule, column) of every quarantined fault."""
    if not list(home.quarantine.rglob("*.parquet")):
        return []
    rows = read_all(home.quarantine).to_pylist()
    return sorted(((r["source_line"], r["rule_id"], r["column_name"]) for r in rows), key=str)


def rules(home: Home) -> dict[tuple[str, str], int]:
    """{(rule, column): violated} over every batch."""
    if not list(home.rule_outcome.glob("*.parquet")):
        return {}
    rows = read_all(home.rule_outcome).to_pylist()
    return {(r["rule_id"], r["column_name"]): r["violated"] for r in rows}


def with_mapping(county: County, feeds: str, head: str = "") -> County:
    """The county with the township's mapping replaced by one of these `feeds` (YAML, indented by two) and `head`."""
    text = f"vendor: own\nname_zh: 自有\nsystem: his\nmoney_unit: yuan\n{head}feeds:\n{feeds}"
    (county.folder / "mappings" / "own.yml").write_text(text, encoding="utf-8")
    old, new = f"{{institution: {TOWNSHIP}, mapping: vendor}}", f"{{institution: {TOWNSHIP}, mapping: own}}"
    settings = county.folder / "county.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return County.load(county.folder)


def in_small_chunks(county: County) -> County:
    """The same county, whose files are read a few lines at a time."""
    settings = county.folder / "county.yml"
    settings.write_text(settings.read_text("utf-8") + "settings: {chunk_bytes: 200}\n", encoding="utf-8")
    return County.load(county.folder)
