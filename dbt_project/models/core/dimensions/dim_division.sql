-- Grain: division_code.
-- Which institution looks after a division: the one that manages most of the live health records of people who live
-- there, of equals the one with the smallest code.
with managed as (
    select
        residence_division_code as division_code,
        institution_id,
        count(*) as live_records
    from {{ ref('fct_health_record') }}
    where file_status = '1'
    group by
        residence_division_code,
        institution_id
),

in_order as (
    select
        division_code,
        institution_id,
        live_records,
        sum(live_records) over (partition by division_code) as all_records,
        row_number() over (
            partition by division_code
            order by
                live_records desc nulls last,
                institution_id asc nulls last
        ) as place
    from managed
)

select
    division_code,
    institution_id as managing_institution_id,
    live_records,
    cast(all_records - live_records as bigint) as records_elsewhere
from in_order
where place = 1
