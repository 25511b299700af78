"""The data quality page of an institution: what it says, and that published pages stay as they were."""

from __future__ import annotations

import re
from pathlib import Path

from tests.publishing.conftest import LEAD, TOWN, Workshop


def _page(release: Path, month: str, institution: str = LEAD) -> str:
    return (release / "quality" / month / f"{institution}.html").read_text("utf-8")


def test_every_deliverer_gets_a_page_with_what_it_needs(workshop: Workshop) -> None:
    release = workshop.publish("2025-01", "2025-02").path
    pages = sorted(path.relative_to(release / "quality").as_posix() for path in release.glob("quality/*/*"))
    assert pages == [f"{m}/{i}.html" for m in ("2025-01", "2025-02") for i in sorted((LEAD, TOWN))]
    text = re.sub(r"\s+", " ", _page(release, "2025-02"))
    assert "县医院 · 数据质量 2025-02" in text
    assert "8 = 6 + 1 + 1 行; 1,234.50 = 1,000.00 + 200.00 + 34.50 元" in text
    assert "出院早于入院;请核对" in text and f"{LEAD}/2025-02/ZY.csv" in text
    assert "出院时间 <code>discharge_time</code>(贵院列 <b>CYSJ</b>)" in text
    assert "贵院列" not in _page(release, "2025-02", TOWN), "whose mapping reads no such column"
    assert "应报未报(1):处方主表" in text
    assert "QT001" in text and "其他不适" in text and "9.90" in text
    assert text.count("<circle") == 2


def test_a_page_loads_nothing_from_elsewhere(workshop: Workshop) -> None:
    text = _page(workshop.publish("2025-01").path, "2025-01")
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", text)


def test_a_published_page_stays_as_it_was(workshop: Workshop) -> None:
    before = _page(workshop.publish("2025-01").path, "2025-01")
    workshop.events[("2025-01", LEAD)] = 5
    after = workshop.publish("2025-02").path
    assert _page(after, "2025-01") == before
    assert "2025-02" in _page(after, "2025-02")
    revised = workshop.publish("2025-01").path
    assert _page(revised, "2025-01") != before
