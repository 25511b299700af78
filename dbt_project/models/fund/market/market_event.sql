-- Grain: service_id.
-- Everything one member did for another that a numbered record tells of, before anybody asks for its price: what
-- happened, and the facts that prices make conditions of.
-- Source: methods G; REQ-157 … REQ-168.
with lead_hospital as (
    select
        alliance_id,
        min(institution_id) as institution_id
    from {{ ref('dim_institution') }}
    where is_county_hospital
    group by alliance_id
),

remote as (
    select
        case service_type
            when '1' then 'TELE-CON'
            when '2' then 'TELE-IMG'
            when '3' then 'TELE-ECG'
            when '4' then 'TELE-US'
            else 'TELE-' || service_type
        end as service_code,
        'his_teleconsult' as record_feed,
        teleconsult_id as record_id,
        deliverer_id,
        institution_id as provider_institution_id,
        asking_institution_id as consumer_institution_id,
        event_date,
        staff_id,
        {{ market_facts(
            report_minutes=minutes_to_report('apply_time', 'report_time'),
            is_cancelled="status = '2'",
            is_timed_out="status = '3'"
        ) }},
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_teleconsult') }}
    where not is_test_patient
),

-- Clinics and rounds of those who are sent out. What they operate is told by fee lines, which know the fee.
outreach as (
    select
        case activity_type when '01' then 'OUT-CLINIC' else 'OUT-ROUND' end as service_code,
        'his_dispatch' as record_feed,
        activity_id as record_id,
        deliverer_id,
        institution_id as provider_institution_id,
        to_institution_id as consumer_institution_id,
        event_date,
        staff_id,
        {{ market_facts(
            hundredth_hours='round(activity_hours * 100, 0)',
            has_check_in='has_check_in',
            volume='coalesce(patients_served, 0) + coalesce(trainees, 0)'
        ) }},
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_support_activity') }}
    where activity_type in ('01', '02')
),

-- Results that came with the patient and that the receiver recognised, each for the newest referral before it.
result as (
    select
        r.deliverer_id,
        r.referral_id,
        c.event_date,
        row_number() over (
            partition by c.deliverer_id, c.recognition_id
            order by
                r.event_date desc nulls last,
                r.arrive_time desc nulls last,
                r.source_batch_id asc nulls last,
                r.source_line asc nulls last
        ) as referral_number
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('fct_recognition') }} as c
        on
            r.person_key = c.person_key
            and r.to_institution_id = c.institution_id
            and r.institution_id = c.prior_institution_id
            and r.event_date <= c.event_date
    where
        r.direction = '1'
        and r.is_effective
        and c.is_accepted
),

recognised as (
    select
        deliverer_id,
        referral_id,
        min(event_date) as event_date
    from result
    where referral_number = 1
    group by
        deliverer_id,
        referral_id
),

sent_up as (
    select
        'UP-PREP' as service_code,
        'his_referral' as record_feed,
        r.referral_id as record_id,
        r.deliverer_id,
        r.institution_id as provider_institution_id,
        r.to_institution_id as consumer_institution_id,
        c.event_date,
        r.staff_id,
        {{ market_facts(gate_days=days_between('r.event_date', 'c.event_date')) }},
        r.source_batch_id,
        r.source_file,
        r.source_line
    from {{ ref('fct_referral') }} as r
    inner join recognised as c
        on
            r.deliverer_id = c.deliverer_id
            and r.referral_id = c.referral_id
),

-- The days in bed of those sent down, of the stay that names the referral.
stay_after as (
    select
        r.referral_id as record_id,
        r.deliverer_id,
        r.to_institution_id as provider_institution_id,
        r.institution_id as consumer_institution_id,
        s.event_date,
        s.staff_id,
        s.los_days,
        r.close_time,
        s.source_batch_id,
        s.source_file,
        s.source_line,
        row_number() over (
            partition by r.deliverer_id, r.referral_id
            order by
                s.event_date asc nulls last,
                s.source_batch_id asc nulls last,
                s.source_line asc nulls last
        ) as stay_number
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('fct_inpatient_stay') }} as s
        on
            r.referral_id = s.referral_id
            and r.to_institution_id = s.institution_id
            and r.person_key = s.person_key
    where
        r.direction = '2'
        and r.is_effective
        and s.is_valid
        and s.los_days is not null
),

