-- A review in policy/peer_review.csv of somebody whom nobody knows there would be left out without a word.
select
    r.month,
    r.institution_id,
    r.staff_id
from {{ incoming('policy', 'peer_review') }} as r
left join {{ ref('dim_staff_month') }} as s
    on
        r.institution_id = s.institution_id
        and r.staff_id = s.staff_id
where s.staff_id is null
