-- Grain: month, budget_year, insurance_type_code, community_id, scheme.
-- Ways to share out the county's net of a year, side by side and each adding up to it: as told, by heads, by heads
-- times risk, by what was spent in the year before (once all its twelve months are there), and by both as policy
-- mixes them.
-- Source: REQ-130.
with scheme as (
    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        method as scheme,
        annual_fen,
        told_fen
    from {{ ref('fund_share') }}
),

spent as (
    select
        p.month,
        p.budget_year,
        s.insurance_type_code,
        s.community_id,
        s.month as spent_month,
        s.fund_fen
    from {{ ref('fund_position') }} as p
    inner join {{ ref('fund_spend') }} as s
        on
            p.budget_year = cast(substr(s.month, 1, 4) as int) + 1
            and p.month_number >= s.known_month_number
    where s.community_id <> '-'
),

year_before as (
    select
        month,
        budget_year,
        insurance_type_code
    from spent
    group by
        month,
        budget_year,
        insurance_type_code
    having
        count(distinct spent_month) = 12
        and sum(fund_fen) > 0
),

spent_by as (
    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        cast(greatest(sum(fund_fen), 0) as bigint) as spent_fen
    from spent
    group by
        month,
        budget_year,
        insurance_type_code,
        community_id
),

-- Years that no rule speaks of mix nothing.
mixing as (
    select
        p.month,
        p.budget_year,
        r.insurance,
        {{ millionths('r.history_share') }} as history_millionths
    from {{ ref('fund_position') }} as p
    inner join {{ incoming('policy', 'package_rule') }} as r
        on {{ in_force('r', 'p.decided_on') }}
),

weighed as (
    select
        s.month,
        s.budget_year,
        s.insurance_type_code,
        s.community_id,
        s.annual_fen as risk_fen,
        coalesce(b.spent_fen, 0) as spent_fen,
        r.history_millionths,
        cast(sum(s.annual_fen) over (partition by s.month, s.budget_year, s.insurance_type_code) as bigint) as total_fen
    from scheme as s
    inner join year_before as y
        on
            s.month = y.month
            and s.budget_year = y.budget_year
            and s.insurance_type_code = y.insurance_type_code
    left join mixing as r
        on
            s.month = r.month
            and s.budget_year = r.budget_year
            and s.insurance_type_code = r.insurance
    left join spent_by as b
        on
            s.month = b.month
            and s.budget_year = b.budget_year
            and s.insurance_type_code = b.insurance_type_code
            and s.community_id = b.community_id
    where s.scheme = 'risk'
),

parted as (
    select
        *,
        cast({{ divide_half_up(wide('total_fen') ~ ' * history_millionths', '1000000') }} as bigint) as history_fen
    from weighed
),

asked as (
    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        'history' as scheme,
        'spent' as part,
        total_fen as part_fen,
        spent_fen as part_weight
    from parted

    union all

    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        'mixed' as scheme,
        'spent' as part,
        history_fen as part_fen,
        spent_fen as part_weight
    from parted
    where history_millionths is not null

    union all

    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        'mixed' as scheme,
        'risk' as part,
        total_fen - history_fen as part_fen,
        risk_fen as part_weight
    from parted
    where history_millionths is not null
),

split as (
    {{ split_exactly(
        'asked',
        by=['month', 'budget_year', 'insurance_type_code', 'scheme', 'part'],
        key=['community_id'],
        total='part_fen',
        weight='part_weight'
    ) }}
),

told as (
    select
        month,
        budget_year,
        insurance_type_code,
        community_id,
        told_fen
    from scheme
    where scheme = 'heads'
)

select
    month,
    budget_year,
    insurance_type_code,
    community_id,
    scheme,
    annual_fen,
    told_fen,
    annual_fen - told_fen as difference_fen
from scheme

union all

select
    month,
    budget_year,
    insurance_type_code,
    community_id,
    'told' as scheme,
    told_fen as annual_fen,
    told_fen,
    cast(0 as bigint) as difference_fen
from told
where told_fen is not null

union all

select
    s.month,
    s.budget_year,
    s.insurance_type_code,
    s.community_id,
    s.scheme,
    cast(sum(s.amount_fen) as bigint) as annual_fen,
    max(t.told_fen) as told_fen,
    cast(sum(s.amount_fen) - max(t.told_fen) as bigint) as difference_fen
from split as s
left join told as t
    on
        s.month = t.month
        and s.budget_year = t.budget_year
        and s.insurance_type_code = t.insurance_type_code
        and s.community_id = t.community_id
group by
    s.month,
    s.budget_year,
    s.insurance_type_code,
    s.community_id,
    s.scheme
