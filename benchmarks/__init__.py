"""What is fast here, measured beside what a user would pick instead.

Belongs here: measurements as ratios against a named alternative run side by side. Does not belong here: assertions
about time (tests never make them).
"""
