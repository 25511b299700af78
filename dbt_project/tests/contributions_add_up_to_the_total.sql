-- The contributions of the indicators add up to the institution's score (each is rounded to four digits).
select
    s.month,
    s.institution_id,
    s.score,
    sum(i.weighted_score) as contributions
from {{ ref('score_institution') }} as s
inner join {{ ref('score_indicator') }} as i
    on
        s.month = i.month
        and s.institution_id = i.institution_id
where s.score is not null
group by
    s.month,
    s.institution_id,
    s.score
having abs(s.score - sum(i.weighted_score)) > 0.0001 * count(*)
