-- Grain: community_id, budget_year, month, party, institution_id.
-- What remains of the retained surplus after the pool's part, to date: by level as the county agreed (6:3:1), within a
-- level by people insured and contracted; what a month changes of it. A level without anybody keeps its part aside.
-- Source: methods F3; REQ-196.
with decision_day as (
    select distinct decided_on
    from {{ ref('pool_base') }}
),

agreed as (
    select
        d.decided_on,
        s.party,
        s.share
    from decision_day as d
    inner join {{ incoming('policy', 'surplus_split') }} as s
        on {{ in_force('s', 'd.decided_on') }}
),

level as (
    select distinct party
    from agreed
),

-- A level that a later agreement leaves out gives back what it had.
planned as (
    select
        b.community_id,
        b.month,
        b.budget_year,
        b.remainder_fen,
        p.party,
        {{ millionths('coalesce(a.share, 0)') }} as weight
    from {{ ref('pool_base') }} as b
    cross join level as p
    left join agreed as a
        on
            b.decided_on = a.decided_on
            and p.party = a.party
),

-- Of equal remainders county before township before village, as their names sort.
by_party as (
    {{ split_exactly('planned', ['community_id', 'budget_year', 'month'], ['party'], 'remainder_fen', 'weight') }}
),

member as (
    select
        institution_id,
        alliance_id,
        case
            when institution_tier in ('county_lead', 'county') then 'county'
            when institution_tier in ('township', 'community') then 'township'
            else 'village'
        end as party
    from {{ ref('dim_institution') }}
    where alliance_id is not null
),

contracted as (
    select
        month,
        contracted_institution_id as institution_id,
        count(distinct person_key) as people
    from {{ ref('fct_insured_month') }}
    group by
        month,
        contracted_institution_id
),

-- A hospital or a clinic with which nobody has a contract still has its place: all alike where nobody has any.
placed as (
    select
        b.community_id,
        b.month,
        b.budget_year,
        b.party,
        b.amount_fen as party_fen,
        i.institution_id,
        case
            when sum(coalesce(c.people, 0)) over (partition by b.community_id, b.budget_year, b.month, b.party) = 0
                then case when i.institution_id is null then 0 else 1 end
            else coalesce(c.people, 0)
        end as weight
    from by_party as b
    left join member as i
        on
            b.community_id = i.alliance_id
            and b.party = i.party
    left join contracted as c
        on
            b.month = c.month
            and i.institution_id = c.institution_id
),

split as (
    {{ split_exactly(
        'placed', ['community_id', 'budget_year', 'month', 'party'], ['institution_id'], 'party_fen', 'weight'
    ) }}
),

to_date as (
    select
        community_id,
        month,
        budget_year,
        party,
        coalesce(institution_id, '-') as institution_id,
        coalesce(amount_fen, party_fen) as to_date_fen
    from split
)

select
    community_id,
    month,
    budget_year,
    party,
    institution_id,
    to_date_fen,
    cast(to_date_fen - coalesce(lag(to_date_fen) over (
        partition by community_id, budget_year, institution_id, party
        order by month asc nulls last
    ), 0) as bigint) as change_fen
from to_date
