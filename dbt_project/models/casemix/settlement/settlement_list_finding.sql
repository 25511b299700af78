-- Grain: deliverer_id, settlement_id, rule_id.
-- What is wrong with settlement lists, a row for each list and rule; blocking ones would have it sent back. REQ-152.
with found as (
    select * from {{ ref('settlement_list_required') }}

    union all

    select * from {{ ref('settlement_list_logic') }}

    union all

    select * from {{ ref('settlement_list_duplicate') }}

    union all

    select * from {{ ref('settlement_list_coding') }}
)

select
    f.deliverer_id,
    f.settlement_id,
    f.rule_id,
    r.rule_kind,
    r.is_blocking = 1 as is_blocking,
    f.found,
    l.institution_id,
    l.month,
    l.event_date,
    l.total_fen,
    l.source_batch_id,
    l.source_file,
    l.source_line
from found as f
inner join {{ ref('settlement_list_checked') }} as l
    on
        f.deliverer_id = l.deliverer_id
        and f.settlement_id = l.settlement_id
inner join {{ ref('settlement_list_rule') }} as r
    on f.rule_id = r.rule_id
