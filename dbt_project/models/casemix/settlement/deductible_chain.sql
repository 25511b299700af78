-- Grain: case_id.
-- Stays that continue one another by referral, and the deductible of each: within a chain a person owes the highest of
-- the institutions so far, once, so of every later stay only what exceeds the earlier ones. REQ-148.
with rule as (
    select
        a.institution_tier,
        a.insurance,
        a.event_date,
        max(case when p.insurance <> '*' then p.deductible_fen end) as of_insurance_fen,
        max(case when p.insurance = '*' then p.deductible_fen end) as of_any_fen,
        max(case when p.insurance <> '*' then p.chain_days end) as of_insurance_days,
        max(case when p.insurance = '*' then p.chain_days end) as of_any_days
    from (
        select distinct
            institution_tier,
            insurance,
            event_date
        from {{ ref('settlement_case') }}
        where care_kind = 'inpatient'
    ) as a
    inner join {{ incoming('policy', 'deductible_rule') }} as p
        on
            a.institution_tier = p.institution_tier
            and p.insurance in (a.insurance, '*')
            and a.event_date >= p.effective_from
            and a.event_date <= coalesce(p.effective_to, a.event_date)
    group by
        a.institution_tier,
        a.insurance,
        a.event_date
),

stay as (
    select
        c.case_id,
        c.deliverer_id,
        c.settlement_id,
        c.institution_id,
        c.institution_tier,
        c.month,
        c.event_date,
        c.insurance,
        c.person_key,
        c.begin_date,
        c.end_date,
        c.deductible_fen,
        c.source_batch_id,
        c.source_file,
        c.source_line,
        coalesce(r.of_insurance_fen, r.of_any_fen) as level_deductible_fen,
        coalesce(r.of_insurance_days, r.of_any_days) as chain_days,
        lag(c.case_id) over (
            partition by c.person_key, c.insurance
            order by
                c.begin_date asc nulls last,
                c.case_id asc nulls last
        ) as previous_case_id
    from {{ ref('settlement_case') }} as c
    inner join rule as r
        on
            c.institution_tier = r.institution_tier
            and c.insurance = r.insurance
            and c.event_date = r.event_date
    where
        c.care_kind = 'inpatient'
        and c.begin_date is not null
        and c.end_date is not null
),

-- The referral that joins a stay to the one before: asked for during that stay or within the days allowed after it.
joined as (
    select
        n.case_id,
        max(r.referral_id) as referral_id
    from stay as n
    inner join stay as p
        on n.previous_case_id = p.case_id
    inner join {{ ref('fct_referral') }} as r
        on
            n.person_key = r.person_key
            and p.institution_id = r.institution_id
            and n.institution_id = r.to_institution_id
    where
        r.is_effective
        and r.request_date >= p.begin_date
        and r.request_date <= n.begin_date
        and {{ days_between('p.end_date', 'n.begin_date') }} <= n.chain_days
    group by n.case_id
),

chain as (
    select
        s.*,
        j.referral_id,
        sum(case when j.case_id is null then 1 else 0 end) over (
            partition by s.person_key, s.insurance
            order by
                s.begin_date asc nulls last,
                s.case_id asc nulls last
            rows between unbounded preceding and current row
        ) as chain_number
    from stay as s
    left join joined as j
        on s.case_id = j.case_id
),

owed as (
    select
        *,
        count(*) over (partition by person_key, insurance, chain_number) as chain_stays,
        row_number() over (
            partition by person_key, insurance, chain_number
            order by
                begin_date asc nulls last,
                case_id asc nulls last
        ) as place_in_chain,
        coalesce(max(level_deductible_fen) over (
            partition by person_key, insurance, chain_number
            order by
                begin_date asc nulls last,
                case_id asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as owed_before_fen
    from chain
)

select
    case_id,
    deliverer_id,
    settlement_id,
    institution_id,
    month,
    event_date,
    insurance,
    previous_case_id,
    referral_id,
    cast(place_in_chain as bigint) as place_in_chain,
    level_deductible_fen,
    greatest(level_deductible_fen - owed_before_fen, 0) as deductible_due_fen,
    deductible_fen as deductible_charged_fen,
    deductible_fen - greatest(level_deductible_fen - owed_before_fen, 0) as overcharged_fen,
    -- What a person of a chain paid too much is what should have been counted on and was not.
    case
        when deductible_fen is null then 'unknown'
        when deductible_fen > greatest(level_deductible_fen - owed_before_fen, 0) then 'not_continued'
        when deductible_fen < greatest(level_deductible_fen - owed_before_fen, 0) then 'charged_less'
        else 'continued'
    end as outcome,
    source_batch_id,
    source_file,
    source_line
from owed
where
    chain_stays > 1
    and place_in_chain > 1
