"""Stands in for dbt's `graph` when sqlfluff renders a model: every model has two measures and
both levels below the institution, so that loops are loops.
"""

from collections import defaultdict
from types import SimpleNamespace

_META = {"meta": {"measure": True, "distribution": True}}
_COLUMNS = {name: SimpleNamespace(name=name, config=_META) for name in ("discharges", "bed_days")}
_LEVELS = {"meta": {"levels": ["department", "physician"]}}
nodes = defaultdict(lambda: SimpleNamespace(columns=_COLUMNS, config=_LEVELS))
