{# Rows addressed by a number that several institutions of one deliverer may give: villages of a township number alike. #}

{#
  The rows of a CTE by the institution that a line names (`named_as`); what is the only one of its number (`is_only`) also under
  '', for lines that name none. To be joined by equality with coalesce(<institution named>, ''): with `or` in an outer join
  DuckDB compares every row with every other.
#}
{% macro named_or_only(rows) -%}
select
        r.*,
        r.institution_id as named_as
    from {{ rows }} as r

    union all

    select
        r.*,
        '' as named_as
    from {{ rows }} as r
    where r.is_only
{%- endmacro %}
