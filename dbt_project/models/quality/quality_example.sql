-- Up to five lines per rule for whoever mends them: file and line only, never a value.
with numbered as (
    select
        rule_id,
        feed,
        column_name,
        deliverer_id,
        month,
        source_file,
        source_line,
        row_number() over (
            partition by rule_id, feed, column_name, deliverer_id, month
            order by source_file asc nulls last, source_line asc nulls last
        ) as example_number
    from {{ ref('quality_judged_row') }}
    where is_violated
)

select
    rule_id,
    feed,
    column_name,
    deliverer_id,
    month,
    example_number,
    source_file,
    source_line
from numbered
where example_number <= 5
