"""A file counts once: where two mappings claim it and nobody could see it from their patterns, it is refused on arrival."""

from __future__ import annotations

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.onboarding.trial import check_delivery
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, visit, visits

NAMES = ("MZJZ_202503_v2.csv", "MZJZ_202503.csv")


def test_a_file_of_two_mappings_is_refused_and_what_is_one_s_own_is_not(county: County, home: Home) -> None:
    vendor = (county.folder / "mappings" / "vendor.yml").read_text(encoding="utf-8")
    visit_feed = vendor[vendor.index("  his_op_visit:") : vendor.index("  his_ip_stay:")]
    second = (
        vendor[: vendor.index("junk:")] + "feeds:\n" + visit_feed.replace("MZJZ_{yyyymm}*", "*_{yyyymm}_v2")
    )
    (county.folder / "mappings" / "second.yml").write_text(second, encoding="utf-8")
    path = county.folder / "county.yml"
    mine = f"  - {{institution: {TOWNSHIP}, mapping: vendor}}\n"
    text = path.read_text(encoding="utf-8").replace(mine, mine + mine.replace("vendor", "second"))
    path.write_text(text, encoding="utf-8")
    county = County.load(county.folder)
    for number, name in enumerate(NAMES):
        deliver(county, f"{TOWNSHIP}/{MONTH}/{name}", visits(visit(number)))
    outcomes = ingest_feed(county, home, "his_op_visit", [MONTH])
    codes = [(o.source_file.rsplit("/", 1)[1], o.refusal and o.refusal.code) for o in outcomes]
    assert sorted(set(codes), key=str) == [(NAMES[1], None), (NAMES[0], "CLAIMED_TWICE")]
    assert [row["visit_id"] for row in conformed(home, "his_op_visit")] == ["MZ000001"]
    refusals = [file.refusal.code for file in check_delivery(county, TOWNSHIP, MONTH).files if file.refusal]
    assert refusals == ["CLAIMED_TWICE"] * 2


def test_a_link_to_itself_is_refused_and_the_others_are_taken_in(county: County, home: Home) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1)))
    loop = county.inbox / TOWNSHIP / MONTH / "MZJZ_202503_2.csv"
    loop.symlink_to(loop.name)
    outcomes = ingest_feed(county, home, "his_op_visit", [MONTH])
    assert sorted(each.status for each in outcomes) == ["conformed", "refused"]
