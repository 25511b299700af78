{# What a model's YAML says of its columns, for SQL that loops over them: a new column is then named in one place. #}

{# Names of the described columns of a model, in their order. Empty while parsing: only building needs them. #}
{% macro described_columns(model_name) -%}
    {{ return((graph.nodes['model.' ~ project_name ~ '.' ~ model_name].columns if execute else {}) | list) }}
{%- endmacro %}

{# The parameters of policy_parameter: every column beside the month. #}
{% macro policy_parameters() -%}
    {{ return(described_columns('policy_parameter') | reject('equalto', 'month') | list) }}
{%- endmacro %}

{#
  Which KPIs an evidence view counts: read from its columns (kpi_001_denominator → '001'), so that a new KPI needs two
  columns in one evidence view and nothing in the models above it.
#}
{% macro counted_kpis(subject) -%}
    {%- set numbers = [] -%}
    {%- for column in described_columns('kpi_evidence__' ~ subject)
        if column.startswith('kpi_') and column.endswith('_denominator') -%}
        {%- do numbers.append(column[4:7]) -%}
    {%- endfor -%}
    {{ return(numbers | sort) }}
{%- endmacro %}
