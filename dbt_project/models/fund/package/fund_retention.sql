-- Grain: month, budget_year, community_id, insurance_type_code.
-- What of a surplus to date the community keeps, by the band its score lies in, and what it bears of an overspending,
-- band by band. The score is the last one of the year that there is. Who signed decides: a community that is one
-- legal person keeps and bears by its contract; one that is not, by agreement among its members; without a contract
-- nothing is decided, nor while there are months of which nobody can say what was spent outside the county. Under
-- capitation it keeps and bears all. Source: methods F3, F4; REQ-134, REQ-135, REQ-147.
with position as (
    select
        e.*,
        coalesce(t.truncated_fen, 0) as truncated_fen,
        e.surplus_fen + coalesce(t.truncated_fen, 0) as counted_surplus_fen,
        r.lead_score_share,
        r.minimum_savings_rate,
        r.warning_surplus_rate
    from {{ ref('fund_execution') }} as e
    inner join {{ incoming('policy', 'package_rule') }} as r
        on
            e.insurance_type_code = r.insurance
            and {{ in_force('r', 'e.decided_on') }}
    left join {{ ref('fund_truncation') }} as t
        on
            e.month = t.month
            and e.budget_year = t.budget_year
            and e.community_id = t.community_id
            and e.insurance_type_code = t.insurance_type_code
),

scored as (
    select
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        c.month as score_month,
        cast(round(case
            when p.lead_score_share = 1 then cast(c.lead_score as double)
            when p.lead_score_share = 0 then cast(c.member_score as double)
            else
                cast(c.lead_score as double) * cast(p.lead_score_share as double)
                + cast(c.member_score as double) * (1 - cast(p.lead_score_share as double))
        end, 4) as decimal(9, 4)) as score
    from position as p
    inner join {{ ref('dim_month') }} as m
        on
            p.budget_year = m.year
            and p.month >= m.month
    inner join {{ ref('fund_community_score') }} as c
        on
            m.month = c.month
            and p.community_id = c.community_id
),

last_scored as (
    select
        month,
        budget_year,
        community_id,
        insurance_type_code,
        max(score_month) as score_month
    from scored
    where score is not null
    group by
        month,
        budget_year,
        community_id,
        insurance_type_code
),

contract as (
    select
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        max(c.signed_by) as signed_by,
        max(c.document) as document
    from position as p
    inner join {{ incoming('policy', 'package_contract') }} as c
        on
            p.community_id = c.community_id
            and c.insurance in (p.insurance_type_code, '*')
            and {{ in_force('c', 'p.decided_on') }}
    group by
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code
),

band as (
    select
        s.month,
        s.budget_year,
        s.community_id,
        s.insurance_type_code,
        s.score,
        s.score_month,
        b.lower_score,
        b.retention_rate
    from position as p
    inner join last_scored as l
        on
            p.month = l.month
            and p.budget_year = l.budget_year
            and p.community_id = l.community_id
            and p.insurance_type_code = l.insurance_type_code
    inner join scored as s
        on
            l.month = s.month
            and l.budget_year = s.budget_year
            and l.community_id = s.community_id
            and l.insurance_type_code = s.insurance_type_code
            and l.score_month = s.score_month
    inner join {{ incoming('policy', 'retention_band') }} as b
        on
            s.score >= b.lower_score
            and s.score < coalesce(b.upper_score, s.score + 1)
            and {{ in_force('b', 'p.decided_on') }}
),

overspent as (
    select
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        cast(sum({{ divide_half_up(
            wide('greatest(least(-p.counted_surplus_fen, coalesce('
                ~ divide_half_up(wide('p.budget_fen') ~ ' * ' ~ millionths('b.upper_rate'), '1000000')
                ~ ', -p.counted_surplus_fen)) - '
                ~ divide_half_up(wide('p.budget_fen') ~ ' * ' ~ millionths('b.lower_rate'), '1000000') ~ ', 0)')
            ~ ' * ' ~ millionths('b.insurance_share'),
            '1000000'
        ) }}) as bigint) as insurance_share_fen
    from position as p
    inner join {{ incoming('policy', 'overspend_band') }} as b
        on {{ in_force('b', 'p.decided_on') }}
    where
        p.counted_surplus_fen < 0
        and p.budget_fen >= 0
        and p.method = 'retention'
    group by
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code
),

