-- Follow-ups of the public-health platform: after death (V31), and a dictionary the wrong way round (V22).
with parameter as (
    select
        max(case when parameter = 'distribution_share_pct' then value end) as share_pct,
        max(case when parameter = 'distribution_minimum_rows' then value end) as minimum_rows
    from {{ ref('policy_quality_parameter') }}
),

death as (
    select
        e.ehr_key,
        min(d.death_date) as death_date
    from {{ ref('stg_ph_death') }} as d
    inner join {{ ref('stg_ph_ehr') }} as e
        on d.id_card_key = e.id_card_key
    group by e.ehr_key
),

reaction as (
    select
        source_batch_id,
        count(*) as rows,
        sum(case when adverse_reaction_code = '2' then 1 else 0 end) as reactions
    from {{ ref('fct_followup') }}
    where adverse_reaction_code is not null
    group by source_batch_id
)

select
    'FOLLOWUP_AFTER_DEATH' as rule_id,
    'ph_followup_htn' as feed,
    'fu_date' as column_name,
    f.source_batch_id,
    f.source_file,
    f.source_line,
    coalesce(f.event_date > d.death_date, false) as is_violated
from {{ ref('fct_followup') }} as f
left join death as d
    on f.ehr_key = d.ehr_key
union all
select
    'ADVERSE_REACTION_TOO_OFTEN' as rule_id,
    'ph_followup_htn' as feed,
    'adverse' as column_name,
    f.source_batch_id,
    f.source_file,
    f.source_line,
    r.rows >= p.minimum_rows and 100 * r.reactions > p.share_pct * r.rows as is_violated
from {{ ref('fct_followup') }} as f
inner join reaction as r
    on f.source_batch_id = r.source_batch_id
cross join parameter as p
where f.adverse_reaction_code is not null
