-- Grain: institution_id, month, staff_id, entry_number.
-- Assistance points of a person as the ledger has them, month by month, with the institution that lists the person
-- then, else last did. Source: REQ-117 … REQ-119.
with listed as (
    select
        staff_id,
        month,
        institution_id,
        row_number() over (
            partition by staff_id, month
            order by institution_id asc nulls last
        ) as place
    from {{ ref('dim_staff_month') }}
),

last_listed as (
    select
        staff_id,
        max(month) as month
    from listed
    group by staff_id
)

select
    {{ kept_with('i') }} as institution_id,
    e.month,
    e.staff_id,
    e.entry_number,
    e.entry_kind,
    e.institution_id as worked_at,
    e.entry_date,
    e.points,
    e.balance_points,
    e.purpose,
    e.approved_by,
    e.document,
    e.source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line,
    m.release_id
from {{ ref('assistance_ledger') }} as e
inner join {{ ref('dim_month') }} as m
    on e.month = m.month
inner join last_listed as t
    on e.staff_id = t.staff_id
left join listed as s
    on
        e.staff_id = s.staff_id
        and e.month = s.month
        and s.place = 1
inner join listed as l
    on
        t.staff_id = l.staff_id
        and t.month = l.month
        and l.place = 1
inner join {{ ref('dim_institution') }} as i
    on coalesce(s.institution_id, l.institution_id) = i.institution_id
