"""A casemix scheme as the county's coders and the bureau know it: which codes lead to which group.

The simulator's own reading of the scheme's rows (sources/reference/casemix), in sets and loops: what a made-up case belongs to is
known from how it was made, without the warehouse. Not here: which codes the county's patients have (casebook.py).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sources.casemix.scheme import NATIONAL, Row, load_scheme, scheme_folders

NONE, CC, MCC = 0, 1, 2  # level of a complication
_LEVELS = {"CC": CC, "MCC": MCC}
_FROM_LEVEL = {"mcc": MCC, "mcc_or_cc": CC, "otherwise": NONE, "unsplit": NONE}


@dataclass(frozen=True)
class Case:
    """What a group asks of a case. `age_days` counts under one year only."""

    diagnoses: Sequence[str]
    procedures: Sequence[str] = ()
    sex: int = 0
    age_years: int = 40
    age_days: int | None = None
    birth_weight_g: int | None = None


class SchemeRules:
    """The national scheme as published, without switches."""

    def __init__(self) -> None:
        scheme = load_scheme(scheme_folders(), NATIONAL)
        self.scheme = NATIONAL
        self.lists: dict[str, set[str]] = defaultdict(set)
        for row in scheme.rows("code_list"):
            self.lists[row["list_id"]].add(row["code"])
        for row in scheme.rows("mdc_principal_diagnosis"):
            self.lists[f"MDC{row['mdc']}"].add(row["diagnosis_code"])
        self.sites = {row["diagnosis_code"]: row["site"] for row in scheme.rows("trauma_site")}
        self.complications = {
            row["diagnosis_code"]: (_LEVELS[row["level"]], row["exclusion_group"])
            for row in scheme.rows("complication")
        }
        self.excluded_by = {
            row["principal_diagnosis_code"]: row["exclusion_group"] for row in scheme.rows("exclusion")
        }
        self._mdc_asks = _alternatives(scheme.rows("mdc_condition"), "mdc")
        self.asks = _alternatives(scheme.rows("adrg_condition"), "adrg")
        order = {row["mdc"]: int(row["try_order"]) for row in scheme.rows("mdc")}
        adrgs = sorted(scheme.rows("adrg"), key=lambda row: (order[row["mdc"]], int(row["try_order"])))
        self.mdc_of = {row["adrg"]: row["mdc"] for row in adrgs}
        self.drgs = [row["drg"] for row in scheme.rows("drg")]
        self.names = {row["drg"]: row["name_zh"] for row in scheme.rows("drg")}
        self.adrg_of = {row["drg"]: row["adrg"] for row in scheme.rows("drg")}
        self._split: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in scheme.rows("drg"):
            self._split[row["adrg"]].append((_FROM_LEVEL[row["severity_rule"]], row["drg"]))

    def adrg(self, case: Case) -> str | None:
        """The first group in the order of trial that the case fulfils."""
        opened: dict[str, bool] = {}
        for adrg, mdc in self.mdc_of.items():
            if mdc not in opened:
                opened[mdc] = self._holds(self._mdc_asks[mdc], case)
            if opened[mdc] and self._holds(self.asks[adrg], case):
                return adrg
        return None

    def drg(self, adrg: str, level: int) -> str:
        """The group of an ADRG for cases whose gravest complication has this level."""
        return max((least, drg) for least, drg in self._split[adrg] if least <= level)[1]

    def _holds(self, alternatives: list[list[Row]], case: Case) -> bool:
        return any(all(self._clause(row, case) for row in clauses) for clauses in alternatives)

    def _clause(self, row: Row, case: Case) -> bool:
        role = row["role"]
        if role in ("sex", "age_years", "age_days", "birth_weight_g"):
            number = getattr(case, role)
            low, high = row["lower_inclusive"], row["upper_exclusive"]
            return number is not None and (not low or number >= int(low)) and (not high or number < int(high))
        if role == "trauma_site":
            hit = {self.sites[code] for code in case.diagnoses if code in self.sites}
        else:
            codes = case.procedures if role.endswith("procedure") else case.diagnoses
            hit = self.lists[row["list_id"]] & set(codes[:1] if role.startswith("principal") else codes)
        return not hit if row["quantifier"] == "none" else len(hit) >= int(row["min_count"])


def _alternatives(rows: list[Row], owner: str) -> dict[str, list[list[Row]]]:
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row[owner]][row["alternative"]].append(row)
    return {name: list(alternatives.values()) for name, alternatives in found.items()}
