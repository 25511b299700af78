"""`feed check` reads without landing and says what a person mending a mapping must know."""

from __future__ import annotations

import pytest

from sources.county.county import County
from sources.onboarding.to_mend import to_mend
from sources.onboarding.trial import check_delivery
from tests.sources.making import MONTH, TOWNSHIP, deliver, visit, visits

VISITS = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"


def test_a_delivery_is_read_and_nothing_is_written(county: County) -> None:
    lines = [visit(1), visit(2, ZT="7"), visit(3, ZT="8"), visit(4, JZSJ="x")]
    deliver(county, VISITS, visits(*lines).replace("LGXS", "LGXS2"), "gb18030")
    deliver(county, f"{TOWNSHIP}/{MONTH}/多余.csv", "x")
    report = check_delivery(county, TOWNSHIP, MONTH)
    (file,) = report.files
    assert (report.institution_name, file.feed, file.encoding) == ("镇卫生院", "his_op_visit", "gb18030")
    assert (file.account.delivered_rows, file.account.quarantined_rows) == (4, 3)
    assert [match.column for match in file.matched if not match.delivered] == ["obs_hours"]
    assert file.unmapped_headers == ("LGXS2",)
    found = {
        (f.rule.rule_id, f.rule.column_name): [e.masked_value for e in f.examples] for f in file.findings
    }
    assert found["VALUE_NOT_IN_SET", "status"] == ["7", "8"], "short plain codes may be shown"
    assert found["DATE_INVALID", "visit_time"] == ["A"]
    assert [file.file for file in report.unclaimed] == [f"{TOWNSHIP}/{MONTH}/多余.csv"]
    assert (MONTH, "his_patient") in report.missing
    assert not report.is_clean
    assert sorted(path.name for path in county.folder.parent.iterdir()) == ["county"]


def test_a_refused_file_is_reported_with_its_reason(county: County) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("JZSJ", "SJ"))
    (file,) = check_delivery(county, TOWNSHIP).files
    assert file.refusal.code == "MISSING_COLUMN"
    assert file.account is None
    assert [match.column for match in file.matched if match.required and not match.delivered] == [
        "visit_time"
    ]


def test_somebody_who_delivers_nothing_is_named(county: County) -> None:
    with pytest.raises(ValueError, match=TOWNSHIP):
        check_delivery(county, "H00000000000")


def test_values_are_shown_as_what_they_become_and_never_a_person(county: County) -> None:
    header = "JGDM,HZBH,XM,XB,CSRQ,LXDH,EXTRA"
    lines = [f"01,P{n},王小{n},{'男女他'[n % 3]},1980-01-0{n + 1},1390000111{n},x" for n in range(6)]
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", "\n".join([header, *lines]) + "\n")
    (file,) = check_delivery(county, TOWNSHIP, MONTH).files
    looks = {look.column: look for look in file.look.columns}
    assert [(code.shown, code.becomes) for code in looks["gender"].codes] == [
        ("他", None),
        ("女", "2"),
        ("男", "1"),
    ]
    assert [(code.shown, code.becomes) for code in looks["org_code"].codes] == [("01", TOWNSHIP)]
    assert looks["name"].shapes == ("字字9",) and looks["birth_date"].low is None
    assert [(each.header, each.shape) for each in file.look.unmatched] == [("EXTRA", "A")]
    assert "王小" not in repr(file) and "1390000" not in repr(file)


def test_a_file_nobody_claims_is_likened_to_feeds(county: County) -> None:
    text = "患者编号,姓名,性别,出生日期,身份证号\n1,某某,男,1980-01-01,11010519491231002X\n"
    deliver(county, f"{TOWNSHIP}/{MONTH}/病人信息.csv", text, "gb18030")
    (unclaimed,) = check_delivery(county, TOWNSHIP, MONTH).unclaimed
    assert unclaimed.alike[0][0] == "his_patient"


def test_codes_emptied_and_columns_absent_are_points_to_look_at(county: County) -> None:
    for feed in county.expected_feeds(TOWNSHIP):
        if feed != "his_patient":
            county.mappings["vendor"].mapping.feeds.pop(feed)
    name = f"{TOWNSHIP}/{MONTH}/HZ_202503.csv"
    header = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"
    sound = "01,P1,王小明,01,,男,1980-01-01,01,13900001111,"
    deliver(county, name, f"{header}\n{sound}\n")
    assert check_delivery(county, TOWNSHIP, MONTH).is_clean
    deliver(county, name, f"{header.replace('LXDH', 'LXDH2')}\n{sound.replace('男', '她')}\n")
    report = check_delivery(county, TOWNSHIP, MONTH)
    (file,) = report.files
    assert (file.account.quarantined_rows, len(to_mend(report)), report.is_clean) == (0, 2, False)
    found = {finding.rule.rule_id: finding for finding in file.findings if finding.wants_a_look}
    assert sorted(found) == ["CODE_NULLED", "MAPPED_COLUMN_ABSENT"]
    assert "dictionary of the mapping" in found["CODE_NULLED"].rule.message_en
    assert [(m.column, m.near) for m in file.matched if not m.delivered] == [("phone", "LXDH2")]


@pytest.mark.parametrize("number", ["000001019", "999912312359"])
def test_numbers_that_read_as_dates_beyond_the_calendar_are_looked_at(county: County, number: str) -> None:
    deliver(
        county,
        f"{TOWNSHIP}/{MONTH}/HZ_202503.csv",
        "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH\n" + f"01,{number},王小明,01,,男,1980-01-01,01,,\n",
    )
    (file,) = check_delivery(county, TOWNSHIP, MONTH).files
    assert file.account.accepted_rows == 1


def test_a_refusal_names_the_mapping_file(county: County) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("JZSJ", "SJ"))
    (file,) = check_delivery(county, TOWNSHIP).files
    assert (
        "mappings/vendor.yml" in file.refusal.message_zh and "mappings/vendor.yml" in file.refusal.message_en
    )


def test_what_to_mend_begins_with_what_costs_most(county: County) -> None:
    """A refused file, then what is missing, then rows by their number, then values."""
    patients = "JGDM,HZBH,XM,XB,CSRQ\n" + "".join(
        f"01,P{n},王小明,{'他' if n else '男'},1980-01-01\n" for n in range(9)
    )
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", patients)
    damaged = [visit(1), visit(2, ZT="7"), visit(3, ZT="8"), visit(4, JZSJ="x")]
    deliver(county, VISITS, visits(*damaged))
    refused = f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv"
    deliver(county, refused, visits(visit(9)).replace("JZSJ", "SJ"))
    found = [str(each) for each in to_mend(check_delivery(county, TOWNSHIP, MONTH))]
    assert refused in found[0] and "MISSING_COLUMN" in found[0]
    kinds = ["refused" if "refused" in each else "missing" if "missing:" in each else "rows" if "quarantined" in each
        else "values" for each in found]  # fmt: skip
    assert kinds == sorted(kinds, key=["refused", "missing", "rows", "values"].index) and set(kinds) >= {
        "rows",
        "values",
    }
    rows = [each for each in found if "quarantined" in each]
    assert "2/4" in rows[0] and "VALUE_NOT_IN_SET status" in rows[0] and "1/4" in rows[-1]
