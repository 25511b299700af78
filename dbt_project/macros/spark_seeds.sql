{# How a seed comes into Spark. Its adapter writes a missing cell as the text None and leaves a quote inside a text as it is.
   Nothing here calculates. #}
{% macro spark__load_csv_rows(model, agate_table) %}
  {%- set types = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- set told = model['config'].get('column_types', {}).get(name) -%}
    {%- do types.append(told or adapter.convert_type(agate_table, loop.index0)) -%}
  {%- endfor -%}
  {%- set statements = [] -%}
  {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
    {%- set rows = [] -%}
    {%- for row in chunk -%}
      {%- set cells = [] -%}
      {%- for value in row -%}
        {%- do cells.append('cast(' ~ spark_literal(value) ~ ' as ' ~ types[loop.index0] ~ ')') -%}
      {%- endfor -%}
      {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- do statements.append('insert into ' ~ this.render() ~ ' values ' ~ rows | join(', ')) -%}
    {%- do adapter.add_query(statements[-1], abridge_sql_log=True) -%}
  {%- endfor -%}
  {{ return(statements[0]) }}
{% endmacro %}

{% macro spark_literal(value) %}
  {%- if value is none -%}
    {{ return('null') }}
  {%- endif -%}
  {{ return("'" ~ value | string | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{% endmacro %}
