-- KPI-104: the package of each medical community, a month's share of every line of the year's budget: what is raised
-- less what policy takes off it. A line that holds from a later month on is spread over the months it still holds;
-- the shares of a line add up to it.
with line as (
    select
        d.month,
        d.last_day,
        d.month_number - greatest({{ month_number_of('b.effective_date') }}, b.year * 12 + 1) + 1 as months_held,
        b.year * 12 + 12 - greatest({{ month_number_of('b.effective_date') }}, b.year * 12 + 1) + 1 as months_in_all,
        case when c.code_set = 'package_raised_item' then 1 when c.code_set = 'package_deducted_item' then -1 end
        * case when b.amount_fen < 0 then -1 else 1 end as direction,
        abs(b.amount_fen) as amount_fen,
        b.alliance_id,
        b.source_batch_id,
        b.source_file,
        b.source_line
    from {{ ref('fct_fund_budget') }} as b
    inner join {{ ref('dim_month') }} as d
        on
            b.year = d.year
            and b.effective_date <= d.last_day
    inner join {{ ref('policy_code') }} as c
        on
            d.month = c.month
            and c.code_set in ('package_raised_item', 'package_deducted_item')
            and b.item_code = c.code
)

select
    month,
    cast(null as string) as institution_id,
    alliance_id as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    last_day as event_date,
    direction * (
        {{ integer_divide('amount_fen * months_held', 'months_in_all') }}
        - {{ integer_divide('amount_fen * (months_held - 1)', 'months_in_all') }}
    ) as package_fen,
    'si_fund_budget' as source_feed,
    source_batch_id,
    source_file,
    source_line
from line
