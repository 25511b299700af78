-- Grain: deliverer_id, is_in_county, case_id.
-- One row per case settled with the insurance: all settlements of a visit or stay in the county (mdtrt_id), taken
-- together and dated by the last one that stands; each settlement outside the county, whose feed knows no visit.
-- What was refunded as often as it was settled is no case.
with refunded as (
    {{ refunded_settlements() }}
),

in_county as (
    select
        s.*,
        sum(s.settlement_count) over (
            partition by s.deliverer_id, s.insurance_visit_id
        ) as standing_settlements,
        sum(s.total_fen) over (
            partition by s.deliverer_id, s.insurance_visit_id
        ) as case_total_fen,
        row_number() over (
            partition by s.deliverer_id, s.insurance_visit_id
            order by
                s.settlement_count desc nulls last,
                r.settlement_id asc nulls first,
                s.settled_at desc nulls last,
                s.settlement_id desc nulls last
        ) as place
    from {{ ref('fct_settlement') }} as s
    left join refunded as r
        on
            s.deliverer_id = r.deliverer_id
            and s.settlement_id = r.settlement_id
),

settled as (
    select
        deliverer_id,
        insurance_visit_id as case_id,
        settlement_id,
        true as is_in_county,
        institution_id,
        care_kind,
        month,
        event_date,
        insurance_key,
        person_key,
        case_total_fen as total_fen,
        source_batch_id,
        source_file,
        source_line
    from in_county
    where
        place = 1
        and standing_settlements > 0

    union all

    select
        deliverer_id,
        settlement_id as case_id,
        settlement_id,
        false as is_in_county,
        cast(null as string) as institution_id,
        {{ care_kind('medical_type_code') }} as care_kind,
        month,
        event_date,
        insurance_key,
        person_key,
        total_fen,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
    where total_fen >= 0
)

select
    s.*,
    h.alliance_id as community_id
from settled as s
{{ community_of_insured('s') }}
