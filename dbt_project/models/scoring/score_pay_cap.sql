-- What vetoes leave of a head's pay coefficient at most, one row per month and institution that has one in force: the
-- lowest of their caps. An open appeal changes nothing, one that was upheld lifts the veto.
select
    m.month,
    v.institution_id,
    cast(min(v.pay_cap) as decimal(9, 6)) as pay_cap,
    {{ joined_text('v.kind') }} as vetoed_by,
    max(case when v.appeal_state = 'open' then 1 else 0 end) = 1 as is_veto_appealed
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'score_veto') }} as v
    on
        {{ in_force('v', 'm.last_day') }}
        and m.month between v.month_from and v.month_to
where v.appeal_state <> 'upheld'
group by
    m.month,
    v.institution_id
