-- Rules that were broken; the ranks say where an institution gains most by mending.
with broken as (
    select
        f.month,
        f.deliverer_id as institution_id,
        f.dimension,
        f.rule_id,
        f.feed,
        f.column_name,
        f.violated,
        f.total,
        coalesce(r.name_zh, f.rule_id) || ';' || coalesce(r.mend_zh, '') as message_zh,
        coalesce(r.name_en, f.rule_id) || '; ' || coalesce(r.mend_en, '') as message_en
    from {{ ref('quality_finding') }} as f
    left join {{ ref('quality_rule') }} as r
        on f.rule_id = r.rule_id
    where
        f.violated > 0
        and f.dimension <> 'none'
)

select
    month,
    institution_id,
    dimension,
    rule_id,
    feed,
    column_name,
    violated,
    total,
    cast(
        row_number() over (
            partition by month, institution_id, dimension
            order by
                violated desc nulls last,
                rule_id asc nulls last,
                feed asc nulls last,
                column_name asc nulls last
        ) as integer
    ) as rank_in_dimension,
    message_zh,
    message_en
from broken
