-- Grain: entry_id.
-- All money as entries. Of a month that stands (approved for pay, published and not computed now, or before one that
-- stands) the entries are those that were published; what is known otherwise since is one entry of difference in the
-- first open month after it, as soon as there is one (decision 0046).
with proposed as (
    {%- for room in ['package_entry', 'settlement_entry', 'market_entry', 'pool_entry'] %}
    select
        month,
        account_id,
        counter_account_id,
        amount_fen,
        rule_id,
        source_relation,
        source_key
    from {{ ref(room) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
),

open_month as (
    select
        m.month,
        m.release_id
    from {{ ref('dim_month') }} as m
    left join {{ incoming('money', 'standing_month') }} as s
        on m.month = s.month
    where s.month is null
),

-- Where the difference of a month that stands goes.
correction_month as (
    select
        s.month,
        min(o.month) as corrected_in
    from {{ incoming('money', 'standing_month') }} as s
    inner join open_month as o
        on s.month < o.month
    group by s.month
),

either as (
    select
        p.month,
        p.account_id,
        p.counter_account_id,
        p.rule_id,
        p.amount_fen
    from proposed as p

    union all

    select
        s.month,
        s.account_id,
        s.counter_account_id,
        s.rule_id,
        -s.amount_fen as amount_fen
    from {{ incoming('money', 'standing_entry') }} as s
),

difference as (
    select
        c.corrected_in as month,
        e.account_id,
        e.counter_account_id,
        e.rule_id,
        sum(e.amount_fen) as amount_fen
    from either as e
    inner join correction_month as c
        on e.month = c.month
    group by
        c.corrected_in,
        e.account_id,
        e.counter_account_id,
        e.rule_id
    having sum(e.amount_fen) <> 0
),

entry as (
    select
        s.entry_id,
        s.month,
        s.account_id,
        s.counter_account_id,
        s.amount_fen,
        s.rule_id,
        s.source_relation,
        s.source_key,
        s.is_correction,
        s.is_approved,
        s.release_id
    from {{ incoming('money', 'standing_entry') }} as s

    union all

    select
        p.source_relation || '/' || p.source_key || '/' || p.rule_id || '/'
        || p.counter_account_id || '>' || p.account_id
            as entry_id,
        p.month,
        p.account_id,
        p.counter_account_id,
        p.amount_fen,
        p.rule_id,
        p.source_relation,
        p.source_key,
        false as is_correction,
        false as is_approved,
        o.release_id
    from proposed as p
    inner join open_month as o
        on p.month = o.month

    union all

    select
        'correction/' || d.month || '/' || d.rule_id || '/' || d.counter_account_id || '>' || d.account_id as entry_id,
        d.month,
        d.account_id,
        d.counter_account_id,
        cast(d.amount_fen as bigint) as amount_fen,
        d.rule_id,
        'fund_entry' as source_relation,
        'correction' as source_key,
        true as is_correction,
        false as is_approved,
        o.release_id
    from difference as d
    inner join open_month as o
        on d.month = o.month
)

select
    e.*,
    case
        when k.is_personal then {{ account_owner('e.counter_account_id') }}
        when c.is_personal then {{ account_owner('e.account_id') }}
    end as restricted_to
from entry as e
left join {{ ref('fund_account_kind') }} as k
    on {{ account_kind('e.account_id') }} = k.kind
left join {{ ref('fund_account_kind') }} as c
    on {{ account_kind('e.counter_account_id') }} = c.kind
