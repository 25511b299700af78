{{ newest_version(
    feed='cfg_kpi',
    key=['kpi_id', 'version'],
    columns=[
        'kpi_id',
        'version',
        'name',
        'numerator_sql',
        'denominator_sql',
        'direction',
        'static_resource',
        'effective_from',
    ],
) }}
