"""A chart's bundle: complete, described, cited, packed in stable bytes; and every chart of an edition has its words."""

import hashlib
import io
import json
import zipfile

import pandas as pd
import pytest
from childrens_services.edition import bundles
from childrens_services.telling import export
from childrens_services.telling.cited import count, say
from childrens_services.telling.columns import describe_columns
from childrens_services.telling.style import blank
from matplotlib import pyplot as plt
from notebook_cells import NAMES, run
from PIL import Image

PARAMETERS = {"authorities": ["Nottingham"], "as_at": "", "edition": "nottingham"}
# What others give with a chart, and where ours is. A word in brackets is a key of the record.
GIVEN = {
    "Our World in Data": {
        "PNG": ".png",
        "SVG": ".svg",
        "data as CSV": ".csv",
        "metadata as JSON": ".json",
        "one zip of data, metadata and words": ".zip",
        "embed code": ".untitled.svg",
        "alternative text": "[alt]",
        "citation": "[citation]",
        "licence line": "[licence]",
    },
    "Datawrapper": {
        "PNG": ".png",
        "SVG": ".svg",
        "PDF": ".pdf",
        "get the data": ".csv",
        "embed code": ".untitled.svg",
        "alternative text in a field of its own": "[alt]",
        "source": "[source]",
        "notes": "[subtitle]",
        "licence line": "[licence]",
    },
    "ONS": {
        "PNG": ".png",
        "the data linked": ".csv",
        "embed code": ".untitled.svg",
        "text alternative": "[alt]",
        "the values in words": "[description]",
        "title that gives the message": "[finding]",
        "subtitle that gives what, where and when": "[subtitle]",
        "source": "[source]",
        "licence line": "[licence]",
    },
    "nobody in one call": {
        "square picture": ".square.png",
        "16:9 picture": ".wide.png",
        "text as text": ".text.svg",
        "checksums": "[files]",
        "parameters": "[parameters]",
        "every source": "[sources]",
    },
}


def rows():
    return pd.DataFrame(
        {
            "event_id": ["a", "b"],
            "publication_date": pd.to_datetime(["2022-07-11", None]),
            "n": [1, 2],
            "share": [0.5, None],
            "source_id": ["ofsted_ods_2025", "ofsted_ods_2024 ofsted_ods_2025"],
        }
    )


def send(folder, name):
    fig, (ax,) = blank(1.5)
    ax.bar([0, 1], [1, 2])
    n = count(rows(), "events", "inspections")
    export.chart(
        fig,
        rows(),
        name=name,
        finding=say("{n} inspections.", n=n),
        subtitle=say("Inspections, Nottingham"),
        alt=say("Two bars, the second higher."),
        description=say("Two bars from zero: {n}.", n=n),
        edition=str(folder),
    )


