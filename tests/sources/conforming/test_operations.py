"""What a source says it did with a row: words of deletion are known, words nobody knows and unreadable times are counted."""

from __future__ import annotations

import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed
from tests.sources.making import (
    MONTH,
    TOWNSHIP,
    conformed,
    deliver,
    quarantined,
    rules,
    visit,
    visits,
    with_mapping,
)

OWN = """\
  his_op_visit:
    file: "{institution}/{month}/MZJZ_{yyyymm}*.csv"
    ignore: [XH]
    columns:
      {org_code: JGDM, visit_id: JZLSH, patient_id: HZBH, visit_time: JZSJ, visit_type: JZLX, dept_code: KSDM, staff_id: YSGH,
       main_diag_code: ZDBM, main_diag_name: ZDMC, obs_hours: LGXS, status: ZT, src_update_ts: GXSJ,
       op_flag: {from: CZBZ, dictionary: done}}
"""


def take(county: County, home: Home, *lines: str) -> list[tuple[str | None, object]]:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*lines))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    return [(row["op_flag"], row["src_update_ts"]) for row in conformed(home, "his_op_visit")]


@pytest.mark.parametrize(
    "word", ["D", "d", " D ", "D", "DEL", "Delete", "3", "删除", "已删除", "作废", "注销", "CANCEL"]
)
def test_words_of_deletion(county: County, home: Home, word: str) -> None:
    assert [flag for flag, _ in take(county, home, visit(1, CZBZ=word))] == ["D"]


@pytest.mark.parametrize("word", ["0", "-1", "Y", "冲红", "D1", "?"])
def test_a_word_nobody_knows_sets_the_row_apart(county: County, home: Home, word: str) -> None:
    assert take(county, home, visit(1, CZBZ=word), visit(2, CZBZ="")) == [
        (None, conformed(home, "his_op_visit")[0]["src_update_ts"])
    ]
    assert quarantined(home) == [(2, "OPERATION_UNKNOWN", "op_flag")]


def test_a_mapping_says_what_its_own_words_mean(county: County, home: Home) -> None:
    own = with_mapping(county, OWN, 'dictionaries: {done: {"0": I, "1": D}}\n')
    flags = [
        flag for flag, _ in take(own, home, visit(1, CZBZ="0"), visit(2, CZBZ="1"), visit(3, CZBZ="DEL"))
    ]
    assert flags == ["I", "D"]
    assert quarantined(home) == [(4, "OPERATION_UNKNOWN", "op_flag")]


@pytest.mark.parametrize("time", ["昨天", "2025-02-30 08:00:00", "0000-00-00 00:00:00", "1900-01-01"])
def test_a_time_of_change_that_is_none_is_counted(county: County, home: Home, time: str) -> None:
    assert take(county, home, visit(1, GXSJ=time)) == [("I", None)]
    (found,) = rules(home).items()
    assert (
        found[0][0] in ("VALUE_NULLED", "PLACEHOLDER_DATE")
        and found[0][1] == "src_update_ts"
        and found[1] == 1
    )
