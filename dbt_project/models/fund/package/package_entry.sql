-- Grain: month, account_id, counter_account_id, rule_id, source_key.
-- What changed of the positions of a year's package since the month before (decision 0046): the budget comes in, care
-- goes out, of a surplus the kept part and the rest leave, an overspending is borne. What is estimated and not known
-- yet, and what nobody decided, rests in the package.
{%- set package = "'package:' || community_id" %}
{%- set insurance = "'insurance:' || insurance_type_code" %}
{%- set kept_by = "'retention_band/' || coalesce(" ~ number_text('lower_score') ~ ", '-')" %}
{%- set moves = [
    (package, insurance, "'package_rule/' || insurance_type_code", 'fund_execution', 'budget_fen'),
    ("'care:' || community_id || ':in_county'", package, "'fund_spend/in_county'", 'fund_execution', 'in_county_fen'),
    ("'care:' || community_id || ':out_of_county'", package, "'fund_spend/out_of_county'", 'fund_execution', 'out_of_county_fen'),
    (package, insurance, "'package_rule/' || insurance_type_code || '/truncation'", 'fund_truncation', 'truncated_fen'),
    ("'retained:' || community_id", package, kept_by, 'fund_retention', 'retained_fen'),
    (insurance, package, kept_by, 'fund_retention', 'returned_fen'),
    (package, insurance, "'overspend_band'", 'fund_retention', 'insurance_bears_fen'),
    (package, "'overspent:' || community_id", "'overspend_band'", 'fund_retention', 'community_bears_fen'),
] %}
with stand as (
    select
        e.month,
        e.month_number,
        e.budget_year,
        e.community_id,
        e.insurance_type_code,
        e.budget_fen,
        e.in_county_fen,
        e.out_of_county_fen,
        r.truncated_fen,
        r.retained_fen,
        r.returned_fen,
        r.insurance_bears_fen,
        r.community_bears_fen,
        r.lower_score
    from {{ ref('fund_execution') }} as e
    inner join {{ ref('fund_retention') }} as r
        on
            e.month = r.month
            and e.budget_year = r.budget_year
            and e.community_id = r.community_id
            and e.insurance_type_code = r.insurance_type_code
),

position as (
    {%- for account, counter_account, rule, relation, amount in moves %}
    select
        month,
        month_number,
        budget_year,
        community_id,
        insurance_type_code,
        '{{ amount }}' as what,
        {{ account }} as account_id,
        {{ counter_account }} as counter_account_id,
        {{ rule }} as rule_id,
        '{{ relation }}' as source_relation,
        coalesce({{ amount }}, 0) as to_date_fen
    from stand
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select
    p.month,
    p.account_id,
    p.counter_account_id,
    cast(p.to_date_fen - coalesce(b.to_date_fen, 0) as bigint) as amount_fen,
    p.rule_id,
    p.source_relation,
    p.month || '/' || cast(p.budget_year as string) || '/' || p.community_id || '/' || p.insurance_type_code
        as source_key
from position as p
left join position as b
    on
        p.month_number - 1 = b.month_number
        and p.budget_year = b.budget_year
        and p.community_id = b.community_id
        and p.insurance_type_code = b.insurance_type_code
        and p.what = b.what
where p.to_date_fen <> coalesce(b.to_date_fen, 0)