def make(folder):
    for name in ("grades", "waits"):
        send(folder, name)
    bundles.finish(folder, PARAMETERS)
    return folder


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    return make(tmp_path_factory.mktemp("edition"))


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def record_of(edition, name="grades"):
    return json.loads((edition / "charts" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("who", "what", "where"), [(who, what, where) for who, given in GIVEN.items() for what, where in given.items()]
)
def test_whatever_others_give_with_a_chart_ours_has(edition, who, what, where):
    if where.startswith("."):
        assert (edition / "charts" / f"grades{where}").stat().st_size > 100
    else:
        assert record_of(edition)[where.strip("[]")]


def test_the_record_lists_every_file_with_its_size_and_checksum(edition):
    listed = record_of(edition)["files"]
    beside = {
        path.name: path.read_bytes()
        for path in (edition / "charts").glob("grades.*")
        if path.name not in ("grades.json", "grades.zip")
    }

    assert listed == {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in beside.items()
    }


def test_the_record_says_with_what_the_edition_was_made_and_how_to_cite(edition):
    record = record_of(edition)

    assert record["parameters"] == PARAMETERS
    assert record["citation"] == (
        f"Children's Services Compared, version {record['version']}. “2 inspections” (chart grades). Data: Ofsted, "
        "Local authority inspection outcomes as at 31 March 2024, 2024-08-30; Ofsted, Local authority inspection "
        "outcomes as at 31 March 2025, 2025-09-25. Newest source published 25 September 2025. Licence: OGL-3.0."
    )


def test_a_citation_of_many_sources_names_publishers(edition):
    many = ["ofsted_nc_2019", "ofsted_nc_2022", "ofsted_ods_2024", "ofsted_ods_2025"]

    cited = bundles.cite({**record_of(edition), "sources": many})

    assert "Data: Ofsted. Newest source published" in cited


def test_a_zip_holds_the_chart_as_it_lies_beside_it(edition):
    with zipfile.ZipFile(edition / "charts" / "grades.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}

    assert list(packed) == sorted(f"grades.{suffix}" for suffix in bundles.PACKED)
    assert packed == {name: (edition / "charts" / name).read_bytes() for name in packed}


def test_the_zip_of_all_holds_every_chart(edition):
    with zipfile.ZipFile(edition / "charts.zip") as archive:
        names = archive.namelist()

    assert names == sorted(f"{chart}.{suffix}" for chart in ("grades", "waits") for suffix in bundles.PACKED)


def test_the_pictures_for_posts_lie_beside_a_zip_and_not_in_it(edition):
    with zipfile.ZipFile(edition / "charts" / "grades.zip") as archive:
        packed = archive.namelist()

    posted = {f"grades.{shape}.png" for shape in ("square", "wide")}
    assert posted <= set(record_of(edition)["files"]) and not posted & set(packed)


def test_a_zip_holds_no_time_and_its_files_can_be_read_by_all(edition):
    for path in (edition / "charts.zip", edition / "charts" / "grades.zip"):
        with zipfile.ZipFile(path) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}


def test_finished_again_and_made_again_the_bytes_are_the_same(tmp_path, edition):
    def digests(folder):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    first = digests(edition)
    bundles.finish(edition, PARAMETERS)

    assert digests(edition) == first
    assert digests(make(tmp_path)) == first


def test_an_edition_without_charts_has_an_empty_zip(tmp_path):
    bundles.finish(tmp_path, PARAMETERS)

    assert zipfile.ZipFile(tmp_path / "charts.zip").namelist() == []


def test_a_chart_that_lost_a_file_is_told_by_name(tmp_path):
    send(tmp_path, "grades")
    (tmp_path / "charts" / "grades.pdf").unlink()

    with pytest.raises(bundles.BundleError, match=r"charts/grades\.pdf: not there, though its record is; make the"):
        bundles.finish(tmp_path, PARAMETERS)


def test_the_record_describes_each_column_of_the_data(edition):
    heading = (edition / "charts" / "grades.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = record_of(edition)["columns"]

    assert [column["name"] for column in columns] == heading
    # As `events`, which the title cites, has it: other tables call it by other words.
    assert columns[0] == {"name": "event_id", "description": "Id of the event.", "unit": ""}
    assert columns[-1]["description"] == "Source of the row."


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_every_chart_are_described(name):
    lacking = {
        chart.name: [one["name"] for one in describe_columns(chart.data) if not one["description"]]
        for chart in run(name, "default").charts
        if chart.name != "headline-and-exact"
    }

    assert {chart: names for chart, names in lacking.items() if names} == {}


@pytest.mark.parametrize(
    ("column", "tables", "description", "unit"),
    [
        ("amount_gbp", ["budgets"], "The amount.", "pounds"),
        ("value", ["observations"], "The value, in the indicator's unit.", ""),
        ("value", [], "Value drawn.", ""),
        ("posts", [], "Social workers in post.", "full-time equivalents"),
        ("la_code_ons", [], "The authority.", ""),
        ("of_nowhere", ["budgets"], "", ""),
    ],
)
def test_a_column_is_described_by_what_is_known_of_it(column, tables, description, unit):
    (found,) = describe_columns(pd.DataFrame({column: [1.5]}), tables)

    assert found == {"name": column, "description": description, "unit": unit}


def test_a_column_that_tables_describe_in_several_ways_is_that_of_the_table_most_like_the_data():
    spending = ["area_code", "financial_year", "collection", "line", "measure", "amount_gbp"]

    found = describe_columns(pd.DataFrame(columns=spending))

    assert found[-1]["unit"] == "pounds, cash"


KINDS = ("bands", "bars", "dots", "heat map", "histogram", "line", "map", "marks", "steps", "table", "timeline")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("parameters", ["default", "long names"])
def test_every_chart_has_its_kind_in_a_short_alternative_text_and_its_values_at_length(name, parameters):
    faults = []
    for chart in run(name, parameters).charts:
        alt, said = chart.words["alt"].text, chart.words.get("description")
        faults += [f"{chart.name}: {len(alt)} characters"] if len(alt) > 250 else []
        faults += [] if any(kind in alt.partition(".")[0].lower() for kind in KINDS) else [f"{chart.name}: no kind"]
        faults += [] if said and len(said.cited()) >= 2 else [f"{chart.name}: no values in its description"]

    assert faults == []


def test_pictures_beside_and_in_a_zip_can_be_opened(edition):
    with zipfile.ZipFile(edition / "charts" / "waits.zip") as archive:
        packed = Image.open(io.BytesIO(archive.read("waits.png"))).size
    sizes = [Image.open(edition / "charts" / f"waits.{shape}.png").size for shape in ("square", "wide")]

    assert packed[0] == 1600
    assert sizes == [(1080, 1080), (1600, 900)]
