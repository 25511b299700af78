{# Money is split and moved in whole fen: what goes out is exactly what came in. #}

{#
  Every row of `relation` with `amount_fen`, its part of `total` (whole fen, the same in all rows of a group): by `weight`, a whole
  number not below 0, by largest remainder; of equal remainders the lower `key` first (methods H.3, H.12; F.631). A total below 0 is
  split like its opposite. Where all weights are 0 nothing is split: null.

  by: columns of a group. key: columns that order its rows, each row its own.
#}
{% macro split_exactly(relation, by, key, total, weight) -%}
    select
        p.*,
        cast(
            (p.split_fen + case when p.split_place <= p.split_rest_fen then 1 else 0 end)
            * case when p.{{ total }} < 0 then -1 else 1 end as bigint
        ) as amount_fen
    from (
        select
            q.*,
            abs(q.{{ total }}) - sum(q.split_fen) over (partition by {{ listed('q', by) }}) as split_rest_fen,
            row_number() over (
                partition by {{ listed('q', by) }}
                order by
                    q.split_remainder desc nulls last
                    {%- for column in key %},
                    q.{{ column }} asc nulls last
                    {%- endfor %}
            ) as split_place
        from (
            select
                w.*,
                {{ integer_divide(wide('abs(w.' ~ total ~ ')') ~ ' * w.' ~ weight, 'w.split_weight') }} as split_fen,
                {{ wide('abs(w.' ~ total ~ ')') }} * w.{{ weight }}
                - w.split_weight
                * {{ integer_divide(wide('abs(w.' ~ total ~ ')') ~ ' * w.' ~ weight, 'w.split_weight') }} as split_remainder
            from (
                select
                    r.*,
                    sum({{ wide('r.' ~ weight) }}) over (partition by {{ listed('r', by) }}) as split_weight
                from {{ relation }} as r
            ) as w
        ) as q
    ) as p
{%- endmacro %}

{# Columns of one relation, as a list. #}
{% macro listed(alias, columns) -%}
    {%- set named = [] -%}
    {%- for column in columns %}{% do named.append(alias ~ '.' ~ column) %}{% endfor -%}
    {{ return(named | join(', ')) }}
{%- endmacro %}

{# A whole number in a type that a product of two bigints fits in. #}
{% macro wide(number) -%}
    {{ return(adapter.dispatch('wide')(number)) }}
{%- endmacro %}

{% macro default__wide(number) -%}
    {{ return("cast(" ~ number ~ " as hugeint)") }}
{%- endmacro %}

{% macro spark__wide(number) -%}
    {{ return("cast(" ~ number ~ " as decimal(38, 0))") }}
{%- endmacro %}

{# A number of up to six decimals in whole millionths, exactly, such as split_exactly wants; wide enough that nothing on the way overflows. #}
{% macro millionths(number) -%}
    {{ return("cast(round(cast(" ~ number ~ " as decimal(30, 6)) * 1000000, 0) as bigint)") }}
{%- endmacro %}

{# Whole millionths as a decimal with six places. #}
{% macro from_millionths(number) -%}
    cast(cast({{ number }} as decimal(24, 0)) * cast(0.000001 as decimal(7, 6)) as decimal(18, 6))
{%- endmacro %}

{# The kind of an account: what stands before the first colon of its id. #}
{% macro account_kind(account) -%}
    {{ return("substr(" ~ account ~ ", 1, position(':' in " ~ account ~ ") - 1)") }}
{%- endmacro %}

{# The owner of an account: what stands between the first colon of its id and the next. #}
{% macro account_owner(account) -%}
    {%- set rest = "substr(" ~ account ~ ", position(':' in " ~ account ~ ") + 1)" -%}
    {{ return("substr(" ~ rest ~ ", 1, position(':' in " ~ rest ~ " || ':') - 1)") }}
{%- endmacro %}

{# A department (of `person`) at an institution (alias): a village clinic is a department of the one that keeps it. #}
{% macro kept_department(alias, person) -%}
    case when {{ alias }}.institution_tier = 'village' then {{ alias }}.institution_id else coalesce({{ person }}.department_code, '-') end
{%- endmacro %}

{# With whom money and people of an institution (alias) count: a village clinic with the one that keeps it. #}
{% macro kept_with(alias) -%}
    {{ return("case when " ~ alias ~ ".institution_tier = 'village' then coalesce(" ~ alias ~ ".parent_id, " ~ alias
        ~ ".institution_id) else " ~ alias ~ ".institution_id end") }}
{%- endmacro %}
