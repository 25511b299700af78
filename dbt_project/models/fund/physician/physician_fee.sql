-- Grain: month, institution_id, department_code, staff_id.
-- The physician fee: points x yuan of a point x quality, half a fen up (methods H.6); or a total that is handed out
-- whole, over points x quality, by largest remainder. A row of policy without an institution is for all that have
-- none of their own.
with physician as (
    select
        month,
        code
    from {{ ref('policy_code') }}
    where code_set in ('physician_staff_type', 'village_physician_staff_type')
),

rule as (
    select
        m.month,
        coalesce(r.institution_id, '-') as fee_pool_id,
        {{ millionths('r.point_value') }} as point_value_millionths,
        cast(r.total_fen as bigint) as total_fen
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'physician_fee_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
),

earning as (
    select distinct
        p.month,
        p.institution_id,
        p.department_code,
        p.staff_id,
        p.points,
        p.quality_factor,
        {{ millionths('p.points') }} as point_millionths,
        {{ millionths('p.quality_factor') }} as quality_millionths,
        greatest({{ millionths('round(cast(p.points as decimal(20, 6)) * p.quality_factor, 6)') }}, 0) as weight,
        coalesce(o.fee_pool_id, a.fee_pool_id) as fee_pool_id,
        case when o.fee_pool_id is not null then o.point_value_millionths else a.point_value_millionths end
            as point_value_millionths,
        case when o.fee_pool_id is not null then o.total_fen else a.total_fen end as total_fen
    from {{ ref('staff_point') }} as p
    inner join physician as c
        on
            p.month = c.month
            and p.staff_type = c.code
    left join rule as o
        on
            p.month = o.month
            and p.institution_id = o.fee_pool_id
    left join rule as a
        on
            p.month = a.month
            and a.fee_pool_id = '-'
),

by_value as (
    select
        *,
        cast(
            case when point_millionths < 0 then -1 else 1 end
            * {{ divide_half_up(
                wide('abs(point_millionths)') ~ ' * point_value_millionths * quality_millionths * 100',
                '1000000000000000000'
            ) }} as bigint
        ) as fee_fen
    from earning
    where point_value_millionths is not null
),

handed_out as (
    select *
    from earning
    where total_fen is not null
),

by_total as (
    {{ split_exactly(
        'handed_out', ['month', 'fee_pool_id'], ['institution_id', 'department_code', 'staff_id'], 'total_fen', 'weight'
    ) }}
)

select
    month,
    institution_id,
    department_code,
    staff_id,
    fee_pool_id,
    points,
    quality_factor,
    {{ from_millionths('point_value_millionths') }} as point_value,
    cast(null as bigint) as distributable_fen,
    cast(null as decimal(18, 6)) as distributable_over_points,
    fee_fen
from by_value

union all

select
    month,
    institution_id,
    department_code,
    staff_id,
    fee_pool_id,
    points,
    quality_factor,
    cast(null as decimal(18, 6)) as point_value,
    total_fen as distributable_fen,
    {{ from_millionths('split_weight') }} as distributable_over_points,
    amount_fen as fee_fen
from by_total
