"""Telephones and addresses made comparable, as DuckDB expressions over text folded to half width.

What says nothing becomes null: emergency numbers, one digit repeated, an address that is only the county. Not here: how
alike two of them must be (comparison).
"""

from __future__ import annotations

_PROVINCE = "([^省市县区]{2,8}(省|自治区))?"
_CITY = "([^省市县区]{2,8}市)?"
_COUNTY = "([^省市县区镇乡村路街小社]{1,6}[县区])?"


def phone(text: str) -> str:
    """The first mobile number in a text without +86, else a landline of 7 to 12 digits."""
    bare = f"regexp_replace({text}, '[\\s\\-+()]', '', 'g')"
    mobile = f"regexp_extract({bare}, '(?:^|[^0-9])(?:0086|86|0)?(1[3-9][0-9]{{9}})(?:[^0-9]|$)', 1)"
    landline = f"regexp_extract({bare}, '(?:^|[^0-9])([0-9]{{7,12}})(?:[^0-9]|$)', 1)"
    found = f"coalesce(nullif({mobile}, ''), nullif({landline}, ''))"
    # RE2 has no back references: a number of one digit only loses everything when that digit is taken away.
    return f"case when strlen(replace({found}, right({found}, 1), '')) > 1 then {found} end"


def address_words(text: str) -> str:
    """An address without province, city, county, digits and punctuation; null when fewer than two characters stay."""
    words = f"regexp_replace(regexp_replace({text}, '^{_PROVINCE}{_CITY}{_COUNTY}', ''), '[^\\p{{L}}]|号|室', '', 'g')"
    return f"case when length({words}) >= 2 then {words} end"


def address_numbers(text: str) -> str:
    """The numbers of an address in their order, such as 12-3-401; null without any."""
    return f"nullif(array_to_string(regexp_extract_all({text}, '[0-9]+'), '-'), '')"
