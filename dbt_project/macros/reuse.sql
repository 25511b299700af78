{# What a relation of the build database was built from, so that it is not built again from the same. DuckDB only.

The table main.built_from (orchestration/reuse.py keeps it) has a row for every relation, source and seed: `inputs`, a digest of the
statement and of the content of everything it reads, and `content`, a digest of what came of it. Equal inputs: the relation
stays. Equal content although the inputs changed: whoever reads it stays. Without YIGONGTI_REUSE (dbt by hand) nothing is kept. #}

{% macro reuse_is_on() %}
  {{ return(execute and env_var('YIGONGTI_REUSE', '') == '1') }}
{% endmacro %}

{# What `model` will be built from, a digest, and whether that is what it was `built` from, if it was; in one question, which is
   most of what a kept relation costs. `now` is '' if something it reads was made by nobody we know. #}
{% macro inputs_of(model, kind, statement_text) %}
  {%- set own = own_outcomes(model) -%}
  {%- set read = model.depends_on.nodes | unique | reject('equalto', own.node) | list -%}
  {%- set found = run_query(
      "select count(*), md5(string_agg(name || ' ' || content, ',' order by name)), "
      ~ "(select max(inputs) from main.built_from where name = '" ~ model.unique_id ~ "'), " ~ own.content
      ~ " from main.built_from where name in ('" ~ read | join("', '") ~ "')"
  )[0] -%}
  {%- set now = local_md5(kind ~ statement_text ~ found[1] ~ found[3]) if found[0] == read | length else '' -%}
  {{ return({'now': now, 'built': found[2]}) }}
{% endmacro %}

{# Staging of a feed joins the outcomes of its own batches only: what came of other feeds does not concern it. Its feed is the one
   conformed source it reads. #}
{% macro own_outcomes(model) %}
  {%- set outcomes = 'model.' ~ project_name ~ '.stg_batch_outcome' -%}
  {%- set feeds = [] -%}
  {% for node in graph.sources.values() if node.source_name == 'conformed' and node.unique_id in model.depends_on.nodes %}
    {% do feeds.append(node.name) %}
  {% endfor %}
  {% if feeds | length != 1 or outcomes not in model.depends_on.nodes %}{{ return({'node': '', 'content': "''"}) }}{% endif %}
  {%- set content = "(select count(*) || ' ' || coalesce(sum(hash(b)), 0) from " ~ ref('stg_batch_outcome')
      ~ " as b where feed = '" ~ feeds[0] ~ "')" -%}
  {{ return({'node': outcomes, 'content': content}) }}
{% endmacro %}

{# Before a relation is touched: whatever then happens to the build, nothing is believed of one that is half made. #}
{% macro forget_build(model) %}
  {% do run_query("delete from main.built_from where name = '" ~ model.unique_id ~ "'") %}
{% endmacro %}

{# A view, and a table so large that reading it again would cost more than it may save, are told by what they were made from. #}
{% macro remember_build(model, kind, inputs, relation) %}
  {%- set small = kind == 'table' and run_query('select count(*) from ' ~ relation)[0][0] <= 1000000 -%}
  {% do run_query(
      "insert into main.built_from select '" ~ model.unique_id ~ "', '" ~ inputs ~ "', "
      ~ ("count(*) || ' ' || coalesce(sum(hash(t)), 0) from " ~ relation ~ ' as t' if small else "'" ~ inputs ~ "'")
  ) %}
{% endmacro %}
