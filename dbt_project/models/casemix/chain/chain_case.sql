-- Grain: case_id.
-- A case and how it was grouped, as a release keeps it so that its money can be walked back.
select
    c.month,
    c.case_id,
    c.deliverer_id,
    c.settlement_id,
    c.institution_id,
    c.event_date,
    c.total_fen,
    c.age_years,
    c.age_days,
    c.birth_weight_g,
    g.scheme,
    g.status,
    g.reason,
    g.mdc,
    g.adrg,
    g.drg,
    g.drg_name,
    g.kind,
    g.severity_rule,
    g.complication_code,
    g.decided_by,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('casemix_case') }} as c
inner join {{ ref('casemix_group') }} as g
    on c.case_id = g.case_id
