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
#}
{% macro newest_version(feed, key, columns, snapshot=false) -%}
with untimed_deletion as (
    select
        e.institution_id,
        {%- if snapshot %}
        e.month,
        {%- endif %}
        {%- for column in key %}
        e.{{ column }},
        {%- endfor %}
        max(e.src_update_ts) as acts_at
    from {{ incoming('conformed', feed) }} as e
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            e.source_batch_id = b.batch_id
            and b.standing = 'in_force'
    inner join {{ incoming('conformed', feed) }} as d
        on
            e.institution_id = d.institution_id
            {%- if snapshot %}
            and e.month = d.month
            {%- endif %}
            {%- for column in key %}
            and e.{{ column }} is not distinct from d.{{ column }}
            {%- endfor %}
    where
        d.op_flag = 'D'
        and d.src_update_ts is null
        and e.month <= (select max(r.month) from {{ incoming('pipeline', 'run_month') }} as r)
    group by
        e.institution_id
        {%- if snapshot %},
        e.month
        {%- endif %}
        {%- for column in key %},
        e.{{ column }}
        {%- endfor %}
),

delivered as (
    select
        f.institution_id as deliverer_id,
        f.month as delivery_month,
        {%- for column in columns %}
        f.{{ column }},
        {%- endfor %}
        f.source_batch_id,
        f.source_file,
        f.source_line,
        f.op_flag,
        f.src_update_ts,
        f.row_hash,
        row_number() over (
            partition by
                f.institution_id
                {%- if snapshot %},
                f.month
                {%- endif %}
                {%- for column in key %},
                f.{{ column }}
                {%- endfor %}
            order by
                coalesce(f.src_update_ts, case when f.op_flag = 'D' then u.acts_at end) desc nulls last,
                b.first_landed_at desc nulls last,
                f.source_batch_id desc nulls last,
                f.source_line desc nulls last
        ) as version_number
    from {{ incoming('conformed', feed) }} as f
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            f.source_batch_id = b.batch_id
            and b.status = 'conformed'
            and b.standing = 'in_force'
    left join untimed_deletion as u
        on
            f.institution_id = u.institution_id
            {%- if snapshot %}
            and f.month = u.month
            {%- endif %}
            {%- for column in key %}
            and f.{{ column }} is not distinct from u.{{ column }}
            {%- endfor %}
    where f.month <= (select max(r.month) from {{ incoming('pipeline', 'run_month') }} as r)
)

select
    deliverer_id,
    delivery_month,
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    source_batch_id,
    source_file,
    source_line,
    src_update_ts,
    row_hash
from delivered
where
    version_number = 1
    and coalesce(op_flag, 'I') <> 'D'
{%- endmacro %}
