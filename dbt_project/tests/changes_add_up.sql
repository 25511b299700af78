-- The changes of the indicators add up to the change of the total, and the steps of each to its change (each is
-- rounded to four digits).
select
    c.month,
    c.institution_id,
    s.score - b.score as change_of_total,
    sum(c.change) as changes,
    sum(
        coalesce(c.by_value, 0) + coalesce(c.by_target, 0) + coalesce(c.by_weight, 0) + coalesce(c.by_status, 0)
    ) as steps
from {{ ref('score_change') }} as c
left join {{ ref('score_institution') }} as s
    on
        c.month = s.month
        and c.institution_id = s.institution_id
left join {{ ref('score_institution') }} as b
    on
        c.previous_month = b.month
        and c.institution_id = b.institution_id
group by
    c.month,
    c.institution_id,
    s.score,
    b.score
having
    abs(s.score - b.score - sum(c.change)) > 0.0002 * count(*)
    or abs(
        sum(c.change)
        - sum(coalesce(c.by_value, 0) + coalesce(c.by_target, 0) + coalesce(c.by_weight, 0) + coalesce(c.by_status, 0))
    ) > 0.0005 * count(*)
