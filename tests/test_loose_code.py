"""Nothing takes rows after a sort that does not say which, or prints decimals rounded from a binary float."""

import ast
import re

import pytest
from notebook_cells import CODE, code_of

# What takes one row of several: after a sort on one column it would be any of those that are equal in it.
TAKING = {"head", "tail", "iloc", "first", "last", "nth", "drop_duplicates"}
SORTS = {"sort_values", "sort_index", "argsort"}


def is_method(node, names):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names


def by_several(call):
    """Tell whether a sort names two columns or more; pandas sorts by several columns stably."""
    by = next((word.value for word in call.keywords if word.arg == "by"), call.args[0] if call.args else None)
    return isinstance(by, ast.List | ast.Tuple) and len(by.elts) > 1


def is_stable(call):
    return any(word.arg == "kind" and getattr(word.value, "value", "") == "stable" for word in call.keywords)


def sort_below(node):
    """Find the sort that the object of a chain of calls comes from, if any."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        if is_method(node, {"sort_values"}):
            return node
        node = node.func if isinstance(node, ast.Call) else node.value
    return None


def loose_sorts(source):
    """List what in a piece of code may come out in another order on another machine, with its line."""
    nodes = list(ast.walk(ast.parse(source)))
    bare = [
        f"line {node.lineno}: {node.func.attr} on one column without kind='stable'"
        for node in nodes
        if is_method(node, SORTS) and not by_several(node) and not is_stable(node)
    ]
    taken = [
        f"line {node.lineno}: {node.attr} after a sort on one column; use ordering.first, last or largest"
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in TAKING
        and (below := sort_below(node.value)) is not None
        and not by_several(below)
    ]
    return bare + taken


LOOSE = """
rows.sort_values('year')
rows.sort_values(['year'])
rows.sort_values(by=day)
values.sort_values()
np.argsort(x)
rows.sort_index()
rows.sort_values('year', kind='quicksort')
rows.sort_values('year', kind='stable').tail(1)
rows.sort_values('year', kind='stable')['a'].iloc[0]
rows.sort_values('year', kind='stable').groupby('name').tail(1)
rows.sort_values('year', kind='stable').reset_index().drop_duplicates('name', keep='last')
"""
SAYS_WHICH = """
rows.sort_values(['year', 'name'])
rows.sort_values('year', kind='stable')
ordering.first(rows, 'year')
rows.sort_values(['year', 'name']).head(1)
rows.head(1).sort_values('year', kind='stable')
values.sort_index(kind='stable')
sorted(rows)[0]
"""


@pytest.mark.parametrize(
    ("source", "found"),
    [*((one, 1) for one in LOOSE.strip().splitlines()), *((one, 0) for one in SAYS_WHICH.strip().splitlines())],
)
def test_a_sort_that_does_not_say_which_row_comes_first_is_found(source, found):
    assert len(loose_sorts(source)) == found


# Seconds told on a terminal, places in a drawing, sums that are decimals already, and figures in a refusal.
NOT_FLOATS = {"runner", "each_authority", "formats", "money", "pictures", "checks", "stated", "web"}


def printed_from_floats(source):
    """List the decimals in f-strings that are rounded from the binary float, by line."""
    fields = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FormattedValue) and node.format_spec]
    return [node.lineno for node in fields if re.search(r"\.[\d{].*[f%]'?$", ast.unparse(node.format_spec))]


@pytest.mark.parametrize("source", ["f'{x:.1f}'", "f'{x:,.0f}'", "f'{x:.1%}'", "f'{x:,.{n}f}'"])
def test_a_decimal_rounded_from_the_float_is_found(source):
    assert printed_from_floats(source) == [1]
    assert printed_from_floats("f'{x:.10g} {day:%Y-%m-%d} {n:,} {half_up(x, 1):,f}'") == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_no_module_or_notebook_takes_rows_after_a_loose_sort_or_prints_decimals_from_the_float(path):
    assert loose_sorts(code_of(path)) == []
    assert path.stem in NOT_FLOATS or printed_from_floats(code_of(path)) == []
