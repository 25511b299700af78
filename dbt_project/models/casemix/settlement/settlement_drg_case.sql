-- Grain: case_id.
-- Stays paid by DRG, with the group that the county's scheme gives them, its weight and mean cost on the day of
-- discharge, the factor of the institution, and the rule that says most of region and insurance.
with stay as (
    select
        c.*,
        m.method
    from {{ ref('settlement_case') }} as c
    inner join {{ ref('settlement_payment_method') }} as m
        on c.case_id = m.case_id
    where
        c.care_kind = 'inpatient'
        and m.method in ('drg_rate', 'drg_points')
),

asked as (
    select distinct
        method,
        region,
        insurance,
        event_date
    from stay
),

rule as (
    select
        a.method as asked_method,
        a.region as asked_region,
        a.insurance as asked_insurance,
        a.event_date as asked_date,
        r.*,
        row_number() over (
            partition by a.method, a.region, a.insurance, a.event_date
            order by
                case when r.region = '*' then 1 else 0 end asc nulls last,
                case when r.insurance = '*' then 1 else 0 end asc nulls last
        ) as place
    from asked as a
    inner join {{ incoming('policy', 'drg_payment_rule') }} as r
        on
            a.method = r.method
            and r.region in (a.region, '*')
            and r.insurance in (a.insurance, '*')
            and a.event_date >= r.effective_from
            and a.event_date <= coalesce(r.effective_to, a.event_date)
),

-- What a case was grouped by carries the county's decisions after the name of the scheme; its weights do not.
grouped as (
    select
        g.case_id,
        g.status,
        g.drg,
        g.weight,
        c.event_date,
        {{ scheme_name('g.scheme') }} as scheme
    from {{ ref('casemix_group') }} as g
    inner join {{ ref('casemix_case') }} as c
        on g.case_id = c.case_id
),

weighed as (
    select
        g.case_id,
        w.weight,
        w.mean_cost_fen
    from grouped as g
    inner join {{ incoming('policy', 'drg_weight') }} as w
        on
            g.scheme = w.scheme
            and g.drg = w.drg
            and g.event_date >= w.effective_from
            and g.event_date <= coalesce(w.effective_to, g.event_date)
),

asked_factor as (
    select distinct
        institution_id,
        method,
        event_date
    from stay
),

factor as (
    select
        a.institution_id,
        a.method,
        a.event_date,
        f.factor
    from asked_factor as a
    inner join {{ incoming('policy', 'institution_factor') }} as f
        on
            a.institution_id = f.institution_id
            and a.method = f.method
            and a.event_date >= f.effective_from
            and a.event_date <= coalesce(f.effective_to, a.event_date)
)

select
    s.case_id,
    s.month,
    s.method,
    s.total_fen,
    g.drg,
    r.region as rule_region,
    r.insurance as rule_insurance,
    r.effective_from as rule_from,
    r.lower_inclusive,
    r.upper_inclusive,
    r.beyond_cap,
    r.institution_factor_on,
    coalesce(g.status = 'grouped', false) as is_grouped,
    cast(coalesce(w.weight, g.weight) as double) as weight,
    cast(w.mean_cost_fen as double) as mean_cost_fen,
    -- Nobody gave this institution a factor: it has none.
    cast(coalesce(f.factor, 1) as double) as institution_factor,
    cast(r.base_rate_fen as double) as base_rate_fen,
    cast(r.point_value as double) as point_value,
    cast(r.budget_fen as double) as budget_fen,
    cast(r.budget_volume as double) as budget_volume,
    cast(r.points_per_weight as double) as points_per_weight,
    cast(r.lower_bound as double) as lower_bound,
    cast(r.upper_bound as double) as upper_bound,
    cast(r.ratio_cap as double) as ratio_cap,
    cast(r.ungrouped_pct as double) as ungrouped_pct
from stay as s
left join grouped as g
    on s.case_id = g.case_id
left join weighed as w
    on s.case_id = w.case_id
left join factor as f
    on
        s.institution_id = f.institution_id
        and s.method = f.method
        and s.event_date = f.event_date
left join rule as r
    on
        s.method = r.asked_method
        and s.region = r.asked_region
        and s.insurance = r.asked_insurance
        and s.event_date = r.asked_date
        and r.place = 1
