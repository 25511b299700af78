-- Grain: deliverer_id, settlement_id, rule_id.
-- What a list must say and does not.
{{ broken_list_rules({
    'principal_diagnosis_missing': ['principal_diagnoses = 0', 'cast(diagnoses as string)'],
    'bill_missing': ['bill_code is null or bill_no is null', "coalesce(bill_code, '') || ' ' || coalesce(bill_no, '')"],
    'physician_missing': ['physician_code is null', "''"],
    'nurse_missing': ['nurse_code is null', "''"],
    'discharge_way_missing': ['discharge_way is null', "''"],
    'department_missing': ['department_code is null', "''"],
    'fees_missing': ['fees_fen is null', "''"],
    'funds_missing': ['funds_fen is null', "''"],
}) }}
