-- Grain: deliverer_id, settlement_id, ward_type, entered_at.
select
    r.deliverer_id,
    r.setl_id as settlement_id,
    r.scs_cutd_ward_type as ward_type,
    r.scs_cutd_inpool_time as entered_at,
    {{ of_the_settlement() }},
    r.scs_cutd_exit_time as left_at,
    r.scs_cutd_sum_dura as stated_duration,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('stg_si_settle_icu') }} as r
{{ settlement_and_list('r') }}
