-- Grain: case_id.
-- Our group of a case beside the insurer's, by the newest result that was delivered of it; the insurer's grouper has
-- the last word, this says where the two part. REQ-136.
with delivered as (
    select
        r.deliverer_id,
        r.settlement_id,
        coalesce(r.mdc_code, substr(r.drg_code, 1, 1)) as mdc_code,
        coalesce(r.adrg_code, substr(r.drg_code, 1, 3)) as adrg_code,
        r.drg_code,
        r.grouping_status in ('00', '14') and r.drg_code is not null as has_group,
        row_number() over (
            partition by r.deliverer_id, r.settlement_id
            order by r.result_batch desc nulls last
        ) as place
    from {{ ref('fct_drg_result') }} as r
)

select
    c.case_id,
    c.institution_id,
    c.month,
    c.total_fen,
    g.scheme,
    g.status,
    g.reason,
    g.mdc,
    g.adrg,
    g.drg,
    d.mdc_code as delivered_mdc,
    d.adrg_code as delivered_adrg,
    d.drg_code as delivered_drg,
    case
        when d.settlement_id is null then 'not_delivered'
        when g.status = 'rejected' then 'not_grouped_here'
        when g.status = 'ungroupable' and not d.has_group then 'both_ungroupable'
        when g.status = 'ungroupable' then 'not_grouped_here'
        when not d.has_group then 'not_grouped_there'
        when d.drg_code = g.drg then 'same_drg'
        when d.adrg_code = g.adrg then 'other_severity'
        when d.mdc_code = g.mdc then 'other_adrg'
        else 'other_mdc'
    end as outcome
from {{ ref('casemix_case') }} as c
inner join {{ ref('casemix_group') }} as g
    on c.case_id = g.case_id
left join delivered as d
    on
        c.deliverer_id = d.deliverer_id
        and c.settlement_id = d.settlement_id
        and d.place = 1
