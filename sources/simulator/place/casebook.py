"""The casebook: how stays are coded and what each way of coding leads to, as arrays over plans, codes and groups.

Weights, mean costs and risks of groups are the county's policy (drg_weight.csv, mortality_risk.csv). Not here: how plans are found
(plans.py), which stay follows which plan (happening/cases.py).
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from sources.casemix.scheme import NATIONAL
from sources.simulator.ground.layout import DEMO
from sources.simulator.place.diseases import NEWBORN, Diseases, load_diseases
from sources.simulator.place.plans import FURTHER, Editions, Plan, Planner
from sources.simulator.place.scheme_rules import CC, MCC, NONE, Case, SchemeRules

# ICD categories that complications of the county's patients come from: of most, of women giving birth, of newborns
_COMPLICATED = (
    ("A41", "D62", "D64", "D68", "D69", "E43", "E46", "E87", "E88", "F05", "G93", "I26", "I47", "I48", "I50", "I95", "J15", "J18",
     "J69", "J90", "J96", "K65", "K72", "K92", "L89", "N17", "N39", "R57"),
    ("O10", "O13", "O14", "O15", "O24", "O44", "O45", "O62", "O68", "O70", "O72", "O85", "O99"),
    ("P21", "P23", "P24", "P26", "P36", "P52", "P59", "P70", "P74", "P77"),
)  # fmt: skip
MOST, MOTHERS, NEWBORNS = range(3)
_FROM_ONE_CATEGORY = 3
_COMPANIONS = ("I10.x00x002", "E11.900", "J44.900", "I25.103", "K76.000", "M81.900")
_NO_OPERATIONS = (*(str(chapter) for chapter in range(87, 100)), "73.5")  # looked at or helped, not operated
_SCOPE = "镜"
NOWHERE = -1
FURTHER_PROCEDURE = 0  # the number of what is done beside the plan now and then
_MOST_DONE = 3


@dataclass(frozen=True)
class Casebook:
    """Plans and codes as arrays. Diagnoses, procedures, ADRGs and DRGs are numbered; -1 is none."""

    codes: pa.Array  # of diagnoses, clinical edition
    insurance_codes: pa.Array
    names: pa.Array
    level: np.ndarray
    exclusion: np.ndarray  # group as a complication, 0 without one
    excludes: np.ndarray  # group that it excludes as principal diagnosis, -1 without one
    procedures: pa.Array
    procedure_names: pa.Array
    procedure_level: np.ndarray
    is_operation: np.ndarray
    through_a_scope: np.ndarray
    principal: np.ndarray  # of plans
    second: np.ndarray
    done: np.ndarray  # procedures of plans, one row each
    adrg: np.ndarray
    untouched: np.ndarray  # ADRG of a plan as long as nothing has been done
    operated: np.ndarray
    may_go_further: np.ndarray
    birth_weight: np.ndarray  # from, to
    pool: np.ndarray  # which complications a plan's patients get
    own_group: np.ndarray  # a complication that the plan's principal diagnosis excludes
    default: np.ndarray  # disease → the plan of whoever is not operated
    operated_share: np.ndarray  # of diseases
    ways: tuple[np.ndarray, ...]  # plans without and with a procedure, in the order of `edges`
    edges: tuple[np.ndarray, ...]  # number of the disease + share of its plans up to here
    complications: tuple[tuple[np.ndarray, np.ndarray], ...]  # by pool: CC, MCC
    companions: np.ndarray
    drg_of: np.ndarray  # [ADRG, level]
    adrgs: list[str]
    mdcs: list[str]  # of ADRGs
    drgs: list[str]
    drg_names: list[str]
    adrg_of_drg: np.ndarray
    mistaken: np.ndarray  # [DRG, kind]: another severity, another ADRG, another MDC
    weight: np.ndarray  # ten-thousandths, of DRGs
    mean_cost_fen: np.ndarray
    mean_los_hundredths: np.ndarray
    risk: np.ndarray  # 0 to 4, of DRGs

    def draw(self, disease: np.ndarray, operated: np.ndarray, point: np.ndarray) -> np.ndarray:
        """A plan of each disease; `point` from 0 to 1 says which."""
        chosen = self.default[disease]
        for way, here in enumerate((~operated, operated)):
            place = np.searchsorted(self.edges[way], disease[here] + point[here], side="right")
            chosen[here] = self.ways[way][np.minimum(place, len(self.ways[way]) - 1)]
        return chosen

    def drg(self, plan: np.ndarray, others: np.ndarray, untouched: np.ndarray | bool = False) -> np.ndarray:
        """The group of cases with these further diagnoses: by the gravest complication that the principal one does not exclude.

        untouched: nothing of the plan's procedures is told.
        """
        principal = self.principal[plan]
        void = self.exclusion[others] == self.excludes[principal][:, None]
        level = np.where((others < 0) | void, NONE, self.level[others]).max(axis=1)
        adrg = np.where(untouched, self.untouched[plan], self.adrg[plan])
        return np.where(adrg < 0, NOWHERE, self.drg_of[adrg, level])


@cache
def load_casebook() -> Casebook:
    """The casebook of the catalogue of diseases, under the demo county's policy."""
    return _Maker(load_diseases(frozenset(), frozenset())).casebook()


