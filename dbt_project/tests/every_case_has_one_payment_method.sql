-- REQ-149: on a day for which policy says how cases are paid, every case has a method, and no case is lost by asking.
select
    c.case_id,
    c.event_date
from {{ ref('settlement_case') }} as c
inner join {{ incoming('policy', 'payment_method') }} as p
    on
        c.event_date >= p.effective_from
        and c.event_date <= coalesce(p.effective_to, c.event_date)
left join {{ ref('settlement_payment_method') }} as m
    on c.case_id = m.case_id
where m.method is null
