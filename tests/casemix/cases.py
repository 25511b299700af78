"""Cases to compare two groupers with: random ones that reach every corner, and the text's worked examples.

Belongs here: how a case comes about that means to reach a DRG, and how it is disturbed. Does not belong here:
which DRG a random case gets. That is the oracle's to say; a case may well miss what it was made for.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.casemix.oracle import NUMBERS, Case, Row, code_lists, in_try_order, read_rows, whole

REFERENCE = Path(__file__).parents[2] / "sources" / "reference"
SCHEME = REFERENCE / "casemix" / "chs-drg-1.1"
DIAGNOSES = REFERENCE / "icd" / "diagnosis_nhsa_2_0.csv"

# Well formed, and in no table.
UNKNOWN_DIAGNOSIS = "K99.999x999"
UNKNOWN_PROCEDURE = "99.9999x999"
EXTERNAL_CAUSES = ("V", "W", "X", "Y")
AGES_IN_DAYS = (0, 1, 7, 27, 28, 29, 30, 364, None)
WEIGHTS = (0, 1, 1499, 1500, 1999, 2000, 2499, 2500, 4000, None)
# How far above its lower bound a number without an upper bound is drawn.
OPEN_SPAN = 300
# How often a number misses its interval by one.
OUT_OF_BOUNDS = 0.15
DISTURBED = 0.6
# How often a code is drawn that leads nowhere earlier: without it, RA3 and RA4 are all but never reached.
UNCLAIMED = 0.3


class Tables:
    """The scheme as the generator needs it: lists to draw from, in the order of their tables."""

    def __init__(self) -> None:
        self.lists = {name: tuple(codes) for name, codes in code_lists(SCHEME).items()}
        self.or_procedures = frozenset(self.lists["or_procedure"])
        self.mdc_alternatives = alternatives(read_rows(SCHEME / "mdc_condition.csv"), "mdc")
        self.adrg_alternatives = alternatives(read_rows(SCHEME / "adrg_condition.csv"), "adrg")
        self.drgs = [(row["adrg"], row["severity_rule"]) for row in read_rows(SCHEME / "drg.csv")]
        self.exclusion = {
            row["principal_diagnosis_code"]: row["exclusion_group"]
            for row in read_rows(SCHEME / "exclusion.csv")
        }
        self.external_causes = tuple(
            row["code"] for row in read_rows(DIAGNOSES) if row["code"].startswith(EXTERNAL_CAUSES)
        )
        self._read_complications()
        self._read_sites()
        self._sort_procedures()
        self._read_claims()
        self._pools: dict[tuple[str, ...], tuple[str, ...]] = {}

    def _read_complications(self) -> None:
        self.of_level: dict[str, list[str]] = defaultdict(list)
        self.of_group: dict[str, list[str]] = defaultdict(list)
        self.group: dict[str, str] = {}
        for row in read_rows(SCHEME / "complication.csv"):
            self.group[row["diagnosis_code"]] = row["exclusion_group"]
            self.of_level[row["level"]].append(row["diagnosis_code"])
            self.of_group[row["exclusion_group"]].append(row["diagnosis_code"])

    def _read_sites(self) -> None:
        self.of_site: dict[str, list[str]] = defaultdict(list)
        self.site: dict[str, str] = {}
        for row in read_rows(SCHEME / "trauma_site.csv"):
            self.site[row["diagnosis_code"]] = row["site"]
            self.of_site[row["site"]].append(row["diagnosis_code"])

    def _sort_procedures(self) -> None:
        """`asked_by`: by an MDC (F) or ADRGs alike (FF). `minor`: what no operating room is needed for."""
        self.asked_by: dict[str, list[str]] = defaultdict(list)
        for name, codes in self.lists.items():
            if ".procedure" in name:
                self.asked_by[name[:1]] += codes
                self.asked_by[name[:2]] += codes
        asked_for = dict.fromkeys(code for codes in self.asked_by.values() for code in codes)
        self.minor = [code for code in asked_for if code not in self.or_procedures]

    def _read_claims(self) -> None:
        """`claimed`: what ADRGs of the same MDC ask for that are tried before this one."""
        self.claimed: dict[str, frozenset[str]] = {}
        so_far: dict[str, set[str]] = defaultdict(set)
        for row in in_try_order(read_rows(SCHEME / "adrg.csv")):
            adrg, mdc = row["adrg"], row["mdc"]
            self.claimed[adrg] = frozenset(so_far[mdc])
            for clause in (clause for each in self.adrg_alternatives[adrg] for clause in each):
                so_far[mdc].update(self.lists.get(clause["list_id"], ()))

    def pool(self, list_ids: tuple[str, ...]) -> tuple[str, ...]:
        """What is in every one of the lists."""
        if list_ids not in self._pools:
            first, *others = (self.lists[list_id] for list_id in list_ids)
            kept = set(first).intersection(*others)
            self._pools[list_ids] = tuple(code for code in first if code in kept)
        return self._pools[list_ids]


def alternatives(rows: list[Row], owner: str) -> dict[str, list[list[Row]]]:
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row[owner]][row["alternative"]].append(row)
    return {name: list(each.values()) for name, each in found.items()}


@dataclass
class Draft:
    """A case in the making; it means to reach `adrg`."""

    adrg: str
    sex: int | None
    age_years: int | None
    age_days: int | None = None
    birth_weight_g: int | None = None
    principal: str = ""
    secondary: list[str] = field(default_factory=list)
    procedures: list[str] = field(default_factory=list)

    @property
    def mdc(self) -> str:
        return self.adrg[0]

    def case(self, case_id: str) -> Case:
        diagnoses = (self.principal, *self.secondary) if self.principal or self.secondary else ()
        return Case(
            case_id,
            self.sex,
            self.age_years,
            self.age_days,
            self.birth_weight_g,
            diagnoses,
            tuple(self.procedures),
        )


class Builder:
    """Makes a draft that fulfils the condition of one ADRG, and gives it complications for one severity."""

    def __init__(self, tables: Tables, rng: random.Random) -> None:
        self._tables = tables
        self._rng = rng

    def draft(self, adrg: str, severity_rule: str) -> Draft:
        rng, tables = self._rng, self._tables
        draft = Draft(adrg, sex=rng.randint(1, 2), age_years=rng.randint(1, 90))
        draft.principal = rng.choice(tables.lists[f"MDC{rng.choice('BCDEFGHIJKLOQRSTUVWX')}"])
        mdc_clauses = rng.choice(tables.mdc_alternatives[draft.mdc])
        adrg_clauses = rng.choice(tables.adrg_alternatives[adrg])
        clauses = mdc_clauses + adrg_clauses
        for role in ("principal_diagnosis", "principal_procedure"):
            self._choose_principal(draft, role, [row for row in clauses if row["role"] == role])
        for clause in clauses:
            self._fulfil(draft, clause)
        self._complicate(draft, severity_rule)
        return draft

    def _choose_principal(self, draft: Draft, role: str, clauses: list[Row]) -> None:
        if not clauses:
            return
        codes = self._tables.pool(tuple(row["list_id"] for row in clauses))
        if self._rng.random() < UNCLAIMED:
            claimed = self._tables.claimed[draft.adrg]
            codes = tuple(code for code in codes if code not in claimed) or codes
        code = self._rng.choice(codes)
        if role == "principal_diagnosis":
            draft.principal = code
        else:
            draft.procedures.insert(0, code)

    def _fulfil(self, draft: Draft, clause: Row) -> None:
        role, codes = clause["role"], self._tables.lists.get(clause["list_id"], ())
        if role in NUMBERS:
            self._choose_number(draft, clause)
        elif role == "trauma_site":
            draft.secondary.append(self.elsewhere(draft.principal))
        elif role == "any_diagnosis":
            self._choose_diagnosis(draft, codes)
        elif role == "any_procedure" and clause["quantifier"] == "any":
            place = self._rng.randint(0, len(draft.procedures))
            draft.procedures.insert(place, self._rng.choice(codes))
        elif role == "any_procedure":
            draft.procedures += self._rng.choices(self._tables.minor, k=self._rng.randint(0, 1))

    def _choose_number(self, draft: Draft, clause: Row) -> None:
        lower = whole(clause["lower_inclusive"]) or 0
        upper = whole(clause["upper_exclusive"]) or lower + OPEN_SPAN
        inside = (lower, upper - 1, self._rng.randrange(lower, upper))
        outside = (max(lower - 1, 0), upper)
        # One beside a sex may be no sex at all; the wrong one is a trouble of its own.
        missed = clause["role"] != "sex" and self._rng.random() < OUT_OF_BOUNDS
        numbers = outside if missed else inside
        setattr(draft, clause["role"], self._rng.choice(numbers))

    def _choose_diagnosis(self, draft: Draft, codes: tuple[str, ...]) -> None:
        code = self._rng.choice(codes)
        if code in self._tables.pool((f"MDC{draft.mdc}",)) and self._rng.random() < 0.5:
            draft.principal = code
        else:
            draft.secondary.append(code)

    def elsewhere(self, diagnosis: str) -> str:
        """A trauma of another site."""
        own = self._tables.site.get(diagnosis)
        site = self._rng.choice([site for site in self._tables.of_site if site != own])
        return self._rng.choice(self._tables.of_site[site])

    def _complicate(self, draft: Draft, severity_rule: str) -> None:
        levels = {
            "mcc": ("MCC",),
            "mcc_or_cc": self._rng.choice((("CC",), ("CC",), ("MCC",), ("CC", "CC"))),
            "otherwise": self._rng.choice(((), (), ("CC",))),
            "unsplit": self._rng.choice(((), ("CC",), ("MCC",))),
        }[severity_rule]
        draft.secondary += [self._counting(level, draft.principal) for level in levels]
        self._rng.shuffle(draft.secondary)

    def _counting(self, level: str, principal: str) -> str:
        own = self._tables.exclusion.get(principal)
        while True:
            code = self._rng.choice(self._tables.of_level[level])
            if own is None or self._tables.group[code] != own:
                return code


class Disturber:
    """Does to a draft what deliveries do to cases. One method, one trouble."""

    def __init__(self, tables: Tables, rng: random.Random, builder: Builder) -> None:
        self._tables = tables
        self._rng = rng
        self._builder = builder
        self._troubles: tuple[Callable[[Draft], None], ...] = (
            self._other_sex,
            self._other_age,
            self._other_weight,
            self._newborn,
            self._more_complications,
            self._voided_complication,
            self._same_code_again,
            self._secondary_as_principal,
            self._other_principal_of_mdc,
            self._strange_principal,
            self._principal_outside_mdc,
            self._strange_secondary,
            self._procedures_in_other_order,
            self._no_procedure,
            self._rival_procedure,
            self._minor_procedure_first,
            self._other_procedure,
            self._two_sites,
        )

    def disturb(self, draft: Draft) -> None:
        for trouble in self._rng.sample(self._troubles, self._rng.choice((1, 1, 2))):
            trouble(draft)

    def _other_sex(self, draft: Draft) -> None:
        draft.sex = self._rng.choice((1, 2, None))

    def _other_age(self, draft: Draft) -> None:
        draft.age_years = self._rng.choice((0, 0, 1, None))
        draft.age_days = self._rng.choice(AGES_IN_DAYS)

    def _other_weight(self, draft: Draft) -> None:
        draft.birth_weight_g = self._rng.choice(WEIGHTS)

    def _newborn(self, draft: Draft) -> None:
        draft.age_years = 0
        draft.age_days = self._rng.choice(AGES_IN_DAYS)
        draft.birth_weight_g = self._rng.choice(WEIGHTS)
        draft.principal = self._rng.choice(self._tables.lists["MDCP"])

    def _more_complications(self, draft: Draft) -> None:
        level = self._rng.choice(("MCC", "CC"))
        more = self._rng.choices(self._tables.of_level[level], k=self._rng.randint(1, 3))
        # Without a group: 168 of 21,246, too few to come by chance.
        more += self._rng.choices(self._tables.of_group[""], k=self._rng.randint(0, 1))
        draft.secondary += more

    def _voided_complication(self, draft: Draft) -> None:
        own = self._tables.of_group.get(self._tables.exclusion.get(draft.principal, ""))
        if own:
            draft.secondary = self._rng.choices(own, k=self._rng.randint(1, 2))

    def _same_code_again(self, draft: Draft) -> None:
        for codes in (draft.secondary, draft.procedures):
            if codes:
                codes.insert(self._rng.randint(0, len(codes)), self._rng.choice(codes))
        if self._rng.random() < 0.5:
            draft.secondary.append(draft.principal)

    def _secondary_as_principal(self, draft: Draft) -> None:
        if draft.secondary:
            place = self._rng.randrange(len(draft.secondary))
            draft.principal, draft.secondary[place] = draft.secondary[place], draft.principal

    def _other_principal_of_mdc(self, draft: Draft) -> None:
        if draft.mdc != "A":
            draft.principal = self._rng.choice(self._tables.lists[f"MDC{draft.mdc}"])

    def _strange_principal(self, draft: Draft) -> None:
        draft.principal = self._rng.choice(
            (UNKNOWN_DIAGNOSIS, self._rng.choice(self._tables.external_causes), "")
        )
        if self._rng.random() < 0.2:
            draft.secondary.clear()

    def _principal_outside_mdc(self, draft: Draft) -> None:
        codes = self._tables.lists.get(f"{draft.adrg}.diagnosis", ())
        inside = self._tables.lists.get(f"MDC{draft.mdc}", ())
        outside = [code for code in codes if code not in inside]
        if outside:
            draft.principal = self._rng.choice(outside)

    def _strange_secondary(self, draft: Draft) -> None:
        draft.secondary.insert(0, self._rng.choice((UNKNOWN_DIAGNOSIS, "")))
        draft.procedures.insert(0, self._rng.choice((UNKNOWN_PROCEDURE, "")))

    def _procedures_in_other_order(self, draft: Draft) -> None:
        draft.procedures.append(self._some_procedure())
        self._rng.shuffle(draft.procedures)

    def _no_procedure(self, draft: Draft) -> None:
        draft.procedures.clear()

    def _rival_procedure(self, draft: Draft) -> None:
        """What another ADRG of the MDC asks for."""
        codes = self._tables.asked_by.get(draft.adrg[: self._rng.randint(1, 2)])
        if codes:
            draft.procedures.insert(self._rng.randint(0, len(draft.procedures)), self._rng.choice(codes))

    def _minor_procedure_first(self, draft: Draft) -> None:
        draft.procedures.insert(0, self._rng.choice(self._tables.minor))

    def _other_procedure(self, draft: Draft) -> None:
        draft.procedures = [self._some_procedure()]

    def _two_sites(self, draft: Draft) -> None:
        draft.principal = self._rng.choice(self._tables.lists["MDCZ"])
        draft.secondary.append(self._builder.elsewhere(draft.principal))
        draft.procedures = self._rng.choice(
            ([], [self._some_procedure()], [self._rng.choice(self._tables.asked_by["Z"])])
        )

    def _some_procedure(self) -> str:
        return self._rng.choice(self._rng.choice((self._tables.lists["or_procedure"], self._tables.minor)))


def random_cases(seed: int, count: int) -> list[Case]:
    """The same for the same seed; fewer of one seed are the first of more. All DRGs are aimed at in turn."""
    tables, rng = Tables(), random.Random(seed)
    builder = Builder(tables, rng)
    disturber = Disturber(tables, rng, builder)
    aims = tables.drgs.copy()
    rng.shuffle(aims)
    found = []
    for number in range(count):
        draft = builder.draft(*aims[number % len(aims)])
        if rng.random() < DISTURBED:
            disturber.disturb(draft)
        found.append(draft.case(f"{seed}-{number:06d}"))
    return found


def labelled_examples() -> list[tuple[Case, str]]:
    """The worked examples of the reference text (RULES.md, section 9) and the DRG it gives for each."""
    return [*exclusion_examples(), *newborn_examples(), *trauma_examples()]


def exclusion_examples() -> list[tuple[Case, str]]:
    told = ("I63.900", "I61.900", "J15.902", "I10.x00x002")
    woman = Case("exclusion", 2, 67, None, None, told, ())
    without = ("I63.900", "I61.900", "I10.x00x002")
    return [
        (woman, "BR23"),
        (replace(woman, case_id="exclusion-without-cc", diagnoses=without), "BR25"),
        (replace(woman, case_id="exclusion-with-mcc", diagnoses=(*told, "N17.900")), "BR21"),
    ]


def newborn_examples() -> list[tuple[Case, str]]:
    girl = Case("newborn", 2, 0, 3, 1420, ("P07.300x011", "P22.000"), ())
    return [
        (girl, "PS11"),
        (replace(girl, case_id="newborn-heavy", birth_weight_g=2700), "PS43"),
        (replace(girl, case_id="newborn-turned", diagnoses=("P22.000", "P07.300x011")), "PR13"),
        (replace(girl, case_id="newborn-not-weighed", birth_weight_g=None), "0000"),
    ]


def trauma_examples() -> list[tuple[Case, str]]:
    procedures = ("41.5x00", "79.3500x018")
    man = Case("trauma", 1, 34, None, None, ("S72.300", "S36.002", "S27.100"), procedures)
    one_site = replace(man, case_id="trauma-one-site", diagnoses=("S72.300",), procedures=("79.3500x018",))
    no_procedure = replace(
        man, case_id="trauma-no-procedure", diagnoses=("S72.300", "S36.002"), procedures=()
    )
    return [
        (man, "ZD19"),
        (replace(man, case_id="trauma-turned", procedures=procedures[::-1]), "ZJ11"),
        (one_site, "IF35"),
        (no_procedure, "ZZ11"),
    ]
