-- Grain: case_id.
-- What a DIP case is settled at: t = cost / mean cost of the group. Below the lower bound the score counts t times,
-- above the upper one t - upper + 1 times; which bounds hold, what a cap does and where the two factors multiply are
-- columns of the rule row.
-- Source: methods E and the rules of several regions; REQ-137, REQ-139.
with asked as (
    select distinct
        region,
        dip_type,
        insurance,
        event_date
    from {{ ref('casemix_dip_case') }}
),

-- The row that says most about region, type and insurance; * is any.
rule as (
    select
        a.region as asked_region,
        a.dip_type as asked_dip_type,
        a.insurance as asked_insurance,
        a.event_date as asked_date,
        r.*,
        row_number() over (
            partition by a.region, a.dip_type, a.insurance, a.event_date
            order by
                case when r.region = '*' then 1 else 0 end asc nulls last,
                case when r.dip_type = '*' then 1 else 0 end asc nulls last,
                case when r.insurance = '*' then 1 else 0 end asc nulls last
        ) as place
    from asked as a
    inner join {{ incoming('policy', 'dip_rule') }} as r
        on
            r.region in (a.region, '*')
            and r.dip_type in (a.dip_type, '*')
            and r.insurance in (a.insurance, '*')
            and a.event_date >= r.effective_from
            and a.event_date <= coalesce(r.effective_to, a.event_date)
),

ratio as (
    select
        c.case_id,
        c.score,
        c.auxiliary_factor,
        c.institution_factor,
        c.point_value,
        r.lower_inclusive,
        r.upper_inclusive,
        r.beyond_cap,
        r.institution_factor_on,
        r.asked_date is not null as has_rule,
        cast(r.lower_bound as double) as lower_bound,
        cast(r.upper_bound as double) as upper_bound,
        cast(r.ratio_cap as double) as ratio_cap,
        {{ cost_ratio(
            'c.total_cost_fen',
            "c.mean_cost_fen * case when r.auxiliary_factor_on = 'before_test' then c.auxiliary_factor else 1 end"
        ) }}
    from {{ ref('casemix_dip_case') }} as c
    left join rule as r
        on
            c.region = r.asked_region
            and c.dip_type = r.asked_dip_type
            and c.insurance = r.asked_insurance
            and c.event_date = r.asked_date
            and r.place = 1
),

deviation as (
    select
        *,
        case
            when not has_rule then 'no_rule'
            {{ deviation_of_ratio() }}
        end as deviation,
        {{ base_factor() }} as base_factor
    from ratio
),

factor as (
    select
        *,
        {{ factor_of_deviation() }} as deviation_factor
    from deviation
),

settled as (
    select
        *,
        score * auxiliary_factor * deviation_factor
        * {{ factor_of_institution() }} as settlement_score
    from factor
)

select
    case_id,
    round(cost_ratio, 6) as cost_ratio,
    deviation,
    round(deviation_factor, 6) as deviation_factor,
    round(settlement_score, 6) as settlement_score,
    {{ rounded_fen('settlement_score * point_value * 100') }} as settlement_fen
from settled
