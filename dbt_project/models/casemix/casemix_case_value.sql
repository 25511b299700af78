-- Grain: case_id.
-- What a case weighs and what it is held against: its group, the county's weight of it (else the scheme's own), the
-- mean cost and stay that policy names, and what the stay cost and lasted. A stay settled in parts is one case: the
-- last list. A list whose settlement was refunded is none, or the stay would cost what was given back.
with refunded as (
    {{ refunded_settlements() }}
),

list as (
    select
        c.case_id,
        c.scheme,
        l.deliverer_id,
        l.settlement_id,
        l.insurance_visit_id,
        l.institution_id,
        l.month,
        l.event_date,
        l.inpatient_days,
        l.discharge_way_code,
        l.source_batch_id,
        l.source_file,
        l.source_line,
        cast(
            sum(l.total_fen) over (
                partition by l.deliverer_id, l.institution_id, coalesce(l.insurance_visit_id, l.settlement_id)
            ) as bigint
        ) as stay_fen,
        row_number() over (
            partition by l.deliverer_id, l.institution_id, coalesce(l.insurance_visit_id, l.settlement_id)
            order by
                l.settled_until desc nulls last,
                l.settlement_id desc nulls last
        ) as place_from_end
    from {{ ref('casemix_case') }} as c
    inner join {{ ref('fct_settlement_list') }} as l
        on
            c.deliverer_id = l.deliverer_id
            and c.settlement_id = l.settlement_id
    left join refunded as r
        on
            l.deliverer_id = r.deliverer_id
            and l.settlement_id = r.settlement_id
    where
        not l.is_test_patient
        and r.settlement_id is null
),

weight as (
    select
        g.case_id,
        w.weight,
        w.mean_cost_fen,
        w.mean_los_days
    from {{ ref('casemix_group') }} as g
    inner join list as l
        on g.case_id = l.case_id
    inner join {{ incoming('policy', 'drg_weight') }} as w
        on
            g.drg = w.drg
            and {{ scheme_name('g.scheme') }} = w.scheme
            and l.event_date >= w.effective_from
            and l.event_date <= coalesce(w.effective_to, l.event_date)
),

risk as (
    select
        g.case_id,
        cast(r.risk_level as integer) as risk_level
    from {{ ref('casemix_group') }} as g
    inner join list as l
        on g.case_id = l.case_id
    inner join {{ incoming('policy', 'mortality_risk') }} as r
        on
            g.drg = r.drg
            and {{ scheme_name('g.scheme') }} = r.scheme
            and l.event_date >= r.effective_from
            and l.event_date <= coalesce(r.effective_to, l.event_date)
),

-- Whose patient it was says the hospital's own record; where it has two stays of one insurance number, none.
stay as (
    select
        institution_id,
        insurance_visit_id,
        case when count(*) = 1 then max(department_code) end as department_code,
        case when count(*) = 1 then max(staff_id) end as staff_id
    from {{ ref('fct_inpatient_stay') }}
    where insurance_visit_id is not null
    group by
        institution_id,
        insurance_visit_id
)

select
    l.case_id,
    l.deliverer_id,
    l.settlement_id,
    l.insurance_visit_id,
    l.institution_id,
    s.department_code,
    s.staff_id,
    l.month,
    l.event_date,
    l.scheme,
    g.status,
    g.reason,
    g.mdc,
    g.adrg,
    g.drg,
    -- Ten-thousandths, so that sums are exact.
    cast(round(coalesce(cast(w.weight as double), cast(g.weight as double)) * 10000) as bigint)
        as weight_ten_thousandths,
    w.mean_cost_fen,
    cast(round(w.mean_los_days * 100) as bigint) as mean_los_hundredths,
    r.risk_level,
    l.place_from_end = 1 as is_last_of_stay,
    l.stay_fen,
    l.inpatient_days,
    coalesce(l.discharge_way_code = '5', false) as has_died,
    l.source_batch_id,
    l.source_file,
    l.source_line
from list as l
inner join {{ ref('casemix_group') }} as g
    on l.case_id = g.case_id
left join weight as w
    on l.case_id = w.case_id
left join risk as r
    on l.case_id = r.case_id
left join stay as s
    on
        l.institution_id = s.institution_id
        and l.insurance_visit_id = s.insurance_visit_id
