"""Read Ofsted's reports and letters on children's services, with a certificate for every field.

README.md, beside this file, says what is read.
"""

from collections.abc import Iterable
from pathlib import Path

from ofsted_reports.authorities import Crosswalk, as_printed, authority_names
from ofsted_reports.certificates import Certificate, Report, certify
from ofsted_reports.files import LIMITS, WORKERS, Limits, list_files, read_files
from ofsted_reports.text import Passage

__all__ = ["Certificate", "Limits", "Passage", "Report", "list_files", "read_reports"]


def read_reports(
    files: Iterable[str | Path],
    authorities: Crosswalk | None = None,
    limits: Limits = LIMITS,
    workers: int = WORKERS,
) -> list[Report]:
    """Read reports and letters, PDF files or folders of them, and return one `Report` a file, in the order given.

    `read_reports(["50004371.pdf"], "authorities.csv")[0].value("start")` is `2022-07-11`. `authorities` is a crosswalk
    from printed names to codes, as `authority_names` takes it. Without it, a report's authority is the name as printed,
    and its code is empty.

    A file that is missing, broken or hostile raises nothing: it gives a report whose status is `unreadable` and whose
    `problem` says why. Raises ValueError for a crosswalk that is not as it should be.
    """
    names = as_printed if authorities is None else authority_names(authorities)
    return [certify(readings, names) for readings in read_files(list_files(files), limits, workers)]
