-- People with a family-doctor contract in force on the last day of the month, once each under their newest contract;
-- and contracts whose last day lies in the month, with whether the same person has one that follows on.
with contract as (
    select
        *,
        lag(start_date) over (
            partition by person_key
            order by
                start_date desc nulls last,
                contract_id desc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as next_start_date
    from {{ ref('fct_contract') }}
    where status <> '3'
),

in_month as (
    select
        m.month,
        m.last_day,
        c.institution_id,
        c.staff_id,
        c.person_key,
        c.end_date,
        c.next_start_date,
        c.end_date >= m.last_day as is_in_force,
        {{ month_of('c.end_date') }} = m.month as expires,
        row_number() over (
            partition by m.month, c.person_key, c.end_date >= m.last_day
            order by
                c.start_date desc nulls last,
                c.contract_id asc nulls last,
                c.source_batch_id asc nulls last,
                c.source_line asc nulls last
        ) as place,
        c.source_batch_id,
        c.source_file,
        c.source_line
    from contract as c
    inner join {{ ref('dim_month') }} as m
        on c.start_date <= m.last_day
)

select
    c.month,
    c.institution_id,
    cast(null as string) as department_code,
    c.staff_id,
    c.person_key,
    c.last_day as event_date,
    case when c.is_in_force and c.place = 1 then 1 end as contracted_residents,
    case when c.expires then 1 end as expired_contracts,
    case
        when c.expires
            then
                case
                    when {{ days_between('c.end_date', 'c.next_start_date') }} <= p.renewal_window_days then 1
                    else 0
                end
    end as renewed_contracts,
    'ph_contract' as source_feed,
    c.source_batch_id,
    c.source_file,
    c.source_line
from in_month as c
inner join {{ ref('policy_parameter') }} as p
    on c.month = p.month
where
    (c.is_in_force and c.place = 1)
    or c.expires
