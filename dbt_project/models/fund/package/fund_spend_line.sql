-- Grain: place, deliverer_id, settlement_id.
-- What every settlement took out of the package, whose it is, and since which month it is known: the month in which
-- it was first delivered. It belongs to the community that answers for the insured person in the month of the
-- settlement; of who is on no list of that month the list before counts, else the next one; of who is on none it is
-- nobody's. Who is insured in another county is no matter of these packages. Inside the county the pooling fund pays,
-- outside only the sum of all funds is known. A refund is a settlement of its own, below 0. Source: methods F2;
-- REQ-142.
with first_delivery as (
    select
        'in_county' as place,
        f.institution_id as deliverer_id,
        f.setl_id as settlement_id,
        min(f.month) as month
    from {{ incoming('conformed', 'si_settlement') }} as f
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            f.source_batch_id = b.batch_id
            and b.status = 'conformed'
            and b.standing <> 'withdrawn'
    group by
        f.institution_id,
        f.setl_id

    union all

    select
        'out_of_county' as place,
        f.institution_id as deliverer_id,
        f.setl_id as settlement_id,
        min(f.month) as month
    from {{ incoming('conformed', 'si_out_of_county') }} as f
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            f.source_batch_id = b.batch_id
            and b.status = 'conformed'
            and b.standing <> 'withdrawn'
    group by
        f.institution_id,
        f.setl_id
),

settled as (
    select
        'in_county' as place,
        s.deliverer_id,
        s.settlement_id,
        s.month,
        s.insurance_key,
        s.person_key,
        s.institution_id,
        s.care_kind as component,
        s.insurance_type_code,
        s.insured_division_code <> c.region_code as is_insured_elsewhere,
        s.pooling_fund_fen as fund_fen,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from {{ ref('fct_settlement') }} as s
    cross join {{ incoming('county', 'county') }} as c

    union all

    select
        'out_of_county' as place,
        deliverer_id,
        settlement_id,
        month,
        insurance_key,
        person_key,
        cast(null as string) as institution_id,
        {{ care_kind('medical_type_code') }} as component,
        cast(null as string) as insurance_type_code,
        false as is_insured_elsewhere,
        fund_total_fen as fund_fen,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
),

listed as (
    select
        insurance_key,
        month,
        max(alliance_id) as community_id,
        max(insurance_type_code) as insurance_type_code
    from {{ ref('fct_insured_month') }}
    group by
        insurance_key,
        month
),

unlisted as (
    select distinct
        s.insurance_key,
        s.month
    from settled as s
    left join listed as l
        on
            s.insurance_key = l.insurance_key
            and s.month = l.month
    where l.insurance_key is null
),

other_list as (
    select
        u.insurance_key,
        u.month,
        coalesce(
            max(case when l.month < u.month then l.month end), min(case when l.month > u.month then l.month end)
        ) as list_month
    from unlisted as u
    inner join listed as l
        on u.insurance_key = l.insurance_key
    group by
        u.insurance_key,
        u.month
)

select
    s.place,
    s.deliverer_id,
    s.settlement_id,
    s.month,
    greatest(coalesce(f.month, s.month), s.month) as known_month,
    s.person_key,
    s.institution_id,
    coalesce(l.community_id, n.community_id, '-') as community_id,
    coalesce(s.insurance_type_code, l.insurance_type_code, n.insurance_type_code, '-') as insurance_type_code,
    s.component,
    case
        when l.community_id is not null then 'list_of_the_month'
        when n.community_id is not null then 'other_list'
        when s.is_insured_elsewhere then 'insured_elsewhere'
        else 'nobody'
    end as allocated_by,
    s.fund_fen,
    s.source_batch_id,
    s.source_file,
    s.source_line
from settled as s
left join first_delivery as f
    on
        s.place = f.place
        and s.deliverer_id = f.deliverer_id
        and s.settlement_id = f.settlement_id
left join listed as l
    on
        s.insurance_key = l.insurance_key
        and s.month = l.month
left join other_list as o
    on
        s.insurance_key = o.insurance_key
        and s.month = o.month
left join listed as n
    on
        o.insurance_key = n.insurance_key
        and o.list_month = n.month
