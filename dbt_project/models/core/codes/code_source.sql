{#
  Every diagnosis and procedure code ever delivered, with the edition that was declared for it: by the row itself, else by
  the deliverer's mapping, else by the contract. Item codes (drugs, services, consumables) have no editions.
#}
{% set coded = [
    ('his_op_visit', 'diagnosis', 'main_diag_code', none),
    ('his_op_diag', 'diagnosis', 'diag_code', 'code_ver'),
    ('his_mr_diag', 'diagnosis', 'diag_code', 'code_ver'),
    ('his_mr_oper', 'procedure', 'oper_code', 'code_ver'),
    ('si_out_of_county', 'diagnosis', 'main_diag_code', none),
    ('si_settle_diag', 'diagnosis', 'diag_code', none),
    ('si_settle_oper', 'procedure', 'oprn_oprt_code', none),
] %}
with delivered as (
    {%- for feed, terminology, column, version in coded %}
    select distinct
        '{{ feed }}' as feed,
        '{{ terminology }}' as terminology,
        d.institution_id as deliverer_id,
        {{ "coalesce(d." ~ version ~ ", '')" if version else "''" }} as code_version,
        d.{{ column }} as source_code
    from {{ incoming('conformed', feed) }} as d
    where d.{{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    d.feed,
    d.terminology,
    d.deliverer_id,
    d.code_version,
    d.source_code,
    {{ code_system("coalesce(nullif(d.code_version, ''), s.code_system, '')", 'd.terminology') }} as code_system
from delivered as d
left join {{ incoming('county', 'code_system') }} as s
    on
        d.feed = s.feed
        and d.terminology = s.terminology
        and d.deliverer_id = s.deliverer_id
