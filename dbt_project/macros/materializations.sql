{# How a table and a view come to be in DuckDB: put in their place by one statement.

The build database is scratch (made anew by every run, judged, then published from), so the adapter's own way, which keeps
the old relation beside the new one, renames twice and drops afterwards, buys nothing: 516 nodes at 500 residents took
27 s with it. Spark keeps its adapter's materializations. Nothing here calculates. #}

{% materialization table, adapter='duckdb' %}
  {{ return(in_place('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {{ return(in_place('view')) }}
{% endmaterialization %}

{% macro in_place(kind) %}
  {%- set target = this.incorporate(type=kind) -%}
  {%- set existing = load_cached_relation(this) -%}
  {% do run_hooks(pre_hooks) %}
  {% if existing is not none %}{% do adapter.drop_relation(existing) %}{% endif %}
  {% call statement('main') %}
    {{- create_table_as(False, target, sql) if kind == 'table' else get_create_view_as_sql(target, sql) }}
  {% endcall %}
  {% do persist_docs(target, model) %}
  {% do run_hooks(post_hooks) %}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmacro %}
