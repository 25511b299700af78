{#
  What the insurer's own charge lines (2301) say an institution's item code is in the insurance list. A code that the insurer
  booked under two list codes says nothing: it is left out, never guessed.
#}
with booked as (
    select distinct
        s.fixmedins_code as institution_id,
        f.medins_list_codg as source_code,
        f.med_list_codg as target_code
    from {{ ref('stg_si_fee_detail') }} as f
    inner join {{ ref('stg_si_settlement') }} as s
        on
            f.deliverer_id = s.deliverer_id
            and f.setl_id = s.setl_id
    where
        f.medins_list_codg is not null
        and f.med_list_codg is not null
)

select
    institution_id,
    source_code,
    min(target_code) as target_code
from booked
group by
    institution_id,
    source_code
having count(*) = 1
