"""First and last rows are the same on every machine; and nothing takes them after a sort that does not say which."""

import ast

import pandas as pd
import pytest
from childrens_services import ordering
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import CODE, code_of

ROWS = pd.DataFrame(
    {
        "area": ["b", "a", "a", "b", "c"],
        "year": [2013, 2013, 2025, 2025, None],
        "value": [2.0, 1.0, 4.0, 4.0, 9.0],
        "notes": [["x"], None, [], "y", "z"],
    }
)


def areas(rows):
    return list(rows["area"])


def test_a_tie_is_broken_by_the_other_columns():
    assert areas(ordering.first(ROWS, "year")) == ["a"]
    assert areas(ordering.last(ROWS, "year")) == ["b"]
    assert areas(ordering.last(ROWS, "year", 3)) == ["b", "a", "b"]
    assert areas(ordering.largest(ROWS, "value", 3)) == ["c", "a", "b"]
    assert areas(ordering.last(ROWS, ["year", "value"], each="area")) == ["a", "b"]
    assert areas(ordering.first(ROWS, "value", each=["area"])) == ["a", "b", "c"]


@pytest.mark.parametrize("take", [ordering.first, ordering.last, ordering.largest])
def test_a_row_without_a_value_is_never_taken_and_no_rows_give_no_rows(take):
    assert take(ROWS[ROWS["area"] == "c"], "year").empty
    assert list(take(ROWS.head(0), ["year", "value"], each="area")) == list(ROWS)


@given(st.permutations(range(len(ROWS))), st.integers(1, 6))
def test_the_order_that_rows_come_in_makes_no_difference(order, n):
    mixed = ROWS.iloc[order]

    for take in (ordering.first, ordering.last, ordering.largest):
        for each in (None, "area"):
            pd.testing.assert_frame_equal(take(mixed, "year", n, each=each), take(ROWS, "year", n, each=each))


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


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.stem)
def test_no_module_or_notebook_takes_rows_after_a_loose_sort(path):
    assert loose_sorts(code_of(path)) == []
