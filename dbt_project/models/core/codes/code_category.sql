-- The categories of diseases that the national tables know: a local code (QT001, 9999) is of none.
select distinct {{ icd_category('code') }} as category
from {{ incoming('reference', 'nhsa_code') }}
where terminology = 'diagnosis'
union distinct
select distinct {{ icd_category('source_code') }} as category
from {{ incoming('reference', 'clinical_map') }}
where terminology = 'diagnosis'
