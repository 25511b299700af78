-- Grain: deliverer_id, meeting_id.
select
    deliverer_id,
    meet_id as meeting_id,
    {{ month_of('meet_date') }} as month,
    meet_date as event_date,
    body as body_code,
    major_items,
    member_participated as participated_items,
    coalesce(trim(resolution_no), '') <> '' as has_resolution,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_gov_meeting') }}
