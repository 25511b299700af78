-- Registers that cannot be true of people (V09, V30), filed under the delivery that brought the record last.
with delivered as (
    select
        deliverer_id,
        feed,
        delivery_month as month,
        source_file,
        row_number() over (
            partition by source_file, feed
            order by delivery_month desc nulls last, batch_id desc nulls last
        ) as version_number
    from {{ ref('stg_batch_outcome') }}
    where
        status = 'conformed'
        and standing = 'in_force'
),

received as (
    select
        deliverer_id,
        feed,
        delivery_month as month,
        sum(accepted_rows) as accepted_rows
    from {{ ref('stg_batch_outcome') }}
    where standing = 'in_force'
    group by
        deliverer_id,
        feed,
        delivery_month
),

concerned as (
    select
        p.issue_id as rule_id,
        d.feed,
        d.deliverer_id,
        d.month,
        count(distinct p.local_key) as violated
    from {{ incoming('pipeline', 'person_issue') }} as p
    inner join delivered as d
        on
            p.source_file = d.source_file
            -- A workbook holds several feeds: the register is meant.
            and d.feed = case p.key_type
                when 'patient' then 'his_patient'
                when 'ehr' then 'ph_ehr'
                when 'insurance' then 'si_insured'
            end
            and d.version_number = 1
    group by
        p.issue_id,
        d.feed,
        d.deliverer_id,
        d.month
)

select
    c.rule_id,
    c.feed,
    c.deliverer_id,
    c.month,
    c.violated,
    greatest(r.accepted_rows, c.violated) as total
from concerned as c
inner join received as r
    on
        c.deliverer_id = r.deliverer_id
        and c.feed = r.feed
        and c.month = r.month
