{#
  Which KPIs an evidence view counts: read from its documented columns (kpi_001_denominator → '001'), so that a new
  KPI needs two columns in one evidence view and nothing in the models above it.
#}
{% macro counted_kpis(subject) -%}
    {%- set numbers = [] -%}
    {%- if execute -%}
        {%- set view = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject] -%}
        {%- for column in view.columns if column.startswith('kpi_') and column.endswith('_denominator') -%}
            {%- do numbers.append(column[4:7]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(numbers | sort) }}
{%- endmacro %}
