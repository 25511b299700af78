-- Grain: deliverer_id, settlement_id, rule_id.
-- What a list says and cannot be so.
{{ broken_list_rules({
    'admitted_after_discharge': ['admitted_at > discharged_at', 'cast(admitted_at as string)'],
    'days_differ': [
        'stated_days <> greatest(1, ' ~ days_between('cast(admitted_at as date)', 'cast(discharged_at as date)') ~ ')'
        ~ ' and admitted_at <= discharged_at', 'cast(stated_days as string)'
    ],
    'several_principal_diagnoses': ['principal_diagnoses > 1', 'cast(principal_diagnoses as string)'],
    'diagnosis_count_differs': ['stated_diagnoses <> diagnoses', 'cast(stated_diagnoses as string)'],
    'procedure_count_differs': ['stated_procedures <> procedures', 'cast(stated_procedures as string)'],
    'fees_do_not_add_up': ['fees_fen <> total_fen', 'cast(fees_fen - total_fen as string)'],
    'funds_do_not_add_up': ['funds_fen + personal_fen <> total_fen', 'cast(funds_fen + personal_fen - total_fen as string)'],
    'total_differs_from_settlement': ['settlement_fen <> total_fen', 'cast(settlement_fen - total_fen as string)'],
    'procedure_outside_stay': [
        'first_procedure_date < cast(admitted_at as date) or last_procedure_date > cast(discharged_at as date)',
        'cast(first_procedure_date as string)'
    ],
    'newborn_without_weight': ['age_days <= 28 and newborn_weight_g is null', 'cast(age_days as string)'],
    'sex_does_not_fit': ["not_grouped_because = 'sex_does_not_fit'", 'principal_diagnosis_code'],
}) }}
