"""An approval is of a release that was published and is unchanged; once it stands in `current` it stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestration.publishing.approvals import require_approvals
from sources.county.county import CountyError
from tests.publishing.conftest import TOWN, Workshop
from tests.publishing.people import publish_pay

MONTH = "2025-03"
HEADER = "month,release_id,approved_by,approved_on,document,effective_from,effective_to,assumption,origin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "county" / "policy").mkdir(parents=True)
    return tmp_path / "county"


def approve(folder: Path, *pairs: tuple[str, str]) -> None:
    rows = [f"{month},{release},管委会,2025-06-20,文号,2025-06-20,,0,测试" for month, release in pairs]
    (folder / "policy" / "pay_approval.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")


def two_releases(workshop: Workshop) -> None:
    publish_pay(workshop, MONTH, amount=100, points=1)
    publish_pay(workshop, MONTH, amount=90, points=1)


def test_what_was_published_may_be_approved(workshop: Workshop, folder: Path) -> None:
    require_approvals(folder, workshop.home)
    two_releases(workshop)
    for release in ("2025-03.1", "2025-03.2"):
        approve(folder, (MONTH, release))
        require_approvals(folder, workshop.home)


def test_a_release_that_was_altered_or_never_published_is_refused(workshop: Workshop, folder: Path) -> None:
    two_releases(workshop)
    releases = workshop.home.releases
    shutil.copytree(releases / "2025-03.2", releases / "2025-03.3")
    approve(folder, (MONTH, "2025-03.3"))
    with pytest.raises(CountyError, match=r"policy/pay_approval.csv:2.*2025-03.3 was not published"):
        require_approvals(folder, workshop.home)
    path = releases / "2025-03.1" / "restricted" / TOWN / "pay_entry.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    approve(folder, (MONTH, "2025-03.1"))
    with pytest.raises(CountyError, match=r"policy/pay_approval.csv:2.*is not what was published"):
        require_approvals(folder, workshop.home)


def test_what_stands_approved_is_neither_moved_nor_withdrawn(workshop: Workshop, folder: Path) -> None:
    two_releases(workshop)
    standing = {MONTH: ("2025-03.1", True)}
    publish_pay(workshop, MONTH, amount=80, points=1, standing=standing, stood=100)
    approve(folder, (MONTH, "2025-03.1"))
    require_approvals(folder, workshop.home)
    approve(folder, (MONTH, "2025-03.2"))
    with pytest.raises(CountyError, match=r"policy/pay_approval.csv:2.*cannot be moved to 2025-03.2"):
        require_approvals(folder, workshop.home)
    approve(folder)
    with pytest.raises(CountyError, match=r"policy/pay_approval.csv: .*cannot be withdrawn"):
        require_approvals(folder, workshop.home)
