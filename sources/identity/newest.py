"""Which value of a record counts: the newest one that is known, column by column.

One statement for both sides of the index: tokens of all records (records) and clear values of some (comparison).
"""

from __future__ import annotations

from collections.abc import Sequence

# What decides between two rows of a record, beside what `newest` is asked for.
ORDERED_BY = ("src_update_ts", "first_landed_at", "source_batch_id", "source_line")
CARD = ("card", "card_status", "id_card_key")


def newest(relation: str, columns: Sequence[str]) -> str:
    """One row per (key_type, local_key) of `relation`, which has `columns`, ORDERED_BY and CARD, as DuckDB query.

    Beside the columns: own_card (the holder's own), strange_card (of somebody else), any_card. The order of the rows of
    `relation` does not matter. A record of one row, as most are, is taken as it is: only the others are sorted.
    """
    ranked = ", ".join(f"max_by({name}, newness) as {name}" for name in columns)
    return f"""
        with several as (select key_type, local_key from {relation} group by all having count(*) > 1),
        ordered as (
            select *, row_number() over (
                partition by key_type, local_key
                order by src_update_ts nulls first, first_landed_at nulls first, source_batch_id, source_line
            ) as newness
            from {relation} semi join several using (key_type, local_key)
        )
        select key_type, local_key, {", ".join(columns)},
            case when id_card_key is not null then card end as own_card,
            case when card_status = 'not_own' then card end as strange_card,
            card as any_card
        from {relation} anti join several using (key_type, local_key)
        union all
        select key_type, local_key, {ranked},
            max_by(card, newness) filter (id_card_key is not null),
            max_by(card, newness) filter (card_status = 'not_own'),
            max_by(card, newness)
        from ordered group by key_type, local_key
    """
