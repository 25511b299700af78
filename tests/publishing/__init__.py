"""Tests of a release: what is written, kept, compared and walked back, also when the writer is killed."""
