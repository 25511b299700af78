"""Names as people write them."""

from __future__ import annotations

import pytest

from sources.base.engine import ask
from sources.identity import contacts, names
from sources.simulator.people.name_lists import SOUNDS_ALIKE


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("欧阳 雪", "欧阳雪"),
        ("张三（已故）", "张三"),
        ("李四2", "李四"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("王\u200b芳", "王芳"),
        ("王芳之女", None),
        ("无名氏", None),
        ("陈婴", None),
    ],
)
def test_what_is_no_part_of_a_name_goes(written: str, expected: str | None) -> None:
    assert names.normalised(written) == expected


@pytest.mark.parametrize(
    ("name", "heard", "surname"),
    [
        ("曾国华", "zen guo hua", "zen"),
        ("单静", "san jin", "san"),
        ("欧阳雪", "ou yan xue", "ou yan"),
        ("单于静", "can yu jin", "can yu"),
        ("欧阳", "ou yan", "ou"),
        ("㛃犇", "jie ben", "jie"),
    ],
)
def test_surnames_have_their_own_readings(name: str, heard: str, surname: str) -> None:
    assert names.sound(name) == (heard, surname)


def test_what_clerks_mishear_sounds_the_same() -> None:
    unlike = [group for group in SOUNDS_ALIKE if len({names.sound("王" + each)[0] for each in group}) > 1]
    assert unlike == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+86 138-0013-8000", "13800138000"),
        ("013800138000", "13800138000"),
        ("13800138000/13900139000", "13800138000"),
        ("0561-3031234", "05613031234"),
        ("120", None),
        ("11111111111", None),
        ("", None),
    ],
)
def test_telephones(written: str, expected: str | None) -> None:
    assert ask(f"select {contacts.phone('t')} from (select ?::varchar as t)", [written]) == [(expected,)]


@pytest.mark.parametrize(
    ("written", "words", "numbers"),
    [
        ("安徽省淮北市濉河县青冈镇前街12号3室", "青冈镇前街", "12-3"),
        ("濉河县青冈镇 前街12-3", "青冈镇前街", "12-3"),
        ("幸福里小区3栋", "幸福里小区栋", "3"),
        ("濉河县", None, None),
    ],
)
def test_addresses(written: str, words: str | None, numbers: str | None) -> None:
    sql = (
        f"select {contacts.address_words('t')}, {contacts.address_numbers('t')} from (select ?::varchar as t)"
    )
    assert ask(sql, [written]) == [(words, numbers)]
