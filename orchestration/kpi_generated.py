"""What is written from the registry of KPIs: the seeds that dbt builds with (definitions, parts, national lists), the handbook, the semantic
models.

`python -m orchestration.kpi_generated` writes them; tests hold the files against the definitions. Not here: the definitions
and what they may say (kpi_registry).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration import kpi_handbook, kpi_semantic
from orchestration.kpi_registry import (
    Part,
    Registered,
    Subject,
    load_registry,
    load_subjects,
    require_measures,
)
from orchestration.kpi_sets import load_sets

SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"


def expected_files() -> dict[Path, str]:
    """Every generated file and its text. Raises ValueError if a definition names a measure that there is not."""
    registry, subjects = load_registry(), load_subjects()
    require_measures(registry, subjects)
    sets = load_sets({one.kpi_id for one in registry})
    return {
        SEEDS / "kpi_registry.csv": _csv([_row(one, one.unit_levels(subjects)) for one in registry]),
        SEEDS / "kpi_part.csv": _csv(
            [_part(one, part, subjects) for one in registry for part in one.parts()]
        ),
        SEEDS / "kpi_set.csv": _csv([row for one in sets for row in one.rows()]),
        kpi_semantic.FILE: kpi_semantic.text(registry, subjects),
        **kpi_handbook.pages(registry, subjects),
    }


def left_over(files: Collection[Path]) -> list[Path]:
    """Pages of KPIs that are registered no more."""
    return sorted(set(kpi_handbook.FOLDER.glob("*.md")) - set(files))


def _row(registered: Registered, levels: Sequence[str]) -> dict[str, Any]:
    kpi = registered.kpi
    low, high = kpi.plausible or ("", "")
    return {
        "kpi_id": registered.kpi_id,
        "kpi_code": kpi.code or "",
        "name_zh": kpi.name.zh,
        "name_en": kpi.name.en,
        "dimension": registered.dimension,
        "unit": kpi.unit,
        "direction": kpi.better,
        "aggregation": kpi.over.numerator,
        "denominator_aggregation": kpi.over.denominator,
        "is_weekly": str(kpi.weekly).lower(),
        "pooled_months_parameter": kpi.pooled_months or "",
        "statistic": kpi.statistic,
        "scale": kpi.scale,
        "divisor": kpi.divisor,
        "is_share": str(kpi.is_share).lower(),
        "possible_low": kpi.possible[0] if kpi.possible else "",
        "possible_high": kpi.possible[1] if kpi.possible else "",
        "plausible_low": low,
        "plausible_high": high,
        "scoring_window": kpi.scored.window,
        "maturity_lag_days": kpi.scored.matures_after_days,
        "minimum_sample": kpi.scored.at_least,
        "unit_levels": ",".join(levels),
        "institution_tiers": ",".join(kpi.tiers),
        "source_feeds": ",".join(kpi.feeds),
        "policy_items": ",".join(kpi.policy),
        "is_primary_outcome": str(kpi.in_cards.primary_outcome).lower(),
        "is_static_resource": str(kpi.in_cards.static_resource).lower(),
        "together_with": ",".join(kpi.in_cards.together_with),
        "origin": kpi.origin,
        "is_assumption": str(kpi.is_assumption).lower(),
        "not_computed_zh": kpi.not_computed or "",
        "why_zh": kpi.why,
        "version": kpi.version,
        "effective_from": kpi.effective_from.isoformat(),
        "definition_zh": kpi.definition.zh,
        "definition_en": kpi.definition.en,
        "numerator_zh": kpi.counts.numerator,
        "denominator_zh": kpi.counts.denominator,
    }


def _part(registered: Registered, part: Part, subjects: Mapping[str, Subject]) -> dict[str, Any]:
    counts_different = registered.kpi.statistic == "distinct"
    item = subjects[part.subject].items.get(part.measure, "") if counts_different else ""
    return part._replace(item=item)._asdict()


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_plain(rows))
    return written.getvalue()


def _plain(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Whole numbers without a decimal point."""
    for row in rows:
        yield {
            name: int(value) if isinstance(value, float) and value.is_integer() else value
            for name, value in row.items()
        }


def main() -> None:
    """Write every file, and remove what is generated no more."""
    files = expected_files()
    kpi_handbook.FOLDER.mkdir(exist_ok=True)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    for path in left_over(files):
        path.unlink()
    print(f"wrote {len(files)} files: seeds of dbt_project, docs/handbook, docs/generated/kpi_semantic.yml")


if __name__ == "__main__":
    main()
