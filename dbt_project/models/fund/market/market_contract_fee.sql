-- Grain: deliverer_id, contract_id, payer.
-- Who pays a family-doctor fee, as the contract tells it; where what it tells is not the fee, nobody is told.
-- Source: REQ-161.
{%- set payers = {'insurance': '医保', 'public_health': '公卫', 'personal': '个人'} %}
with told as (
    select
        deliverer_id,
        contract_id,
        month,
        institution_id,
        fee_fen,
        {%- for payer, key in payers.items() %}
        try_cast({{ json_text('fund_source', key) }} as bigint) as {{ payer }}_fen,
        {%- endfor %}
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_contract') }}
    where
        paid_flag = '1'
        and fee_fen > 0
        and institution_id is not null
),

judged as (
    select
        *,
        coalesce(
            coalesce(insurance_fen, 0) + coalesce(public_health_fen, 0) + coalesce(personal_fen, 0) = fee_fen
            and least(coalesce(insurance_fen, 0), coalesce(public_health_fen, 0), coalesce(personal_fen, 0)) >= 0,
            false
        ) as adds_up
    from told
),

paid as (
    {%- for payer in payers %}
    select
        deliverer_id,
        contract_id,
        '{{ payer }}' as payer,
        month,
        institution_id,
        fee_fen,
        {{ payer }}_fen as amount_fen,
        source_batch_id,
        source_file,
        source_line
    from judged
    where adds_up

    union all
    {% endfor %}
    select
        deliverer_id,
        contract_id,
        'untold' as payer,
        month,
        institution_id,
        fee_fen,
        fee_fen as amount_fen,
        source_batch_id,
        source_file,
        source_line
    from judged
    where not adds_up
)

select *
from paid
where amount_fen > 0
