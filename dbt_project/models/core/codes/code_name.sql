{#
  What deliverers call a code, to help whoever maps it. Free text may carry a person's name: a name is kept only when enough
  rows share it (policy), never from a single row.
#}
{% set named = [
    ('his_op_visit', "'diagnosis'", 'main_diag_code', 'main_diag_name'),
    ('his_op_diag', "'diagnosis'", 'diag_code', 'diag_name'),
    ('his_mr_diag', "'diagnosis'", 'diag_code', 'diag_name'),
    ('his_mr_oper', "'procedure'", 'oper_code', 'oper_name'),
    ('si_settle_diag', "'diagnosis'", 'diag_code', 'diag_name'),
    ('si_settle_oper', "'procedure'", 'oprn_oprt_code', 'oprn_oprt_name'),
    ('his_rx_item', "'drug'", 'drug_code', 'drug_name'),
    ('his_fee_detail', item_terminology('d.item_type'), 'item_code', 'item_name'),
] %}
with counted as (
    {%- for feed, terminology, code, name in named %}
    select
        '{{ feed }}' as feed,
        {{ terminology }} as terminology,
        d.institution_id as deliverer_id,
        d.{{ code }} as source_code,
        d.{{ name }} as source_name,
        count(*) as rows
    from {{ incoming('conformed', feed) }} as d
    where
        d.{{ code }} is not null
        and d.{{ name }} is not null
    group by
        {{ terminology }},
        d.institution_id,
        d.{{ code }},
        d.{{ name }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

least as (
    select max(value) as rows
    from {{ ref('policy_quality_parameter') }}
    where parameter = 'minimum_rows_for_a_name'
),

ranked as (
    select
        c.feed,
        c.terminology,
        c.deliverer_id,
        c.source_code,
        c.source_name,
        row_number() over (
            partition by c.feed, c.terminology, c.deliverer_id, c.source_code
            order by c.rows desc nulls last, c.source_name asc nulls last
        ) as preference
    from counted as c
    inner join least as l
        on c.rows >= l.rows
)

select
    feed,
    terminology,
    deliverer_id,
    source_code,
    source_name
from ranked
where preference = 1
