"""Tests of what helps a person who adds a member: drafts, trials, the worked example."""
