"""Import what draws in dead weight without it: reading notebooks loads a grammar that no notebook needs.

jsonschema, under nbformat and papermill, offers to check international addresses and loads a grammar for it that takes
longer than all the rest. The schema of notebooks has no such field (a test holds that).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_GRAMMAR = "rfc3987_syntax"


@contextmanager
def grammar_set_aside() -> Iterator[None]:
    """Let jsonschema be imported as if its optional grammar were not installed; afterwards it can be imported again.

    Only in this process, and only where neither of the two has been imported already; otherwise nothing is done.
    """
    aside = _GRAMMAR not in sys.modules and "jsonschema" not in sys.modules
    if aside:
        sys.modules[_GRAMMAR] = None
    try:
        yield
    finally:
        if aside:
            del sys.modules[_GRAMMAR]
