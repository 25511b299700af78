{# What a model's YAML says of its columns, for SQL that loops over them: a new column is then named in one place. #}

{# Names of the described columns of a model, in their order. Empty while parsing: only building needs them. #}
{% macro described_columns(model_name) -%}
    {{ return((graph.nodes['model.' ~ project_name ~ '.' ~ model_name].columns if execute else {}) | list) }}
{%- endmacro %}

{# The parameters of policy_parameter: every column beside the month. #}
{% macro policy_parameters() -%}
    {{ return(described_columns('policy_parameter') | reject('equalto', 'month') | list) }}
{%- endmacro %}
