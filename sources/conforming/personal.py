"""What in a text is a person: identity cards, telephone numbers, names; found whole or inside a text.

Numbers are found by their shape, with blanks between their digits and letters around them. A name is two to four Chinese
characters that stand alone, begin with a family name and are no word that is known. Not here: what is done with what is
found (identifiers).
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sources import reference
from sources.base.privacy import FAMILY_NAMES, NAME

COVER = "******"

# -- numbers

_GAP = "[ \t\u00a0\u3000_–—-]{0,2}"
_STOP = "[ \t.·_–—-]{0,2}"
_SOLID_CARD = "[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
# The same digits one by one, each of which a gap may follow.
_CARD = _GAP.join(
    (
        *("[1-8]", *["[0-9]"] * 5),
        *(f"(?:1{_GAP}9|2{_GAP}0)", "[0-9]", "[0-9]"),
        f"(?:0{_GAP}[1-9]|1{_GAP}[0-2])",
        f"(?:0{_GAP}[1-9]|[12]{_GAP}[0-9]|3{_GAP}[01])",
        *("[0-9]", "[0-9]", "[0-9]", "[0-9Xx]"),
    )
)
_OLD_CARD = "[1-8][0-9]{5}[ -]?[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[ -]?[0-9]{3}"
_MOBILE = rf"(?:\+?(?:00)?86{_STOP})?1[3-9](?:[0-9]{_STOP}[0-9]{{4}}{_STOP}[0-9]{{4}}|[0-9]{_STOP}[0-9]{{3}}{_STOP}[0-9]{{5}})"
_MOBILE_SPACED = "1[ -][3-9](?:[ -][0-9]){9}"
_LANDLINE = rf"0(?:10|2[0-9]|[3-9][0-9]{{2}})[))]?{_STOP}[2-9][0-9]{{2,3}}{_STOP}[0-9]{{4}}"
_NUMBER = f"(^|[^0-9])(?:{_CARD}|{_SOLID_CARD}[0-9]{{1,4}}|{_OLD_CARD}|{_MOBILE}|{_MOBILE_SPACED}|{_LANDLINE})([^0-9]|$)"
# In a key a card may stand inside any longer number; a stand-in for what is none does no harm there.
_NUMBER_IN_KEY = f"{_NUMBER}|{_SOLID_CARD}"
_SHORTEST = 10
# For one text: to compile it takes Arrow, which does so at every call, longer than to read a thousand texts.
_NUMBER_IN_ONE = re.compile(_NUMBER.replace("$", r"\Z"))


def holds_number(values: pa.Array, *, key: bool) -> pa.Array:
    """Where a text holds an identity card or a telephone number; null counts as no."""
    long = pc.greater_equal(pc.binary_length(values), _SHORTEST)
    if pc.any(long).as_py() is not True:
        return pa.repeat(pa.scalar(False), len(values))
    return pc.fill_null(pc.match_substring_regex(values, _NUMBER_IN_KEY if key else _NUMBER), False)


def without_numbers(values: pa.Array) -> pa.Array:
    """The texts with such numbers covered."""
    for _ in range(2):  # two numbers one character apart share that character
        values = pc.replace_substring_regex(values, _NUMBER, rf"\1{COVER}\2")
    return values


def narrow(values: pa.Array) -> pa.Array:
    """Full-width digits as plain ones; everything else as it is."""
    if pc.any(pc.match_substring_regex(values, "[\uff10-\uff19]")).as_py() is True:
        return pa.array(
            [None if v is None else v.translate(_NARROW) for v in values.to_pylist()], pa.string()
        )
    return values


_NARROW = {0xFF10 + digit: str(digit) for digit in range(10)}

# -- names

_BEFORE = "(?:姓名|患者|病人|病员|产妇|患儿|家属|联系人|监护人|经办人|经手人|医生|医师|护士|签名|签字)"
_AFTER = "(?:先生|女士|同志|医生|医师|大夫|护士长|护士|主任|院长|老师)"
_MINORITY = r"\p{Han}{2,8}[·•・]\p{Han}{2,8}"
_ALONE = rf"(?:^|[^\p{{Han}}]){_BEFORE}?(?:{NAME}|{_MINORITY}){_AFTER}?(?:$|[^\p{{Han}}])"
_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff"
_FOUND = re.compile(
    rf"(?<![{_IDEOGRAPH}·])({_BEFORE}?)({NAME}|{_MINORITY})({_AFTER}?)(?![{_IDEOGRAPH}·〔])".replace(
        r"\p{Han}", f"[{_IDEOGRAPH}]"
    )
)
# What names of places, medicines, illnesses and services end in, and names of people do not.
_ENDS = (
    *"科室部院所站区组处楼床片丸散汤膏剂囊粒针酸酯钠钾钙胺啶唑酮醇炎症病癌瘤痛热尿肿伤术查诊疗治费率型类级侧肢压糖脂腔骨",
    *"肝肺胃肾肠膜疹疮疡咳喘县市省镇乡村街路号期史量值比数法员",
    *("材料", "中心", "门诊", "诊所", "顺产", "公司", "平台", "系统", "明细", "报表"),
)
# A doctor's own practice bears his name.
_OWN_PRACTICE = re.compile(
    f"[{FAMILY_NAMES}][{_IDEOGRAPH}]{{1,2}}(口腔|中医)?(诊所|卫生室|卫生所|医务室|门诊部)$"
)


def holds_name(values: pa.Array) -> pa.Array:
    """Where a text may hold a Chinese name; null counts as no."""
    if pc.all(pc.string_is_ascii(values)).as_py() in (True, None):
        return pa.repeat(pa.scalar(False), len(values))
    likely = pc.fill_null(pc.match_substring_regex(values, _ALONE), False)
    if pc.any(likely).as_py() is not True:
        return likely
    held = [
        sure and any(_names(text)) for sure, text in zip(likely.to_pylist(), values.to_pylist(), strict=True)
    ]
    return pa.array(held, pa.bool_())


def without_names(text: str) -> str:
    """The text with names covered."""
    for found in reversed(list(_names(text))):
        text = f"{text[: found.start(2)]}{COVER}{text[found.end(2) :]}"
    return text


def shown_numbers(text: str) -> str:
    """One text with identity cards and telephone numbers covered."""
    covered = text.translate(_NARROW)
    for _ in range(2):  # as in `without_numbers`
        covered, found = _NUMBER_IN_ONE.subn(rf"\1{COVER}\2", covered)
        if not found:
            break
        text = covered
    return text


def shown_text(text: str) -> str:
    """A text with identifiers covered."""
    return without_names(shown_numbers(text))


def shown_name(name: str) -> str:
    """A name that somebody gave to a file, a sheet or a column, as it may leave this room.

    Three digits tell covered ones apart: too few to find out what stood there.
    """
    digits = int(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest(), 16) % 1000
    return shown_text(name).replace(COVER, f"***{digits:03}")


def may_hold_name(text: str) -> bool:
    """Whether a name could stand anywhere in a Chinese text, also between other words: what is shown to people is not."""
    if _OWN_PRACTICE.match(text):
        return True
    return not _is_word(text) and re.search(f"[{FAMILY_NAMES}][{_IDEOGRAPH}]", text) is not None


def _names(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _FOUND.finditer(text) if not _is_word(found[2]))


def _is_word(word: str) -> bool:
    known = _words()
    return word.endswith(_ENDS) or word in known or word[:3] in known or word[:2] in known


@cache
def _words() -> frozenset[str]:
    """Words that begin like a name and are none: our own list, and what diagnoses and procedures begin with."""
    own = (Path(__file__).parent / "not_names.txt").read_text(encoding="utf-8").splitlines()
    words = {word for line in own if not line.startswith("#") for word in line.split()}
    for table in sorted(Path(str(reference.__file__)).parent.glob("icd/*_nhsa_*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for run in re.findall(f"[{_IDEOGRAPH}]+", unicodedata.normalize("NFKC", row["name_zh"])):
                    words |= {run} if len(run) < 3 else {run[:3], run[:4]}
    return frozenset(words)
