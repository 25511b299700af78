"""Tests of what a county folder may say, and of what is said when it is wrong."""
