{#
  The one rule of staging: of everything a deliverer ever sent under one key, the newest version counts.

  feed      contract name
  key       the contract's key columns (after privacy); a key means something only together with its deliverer
  columns   every column of the contract after privacy, in contract order
  snapshot  true: the whole list comes every month and each month's list is kept (delivery month joins the key)

  Newest = latest src_update_ts, then latest batch (first_landed_at, batch id), then the last line of the file.
  Rows of a batch that is overtaken or withdrawn (stg_batch_outcome) are no versions: an earlier one may count again.
  A newest version that says "deleted" (op_flag D) removes the row; a deletion without a time acts on what arrived before
  it: it is as new as the newest time known of its key. Deliveries made after the last month of the
  run are not read, so building an older month again gives that month's figures.

  Nearly every key comes once. Only those that come again are put in order: counting keys is cheap, sorting whole rows is not.
#}
{% macro newest_version(feed, key, columns, snapshot=false) -%}
{%- set versioned = ['institution_id'] + (['month'] if snapshot else []) + key -%}
{%- set source_columns = ['source_batch_id', 'source_file', 'source_line'] -%}
{%- set last_columns = ['src_update_ts', 'row_hash'] -%}
{%- set rows_in_force -%}
from {{ incoming('conformed', feed) }} as f
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            f.source_batch_id = b.batch_id
            and b.status = 'conformed'
            and b.standing = 'in_force'
{%- endset -%}
with several as (
    select
        {{ versioned | join(',\n        ') }}
    from {{ incoming('conformed', feed) }}
    where month <= {{ last_month() }}
    group by
        {{ versioned | join(',\n        ') }}
    having
        count(*) > 1
        or max(case when op_flag = 'D' then 1 else 0 end) = 1
),

untimed_deletion as (
    select
        {%- for column in versioned %}
        e.{{ column }},
        {%- endfor %}
        max(e.src_update_ts) as acts_at
    from {{ incoming('conformed', feed) }} as e
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            e.source_batch_id = b.batch_id
            and b.standing = 'in_force'
    inner join {{ incoming('conformed', feed) }} as d
        on {{ same_key(versioned, 'e', 'd') }}
    where
        d.op_flag = 'D'
        and d.src_update_ts is null
        and e.month <= {{ last_month() }}
    group by
        {%- for column in versioned %}
        e.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
),

once as (
    select
        f.institution_id as deliverer_id,
        f.month as delivery_month,
        {%- for column in columns + source_columns + last_columns %}
        f.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ rows_in_force }}
    left join several as s
        on {{ same_key(versioned, 'f', 's') }}
    where
        s.institution_id is null
        and f.month <= {{ last_month() }}
),

version as (
    select
        f.institution_id as deliverer_id,
        f.month as delivery_month,
        {%- for column in columns + source_columns %}
        f.{{ column }},
        {%- endfor %}
        f.op_flag,
        f.src_update_ts,
        f.row_hash,
        row_number() over (
            partition by
                {%- for column in versioned %}
                f.{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            order by
                coalesce(f.src_update_ts, case when f.op_flag = 'D' then u.acts_at end) desc nulls last,
                b.first_landed_at desc nulls last,
                f.source_batch_id desc nulls last,
                f.source_line desc nulls last
        ) as version_number
    {{ rows_in_force }}
    inner join several as s
        on {{ same_key(versioned, 'f', 's') }}
    left join untimed_deletion as u
        on {{ same_key(versioned, 'f', 'u') }}
    where f.month <= {{ last_month() }}
)

select
    deliverer_id,
    delivery_month,
    {{ (columns + source_columns + last_columns) | join(',\n    ') }}
from once

union all

select
    deliverer_id,
    delivery_month,
    {{ (columns + source_columns + last_columns) | join(',\n    ') }}
from version
where
    version_number = 1
    and coalesce(op_flag, 'I') <> 'D'
{%- endmacro %}

{# The last month that this run reads deliveries of. #}
{% macro last_month() -%}
(select max(r.month) from {{ incoming('pipeline', 'run_month') }} as r)
{%- endmacro %}

{# Both rows bear the same key; a column of it may be empty in both. #}
{% macro same_key(columns, left_name, right_name) -%}
{%- for column in columns -%}
{{ left_name }}.{{ column }} {{ '=' if column in ('institution_id', 'month') else 'is not distinct from' }} {{ right_name }}.{{ column }}
{%- if not loop.last %} and {% endif -%}
{%- endfor -%}
{%- endmacro %}
