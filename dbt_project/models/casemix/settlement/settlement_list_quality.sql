-- Grain: month, institution_id, rule_id.
-- Lists of a month by rule, and two totals: those that broke a blocking rule here, and those that did not pass the
-- insurer the first time. First-pass rate = 1 - hit_lists / lists of `not_first_pass`. REQ-152.
with blocked as (
    select distinct
        deliverer_id,
        settlement_id
    from {{ ref('settlement_list_finding') }}
    where is_blocking
),

list as (
    select
        l.month,
        l.institution_id,
        count(*) as lists,
        sum(case when l.is_uploaded then 1 else 0 end) as uploaded_lists,
        sum(case when b.settlement_id is not null then 1 else 0 end) as blocked_lists,
        sum(case when b.settlement_id is not null then l.total_fen else 0 end) as blocked_fen,
        sum(case when l.is_uploaded and not l.is_first_pass then 1 else 0 end) as returned_lists,
        sum(case when l.is_uploaded and not l.is_first_pass then l.total_fen else 0 end) as returned_fen
    from {{ ref('settlement_list_checked') }} as l
    left join blocked as b
        on
            l.deliverer_id = b.deliverer_id
            and l.settlement_id = b.settlement_id
    where l.institution_id is not null
    group by
        l.month,
        l.institution_id
),

hit as (
    select
        f.month,
        f.institution_id,
        f.rule_id,
        f.rule_kind,
        l.lists,
        count(*) as hit_lists,
        sum(f.total_fen) as hit_total_fen
    from {{ ref('settlement_list_finding') }} as f
    inner join list as l
        on
            f.month = l.month
            and f.institution_id = l.institution_id
    group by
        f.month,
        f.institution_id,
        f.rule_id,
        f.rule_kind,
        l.lists

    union all

    select
        month,
        institution_id,
        'any_blocking' as rule_id,
        'total' as rule_kind,
        lists,
        blocked_lists as hit_lists,
        blocked_fen as hit_total_fen
    from list

    union all

    select
        month,
        institution_id,
        'not_first_pass' as rule_id,
        'total' as rule_kind,
        uploaded_lists as lists,
        returned_lists as hit_lists,
        returned_fen as hit_total_fen
    from list
)

select
    h.month,
    h.institution_id,
    h.rule_id,
    h.rule_kind,
    cast(h.lists as bigint) as lists,
    cast(h.hit_lists as bigint) as hit_lists,
    cast(h.hit_total_fen as bigint) as hit_total_fen,
    r.message_zh,
    r.message_en
from hit as h
left join {{ ref('settlement_list_rule') }} as r
    on h.rule_id = r.rule_id
