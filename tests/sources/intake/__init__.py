"""Tests of the way from the inbox to a settled batch. Not here: the formats, and the judgement of a value."""
