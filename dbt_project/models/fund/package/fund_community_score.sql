-- Grain: month, community_id.
-- What the score of a community can be made of: the total of its lead, and the mean of its other members' totals. The
-- lead is its county lead hospital, else its county hospital, of several the one with the lowest id. Source: REQ-134,
-- REQ-147.
with member as (
    select
        i.institution_id,
        i.alliance_id as community_id,
        i.is_county_hospital
        and row_number() over (
            partition by i.alliance_id
            order by
                case i.institution_tier when 'county_lead' then 1 when 'county' then 2 else 3 end asc nulls last,
                i.institution_id asc nulls last
        ) = 1 as is_lead
    from {{ ref('dim_institution') }} as i
    where i.alliance_id is not null
)

select
    s.month,
    m.community_id,
    max(case when m.is_lead then m.institution_id end) as lead_institution_id,
    max(case when m.is_lead then s.score end) as lead_score,
    cast(round({{ quotient(
        'sum(case when not m.is_lead then s.score end)', 'count(case when not m.is_lead then s.score end)'
    ) }}, 4) as decimal(9, 4)) as member_score
from member as m
inner join {{ ref('score_institution') }} as s
    on m.institution_id = s.institution_id
group by
    s.month,
    m.community_id
