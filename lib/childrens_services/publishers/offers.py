"""What each publisher has now: a fetcher a kind of publisher, a dozen lines of where and which; none needs a key."""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from childrens_services.publishers.web import AbsentError, NotUnderstoodError

Row = Mapping[str, str]
Read = Callable[[str], Path]
_MEND = "if the publisher renamed it, mend data/curated/publishers.csv"


class Offer(NamedTuple):
    """A file that a publisher has now: its name, the day it came out, its address, its page and a title."""

    name: str
    day: str
    address: str
    page: str
    title: str = ""


def gov_uk(row: Row, held: pd.DataFrame, read: Read) -> Iterator[Offer]:
    """Yield one attachment of the page of each year, from `first_year` to the newest there is.

    GOV.UK content API: https://content-api.publishing.service.gov.uk/reference.html, and for `details.attachments`
    https://docs.publishing.service.gov.uk/content-schemas/publication.html.
    """
    for year in count(int(row["first_year"])):
        address = row["address"].format(year=year, next_year=year + 1)
        page = address.replace("/api/content/", "/")
        try:
            found = _json(read(address), address)
        except AbsentError:
            if page in set(held["url"]):
                raise
            return
        files = {each["filename"]: each for each in found["details"]["attachments"] if "filename" in each}
        name = _only(partial(re.fullmatch, row["item"]), files, row["item"], page)
        yield Offer(name, found["public_updated_at"][:10], files[name]["url"], page, found["title"])


def education_statistics(row: Row, held: pd.DataFrame, read: Read) -> Iterator[Offer]:
    """Yield the newest version of one data set of a publication, as CSV.

    Explore Education Statistics API: https://api.education.gov.uk/statistics/docs/reference-v1/endpoints/, there
    ListPublications, ListPublicationDataSets and DownloadDataSetCsv.
    """
    start = row["address"].partition("/publications")[0]
    publications = {each["slug"]: each for each in _results(read, row["address"])}
    slug = _only(row["within"].__eq__, publications, row["within"], row["address"])
    listed = f"{start}/publications/{publications[slug]['id']}/data-sets?pageSize=20"
    data_sets = {each["title"]: each for each in _results(read, listed)}
    title = _only(partial(re.fullmatch, row["item"]), data_sets, row["item"], listed)
    data_set, version = data_sets[title], data_sets[title]["latestVersion"]
    if data_set["status"] != "Published":
        raise NotUnderstoodError(f"{listed}: {title!r} is {data_set['status']}; look what stands in its place, {_MEND}")
    page = f"{start}/data-sets/{data_set['id']}/csv?dataSetVersion={version['version']}"
    yield Offer(f"{row['family']}_{version['version']}.csv", version["published"][:10], page, page, title)


def ons_series(row: Row, held: pd.DataFrame, read: Read) -> Iterator[Offer]:
    """Yield a time series as CSV; the day is the release date that the file prints.

    The CSV link of a series' page, a generator: https://developer.ons.gov.uk/ and, of the prices,
    https://www.ons.gov.uk/economy/inflationandpriceindices/timeseries/d7bt/mm23.
    """
    address = row["address"]
    with read(address).open(encoding="utf-8-sig", newline="") as file:
        printed = dict(line[:2] for line in csv.reader(file) if len(line) > 1)
    day = datetime.strptime(printed["Release date"], "%d-%m-%Y").date().isoformat()
    yield Offer(row["item"], day, address, parse_qs(urlsplit(address).query)["uri"][0])


def github_file(row: Row, held: pd.DataFrame, read: Read) -> Iterator[Offer]:
    """Yield one file of a repository as its newest commit has it.

    https://docs.github.com/en/rest/commits/commits, "List commits" with `path`; the file itself by its commit.
    """
    commit = _json(read(row["address"]), row["address"])[0]
    repository = urlsplit(row["address"]).path.removeprefix("/repos/").removesuffix("/commits")
    address = f"https://raw.githubusercontent.com/{repository}/{commit['sha']}/{row['item']}"
    yield Offer(row["item"], commit["commit"]["committer"]["date"][:10], address, address)


def ofsted_reports(row: Row, held: pd.DataFrame, read: Read) -> Iterator[Offer]:
    """Yield the reports and letters of one authority that came out on the newest day in our folder, or later.

    Provider pages have no documentation and are read as Data to Insight's tool reads them (see the register).
    """
    html = read(row["address"]).read_text(encoding="utf-8")
    links = re.findall(r'<a\b[^>]*href="(https://[^"/]+/v1/file/(\d+))"[^>]*>(.*?)</a>', html, re.DOTALL)
    if not links:
        raise NotUnderstoodError(f"{row['address']}: no link to a report; look whether the page has a new layout")
    for address, number, words in links:
        text = " ".join(re.sub("<[^>]*>", " ", words).split())
        day = datetime.strptime(re.search(r"\d{1,2} [A-Za-z]+ \d{4}", text)[0], "%d %B %Y").date().isoformat()
        if day >= held["day"].max() and "pdf" in text.casefold():
            yield Offer(f"{row['within']}/{day}_{number}.pdf", day, address, row["address"], text)


FETCHERS = {
    "gov.uk": gov_uk,
    "education statistics": education_statistics,
    "ons": ons_series,
    "github": github_file,
    "ofsted": ofsted_reports,
}


def _json(path: Path, address: str) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise NotUnderstoodError(f"{address}: found no JSON ({error}), expected it; look what the address is") from None


def _results(read: Read, address: str) -> Iterator[dict[str, Any]]:
    """Yield what a paginated answer lists, page after page (see "Pagination" in the API's overview)."""
    for number in count(1):
        found = _json(read(f"{address}&page={number}"), address)
        yield from found["results"]
        if number >= found["paging"]["totalPages"]:
            return


def _only(fits: Callable[[str], object], names: Collection[str], wanted: str, where: str) -> str:
    """Return the one name that fits; raises NotUnderstoodError with all names where none does, or several do."""
    found = [name for name in names if fits(name)]
    if len(found) != 1:
        seen = ", ".join(names) or "nothing"
        raise NotUnderstoodError(f"{where}: {len(found)} of {seen} match {wanted!r}, expected one; {_MEND}")
    return found[0]
