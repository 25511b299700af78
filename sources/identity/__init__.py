"""The person index: which records of registers, health records and insurance lists belong to one person.

`attributes` reads what registers say of people (encrypted at rest), `records` makes one row per record, `blocking` finds
pairs worth comparing, `comparison` compares them with Splink under the versioned `model.json`, `scoring` weighs and
judges, `clustering` makes people of pairs, `persons` gives them keys that last, `review` asks people about the rest.
`index` runs it all. Not here: how pseudonyms are made (conforming), who is counted how (dbt).
"""
