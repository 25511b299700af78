"""Stands in for dbt's `adapter` when sqlfluff renders a model: what differs by engine is read as the default says."""

from jinja2 import pass_context


@pass_context
def dispatch(context, name):
    """The macro default__<name> of the file that asks."""
    return context[f"default__{name}"]


def quote(name):
    """A name that is a word of SQL too."""
    return f'"{name}"'
