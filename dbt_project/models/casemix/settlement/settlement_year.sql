-- Grain: deliverer_id, institution_id, clearing_year.
-- The clearing of a year: due less paid in advance, and what policy says is added or taken off, beside what the insurer
-- says it pays. The deposit is known where all twelve months were delivered. REQ-141, REQ-147.
with held as (
    select
        deliverer_id,
        institution_id,
        substr(month, 1, 4) as year_text,
        count(distinct month) as months,
        sum(quality_deposit_fen) as deposit_fen
    from {{ ref('fct_clearing_month') }}
    group by
        deliverer_id,
        institution_id,
        substr(month, 1, 4)
),

deducted as (
    select
        deliverer_id,
        institution_id,
        substr(month, 1, 4) as year_text,
        sum(final_fen) as deduction_fen
    from {{ ref('deduction_attribution') }}
    group by
        deliverer_id,
        institution_id,
        substr(month, 1, 4)
),

rule as (
    select
        c.clearing_year,
        c.event_date,
        p.*,
        row_number() over (
            partition by c.clearing_year, c.event_date
            order by case when p.region = '*' then 1 else 0 end asc nulls last
        ) as place
    from (
        select distinct
            clearing_year,
            event_date
        from {{ ref('fct_annual_clearing') }}
    ) as c
    cross join {{ incoming('county', 'county') }} as k
    inner join {{ incoming('policy', 'clearing_rule') }} as p
        on
            p.region in (k.region_code, '*')
            and {{ in_force('p', 'c.event_date') }}
),

-- The highest step that the points reach.
returned as (
    select
        c.deliverer_id,
        c.institution_id,
        c.clearing_year,
        max(p.points_from) as points_from
    from {{ ref('fct_annual_clearing') }} as c
    inner join {{ incoming('policy', 'deposit_return') }} as p
        on
            c.assessment_points >= p.points_from
            and {{ in_force('p', 'c.event_date') }}
    group by
        c.deliverer_id,
        c.institution_id,
        c.clearing_year
),

step as (
    select
        c.event_date,
        p.points_from,
        p.returned_pct
    from (select distinct event_date from {{ ref('fct_annual_clearing') }}) as c
    inner join {{ incoming('policy', 'deposit_return') }} as p
        on {{ in_force('p', 'c.event_date') }}
),

known as (
    select
        c.*,
        b.returned_pct,
        d.deduction_fen,
        r.assessment_sign,
        r.deduction_sign,
        r.deposit_return_sign,
        r.surplus_sign,
        r.overspending_sign,
        case when h.months = 12 then h.deposit_fen end as deposit_held_fen,
        try_cast(
            cast(c.clearing_year + 1 as string)
            || '-' || cast(r.annual_month as string)
            || '-' || cast(r.annual_day as string) as date
        ) as clear_by
    from {{ ref('fct_annual_clearing') }} as c
    left join held as h
        on
            c.deliverer_id = h.deliverer_id
            and c.institution_id = h.institution_id
            and cast(c.clearing_year as string) = h.year_text
    left join deducted as d
        on
            c.deliverer_id = d.deliverer_id
            and c.institution_id = d.institution_id
            and cast(c.clearing_year as string) = d.year_text
    left join rule as r
        on
            c.clearing_year = r.clearing_year
            and c.event_date = r.event_date
            and r.place = 1
    left join returned as t
        on
            c.deliverer_id = t.deliverer_id
            and c.institution_id = t.institution_id
            and c.clearing_year = t.clearing_year
    left join step as b
        on
            t.points_from = b.points_from
            and c.event_date = b.event_date
),

assessed as (
    select
        *,
        {{ rounded_fen(quotient('cast(deposit_held_fen as double) * returned_pct', '100')) }} as deposit_due_fen
    from known
),

cleared as (
    select
        *,
        -- What the assessment costs: the part of the deposit that does not come back, below 0.
        deposit_due_fen - deposit_held_fen as assessment_fen
    from assessed
),

payable as (
    select
        *,
        cast(
            due_fen - prepaid_fen
            + case when coalesce(assessment_sign, 0) = 0 then 0 else assessment_sign * assessment_fen end
            + coalesce(deduction_sign * deduction_fen, 0)
            + coalesce(deposit_return_sign * deposit_returned_fen, 0)
            + coalesce(surplus_sign * surplus_retained_fen, 0)
            + coalesce(overspending_sign * overspending_borne_fen, 0) as bigint
        ) as payable_due_fen
    from cleared
)

select
    deliverer_id,
    institution_id,
    clearing_year,
    assessment_points,
    due_fen,
    prepaid_fen,
    cast(deposit_held_fen as bigint) as deposit_held_fen,
    returned_pct as deposit_returned_pct,
    deposit_due_fen,
    deposit_returned_fen,
    cast(deposit_returned_fen - deposit_due_fen as bigint) as deposit_difference_fen,
    cast(assessment_fen as bigint) as assessment_fen,
    cast(deduction_fen as bigint) as deduction_fen,
    surplus_retained_fen,
    overspending_borne_fen,
    payable_due_fen,
    payable_fen,
    payable_fen - payable_due_fen as payable_difference_fen,
    clear_by,
    source_batch_id,
    source_file,
    source_line
from payable