decided as (
    select
        p.*,
        c.signed_by,
        c.document,
        b.score,
        b.score_month,
        b.lower_score,
        case
            when p.method = 'capitation' then 1
            when p.surplus_rate < p.minimum_savings_rate then 0
            else b.retention_rate
        end as retention_rate,
        coalesce(p.surplus_rate < p.minimum_savings_rate, false) as is_below_minimum,
        case when p.method = 'capitation' then 0 else o.insurance_share_fen end as insurance_share_fen,
        case
            when p.counted_surplus_fen is null then 'no_budget'
            when c.signed_by is null then 'not_signed'
            when p.unknown_months > 0 then 'unknown_spending'
            when p.counted_surplus_fen = 0 or p.method = 'capitation' then 'decided'
            when p.counted_surplus_fen < 0 and o.insurance_share_fen is null then 'no_band'
            when p.counted_surplus_fen < 0 or p.surplus_rate < p.minimum_savings_rate then 'decided'
            when b.retention_rate is null then 'no_score'
            else 'decided'
        end as status
    from position as p
    left join contract as c
        on
            p.month = c.month
            and p.budget_year = c.budget_year
            and p.community_id = c.community_id
            and p.insurance_type_code = c.insurance_type_code
    left join band as b
        on
            p.month = b.month
            and p.budget_year = b.budget_year
            and p.community_id = b.community_id
            and p.insurance_type_code = b.insurance_type_code
    left join overspent as o
        on
            p.month = o.month
            and p.budget_year = o.budget_year
            and p.community_id = o.community_id
            and p.insurance_type_code = o.insurance_type_code
),

kept as (
    select
        *,
        case
            when status = 'decided'
                then cast({{ divide_half_up(
                    wide('greatest(counted_surplus_fen, 0)') ~ ' * ' ~ millionths('coalesce(retention_rate, 0)'), '1000000'
                ) }} as bigint)
        end as retained_fen,
        case when status = 'decided' then greatest(-counted_surplus_fen, 0) end as overspent_fen,
        case
            when status = 'decided' and counted_surplus_fen < 0 then insurance_share_fen
            when status = 'decided' then 0
        end as insurance_bears_fen
    from decided
)

select
    month,
    budget_year,
    month_number,
    community_id,
    insurance_type_code,
    case
        when signed_by is null then 'unsigned'
        when signed_by = 'unified_legal_person' then 'package'
        else 'agreement'
    end as mode,
    case
        when signed_by is null then '没有有效的打包协议:结余与超支均不处理'
        when signed_by <> 'unified_legal_person'
            then '医共体不是统一法人:转协议模式,结余与超支按成员单位协议(' || document || ')处理'
    end as notice_zh,
    case
        when signed_by is null then 'no contract in force: neither surplus nor overspending is decided'
        when signed_by <> 'unified_legal_person'
            then 'not one legal person: surplus and overspending go by agreement among the members (' || document || ')'
    end as notice_en,
    method,
    status,
    budget_fen,
    surplus_fen,
    surplus_rate,
    surplus_rate < warning_surplus_rate as is_surplus_low,
    truncated_fen,
    counted_surplus_fen,
    is_below_minimum,
    score,
    score_month,
    lower_score,
    cast(retention_rate as decimal(18, 6)) as retention_rate,
    retained_fen,
    greatest(counted_surplus_fen, 0) - retained_fen as returned_fen,
    overspent_fen,
    insurance_bears_fen,
    overspent_fen - insurance_bears_fen as community_bears_fen,
    case when status = 'decided' then 0 else coalesce(counted_surplus_fen, truncated_fen - spent_fen) end
        as undecided_fen
from kept
