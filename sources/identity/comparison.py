"""How two records are compared: Splink comparisons and the versioned model that weighs them.

Belongs here: the levels of agreement, from strongest to weakest, and running Splink over given pairs. The weights are
in `model.json` (see training). Does not belong here: which pairs (blocking), clear values of records (clear), what a weight
leads to (scoring).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from sources.base.engine import counted

if TYPE_CHECKING:
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.internals.comparison_creator import ComparisonCreator

_PAIRS_AT_ONCE = 250_000


@dataclass(frozen=True)
class Level:
    """One degree of agreement. `rarity` names the column whose frequency says how much agreeing on it tells."""

    name: str
    sql: str
    zh: str
    rarity: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One property of a person; a pair is at the first level that holds, at the last when none does."""

    name: str
    zh: str
    unknown: str
    levels: tuple[Level, ...]

    def gamma(self, level: str) -> int:
        """Splink's number of a level: 0 for the last, one more for each before it."""
        names = [each.name for each in self.levels]
        return len(names) - 1 - names.index(level)


def _unknown(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


_BIRTH_TEXT = "strftime(birth_{0}, '%Y%m%d')"
_SWAPPED = "year(birth_l) = year(birth_r) and month(birth_l) = day(birth_r) and day(birth_l) = month(birth_r)"
_ONE_EDIT = "damerau_levenshtein({0}, {1}) <= 1"
_ELSE = "ELSE"

COMPARISONS = (
    Comparison(
        "card", "身份证号", _unknown("written_card"),
        (
            Level("same", "card_l = card_r", "相同"),
            Level("one_not_own", "written_card_l = written_card_r", "号码相同,但一方与登记的出生日期不符"),
            Level("one_edit", _ONE_EDIT.format("written_card_l", "written_card_r"), "只差一处"),
            Level("different", _ELSE, "不同"),
        ),
    ),
    Comparison(
        "insurance", "医保编号", _unknown("insurance_key"),
        (Level("same", "insurance_key_l = insurance_key_r", "相同"), Level("different", _ELSE, "不同")),
    ),
    Comparison(
        "health_record", "健康档案号", _unknown("ehr_key"),
        (Level("same", "ehr_key_l = ehr_key_r", "相同"), Level("different", _ELSE, "不同")),
    ),
    Comparison(
        "name", "姓名", _unknown("name"),
        (
            Level("same", "name_l = name_r", "相同", "name"),
            Level("same_sound", "sound_l = sound_r", "同音", "sound"),
            Level(
                "alike",
                "surname_sound_l = surname_sound_r and (levenshtein(name_l, name_r) <= 1 "
                "or levenshtein(sound_l, sound_r) <= 2)",
                "相近",
            ),
            Level("different", _ELSE, "不同"),
        ),
    ),
    Comparison(
        "sex", "性别", _unknown("sex"),
        (Level("same", "sex_l = sex_r", "相同"), Level("different", _ELSE, "不同")),
    ),
    Comparison(
        "birth", "出生日期", _unknown("birth"),
        (
            Level("same", "birth_l = birth_r", "相同"),
            Level("swapped", _SWAPPED, "日月颠倒"),
            Level("one_edit", _ONE_EDIT.format(_BIRTH_TEXT.format("l"), _BIRTH_TEXT.format("r")), "只差一位"),
            Level("same_year", "year(birth_l) = year(birth_r)", "同年"),
            Level("different", _ELSE, "不同"),
        ),
    ),
    Comparison(
        "phone", "电话", _unknown("phone"),
        (
            Level("same", "phone_l = phone_r", "相同", "phone"),
            Level("one_edit", _ONE_EDIT.format("phone_l", "phone_r"), "只差一位"),
            Level("different", _ELSE, "不同"),
        ),
    ),
    Comparison(
        "address", "住址",
        f"({_unknown('address_words')}) and ({_unknown('division')})",
        (
            Level(
                "same",
                "address_words_l = address_words_r and address_numbers_l = address_numbers_r",
                "相同",
            ),
            Level(
                "alike",
                "address_numbers_l = address_numbers_r and jaccard(address_words_l, address_words_r) >= 0.6",
                "相近",
            ),
            Level("same_village", "address_words_l = address_words_r or division_l = division_r", "同村"),
            Level("same_town", "left(division_l, 9) = left(division_r, 9)", "同乡镇"),
            Level("different", _ELSE, "不同"),
        ),
    ),
)  # fmt: skip
GAMMAS = tuple(f"gamma_{each.name}" for each in COMPARISONS)
BY_NAME = {each.name: each for each in COMPARISONS}


@cache
def model() -> dict[str, Any]:
    """The trained model: `version`, `matches_per_record` and, per comparison and level, m and u."""
    return json.loads(files("sources.identity").joinpath("model.json").read_text(encoding="utf-8"))


def splink_settings(levels: dict[str, dict[str, Any]], match_probability: float) -> SettingsCreator:
    """Splink's settings. `levels`: comparison → level → {m, u}; empty for a model still to be trained."""
    import splink.comparison_level_library as cll
    from splink import SettingsCreator
    from splink.comparison_library import CustomComparison

    def level(comparison: Comparison, each: Level) -> Any:
        sql = each.sql
        made = cll.ElseLevel() if sql == _ELSE else cll.CustomLevel(sql, label_for_charts=each.name)
        known = levels.get(comparison.name, {}).get(each.name)
        configured: dict[str, Any] = {"label_for_charts": each.name}
        if known:
            configured |= {"m_probability": known["m"], "u_probability": known["u"]}
        if each.rarity:
            configured |= {"tf_adjustment_column": each.rarity, "disable_tf_exact_match_detection": True}
        return made.configure(**configured)

    comparisons: list[ComparisonCreator | dict[str, Any]] = [
        CustomComparison(
            output_column_name=each.name,
            comparison_levels=[
                cll.CustomLevel(each.unknown).configure(is_null_level=True),
                *(level(each, one) for one in each.levels),
            ],
        )
        for each in COMPARISONS
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        probability_two_random_records_match=match_probability,
        unique_id_column_name="record_id",
        # Splink gives the levels of agreement only together with the compared values.
        retain_matching_columns=True,
    )


def compare(
    connection: duckdb.DuckDBPyConnection, levels: dict[str, dict[str, Any]], match_probability: float
) -> pa.Table:
    """Compare the pairs of table `pair` with the attributes of table `record` under the weights of `levels`.

    Gives id_l, id_r, one gamma per comparison and Splink's own match_weight, in the order of the ids.
    """
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.WARNING)
    api = DuckDBAPI(connection)
    linker = Linker(
        api.register("record", dataset_display_name="people"),
        splink_settings(levels, match_probability),
        log_level=None,
        validate_settings=False,
    )
    (count,) = counted(connection, "select count(*) from pair")
    parts = [_compared(connection, linker, api, start) for start in range(0, max(count, 1), _PAIRS_AT_ONCE)]
    linker.table_management.delete_tables_created_by_splink_from_db()
    return pa.concat_tables(parts).sort_by([("id_l", "ascending"), ("id_r", "ascending")])


def _compared(connection: duckdb.DuckDBPyConnection, linker: Linker, api: DuckDBAPI, start: int) -> pa.Table:
    """The next pairs of table `pair`: few enough that the values Splink puts beside them do not fill the memory."""
    connection.execute(f"""
        create temp table blocked as select id_l as join_key_l, id_r as join_key_r, '0' as match_key
        from pair order by id_l, id_r limit {_PAIRS_AT_ONCE} offset {start}
    """)
    blocked = api.register("blocked", dataset_display_name=f"blocked_{start}")
    linker.table_management.register_blocked_pairs_for_predict(blocked)
    predicted = linker.inference.predict(warning_mode="never")
    gammas = ", ".join(f"{name}::tinyint as {name}" for name in GAMMAS)
    found = connection.execute(f"""
        select least(record_id_l, record_id_r) as id_l, greatest(record_id_l, record_id_r) as id_r, {gammas}, match_weight
        from {predicted.physical_name}
    """).to_arrow_table()
    predicted.drop_table_from_database_and_remove_from_cache()
    connection.execute("drop table blocked")
    return found
