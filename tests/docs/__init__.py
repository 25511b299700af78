"""Tests of the pages: what they point to is there, and they read alike in the repository and on the site. Not here: their truth."""
