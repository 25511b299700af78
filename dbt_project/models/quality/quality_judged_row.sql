-- Every row that a plausibility rule judged, filed under the delivery it came with.
with judged as (
    select * from {{ ref('quality_rule__care') }}
    union all
    select * from {{ ref('quality_rule__money') }}
    union all
    select * from {{ ref('quality_rule__public_health') }}
)

select
    j.rule_id,
    j.feed,
    j.column_name,
    b.deliverer_id,
    b.delivery_month as month,
    j.source_file,
    j.source_line,
    coalesce(j.is_violated, false) as is_violated
from judged as j
inner join {{ ref('stg_batch_outcome') }} as b
    on j.source_batch_id = b.batch_id
