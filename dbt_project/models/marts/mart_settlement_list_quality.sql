select
    month,
    institution_id,
    rule_id,
    rule_kind,
    lists,
    hit_lists,
    hit_total_fen,
    message_zh,
    message_en
from {{ ref('settlement_list_quality') }}
