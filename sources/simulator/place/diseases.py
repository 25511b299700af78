"""The diseases of the county: what people come with, where, when, and what it leads to.

One row per diagnosis. Weights are relative frequencies (assumptions shaped by the feed specification's parameters:
hypertension 25 % and diabetes 10 % of adults, winter respiratory peak). `severity` moves a visit towards the county
hospitals, `orders` names what is examined, `drugs` what is prescribed. Not here: who falls ill (happening/visits.py,
happening/stays.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

# code (national clinical edition), code (insurance edition), name, group, department,
# outpatient weight, season, severity 0–1, inpatient weight, length of stay (days), cost of a stay (yuan), orders
_ROWS = """
J06.900|J06.900|急性上呼吸道感染|any|内科|16|winter|0.10|0.5|5|2600|chest
J20.900|J20.900|急性支气管炎|any|内科|8|winter|0.18|2.5|6|3200|chest
J18.900|J18.900|肺炎|any|内科|3.4|winter|0.52|8|8|5200|chest
J03.900|J03.900|急性扁桃体炎|child|儿科|6|winter|0.15|0.8|5|2500|chest
J45.900|J45.900|支气管哮喘|any|内科|1.2|spring|0.35|1.0|7|4300|chest
J30.400|J30.400|变应性鼻炎|any|五官科|2.0|spring|0.30|0|0|0|none
K29.500|K29.500|慢性胃炎|adult|内科|6.0||0.25|1.0|6|3600|abdomen
A09.900|A09.900|感染性腹泻|any|内科|3.0|summer|0.12|1.2|5|2400|abdomen
K02.900|K02.900|龋病|any|五官科|2.2||0.30|0|0|0|none
K05.300|K05.300|慢性牙周炎|adult|五官科|1.2||0.30|0|0|0|none
K80.200|K80.200|胆囊结石|adult|外科|1.7||0.55|4|8|9800|abdomen
K35.800|K35.800|急性阑尾炎|any|外科|0.8||0.70|3|6|8800|abdomen
K92.208|K92.208|消化道出血|adult|内科|0.6||0.75|2|8|8600|abdomen
K40.900|K40.900|腹股沟疝|adult|外科|0.6||0.60|2|4|7200|abdomen
N20.000|N20.000|肾结石|adult|外科|1.8||0.50|2|6|7600|abdomen
N39.000|N39.000|泌尿道感染|adult|内科|2.0||0.25|0.8|6|3000|abdomen
N40.x00|N40.x00|前列腺增生|man|外科|1.4||0.45|1.2|8|8200|abdomen
M51.202|M51.202|腰椎间盘突出|adult|骨伤科|3.6||0.48|5|9|6100|spine
M54.505|M54.505|腰痛|adult|骨伤科|3.4||0.20|0.5|7|3600|spine
M17.900|M17.900|膝关节骨性关节病|old|骨伤科|4.6||0.25|1.8|9|6600|limb
M47.800|M47.800|颈椎病|adult|骨伤科|3.0||0.25|1.5|8|4600|spine
L23.900|L23.900|变应性接触性皮炎|any|皮肤科|2.4|summer|0.30|0|0|0|none
L50.900|L50.900|荨麻疹|any|皮肤科|1.6|spring|0.25|0|0|0|none
H10.900|H10.900|结膜炎|any|五官科|1.8|spring|0.25|0|0|0|none
H25.900|H25.900|老年性白内障|old|五官科|1.4||0.75|3|2|5600|none
S52.500|S52.500|桡骨远端骨折|any|骨伤科|1.3||0.55|2.5|10|11800|limb
S82.800|S82.800|踝关节骨折|any|骨伤科|1.0||0.60|2.5|12|14500|limb
S72.000|S72.000|股骨颈骨折|old|骨伤科|0.5||0.85|3|15|26000|limb
S01.900|S01.900|头部开放性损伤|any|外科|1.2||0.45|0.6|5|3800|head
T14.100|T14.100|开放性伤口|any|外科|1.6||0.20|0|0|0|none
R51.x00|R51.x00|头痛|adult|内科|2.0||0.30|0.3|5|3400|head
R42.x00|R42.x00|头晕|old|内科|3.4||0.28|1.0|6|3900|head
R10.400|R10.400|腹痛|any|内科|2.2||0.25|0.4|4|2500|abdomen
G47.000|G47.000|失眠症|adult|内科|1.8||0.25|0|0|0|none
F41.100|F41.100|广泛性焦虑障碍|adult|内科|0.8||0.65|0.2|12|5200|none
Z34.900|Z34.900|正常妊娠监督|woman|妇产科|3.4||0.55|0|0|0|pelvis
O80.000|O80.000|单胎顺产|woman|妇产科|0||0.90|9|4|4600|none
N76.000|N76.000|急性阴道炎|woman|妇产科|3.0||0.40|0.2|5|3000|pelvis
D25.900|D25.900|子宫平滑肌瘤|woman|妇产科|0.8||0.80|3|8|11500|pelvis
Z00.000|Z00.000|健康查体|adult|公卫科|2.6||0.15|0|0|0|check
B02.900|B02.900|带状疱疹|old|皮肤科|1.0||0.40|0.8|8|4700|none
E04.900|E04.900|甲状腺结节|adult|外科|1.0||0.70|0.8|6|9300|neck
C34.900|C34.900|肺恶性肿瘤|old|内科|0.4||0.95|3.5|11|15500|chest
C16.900|C16.900|胃恶性肿瘤|old|外科|0.3||0.95|2.5|12|18500|abdomen
C50.900|C50.900|乳房恶性肿瘤|woman|外科|0.5||0.95|2.5|10|14200|chest
I10.x00x002|I10.x00|高血压病2级|htn|内科|100||0.18|7|7|4400|heart
E11.900|E11.900|2型糖尿病|dm|内科|100||0.25|22|9|5600|metabolic
I25.103|I25.103|冠状动脉粥样硬化性心脏病|chd|内科|74||0.50|26|8|7600|heart
I20.000|I20.000|不稳定型心绞痛|chd|内科|14||0.70|22|7|9800|heart
I50.900|I50.900|心力衰竭|chd|内科|12||0.72|20|10|8400|heart
J44.900|J44.900|慢性阻塞性肺病|copd|内科|100|winter|0.46|60|9|6300|chest
I63.900|I63.900|脑梗死|stroke|内科|52||0.60|52|11|9600|head
I69.300|I69.300|脑梗死后遗症|stroke|内科|48||0.28|26|12|6200|head
QT001||其他不适|never|内科|0||0.2|0|0|0|none
9999||待查|never|内科|0||0.2|0|0|0|none
"""
CHRONIC = ("htn", "dm", "chd", "copd", "stroke")
UNMAPPABLE = ("QT001", "9999")  # local codes no map knows (V18)


@dataclass(frozen=True)
class Diseases:
    """Arrays over the catalogue; `category` indexes `categories` (upper-case first three characters of the code), -1 where a
    local code names no disease."""

    codes: pa.Array
    insurance_codes: pa.Array
    names: pa.Array
    groups: np.ndarray
    departments: np.ndarray
    outpatient_weight: np.ndarray
    seasons: np.ndarray
    severity: np.ndarray
    inpatient_weight: np.ndarray
    stay_days: np.ndarray
    stay_cost_yuan: np.ndarray
    orders: np.ndarray
    categories: list[str]
    category: np.ndarray
    up: np.ndarray
    down: np.ndarray
    unmappable: np.ndarray  # indices

    def numbers(self, codes: Iterable[str]) -> np.ndarray:
        """Indices of diagnosis codes."""
        known = self.codes.to_pylist()
        return np.array([known.index(code) for code in codes], np.int64)

    def eligible(self, band: int, sex: int) -> np.ndarray:
        """1 where someone of that age band (0 child, 1 adult, 2 old) and sex can have the disease, else 0."""
        groups = {"any", "child" if band == 0 else "adult"}
        groups |= {"old"} if band == 2 else set()
        groups |= {"man"} if band == 2 and sex == 1 else set()
        groups |= {"woman"} if band == 1 and sex == 2 else set()
        return np.isin(self.groups, sorted(groups)).astype(float)


def load_diseases(up: frozenset[str], down: frozenset[str]) -> Diseases:
    """Return the catalogue as arrays; `up` and `down` are the policy's indicated categories."""
    rows = [line.split("|") for line in _ROWS.strip().splitlines()]
    columns = list(zip(*rows, strict=True))
    first_three = [code.strip()[:3].upper() for code in columns[0]]
    means_nothing = np.isin(columns[0], UNMAPPABLE)
    categories = sorted(set(first_three))
    return Diseases(
        codes=pa.array(columns[0]),
        insurance_codes=pa.array([code or None for code in columns[1]]),
        names=pa.array(columns[2]),
        groups=np.array(columns[3]),
        departments=np.array(columns[4]),
        outpatient_weight=np.array(columns[5], dtype=float),
        seasons=np.array(columns[6]),
        severity=np.array(columns[7], dtype=float),
        inpatient_weight=np.array(columns[8], dtype=float),
        stay_days=np.array(columns[9], dtype=float),
        stay_cost_yuan=np.array(columns[10], dtype=float),
        orders=np.array(columns[11]),
        categories=categories,
        category=np.where(means_nothing, -1, [categories.index(c) for c in first_three]),
        up=np.isin(first_three, sorted(up)),
        down=np.isin(first_three, sorted(down)),
        unmappable=np.flatnonzero(means_nothing),
    )
