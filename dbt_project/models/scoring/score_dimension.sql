-- Weighted mean within each dimension of the card. Not applicable leaves the total weight; immature and too small
-- a sample leave only the effective weight, and so lower the coverage.
select
    month,
    institution_id,
    dimension,
    cast(sum(case when status <> 'not_applicable' then weight else 0 end) as decimal(9, 4)) as total_weight,
    cast(sum(case when score is not null then weight else 0 end) as decimal(9, 4)) as effective_weight,
    cast(sum(weight * score) as decimal(18, 8)) as weighted_points,
    count(score) as scored_indicators,
    cast(
        round({{ quotient('sum(weight * score)', 'sum(case when score is not null then weight end)') }}, 4)
        as decimal(9, 4)
    ) as score
from {{ ref('score_indicator') }}
group by
    month,
    institution_id,
    dimension
