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
Z37.000|Z37.000|单一活产|woman|妇产科|0||0.90|9|4|4600|none
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
G40.900|G40.900|癫痫|any|内科|0||0.45|0.6|7|6200|head
G20.x00|G20.x00|帕金森病|old|内科|0||0.40|0.4|9|7200|head
G45.900|G45.900|短暂性脑缺血发作|old|内科|0||0.45|0.9|7|6400|head
I61.902|I61.902|脑出血|old|内科|0|winter|0.90|0.8|16|21000|head
S06.000|S06.000|脑震荡|any|外科|0||0.60|0.7|7|6100|head
G51.000|G51.000|贝尔麻痹|adult|内科|0||0.25|0.5|9|4100|head
A87.900|A87.900|病毒性脑膜炎|child|儿科|0|summer|0.80|0.6|9|8200|head
H40.900|H40.900|青光眼|old|五官科|0||0.70|0.5|5|5200|none
H81.100|H81.100|良性阵发性眩晕|adult|五官科|0||0.25|0.9|6|3900|head
H66.900|H66.900|中耳炎|any|五官科|0||0.50|0.5|7|5200|none
J32.900|J32.900|慢性鼻窦炎|adult|五官科|0||0.65|0.6|6|7400|head
J35.000|J35.000|慢性扁桃体炎|any|五官科|0||0.60|0.6|6|5900|none
J04.000|J04.000|急性喉炎|child|儿科|0|winter|0.35|0.8|5|2600|chest
J21.900|J21.900|急性细支气管炎|child|儿科|0|winter|0.45|0.9|6|3600|chest
J47.x00|J47.x00|支气管扩张|adult|内科|0|winter|0.50|0.7|9|7100|chest
J84.101|J84.101|间质性肺病|old|内科|0||0.70|0.5|10|9200|chest
J90.x00|J90.x00|胸腔积液|adult|内科|0||0.65|0.5|9|8400|chest
J93.900|J93.900|气胸|adult|外科|0||0.75|0.4|8|9600|chest
J96.900x002|J96.900x002|呼吸衰竭|old|内科|0|winter|0.90|0.8|12|17500|chest
A15.000x001|A15.000x001|肺结核|adult|内科|0||0.60|0.5|11|8600|chest
I26.900x001|I26.900x001|肺栓塞|old|内科|0||0.90|0.3|11|14800|chest
R04.200|R04.200|咯血|adult|内科|0||0.55|0.4|7|5800|chest
I21.900|I21.900|急性心肌梗死|old|内科|0|winter|0.95|0.9|9|24500|heart
I48.x00x007|I48.100|心房颤动|old|内科|0||0.65|0.9|8|9100|heart
I47.100|I47.100|室上性心动过速|adult|内科|0||0.70|0.4|6|9800|heart
I83.900x004|I83.900x004|下肢静脉曲张|adult|外科|0||0.60|0.7|7|8800|limb
I80.207|I80.207|下肢深静脉血栓|old|外科|0||0.70|0.5|10|11800|limb
I70.200x004|I70.200x004|下肢动脉硬化|old|外科|0||0.60|0.5|9|9800|limb
R55.x00x001|R55.x00x001|晕厥|old|内科|0||0.50|0.6|6|5100|head
I42.000x011|I42.001|扩张型心肌病|adult|内科|0||0.75|0.4|9|9400|heart
I34.000|I34.000|二尖瓣关闭不全|old|内科|0||0.70|0.3|9|10200|heart
K25.900x001|K25.900x001|胃溃疡|adult|内科|0||0.45|0.8|8|6300|abdomen
K21.001|K21.001|反流性食管炎|adult|内科|0||0.30|0.8|6|4200|abdomen
K56.700|K56.700|肠梗阻|adult|外科|0||0.65|0.9|8|9100|abdomen
K63.500|K63.500|结肠息肉|adult|内科|0||0.50|0.9|4|5900|abdomen
K60.300|K60.300|肛瘘|adult|外科|0||0.9|0.5|8|7000|abdomen
K51.900|K51.900|溃疡性结肠炎|adult|内科|0||0.60|0.3|9|8200|abdomen
C18.900|C18.900|结肠恶性肿瘤|old|外科|0||0.95|0.7|14|23500|abdomen
C15.900|C15.900|食管恶性肿瘤|old|内科|0||0.95|0.5|13|17800|chest
K85.900|K85.900|急性胰腺炎|adult|内科|0||0.75|0.8|10|12600|abdomen
K74.600|K74.600|肝硬化|adult|内科|0||0.60|0.8|10|9100|abdomen
B18.100|B18.100|慢性乙型肝炎|adult|内科|0||0.50|0.6|9|7200|abdomen
K81.000|K81.000|急性胆囊炎|adult|外科|0||0.60|0.8|7|8200|abdomen
K76.000|K76.000|脂肪肝|adult|内科|0||0.25|0.5|7|4300|abdomen
C22.900|C22.900|肝恶性肿瘤|old|内科|0||0.95|0.5|11|15200|abdomen
S42.200x001|S42.200x001|肱骨近端骨折|adult|骨伤科|0||0.65|0.7|10|14800|limb
S22.300|S22.300|肋骨骨折|adult|骨伤科|0||0.55|0.9|9|6900|chest
S32.000x002|S32.000x002|腰椎骨折|old|骨伤科|0||0.70|0.8|11|15500|spine
S83.200x001|S83.200x001|半月板损伤|adult|骨伤科|0||0.65|0.5|7|11200|limb
M16.900|M16.900|髋关节病|old|骨伤科|0||0.75|0.5|12|26500|limb
M75.100|M75.100|肩袖综合征|adult|骨伤科|0||0.45|0.5|7|8800|limb
M10.900|M10.900|痛风|adult|内科|0||0.30|0.8|7|5100|metabolic
M06.900|M06.900|类风湿性关节炎|adult|内科|0||0.45|0.7|9|6800|limb
M81.900|M81.900|骨质疏松|old|骨伤科|0||0.35|0.6|8|5600|spine
S61.900|S61.900|手开放性损伤|adult|骨伤科|0||0.50|0.7|7|7100|limb
L03.900|L03.900|蜂窝织炎|adult|外科|0|summer|0.35|0.7|8|5200|none
L40.900|L40.900|银屑病|adult|皮肤科|0||0.35|0.3|10|5900|none
D24.x00|D24.x00|乳房良性肿瘤|woman|外科|0||0.60|0.9|4|5800|chest
D17.900x002|D17.900x002|脂肪瘤|adult|外科|0||0.40|0.6|5|4900|none
E05.900x001|E05.900x001|甲状腺毒症|adult|内科|0||0.45|0.6|7|5300|neck
C73.x00|C73.x00|甲状腺恶性肿瘤|adult|外科|0||0.90|0.8|7|15800|neck
E87.600|E87.600|低钾血症|adult|内科|0||0.45|0.5|5|4100|metabolic
N18.001|N18.500|慢性肾脏病5期|adult|内科|0||0.65|0.9|10|10900|metabolic
N10.x00|N10.x00|急性肾盂肾炎|adult|内科|0||0.40|0.6|7|5300|abdomen
N04.900|N04.900|肾病综合征|adult|内科|0||0.60|0.5|10|8100|metabolic
N13.201|N13.201|肾积水伴结石|adult|外科|0||0.60|0.7|7|10400|abdomen
C67.900|C67.900|膀胱恶性肿瘤|old|外科|0||0.90|0.5|9|14600|abdomen
N45.903|N45.903|附睾炎|man|外科|0||0.40|0.5|7|4500|none
C61.x00|C61.x00|前列腺恶性肿瘤|man|外科|0||0.90|0.5|11|14200|abdomen
N43.300|N43.300|鞘膜积液|man|外科|0||0.55|0.5|5|6100|none
N83.201|N83.201|卵巢囊肿|woman|妇产科|0||0.70|0.9|7|11600|pelvis
N84.000|N84.000|子宫内膜息肉|woman|妇产科|0||0.60|0.9|4|5900|pelvis
N81.400|N81.400|子宫脱垂|woman|妇产科|0||0.75|0.4|9|12400|pelvis
N73.902|N73.902|盆腔炎|woman|妇产科|0||0.40|0.8|7|4600|pelvis
C53.900|C53.900|宫颈恶性肿瘤|woman|妇产科|0||0.95|0.5|12|17200|pelvis
O82.000|O82.000|择期剖宫产|woman|妇产科|0||0.92|0.9|6|9400|none
O00.101|O00.101|输卵管妊娠|woman|妇产科|0||0.90|0.6|6|9700|pelvis
O02.100|O02.100|稽留流产|woman|妇产科|0||0.60|0.7|3|3600|pelvis
O20.000|O20.000|先兆流产|woman|妇产科|0||0.50|0.9|6|3500|pelvis
D50.900|D50.900|缺铁性贫血|adult|内科|0||0.40|0.6|7|5600|metabolic
D69.600|D69.600|血小板减少|adult|内科|0||0.60|0.4|8|7400|metabolic
D61.900|D61.900|再生障碍性贫血|adult|内科|0||0.75|0.3|10|11200|metabolic
C83.900|C83.900|非霍奇金淋巴瘤|adult|内科|0||0.95|0.4|9|14500|chest
Z51.102|Z51.102|肿瘤化学治疗|old|内科|0||0.90|0.9|5|7900|chest
A41.900|A41.900|脓毒症|old|内科|0||0.85|0.7|11|15600|chest
R50.900|R50.900|发热|any|内科|0||0.30|0.8|5|3400|chest
B34.900|B34.900|病毒感染|child|儿科|0||0.25|0.9|5|2700|chest
A49.900|A49.900|细菌感染|any|内科|0||0.35|0.5|6|4100|chest
F20.900|F20.900|精神分裂症|adult|内科|0||0.70|0.5|30|11000|none
F32.900|F32.900|抑郁发作|adult|内科|0||0.55|0.5|14|7100|none
F10.200|F10.200|酒精依赖|man|内科|0||0.45|0.4|8|4900|none
T78.400|T78.400|变态反应|any|皮肤科|0|summer|0.35|0.6|4|2800|none
T60.001|T60.001|有机磷中毒|adult|内科|0|summer|0.80|0.5|7|9600|head
T81.400x001|T81.400x001|操作后感染|adult|外科|0||0.60|0.4|9|8200|none
T23.200|T23.200|手二度烧伤|any|外科|0||0.55|0.5|9|6800|none
Z47.001|Z47.001|取除骨折内固定|adult|骨伤科|0||0.60|0.8|7|8700|limb
E46.x00x003|E46.x00x003|营养不良|old|内科|0||0.35|0.4|8|5400|metabolic
E43.x00|E43.x00|重度营养不良|old|内科|0||0.45|0.3|9|7100|metabolic
P07.300|P07.300|早产儿|newborn|儿科|0||0.95|0|9|11500|none
P22.000|P22.000|新生儿呼吸窘迫综合征|newborn|儿科|0||0.95|0|12|19500|chest
P59.901|P59.901|新生儿黄疸|newborn|儿科|0||0.80|0|6|5200|none
P23.900|P23.900|先天性肺炎|newborn|儿科|0||0.85|0|8|7800|chest
QT001||其他不适|never|内科|0||0.2|0|0|0|none
9999||待查|never|内科|0||0.2|0|0|0|none
"""
NEWBORN = "newborn"  # the group of those within four weeks of their birth
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