class _Maker:
    """Numbers what plans, scheme and policy name by codes."""

    def __init__(self, diseases: Diseases) -> None:
        self.rules, self.editions = SchemeRules(), Editions()
        self.diseases = len(diseases.codes)
        self.plans = Planner(diseases, self.rules, self.editions).plans()
        self.newborn = diseases.groups == NEWBORN
        self.sex = np.where(diseases.groups == "woman", 2, 1)
        pools = [self._pool(pool) for pool in range(len(_COMPLICATED))]
        own = [self._own_group(plan) for plan in self.plans]
        wanted = [code for plan in self.plans for code in (plan.principal, plan.second)]
        wanted += [*_COMPANIONS, *own, *(code for pool in pools for level in pool for code in level)]
        self.diagnosis = _numbers(wanted)
        self.procedure = _numbers([FURTHER, *(code for plan in self.plans for code in plan.procedures)])
        self.adrgs = list(self.rules.mdc_of)
        self.adrg = {adrg: number for number, adrg in enumerate(self.adrgs)}
        self.drg = {drg: number for number, drg in enumerate(self.rules.drgs)}
        self.pools, self.own = pools, own

    def casebook(self) -> Casebook:
        def adrg_of(plan: Plan) -> int:
            return self.adrg[plan.adrg] if plan.adrg else NOWHERE

        return Casebook(
            **self._diagnoses(),
            **self._procedures(),
            **self._groups(),
            **self._ways(),
            principal=self._each(lambda plan: self.diagnosis[plan.principal]),
            second=self._each(lambda plan: self.diagnosis.get(plan.second or "", NOWHERE)),
            done=np.array([self._done(plan) for plan in self.plans]),
            adrg=self._each(adrg_of),
            untouched=self._each(lambda plan: self._untouched(plan) if plan.procedures else adrg_of(plan)),
            operated=self._each(lambda plan: plan.operated).astype(bool),
            may_go_further=self._each(self._may_go_further).astype(bool),
            birth_weight=np.array([plan.birth_weight for plan in self.plans]),
            pool=self._each(self._whose),
            own_group=np.array([self.diagnosis.get(code or "", NOWHERE) for code in self.own]),
            complications=tuple((self._coded(minor), self._coded(major)) for minor, major in self.pools),
            companions=self._coded(_COMPANIONS),
        )

    def _coded(self, codes: Iterable[str]) -> np.ndarray:
        return np.array([self.diagnosis[code] for code in codes])

    def _each(self, of: Callable[[Plan], int]) -> np.ndarray:
        return np.array([of(plan) for plan in self.plans], np.int64)

    def _diagnoses(self) -> dict[str, Any]:
        codes, rules = list(self.diagnosis), self.rules
        level, group = zip(*(rules.complications.get(code, (NONE, "")) for code in codes), strict=True)
        names = self.editions.names["diagnosis"]
        return {
            "codes": pa.array([self.editions.clinical("diagnosis", code) or code for code in codes]),
            "insurance_codes": pa.array(codes),
            "names": pa.array([names[code] for code in codes]),
            "level": np.array(level),
            "exclusion": np.array([int(number or 0) for number in group]),
            "excludes": np.array([int(rules.excluded_by.get(code, NOWHERE)) for code in codes]),
        }

    def _procedures(self) -> dict[str, Any]:
        codes = list(self.procedure)
        names = [self.editions.names["procedure"][code] for code in codes]
        surgical = [code in self.rules.lists["or_procedure"] for code in codes]
        level = [2 + int(code[:2]) % 3 if hard else 1 for code, hard in zip(codes, surgical, strict=True)]
        return {
            "procedures": pa.array(codes),
            "procedure_names": pa.array(names),
            "procedure_level": np.array(level),
            "is_operation": np.array([not code.startswith(_NO_OPERATIONS) for code in codes]),
            "through_a_scope": np.array([_SCOPE in name for name in names]),
        }

    def _groups(self) -> dict[str, Any]:
        rules, drgs = self.rules, self.rules.drgs
        weight, risk = _policy("drg_weight"), _policy("mortality_risk")
        return {
            "drg_of": np.array(
                [[self.drg[rules.drg(a, level)] for level in (NONE, CC, MCC)] for a in self.adrgs]
            ),
            "adrgs": self.adrgs,
            "mdcs": [rules.mdc_of[adrg] for adrg in self.adrgs],
            "drgs": drgs,
            "drg_names": [rules.names[drg] for drg in drgs],
            "adrg_of_drg": np.array([self.adrg[rules.adrg_of[drg]] for drg in drgs]),
            "mistaken": np.array([self._mistaken(drg) for drg in drgs]),
            "weight": np.array([round(float(weight[drg]["weight"]) * 10_000) for drg in drgs]),
            "mean_cost_fen": np.array([int(weight[drg]["mean_cost_fen"]) for drg in drgs]),
            "mean_los_hundredths": np.array(
                [round(float(weight[drg]["mean_los_days"]) * 100) for drg in drgs]
            ),
            "risk": np.array([int(risk[drg]["risk_level"]) for drg in drgs]),
        }

    def _mistaken(self, drg: str) -> list[int]:
        """What a grouper that errs takes the group for: the next of the same ADRG, MDC, and the next of another MDC."""
        of, rules = self.rules.adrg_of, self.rules
        mdc = rules.mdc_of[of[drg]]
        at = rules.drgs.index(drg)
        following = [*rules.drgs[at + 1 :], *rules.drgs[:at]]
        same = next((other for other in following if of[other] == of[drg]), None)
        near = next(
            (other for other in following if of[other] != of[drg] and rules.mdc_of[of[other]] == mdc), None
        )
        far = next(other for other in following if rules.mdc_of[of[other]] != mdc)
        return [self.drg[same or near or far], self.drg[near or far], self.drg[far]]

    def _ways(self) -> dict[str, Any]:
        """Plans by disease and share, without and with a procedure."""
        default = np.zeros(self.diseases, np.int64)
        for number, plan in reversed(list(enumerate(self.plans))):
            default[plan.disease] = number
        share = np.zeros(self.diseases)
        for plan in self.plans:
            share[plan.disease] += plan.share * plan.operated
        ways, edges = [], []
        for operated in (False, True):
            of_disease: dict[int, list[int]] = defaultdict(list)
            for number, plan in enumerate(self.plans):
                if plan.operated == operated:
                    of_disease[plan.disease].append(number)
            numbers = [n for plans in of_disease.values() for n in plans]
            reached = [d + at for d, plans in of_disease.items() for at in self._up_to(plans)]
            ways.append(np.array(numbers, np.int64))
            edges.append(np.array(reached))
        return {"default": default, "operated_share": share, "ways": tuple(ways), "edges": tuple(edges)}

    def _up_to(self, plans: list[int]) -> np.ndarray:
        total = np.cumsum([self.plans[number].share for number in plans])
        return total / total[-1]

    def _done(self, plan: Plan) -> list[int]:
        done = [self.procedure[code] for code in plan.procedures]
        return [*done, *[NOWHERE] * (_MOST_DONE - len(done))]

    def _may_go_further(self, plan: Plan) -> bool:
        """Whether one more look at the vessels changes nothing."""
        diagnoses, sex = (plan.principal, plan.second or ""), self.sex[plan.disease]
        case = Case(diagnoses, (*plan.procedures, FURTHER), sex)
        return bool(plan.procedures) and plan.adrg == self.rules.adrg(case)

    def _untouched(self, plan: Plan) -> int:
        sex, days = self.sex[plan.disease], (3 if self.newborn[plan.disease] else None)
        years = 40 if days is None else 0
        diagnoses = (plan.principal, plan.second) if plan.second else (plan.principal,)
        adrg = self.rules.adrg(Case(diagnoses, (), sex, years, days, plan.birth_weight[0]))
        return self.adrg[adrg] if adrg else NOWHERE

    def _whose(self, plan: Plan) -> int:
        if self.newborn[plan.disease]:
            return NEWBORNS
        return MOTHERS if plan.adrg and self.rules.mdc_of[plan.adrg] == "O" else MOST

    def _pool(self, pool: int) -> list[list[str]]:
        """Complications (CC, MCC) of the pool's categories, a few of each."""
        found: list[list[str]] = [[], []]
        for category in _COMPLICATED[pool]:
            for place, level in enumerate((CC, MCC)):
                codes = [
                    c
                    for c in self._complications
                    if c[:3] == category and self.rules.complications[c][0] == level
                ]
                found[place] += codes[:_FROM_ONE_CATEGORY]
        return found

    def _own_group(self, plan: Plan) -> str | None:
        """A complication that counts for nothing beside the plan's principal diagnosis."""
        group = self.rules.excluded_by.get(plan.principal)
        codes = self._of_group.get(group or "", [])
        return next((code for code in codes if code != plan.principal), None)

    @cached_property
    def _of_group(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for code in self._complications:
            found[self.rules.complications[code][1]].append(code)
        return found

    @cached_property
    def _complications(self) -> list[str]:
        """Those that both editions write alike and that move a case into no other ADRG."""
        names, clinical, rules = self.editions.names["diagnosis"], self.editions.clinical, self.rules
        moving = {*rules.sites, *rules.lists["YC1.diagnosis"], *rules.lists["PS1.diagnosis"]}
        return sorted(
            code
            for code in rules.complications
            if code in names
            and clinical("diagnosis", code) == code
            and "+" not in code
            and code not in moving
        )


def _numbers(codes: Iterable[str | None]) -> dict[str, int]:
    return {code: number for number, code in enumerate(dict.fromkeys(code for code in codes if code))}


def _policy(table: str) -> dict[str, dict[str, str]]:
    """The demo county's policy on the groups of the national scheme."""
    with (DEMO / "policy" / f"{table}.csv").open(encoding="utf-8") as file:
        return {row["drg"]: row for row in csv.DictReader(file) if row["scheme"] == NATIONAL}
