with flowed as (
    select
        month,
        community_id,
        insurance_type_code,
        sum(fund_fen) as fund_fen
    from {{ ref('fund_flow') }}
    group by
        month,
        community_id,
        insurance_type_code
),

spent as (
    select
        s.month,
        s.community_id,
        s.insurance_type_code,
        sum(s.fund_fen) as fund_fen
    from {{ ref('fund_spend') }} as s
    inner join {{ ref('dim_month') }} as m
        on s.month = m.month
    group by
        s.month,
        s.community_id,
        s.insurance_type_code
)

select
    s.month,
    s.community_id,
    s.insurance_type_code,
    s.fund_fen as spent_fen,
    f.fund_fen as flowed_fen
from spent as s
left join flowed as f
    on
        s.month = f.month
        and s.community_id = f.community_id
        and s.insurance_type_code = f.insurance_type_code
where s.fund_fen <> coalesce(f.fund_fen, 0)
