-- Grain: community_id, month, institution_id.
-- What an institution is handed out of a quarter: a part that scores do not touch, and the rest.
select
    community_id,
    month,
    institution_id,
    cast(sum(case when driver = 'population' then amount_fen else 0 end) as bigint) as base_fen,
    cast(sum(case when driver <> 'population' then amount_fen else 0 end) as bigint) as performance_fen,
    cast(sum(amount_fen) as bigint) as amount_fen
from {{ ref('pool_part') }}
where institution_id <> '-'
group by
    community_id,
    month,
    institution_id
