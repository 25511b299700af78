{#
  What comes in: the Parquet that the Python side writes under <home>/conformed, as listed in models/sources.yml.
  Only reading belongs here. Folders of feeds are hive-partitioned (institution_id = deliverer, month), read as text.
#}

{# One table of one source, all of it. #}
{% macro incoming(source_name, table_name) -%}
    {{ return(adapter.dispatch('incoming')(source_name, table_name)) }}
{%- endmacro %}

{# DuckDB: the source's external_location is the read_parquet call. #}
{% macro default__incoming(source_name, table_name) -%}
    {{ return(source(source_name, table_name)) }}
{%- endmacro %}

{# Spark: source() only for the lineage; files and folders are read as paths, feeds from their compacted rows
   (orchestration/spark.py). Needs spark.sql.sources.partitionColumnTypeInference.enabled=false, or months become dates. #}
{% macro spark__incoming(source_name, table_name) -%}
    {%- do source(source_name, table_name) -%}
    {{ return(spark_files(source_name, table_name)) }}
{%- endmacro %}

{# What a generic test reads. Of a source Spark knows no table by that name. #}
{% macro spark__get_where_subquery(relation) -%}
    {%- for node in (graph.sources.values() if execute else [])
        if node.schema == relation.schema and node.identifier == relation.identifier -%}
        {{ return(spark_files(node.source_name, node.name)) }}
    {%- endfor -%}
    {{ return(dbt.default__get_where_subquery(relation)) }}
{%- endmacro %}

{% macro spark_files(source_name, table_name) -%}
    {%- set single_files = ['casemix', 'county', 'money', 'policy', 'reference'] -%}
    {%- set folder = 'warehouse/compacted' if source_name == 'conformed' else 'conformed' -%}
    {%- set path = source_name ~ '/' ~ table_name ~ '.parquet' if source_name in single_files else table_name -%}
    {{ return('parquet.`' ~ env_var('YIGONGTI_HOME') ~ '/' ~ folder ~ '/' ~ path ~ '`') }}
{%- endmacro %}
