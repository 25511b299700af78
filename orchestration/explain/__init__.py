"""`yigongti explain` in words: a published number, a person's pay, a case, each down to the line of a delivered file.

Belongs here: wording, a module for each. Does not: finding and proving the chain (publishing/walkback.py, payout.py, case.py).
"""
