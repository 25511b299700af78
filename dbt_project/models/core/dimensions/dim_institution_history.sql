-- Grain: institution_id, valid_from.
-- Every period that the county centre ever told of an institution, the newest version of each. A period that was not
-- closed ends before the next begins, so that an institution stands in the tree once on any day.
with version as (
    select
        *,
        row_number() over (
            partition by org_code, valid_from
            order by
                src_update_ts desc nulls last,
                delivery_month desc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as version_number
    from {{ ref('stg_his_org') }}
),

stated as (
    select
        *,
        coalesce(valid_to, make_date(9999, 12, 31)) as stated_until,
        lag(valid_from) over (
            partition by org_code
            order by valid_from desc nulls last
        ) as next_from
    from version
    where version_number = 1
),

held as (
    select
        *,
        coalesce(next_from <= stated_until, false) as is_cut_short,
        case when next_from <= stated_until then next_from - 1 else stated_until end as valid_until
    from stated
),

followed as (
    select
        *,
        lag(valid_until) over (
            partition by org_code
            order by valid_from asc nulls last
        ) as previous_until
    from held
),

-- Days on which the parent stands in the list too.
under_parent as (
    select
        h.org_code,
        h.valid_from,
        sum(
            {{ days_between(
                'greatest(h.valid_from, p.valid_from)', 'least(h.valid_until, p.valid_until)'
            ) }} + 1
        ) as days
    from held as h
    inner join held as p
        on
            h.parent_org_code = p.org_code
            and h.valid_from <= p.valid_until
            and h.valid_until >= p.valid_from
    group by
        h.org_code,
        h.valid_from
)

select
    f.org_code as institution_id,
    f.valid_from,
    f.valid_to,
    f.valid_until,
    f.org_name as institution_name,
    f.org_level as institution_level,
    f.hosp_grade as hospital_grade_code,
    f.lead_flag = '1' as is_lead,
    f.parent_org_code as parent_id,
    f.alliance_id,
    f.legal_entity_type,
    f.tightness as tightness_code,
    f.urban_rural,
    f.admin_div as division_code,
    f.approved_beds,
    cast({{ days_between('f.previous_until', 'f.valid_from') }} - 1 as integer) as gap_days_before,
    f.is_cut_short,
    case
        when f.parent_org_code is null then f.org_level in ('TH', 'CC', 'VC')
        else coalesce(u.days, 0) < {{ days_between('f.valid_from', 'f.valid_until') }} + 1
    end as is_orphan,
    f.source_batch_id,
    f.source_file,
    f.source_line
from followed as f
left join under_parent as u
    on
        f.org_code = u.org_code
        and f.valid_from = u.valid_from
