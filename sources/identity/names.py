"""Names made comparable: what is written, and what it sounds like.

The sound is pinyin without tones, with the pairs that the region's speakers and typists do not tell apart folded
together (平翘舌、前后鼻音、n/l). Not here: how alike two names must be (comparison).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马诸葛上官夏侯皇甫尉迟公孙慕容令狐长孙宇文司徒司空东方独孤南宫万俟闻人端木轩辕申屠"
        "太史公羊澹台濮阳淳于单于钟离鲜于呼延赫连西门东郭百里第五",
    )
)
# Surnames that are read otherwise than the same character elsewhere.
_SURNAME_READINGS = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "任": "ren", "朴": "piao", "盖": "ge",
    "翟": "zhai", "乐": "yue", "缪": "miao", "覃": "qin", "员": "yun", "繁": "po", "种": "chong", "秘": "bi", "冼": "xian",
    "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "单于": "chan yu",
}  # fmt: skip
# A child that has no name yet, or a patient nobody knows: says nothing about who it is.
_PLACEHOLDER = re.compile(
    r"之[子女儿婴]$|^(无名氏?|不详|未知|无|婴儿?|新生儿|某某?|匿名|患者|佚名)|([婴幼]儿?|毛毛|宝宝)$"
)
_NOISE = re.compile(r"[\s·•・.\u00ad\u200b-\u200f\u2060\ufeff]")
_REMARK = re.compile(r"\(.*$|(?<=[\u3400-\u9fff])[0-9A-Z]+$")
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))


def normalised(name: str) -> str | None:
    """The name without blanks, dots, remarks and running numbers; None for a placeholder such as 某某之子."""
    text = _NOISE.sub("", unicodedata.normalize("NFKC", name)).upper()
    text = _REMARK.sub("", text)
    return None if not text or _PLACEHOLDER.search(text) else text


def surname_length(name: str) -> int:
    """Characters of the surname: two for a compound one that leaves something for the given name."""
    return 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1


def sound(name: str) -> tuple[str, str]:
    """Folded pinyin of a normalised name and of its surname, syllables apart; characters without a reading stay."""
    length = surname_length(name)
    surname = _SURNAME_READINGS.get(name[:length])
    parts = surname.split() if surname else [_reading(character) for character in name[:length]]
    folded = [_folded(part) for part in parts]
    return " ".join(folded + [_folded(_reading(character)) for character in name[length:]]), " ".join(folded)


@cache
def _reading(character: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return lazy_pinyin(character, style=Style.NORMAL)[0]


@cache
def _folded(syllable: str) -> str:
    for written, heard in _FOLDS:
        if syllable.startswith(written):
            syllable = heard + syllable[len(written) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


def columns(names: pa.ChunkedArray) -> dict[str, pa.Array]:
    """Columns `name`, `sound` and `surname_sound` of a column of names as written; every different one is read once."""
    encoded = pc.dictionary_encode(names.combine_chunks())
    written = [normalised(value) for value in encoded.dictionary.to_pylist()]
    heard = [sound(name) if name else (None, None) for name in written]
    values = {
        "name": written,
        "sound": [whole for whole, _ in heard],
        "surname_sound": [surname for _, surname in heard],
    }
    return {key: pa.array(column, pa.string()).take(encoded.indices) for key, column in values.items()}
