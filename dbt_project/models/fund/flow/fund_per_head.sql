-- Grain: month, community_id, insurance_type_code.
-- What the fund paid for each insured month (PMPM), the year to date as it is known in a month; as it would be if all
-- communities had the county's insured by age (ten years) and sex (direct standardisation), and beside the same months
-- of the year before. Source: methods F2; REQ-156.
with stratum as (
    select
        person_key,
        max(birth_year) as birth_year,
        max(gender_code) as gender_code
    from {{ ref('fct_insured_month') }}
    group by person_key
),

-- A month's people are added up before the months of a window are.
insured_in_month as (
    select
        i.month,
        i.alliance_id as community_id,
        i.insurance_type_code,
        s.birth_year,
        coalesce(s.gender_code, '-') as gender_code,
        count(*) as insured_months
    from {{ ref('fct_insured_month') }} as i
    inner join stratum as s
        on i.person_key = s.person_key
    where i.alliance_id is not null
    group by
        i.month,
        i.alliance_id,
        i.insurance_type_code,
        s.birth_year,
        coalesce(s.gender_code, '-')
),

insured as (
    select
        w.month,
        i.community_id,
        i.insurance_type_code,
        {{ decade_of_age('m.year', 'i.birth_year') }} as decade,
        i.gender_code,
        sum(i.insured_months) as insured_months
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('dim_month') }} as m
        on w.month = m.month
    inner join insured_in_month as i
        on w.member_month = i.month
    where w.kpi_window = 'ytd'
    group by
        w.month,
        i.community_id,
        i.insurance_type_code,
        {{ decade_of_age('m.year', 'i.birth_year') }},
        i.gender_code
),

spent_in_month as (
    select
        l.month,
        l.known_month,
        l.community_id,
        l.insurance_type_code,
        s.birth_year,
        coalesce(s.gender_code, '-') as gender_code,
        sum(l.fund_fen) as fund_fen
    from {{ ref('fund_flow_line') }} as l
    left join stratum as s
        on l.person_key = s.person_key
    group by
        l.month,
        l.known_month,
        l.community_id,
        l.insurance_type_code,
        s.birth_year,
        coalesce(s.gender_code, '-')
),

spent as (
    select
        w.month,
        l.community_id,
        l.insurance_type_code,
        {{ decade_of_age('m.year', 'l.birth_year') }} as decade,
        l.gender_code,
        sum(l.fund_fen) as fund_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('dim_month') }} as m
        on w.month = m.month
    inner join spent_in_month as l
        on
            w.member_month = l.month
            and w.month >= l.known_month
    where w.kpi_window = 'ytd'
    group by
        w.month,
        l.community_id,
        l.insurance_type_code,
        {{ decade_of_age('m.year', 'l.birth_year') }},
        l.gender_code
),

standard as (
    select
        month,
        insurance_type_code,
        decade,
        gender_code,
        sum(insured_months) as weight
    from insured
    group by
        month,
        insurance_type_code,
        decade,
        gender_code
),

standardised as (
    select
        i.month,
        i.community_id,
        i.insurance_type_code,
        {{ quotient(
            'sum(cast(w.weight as double) * ' ~ quotient('coalesce(x.fund_fen, 0)', 'i.insured_months') ~ ')',
            'sum(w.weight)'
        ) }} as standardised_fen
    from insured as i
    inner join standard as w
        on
            i.month = w.month
            and i.insurance_type_code = w.insurance_type_code
            and i.decade = w.decade
            and i.gender_code = w.gender_code
    left join spent as x
        on
            i.month = x.month
            and i.community_id = x.community_id
            and i.insurance_type_code = x.insurance_type_code
            and i.decade = x.decade
            and i.gender_code = x.gender_code
    group by
        i.month,
        i.community_id,
        i.insurance_type_code
),

covered as (
    select
        month,
        community_id,
        insurance_type_code,
        sum(insured_months) as insured_months
    from insured
    group by
        month,
        community_id,
        insurance_type_code
),

paid as (
    select
        month,
        community_id,
        insurance_type_code,
        sum(fund_fen) as fund_fen
    from spent
    group by
        month,
        community_id,
        insurance_type_code
),

reach as (
    select
        month,
        count(*) as months
    from {{ ref('kpi_window') }}
    where kpi_window = 'ytd'
    group by month
),

crude as (
    select
        c.month,
        m.month_number,
        r.months,
        c.community_id,
        c.insurance_type_code,
        cast(c.insured_months as bigint) as insured_months,
        cast(coalesce(p.fund_fen, 0) as bigint) as fund_fen
    from covered as c
    inner join {{ ref('dim_month') }} as m
        on c.month = m.month
    inner join reach as r
        on c.month = r.month
    left join paid as p
        on
            c.month = p.month
            and c.community_id = p.community_id
            and c.insurance_type_code = p.insurance_type_code
)

select
    c.month,
    c.community_id,
    c.insurance_type_code,
    c.insured_months,
    c.fund_fen,
    cast({{ divide_half_up('c.fund_fen', 'c.insured_months') }} as bigint) as per_head_fen,
    cast(round(s.standardised_fen, 0) as bigint) as standardised_per_head_fen,
    cast(round({{ quotient(
        quotient('c.fund_fen', 'c.insured_months'), quotient('b.fund_fen', 'b.insured_months')
    ) }} - 1, 6) as decimal(18, 6)) as growth_rate
from crude as c
inner join standardised as s
    on
        c.month = s.month
        and c.community_id = s.community_id
        and c.insurance_type_code = s.insurance_type_code
left join crude as b
    on
        c.month_number = b.month_number + 12
        and c.months = b.months
        and c.community_id = b.community_id
        and c.insurance_type_code = b.insurance_type_code
