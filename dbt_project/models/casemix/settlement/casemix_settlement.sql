-- Grain: case_id.
-- What funds owe for a stay: its payment standard less what the insured bore, not below 0, for one person and year not
-- above the ceiling. Cases without a standard owe nothing yet and are listed apart. Nothing here is about a person.
with standard as (
    select
        c.*,
        m.method,
        coalesce(g.rule_id, m.rule_id) as rule_id,
        coalesce(g.drg, d.group_code) as group_code,
        coalesce(g.score, d.score) as score,
        coalesce(g.mean_cost_fen, d.mean_cost_fen) as mean_cost_fen,
        coalesce(g.institution_factor, d.institution_factor) as institution_factor,
        coalesce(g.cost_ratio, d.cost_ratio) as cost_ratio,
        coalesce(g.deviation_factor, d.deviation_factor) as deviation_factor,
        coalesce(g.settlement_score, d.settlement_score) as settlement_score,
        case
            when m.method is null then 'no_method'
            when m.method in ('fee_for_service', 'capitation') then 'not_by_case'
            else coalesce(g.deviation, d.deviation)
        end as cost_deviation,
        -- Fee for service pays what it cost; by head nothing is paid for a case.
        case
            when m.method = 'fee_for_service' then c.personal_fen + c.fund_fen
            when m.method <> 'capitation' then coalesce(g.standard_fen, d.standard_fen)
        end as computed_standard_fen,
        case when m.method not in ('fee_for_service', 'capitation') then r.result end as special_result,
        case when m.method not in ('fee_for_service', 'capitation') then r.adjustment_fen end as special_adjustment_fen
    from {{ ref('settlement_case') }} as c
    inner join {{ ref('settlement_payment_method') }} as m
        on c.case_id = m.case_id
    left join {{ ref('settlement_drg') }} as g
        on c.case_id = g.case_id
    left join {{ ref('settlement_dip') }} as d
        on c.case_id = d.case_id
    left join {{ ref('settlement_special_case') }} as r
        on c.case_id = r.case_id
    where c.care_kind = 'inpatient'
),

due as (
    select
        *,
        computed_standard_fen + coalesce(special_adjustment_fen, 0) as payment_standard_fen
    from standard
),

-- Of several rows for a day the one for the insurance itself holds.
ceiling as (
    select
        a.insurance,
        a.event_date,
        max(case when p.insurance = '*' then p.annual_fen end) as of_any_fen,
        max(case when p.insurance <> '*' then p.annual_fen end) as of_insurance_fen
    from (
        select distinct
            insurance,
            event_date
        from standard
    ) as a
    inner join {{ incoming('policy', 'fund_ceiling') }} as p
        on
            p.insurance in (a.insurance, '*')
            and a.event_date >= p.effective_from
            and a.event_date <= coalesce(p.effective_to, a.event_date)
    group by
        a.insurance,
        a.event_date
),

uncapped as (
    select
        d.*,
        coalesce(p.of_insurance_fen, p.of_any_fen) as ceiling_fen,
        -- greatest() leaves nulls out: a case without a standard would owe 0.
        case when d.payment_standard_fen is not null then greatest(d.payment_standard_fen - d.personal_fen, 0) end
            as uncapped_fen
    from due as d
    left join ceiling as p
        on
            d.insurance = p.insurance
            and d.event_date = p.event_date
),

-- A person's stays of a year in the order they were settled: what is due before and with each.
counted as (
    select
        *,
        sum(coalesce(uncapped_fen, 0)) over (
            partition by insurance_key, insurance, {{ year_of('event_date') }}
            order by
                event_date asc nulls last,
                case_id asc nulls last
            rows between unbounded preceding and current row
        ) as due_so_far_fen
    from uncapped
),

capped as (
    select
        *,
        case
            when uncapped_fen is null or ceiling_fen is null or due_so_far_fen <= ceiling_fen then uncapped_fen
            else cast(greatest(ceiling_fen - (due_so_far_fen - uncapped_fen), 0) as bigint)
        end as fund_due_fen
    from counted
)

select
    case_id,
    deliverer_id,
    settlement_id,
    insurance_visit_id,
    institution_id,
    month,
    event_date,
    region,
    insurance,
    insured_division_code,
    method,
    rule_id,
    group_code,
    score,
    mean_cost_fen,
    institution_factor,
    total_fen,
    cost_ratio,
    cost_deviation,
    -- An adjustment of nothing is nothing: a review without a standard stays what it was, and is listed apart.
    case
        when special_result = 'agreed' and payment_standard_fen is not null then 'special'
        else cost_deviation
    end as deviation,
    deviation_factor,
    settlement_score,
    computed_standard_fen,
    special_result,
    special_adjustment_fen,
    payment_standard_fen,
    personal_fen,
    fund_due_fen,
    fund_due_fen < uncapped_fen as is_at_ceiling,
    fund_fen as actual_fund_fen,
    fund_due_fen - fund_fen as difference_fen,
    source_batch_id,
    source_file,
    source_line
from capped
