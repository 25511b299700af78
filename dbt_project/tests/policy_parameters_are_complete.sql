-- A missing parameter would silently make conditions false: every month has them all.
select month
from {{ ref('policy_parameter') }}
where
    expert_slot_release_hours is null
    or first_contact_window_days is null
    or referral_case_window_days is null
    or long_stay_days is null
    or duplicate_imaging_window_days is null
    or duplicate_lab_window_days is null
    or bounce_back_window_days is null
    or minimum_coverage_pct is null
    or minimum_peers is null
    or close_after_days is null
    or missing_indicator_is_lowest is null
