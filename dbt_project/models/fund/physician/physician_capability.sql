-- Grain: month, institution_id, staff_id.
-- Capability of a physician, in four parts and in all: the places among peers by the weights of the parts that can
-- be shown. Nobody is compared across specialties or tiers, and nothing of payment standards or profit is in it.
select
    month,
    institution_id,
    staff_id,
    max(institution_tier) as institution_tier,
    max(specialty) as specialty,
    {%- for part in capability_parts() %}
    max(case when part = '{{ part }}' then cases end) as {{ part }}_cases,
    max(case when part = '{{ part }}' then shrunk_value end) as {{ part }}_value,
    max(case when part = '{{ part }}' then value_low end) as {{ part }}_low,
    max(case when part = '{{ part }}' then value_high end) as {{ part }}_high,
    max(case when part = '{{ part }}' then peer_percentile end) as {{ part }}_percentile,
    {%- endfor %}
    cast(sum(case when peer_percentile is not null then 1 else 0 end) as integer) as parts_shown,
    cast(
        round({{ quotient(
            'sum(peer_percentile * weight)', 'sum(case when peer_percentile is not null then weight end)'
        ) }}, 4) as decimal(9, 4)
    ) as capability_percentile
from {{ ref('physician_capability_part') }}
group by
    month,
    institution_id,
    staff_id
