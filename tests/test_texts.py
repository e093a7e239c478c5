"""What has no business in a cell, and what may stand."""

import pytest
from childrens_services import texts
from hypothesis import given
from hypothesis import strategies as st

PLAIN = ("", "\u00a3360,000", "Children\u2019s services \u2013 Leeds", "-5", "+3.5", "a = b", "<script>", "{{ x }}")
FAULTS = {
    "a\u202eb": "holds U+202E (right-to-left override)",
    "a\u200bb": "holds U+200B (zero width space)",
    "bell\x07": "holds U+0007 (a control character)",
    "two\nlines": "holds U+000A (a control character)",
    "\tx": "holds U+0009 (a control character)",
    "\u00a0": "holds U+00A0 alone, which looks empty",
    "  ": "spaces alone",
    "=1+1": "begins with '=', which a spreadsheet computes",
    "@sum(a)": "begins with '@', which a spreadsheet computes",
    "-cmd|x": "begins with '-', which a spreadsheet computes",
    "x" * 1001: "is 1,001 letters long, 1,000 at most",
}


@pytest.mark.parametrize(("text", "fault"), [*((text, "") for text in (*PLAIN, "x" * 1000)), *FAULTS.items()])
def test_what_has_no_business_in_a_cell_is_told_and_plain_text_may_stand(text, fault):
    assert texts.fault(text) == fault


@given(st.text(max_size=30))
def test_what_may_stand_is_seen_and_not_computed(text):
    if not texts.fault(text):
        assert text.isprintable() or not text.isascii()
        assert text[:1] not in ("=", "@", "\t", "\r")
