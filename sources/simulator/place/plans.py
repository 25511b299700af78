"""How stays for each disease of the county are coded: plans that lead to a casemix group.

A plan is chosen group first: a principal diagnosis of the disease's own ICD category and the procedures done are looked for in the
scheme's lists until they lead there. Not here: plans as arrays (casebook.py), which stay follows which (happening/cases.py).
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from sources.reference import FOLDER, nhsa_codes
from sources.simulator.place.diseases import NEWBORN, Diseases
from sources.simulator.place.scheme_rules import Case, SchemeRules

# disease → groups with a procedure (county hospitals) and their share; `/` first digits of the procedure, `+` a second
# diagnosis that belongs to the plan
_OPERATED = {
    "J18.900": "AH1/96.72:0.01 EJ1/33.2:0.04", "K29.500": "GK2:0.08", "K80.200": "HC2/51.2:0.5 HC1:0.08 HC3:0.06 HL1:0.06",
    "K35.800": "GD2/47:0.55 GD1/47:0.25", "K92.208": "GK2:0.12", "K40.900": "GE1/53.0:0.9", "N20.000": "LC1/56:0.25 LB1/55:0.2 LD1/57:0.05",
    "N40.x00": "MB1/60.2:0.4", "M51.202": "IB3/80.5:0.2", "M17.900": "IC2/81.54:0.2 IC4/80:0.1", "H25.900": "CB3/13:0.95",
    "S52.500": "IF1/79.3:0.6", "S82.800": "IF4/79.3:0.7", "S72.000": "IC2/81.52:0.45 IF3/79.3:0.25 ZJ1/79.3+S36.002:0.05", "S01.900": "DJ1/27:0.1",
    "Z37.000": "OC1:0.25", "D25.900": "NC1/68:0.6 NE1:0.1", "E04.900": "KD1:0.4 KD2:0.1", "C34.900": "EB1/32:0.12",
    "C16.900": "GB1/43:0.3", "C50.900": "JA2:0.4", "I25.103": "FM1:0.06 FM3/88.5:0.12 FC1/36:0.01", "I20.000": "FM1:0.2 FM3/88.5:0.2 FM2:0.04",
    "I50.900": "FK3/37.8:0.03", "J44.900": "AH1/96.72:0.01", "I63.900": "BL1:0.05 BM1:0.1 BE2:0.03", "E11.900": "JD1/86:0.02",
    "I61.902": "BB2/01:0.2 BC1:0.08", "S06.000": "BB1/01:0.08", "H40.900": "CB4:0.5 CB2:0.15", "H66.900": "DC1/19:0.35 DC2:0.1",
    "J32.900": "DD2:0.7", "J35.000": "DE2:0.75", "J90.x00": "ED1/34:0.15", "J93.900": "EC1/34:0.2 EB2/3:0.1",
    "J96.900x002": "AH1/96.72:0.12", "I21.900": "FM1:0.35 FM3/88.5:0.1", "I48.x00x007": "FL1:0.12 FK3/37.8:0.08", "I47.100": "FL2:0.4",
    "I83.900x004": "FF1:0.75", "I80.207": "FN2/88:0.15 FN1/39:0.1", "I70.200x004": "FN1/39:0.2 FF3/38:0.1", "I34.000": "FB2:0.1",
    "K25.900x001": "GK2:0.15 GC1:0.08", "K56.700": "GB2/45:0.15 GG1:0.12", "K63.500": "GK3:0.75", "K60.300": "GF1:0.85",
    "C18.900": "GB2/45:0.5 GC2/4:0.08", "C15.900": "GB1/42:0.15", "K85.900": "HL1/51:0.1", "K74.600": "HK1:0.08", "K81.000": "HC2/51.2:0.45",
    "C22.900": "HB1/50:0.1", "S42.200x001": "IF1/79.3:0.45 IC3/81:0.1", "S22.300": "ZZ1+S36.002:0.1", "S32.000x002": "IB3/81.6:0.35",
    "S83.200x001": "IC4/80:0.45 IC3/81:0.2", "M16.900": "IC2/81.51:0.7", "M75.100": "IC3/81:0.2", "S61.900": "VC1/86:0.3 VJ1/86.5:0.2",
    "L03.900": "JJ1:0.15", "D24.x00": "JB2/85:0.75", "D17.900x002": "JJ1:0.85", "C73.x00": "KD1/06:0.75",
    "N18.001": "LL1/39.95:0.35 LF1/39.27:0.15", "N13.201": "LC1/56:0.4", "C67.900": "LA2:0.6", "C61.x00": "MA1/60:0.2", "N43.300": "MD1:0.7",
    "N83.201": "ND1:0.65", "N84.000": "NE1/68:0.7", "N81.400": "NB1/70:0.55", "C53.900": "NA1:0.25 NA2/68:0.15",
    "O82.000": "OB1:0.95", "O00.101": "OE1/66:0.65", "O02.100": "OF2:0.75", "C83.900": "RB2/99.25:0.4", "Z51.102": "RE1/99.25:0.8",
    "T23.200": "WC1/86.6:0.2", "Z47.001": "IF5/78.6:0.8", "P22.000": "PK1/96.7:0.4",
}  # fmt: skip
# birth weight in grams of the children that come too early: from, to
_EARLY = {"PS1": (900, 1_500), "PS2": (1_500, 2_000), "PS3": (2_000, 2_500), "PS4": (2_500, 3_300)}
WEIGHED = tuple(_EARLY)
ORDINARY_WEIGHT = (2_500, 4_200)
_OWN_CODE, _CODES, _OF_ONE_GROUP, _WAYS = 0.5, 8, 2, 3
FURTHER = "88.4100"  # looked at the vessels as well
_MAN, _WOMAN = 1, 2


@dataclass(frozen=True)
class Plan:
    """One way in which a stay for a disease is coded. adrg None: such codes lead nowhere."""

    disease: int
    principal: str
    procedures: tuple[str, ...]
    second: str | None
    adrg: str | None
    share: float
    operated: bool
    birth_weight: tuple[int, int] = ORDINARY_WEIGHT


class Editions:
    """Insurance codes as the hospitals' clinical edition writes them."""

    def __init__(self) -> None:
        self.names = {kind: nhsa_codes(kind) for kind in ("diagnosis", "procedure")}
        self._clinical = {kind: self._read(kind) for kind in self.names}

    def clinical(self, kind: str, code: str) -> str | None:
        """The clinical code that means this insurance code and nothing else, None where there is none of the same category."""
        return self._clinical[kind].get(code)

    def _read(self, kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        with (FOLDER / f"{kind}_clinical_to_nhsa.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                source, target = row["source_code"], row["target_code"]
                own = source == target
                clear = own or (source not in self.names[kind] and source[:3] == target[:3])
                if target in self.names[kind] and clear and (own or target not in found):
                    found[target] = source
        return found


class Planner:
    """Looks for the plans of every disease."""

    def __init__(self, diseases: Diseases, rules: SchemeRules, editions: Editions) -> None:
        self._diseases, self._rules, self._editions = diseases, rules, editions
        self._rows = list(
            zip(
                diseases.codes.to_pylist(), diseases.insurance_codes.to_pylist(), diseases.groups, strict=True
            )
        )

    def plans(self) -> list[Plan]:
        """Those of each disease in turn, the usual one first; a disease of no group has one that leads nowhere."""
        return [plan for number in range(len(self._rows)) for plan in self._of(number)]

    def _of(self, number: int) -> list[Plan]:
        code, own, group = self._rows[number]
        if own is None:
            return []
        if group == NEWBORN and code.startswith("P07"):
            return [self._early(number, own, adrg) for adrg in _EARLY]
        usual = self._usual(number, own, group)
        operated = [
            p for entry in _OPERATED.get(code, "").split() for p in self._operated(number, entry, usual)
        ]
        return [*usual, *operated]

    def _early(self, number: int, own: str, adrg: str) -> Plan:
        return Plan(number, own, (), None, adrg, 1.0, False, _EARLY[adrg])

    def _usual(self, number: int, own: str, group: str) -> list[Plan]:
        """Without a procedure: the disease's own code and others of its category, a few for each group."""
        others = (code for code in self._listed if code[:3] == own[:3] and code != own)
        candidates = [own, *sorted(others, key=lambda code: (code[:5] != own[:5], code))]
        found: dict[str, list[str]] = defaultdict(list)
        for code in candidates:
            adrg = self._leads(code, (), None, group)
            if adrg and len(found[adrg]) < _OF_ONE_GROUP:
                found[adrg].append(code)
        chosen = [
            code
            for place in range(_OF_ONE_GROUP)
            for codes in found.values()
            for code in codes[place : place + 1]
        ]
        chosen = sorted(chosen[:_CODES], key=lambda code: (code != own, code[:5] != own[:5]))
        if not chosen:
            return [Plan(number, own, (), None, None, 1.0, False)]
        adrgs = {code: adrg for adrg, codes in found.items() for code in codes}
        rest = (1 - _OWN_CODE) / max(len(chosen) - 1, 1)
        return [
            Plan(number, code, (), None, adrgs[code], rest if place else _OWN_CODE, False)
            for place, code in enumerate(chosen)
        ]

    def _operated(self, number: int, entry: str, usual: list[Plan]) -> list[Plan]:
        """A few ways into a group with a procedure. Raises ValueError if there is none."""
        group = self._rows[number][2]
        named, share = entry.split(":")
        named, _, second = named.partition("+")
        adrg, _, prefix = named.partition("/")
        ways = [
            (principal, procedures)
            for principal in dict.fromkeys([*(plan.principal for plan in usual), *self._asked(adrg, usual)])
            for procedures in self._done(adrg, prefix)
            if self._leads(principal, procedures, second or None, group) == adrg
        ]
        if not ways:
            raise ValueError(f"no codes of {self._rows[number][0]} lead to {adrg}")
        chosen = ways[:: max(len(ways) // _WAYS, 1)][:_WAYS]
        each = float(share) / len(chosen)
        return [Plan(number, *way, second or None, adrg, each, True) for way in chosen]

    def _asked(self, adrg: str, usual: list[Plan]) -> list[str]:
        """Principal diagnoses of the category that the group itself asks for."""
        category = usual[0].principal[:3]
        lists = [
            row["list_id"]
            for clauses in self._rules.asks[adrg]
            for row in clauses
            if row["role"] == "principal_diagnosis"
        ]
        return sorted(code for name in lists for code in self._rules.lists[name] if code[:3] == category)

    def _done(self, adrg: str, prefix: str) -> list[tuple[str, ...]]:
        """What may be done to get into a group: one procedure of each list that its first alternative asks for."""
        lists = [
            self._rules.lists[row["list_id"]]
            for row in self._rules.asks[adrg][0]
            if row["role"].endswith("_procedure") and row["quantifier"] == "any"
        ]
        known = [
            [
                c
                for c in sorted(codes)
                if self._editions.clinical("procedure", c) == c and c.startswith(prefix)
            ]
            for codes in lists
        ]
        few = [codes[:: max(len(codes) // _WAYS, 1)][:_WAYS] for codes in known]
        return list(product(*few))

    def _leads(
        self, principal: str, procedures: tuple[str, ...], second: str | None, group: str
    ) -> str | None:
        """The group that everybody who can have the disease is brought to by these codes."""
        if "+" in principal or self._editions.clinical("diagnosis", principal) is None:
            return None
        if principal not in self._editions.names["diagnosis"]:
            return None
        early = principal in self._rules.lists["MDCP"]
        if early != (group == NEWBORN) or (second is None and not self._of_both(principal, group)):
            return None
        diagnoses = (principal, second) if second else (principal,)
        years, days = (0, 3) if group == NEWBORN else (40, None)
        sexes = {"man": (_MAN,), "woman": (_WOMAN,)}.get(group, (_MAN, _WOMAN))
        found = {
            self._rules.adrg(Case(diagnoses, procedures, sex, years, days, 3_200 if days else None))
            for sex in sexes
        }
        return found.pop() if len(found) == 1 else None

    def _of_both(self, principal: str, group: str) -> bool:
        """Whether a diagnosis of one sex only is asked of that sex."""
        man, woman = (principal in self._rules.lists[name] for name in ("MDCM", "MDCN"))
        return not ((man and group != "man") or (woman and group != "woman"))

    @cached_property
    def _listed(self) -> set[str]:
        """Every diagnosis that opens some MDC."""
        lists = self._rules.lists
        return {code for name, codes in lists.items() if name.startswith("MDC") for code in codes}
