"""The command `read-ofsted-reports`, or `python -m ofsted_reports`."""

import argparse
import sys
from collections.abc import Sequence

from ofsted_reports import output, read_reports
from ofsted_reports.authorities import Crosswalk
from ofsted_reports.certificates import CERTAIN, REVIEW, UNREADABLE

_STATUS = {CERTAIN: 0, REVIEW: 1, UNREADABLE: 2}
_ABOUT = """Read Ofsted's reports and letters: PDF files, or folders of them. A field is given only where two readers
agree on it; for the others the two readings are shown. The exit status is 0 where all files are certain, 1 where some
need review, 2 where some cannot be read."""


def main(
    arguments: Sequence[str] | None = None,
    authorities: Crosswalk | None = None,
    name: str = "read-ofsted-reports",
    more: str = "",
) -> int:
    """Run the command and return its exit status; `authorities` is the crosswalk where none is given by option.

    `name` is what the command is called, and `more` ends its help, where another command offers more.
    """
    parser = argparse.ArgumentParser(name, description=_ABOUT, epilog=more)
    parser.add_argument("files", nargs="+", metavar="FILE")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true", help="print a table: one row a judgement, or a file that has none")
    shape.add_argument("--json", action="store_true", help="print an array: one object a file")
    parser.add_argument(
        "--authorities",
        metavar="CSV",
        default=authorities,
        help="names of authorities with their codes: la_code_ons, name and, if known, existed_from and existed_to",
    )
    asked = parser.parse_args(arguments)
    try:
        reports = read_reports(asked.files, asked.authorities)
    except ValueError as error:
        parser.error(str(error))
    show = output.as_csv if asked.csv else output.as_json if asked.json else output.as_words
    # A name that is not UTF-8 is printed with its odd bytes as \udc.., as Python writes them.
    sys.stdout.write(show(reports).encode("utf-8", "backslashreplace").decode())
    return max(_STATUS[report.status] for report in reports)


if __name__ == "__main__":
    sys.exit(main())
