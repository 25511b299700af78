{# Attributes of a thing that nothing lists and many lines describe: drugs and items by their local codes. #}

{#
  Of each attribute the value that counts: what most lines say in the newest month in which any line says something, the smallest on
  a tie; and how many lines of that month say another. Text, to be cast where it is read.

  lines: a CTE with the key, `month`, the attributes and `line_count`, how many lines it stands for.
#}
{% macro said_by_lines(lines, key, attributes) -%}
select
        {{ key | join(', ') }},
        attribute,
        value,
        other_lines
    from (
        select
            {{ key | join(', ') }},
            attribute,
            value,
            sum(line_count) over (partition by {{ key | join(', ') }}, attribute, month) - line_count as other_lines,
            row_number() over (
                partition by {{ key | join(', ') }}, attribute
                order by month desc nulls last, line_count desc nulls last, value asc nulls last
            ) as preference
        from (
            {%- for attribute in attributes %}
            select
                {{ key | join(', ') }},
                month,
                '{{ attribute }}' as attribute,
                cast({{ attribute }} as string) as value,
                sum(line_count) as line_count
            from {{ lines }}
            where {{ attribute }} is not null
            group by
                {{ key | join(', ') }},
                month,
                {{ attribute }}
            {%- if not loop.last %}
            union all
            {%- endif %}
            {%- endfor %}
        ) as each_value
    ) as each_month
    where preference = 1
{%- endmacro %}

{# The value of one attribute, of rows of said_by_lines grouped by their key. #}
{% macro said(attribute, rows='s') -%}
    max(case when {{ rows }}.attribute = '{{ attribute }}' then {{ rows }}.value end)
{%- endmacro %}