sent_down as (
    select
        'DOWN-REHAB' as service_code,
        'his_referral' as record_feed,
        record_id,
        deliverer_id,
        provider_institution_id,
        consumer_institution_id,
        event_date,
        staff_id,
        {{ market_facts(quantity='los_days', is_closed='close_time is not null') }},
        source_batch_id,
        source_file,
        source_line
    from stay_after
    where stay_number = 1
),

followup as (
    {% for feed, model, is_measured in [
        ('ph_followup_htn', 'fct_followup', 'systolic_mmhg is not null and diastolic_mmhg is not null'),
        (
            'ph_followup_dm', 'fct_followup_diabetes',
            'coalesce(fasting_glucose_mmol, random_glucose_mmol) is not null'
        )
    ] %}
    select
        '{{ feed }}' as record_feed,
        followup_id as record_id,
        deliverer_id,
        institution_id,
        event_date,
        {{ integer_divide(month_number_of('event_date') ~ ' - 1', '3') }} as quarter_number,
        person_key,
        staff_id,
        {{ is_measured }} as is_measured,
        source_batch_id,
        source_file,
        source_line
    from {{ ref(model) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

-- A package is a person's quarter; which of its follow-ups completes it, the price says (volume). Those with a reading
-- count first: one without may not stand in the way of one that earns the package.
counted as (
    select
        *,
        row_number() over (
            partition by person_key, quarter_number
            order by
                case when is_measured then 0 else 1 end asc nulls last,
                event_date asc nulls last,
                record_feed asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as followup_number
    from followup
),

managed as (
    select
        'CHRON-PKG' as service_code,
        f.record_feed,
        f.record_id,
        f.deliverer_id,
        f.institution_id as provider_institution_id,
        h.institution_id as consumer_institution_id,
        f.event_date,
        f.staff_id,
        {{ market_facts(volume='f.followup_number', is_measured='f.is_measured') }},
        f.source_batch_id,
        f.source_file,
        f.source_line
    from counted as f
    inner join {{ ref('dim_institution') }} as i
        on f.institution_id = i.institution_id
    inner join lead_hospital as h
        on i.alliance_id = h.alliance_id
),

specimen as (
    select
        'LAB-HUB' as service_code,
        'his_lab_report' as record_feed,
        l.report_id as record_id,
        l.deliverer_id,
        l.institution_id as provider_institution_id,
        l.ordering_institution_id as consumer_institution_id,
        l.event_date,
        cast(null as string) as staff_id,
        {{ market_facts(
            fee_fen='l.amount_fen', report_minutes=minutes_to_report('l.apply_time', 'l.report_time')
        ) }},
        l.source_batch_id,
        l.source_file,
        l.source_line
    from {{ ref('fct_lab_report') }} as l
    inner join {{ ref('dim_institution') }} as h
        on
            l.institution_id = h.institution_id
            and h.is_county_hospital
    inner join {{ ref('dim_institution') }} as i
        on
            l.ordering_institution_id = i.institution_id
            and i.is_primary_care
    where not l.is_test_patient
),

-- Examinations that the grass roots ordered on a hospital's machines.
imaged as (
    select
        'EXAM-HUB' as service_code,
        'his_exam_report' as record_feed,
        x.exam_id as record_id,
        x.deliverer_id,
        x.institution_id as provider_institution_id,
        x.ordering_institution_id as consumer_institution_id,
        x.event_date,
        cast(null as string) as staff_id,
        {{ market_facts(
            fee_fen='x.amount_fen', report_minutes=minutes_to_report('x.apply_time', 'x.report_time')
        ) }},
        x.source_batch_id,
        x.source_file,
        x.source_line
    from {{ ref('fct_exam') }} as x
    inner join {{ ref('dim_institution') }} as h
        on
            x.institution_id = h.institution_id
            and h.is_county_hospital
    inner join {{ ref('dim_institution') }} as i
        on
            x.ordering_institution_id = i.institution_id
            and i.is_primary_care
    where not x.is_test_patient
),

-- Fees for operating (class 06 of the settlement list) of somebody whom another member had posted there that day.
operation_line as (
    select distinct
        f.deliverer_id,
        f.institution_id,
        f.visit_id,
        f.fee_id,
        f.executing_staff_id,
        a.institution_id as posting_institution_id,
        f.event_date,
        f.amount_fen,
        f.is_reversal,
        f.source_batch_id,
        f.source_file,
        f.source_line
    from {{ ref('fct_fee_line') }} as f
    inner join {{ ref('fct_staff_assignment') }} as a
        on
            f.executing_staff_id = a.staff_id
            and f.institution_id = a.to_institution_id
            and f.event_date >= a.start_date
            and f.event_date <= coalesce(a.end_date, f.event_date)
    where
        f.item_type = '06'
        and (not f.is_reversal or f.reversed_fee_id is null)
),

-- What takes one of these lines back, whenever and by whomever it was entered.
reversal_line as (
    select
        o.deliverer_id,
        o.institution_id,
        o.visit_id,
        r.fee_id,
        o.executing_staff_id,
        o.posting_institution_id,
        r.event_date,
        r.amount_fen,
        r.is_reversal,
        r.source_batch_id,
        r.source_file,
        r.source_line
    from operation_line as o
    inner join {{ ref('fct_fee_line') }} as r
        on
            o.deliverer_id = r.deliverer_id
            and o.institution_id = r.institution_id
            and o.fee_id = r.reversed_fee_id
    where r.is_reversal
),

operation_or_reversal as (
    select * from operation_line
    union all
    select * from reversal_line
),

-- What a visit's operations by one expert came to, less what was taken back; its first line stands for them.
operated as (
    select
        *,
        sum(amount_fen) over (
            partition by deliverer_id, institution_id, visit_id, executing_staff_id, posting_institution_id
        ) as fee_fen,
        row_number() over (
            partition by deliverer_id, institution_id, visit_id, executing_staff_id, posting_institution_id
            order by
                case when is_reversal then 1 else 0 end asc nulls last,
                event_date asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as line_number
    from operation_or_reversal
),

surgery as (
    select
        'SURG-7030' as service_code,
        'his_fee_detail' as record_feed,
        visit_id as record_id,
        deliverer_id,
        posting_institution_id as provider_institution_id,
        institution_id as consumer_institution_id,
        event_date,
        executing_staff_id as staff_id,
        {{ market_facts(fee_fen='fee_fen', is_cancelled='fee_fen <= 0') }},
        source_batch_id,
        source_file,
        source_line
    from operated
    where line_number = 1
),

-- What no feed of its own tells of (sterile supply): the transaction that both sides sign for is the record.
signed_for as (
    select
        *,
        row_number() over (
            partition by service_code, record_feed, record_id, institution_id, consumer_institution_id
            order by
                case when status = '4' then 1 else 0 end asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as transaction_number
    from {{ ref('fct_internal_transaction') }}
    where
        not is_reversal
        -- A referral is no service by being booked (REQ-128).
        and record_feed <> 'his_referral'
        and service_code not in (
            {% for code in services_with_a_feed() %}
            '{{ code }}'{{ ',' if not loop.last }}
            {% endfor %}
        )
),

supplied as (
    select
        service_code,
        record_feed,
        record_id,
        deliverer_id,
        institution_id as provider_institution_id,
        consumer_institution_id,
        event_date,
        cast(null as string) as staff_id,
        {{ market_facts(quantity='round(quantity, 0)') }},
        source_batch_id,
        source_file,
        source_line
    from signed_for
    where transaction_number = 1
),

together as (
    {% for part in [
        'remote', 'outreach', 'sent_up', 'sent_down', 'managed', 'specimen', 'imaged', 'surgery', 'supplied'
    ] %}
    select * from {{ part }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    service_code || ' ' || deliverer_id || ' ' || provider_institution_id || ' '
    || coalesce(consumer_institution_id, '-') || ' ' || record_id
    -- Several experts of one operation are told apart by number: the ledger that everybody reads names nobody.
    || case
        when service_code = 'SURG-7030'
            then
                ' '
                || cast(row_number() over (
                    partition by service_code, deliverer_id, provider_institution_id, consumer_institution_id, record_id
                    order by staff_id asc nulls last, source_batch_id asc nulls last, source_line asc nulls last
                ) as string)
        else ''
    end as service_id,
    {{ month_of('event_date') }} as month,
    *
from together
where
    provider_institution_id is not null
    and event_date is not null
