"""Which months' entries stand, in which release, and which approvals are refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.base.home import Home
from sources.county.county import CountyError
from sources.county.standing_entries import write_standing_entries

MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04"]
HEADER = "month,release_id,approved_by,approved_on,document,effective_from,effective_to,assumption,origin"
ROW = "{},{},管委会,2025-06-20,县医共体〔2025〕12号,2025-06-20,,0,测试"


class Place:
    """A county folder with approvals and a home with releases."""

    def __init__(self, root: Path) -> None:
        self.folder, self.home = root / "county", Home(root / "home")
        (self.folder / "policy").mkdir(parents=True)

    def approve(self, *pairs: tuple[str, str]) -> None:
        rows = [HEADER, *(ROW.format(*pair) for pair in pairs)]
        (self.folder / "policy" / "pay_approval.csv").write_text("\n".join(rows) + "\n", "utf-8")

    def release(
        self, name: str, amount: int, months: list[str], but: str = "", with_entries: bool = True
    ) -> None:
        """A release that is current then, with one entry in each month but one."""
        marts = self.home.releases / name / "marts"
        marts.mkdir(parents=True)
        pq.write_table(pa.table({"month": months}), marts / "dim_month.parquet")
        rows = [_entry(month, amount, name) for month in months if month != but]
        if with_entries:
            pq.write_table(pa.Table.from_pylist(rows), marts / "mart_fund_entry.parquet")
        self.home.current.unlink(missing_ok=True)
        self.home.current.symlink_to(Path("releases") / name)

    def stands(
        self, *run: str, covered: list[str] = MONTHS, published: list[str] = MONTHS
    ) -> dict[str, tuple]:
        """{month: (release it stands in, is approved, sum of its entries)}."""
        write_standing_entries(self.folder, self.home, covered, run, published)
        entries = pq.read_table(self.home.standing_entry).to_pylist()
        return {
            row["month"]: (
                row["release_id"],
                row["is_approved"],
                sum(each["amount_fen"] for each in entries if each["month"] == row["month"]),
            )
            for row in pq.read_table(self.home.standing_month).to_pylist()
        }


def _entry(month: str, amount: int, release: str) -> dict:
    names = ("entry_id", "account_id", "counter_account_id", "rule_id", "source_relation", "source_key")
    flags = {"is_correction": False, "is_approved": False}
    return {name: f"{name} {month}" for name in names} | {
        "month": month,
        "amount_fen": amount,
        "release_id": release,
        **flags,
    }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.release("2025-04.1", 100, MONTHS, but="2025-02")
    return made


def test_nothing_stands_where_nothing_is_published(tmp_path: Path) -> None:
    assert Place(tmp_path).stands("2025-01", published=[]) == {}


def test_closed_months_stand_with_entries_or_without(place: Place) -> None:
    found = place.stands("2025-04")
    assert place.home.standing_entry.stat().st_mode & 0o077 == 0
    assert found == {
        "2025-01": ("2025-04.1", False, 100),
        "2025-02": ("2025-04.1", False, 0),
        "2025-03": ("2025-04.1", False, 100),
    }


def test_a_month_computed_again_stands_while_a_later_one_does(place: Place) -> None:
    """What February changes is a difference in the next month that is open, or the same yuan would count twice."""
    assert set(place.stands("2025-02")) == set(MONTHS)
    assert set(place.stands("2025-02", "2025-03", "2025-04")) == {"2025-01"}


def test_an_approved_month_stands_in_its_release_and_those_before_it_as_they_are(place: Place) -> None:
    place.release("2025-04.2", 90, MONTHS)
    place.approve(("2025-03", "2025-04.1"))
    assert place.stands(*MONTHS) == {
        "2025-01": ("2025-04.2", False, 90),
        "2025-02": ("2025-04.2", False, 90),
        "2025-03": ("2025-04.1", True, 100),
    }


def test_a_release_without_entries_holds_nothing_that_stands(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.release("2025-04.1", 100, MONTHS, with_entries=False)
    assert place.stands("2025-04") == {}


@pytest.mark.parametrize(
    ("month", "release", "with_entries", "said"),
    [
        ("2025-03", "2025-03.9", True, "which is not here"),
        ("2025-05", "2025-05.1", True, "does not hold 2025-05"),
        ("2025-03", "2025-05.1", False, "has no entries of money"),
    ],
)
def test_an_approval_of_what_is_not_there_is_refused_with_its_row(
    place: Place, month: str, release: str, with_entries: bool, said: str
) -> None:
    place.release("2025-05.1", 100, MONTHS, with_entries=with_entries)
    place.approve((month, release))
    with pytest.raises(CountyError, match=said) as error:
        place.stands("2025-04")
    assert "policy/pay_approval.csv:2" in str(error.value)
