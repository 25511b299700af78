"""Tests of what people see and mend after a delivery was taken in."""
