"""Feeds that only write down what has happened: wards, front pages, books, uploads. Nothing here changes an event."""
