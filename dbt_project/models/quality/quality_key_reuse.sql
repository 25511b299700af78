{#
  Rows of one batch that share a key with another row of it and yet differ (V12): identical rows were set aside on the way
  in. Only feeds whose rows are counted or paid; a key used again in a later batch is a correction, not a fault.
#}
{% set keyed = {
    'his_op_visit': ['org_code', 'visit_id'],
    'his_ip_stay': ['org_code', 'visit_id'],
    'his_fee_detail': ['org_code', 'fee_id'],
    'his_rx': ['org_code', 'rx_no'],
    'his_lab_report': ['org_code', 'report_id'],
    'his_exam_report': ['org_code', 'exam_id'],
    'si_settlement': ['setl_id'],
} %}
with grouped as (
    {%- for feed, columns in keyed.items() %}
    select
        '{{ feed }}' as feed,
        institution_id as deliverer_id,
        month,
        source_batch_id,
        count(*) as rows
    from {{ incoming('conformed', feed) }}
    group by
        institution_id,
        month,
        source_batch_id,
        {{ columns | join(',\n        ') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    feed,
    deliverer_id,
    month,
    cast(sum(rows - 1) as bigint) as violated,
    cast(sum(rows) as bigint) as total
from grouped
group by
    feed,
    deliverer_id,
    month
