"""Who the authorities are: the table, spellings, codes that changed, and what the real files call them."""

import re
from collections import Counter

import pandas as pd
import pytest
from childrens_services import contracts, sources
from childrens_services.analysis.compare import find
from childrens_services.normalise import authorities
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from small_frames import cases, frame

RAW_FAMILIES = {"lait", "neighbours", "ofsted_outcomes", "ofsted_reports", "revenue_outturn"}
LISTED = """
2020 | Regional        | E12000008 | South East   |     |           |
2020 | Regional        | E12000007 | London       |     |           |
2020 | Regional        | E12000009 | South West   |     |           |
2020 | Local authority | E12000008 | South East   | 825 | E10000002 | Buckinghamshire
2021 | Local authority | E12000008 | South East   | 825 | E06000060 | Buckinghamshire
2021 | Local authority | E13000001 | Inner London | 204 | E09000012 | Hackney
2019 | Local authority | E12000009 | South West   | 835 | E10000009 | Dorset
2020 | Local authority | E12000009 | South West   | 838 | E06000059 | Dorset
"""
COLUMNS = ["time_period", "geographic_level", "region_code", "region_name", "old_la_code", "new_la_code", "la_name"]
LISTED = pd.DataFrame(cases(LISTED), columns=COLUMNS).assign(source_id=["dfe_b0"] * 7 + ["dfe_b1"])
CHANGES = """E06000060 recoded 2020-04-01 E10000002; E10000009 ended 2019-03-31; E06000059 began 2019-04-01 E10000009"""
CHANGES = frame("la_code_ons change day codes", CHANGES).fillna("")
CODES = pd.DataFrame({"la_code_ons": ["E10000009", "E09000012"], "name": ["Dorset (to 2019)", ""]})
CODES = CODES.assign(urn_ofsted=["", "80496"])
SPELLINGS = "Dorset (Pre LG) | E10000009 | lait\nBuckinghamshire UA | E06000060 | revenue_outturn"
SPELLINGS = pd.DataFrame(cases(SPELLINGS), columns=["spelling", "la_code_ons", "seen_in"])
BUILT = authorities.build_authorities(LISTED, CHANGES, CODES)
CROSSWALK = authorities.full_crosswalk(BUILT, SPELLINGS)


IN_THE_TABLE = """
Buckinghamshire  | E06000060 | 825 |            |            |           | 2008-01-01 | E12000008 | South East |
Hackney          | E09000012 | 204 |            |            |           | 2008-01-01 | E12000007 | London     | 80496
Dorset (to 2019) | E10000009 | 835 |            | 2019-03-31 |           | 2008-01-01 | E12000009 | South West |
Dorset           | E06000059 | 838 | 2019-04-01 |            | E10000009 | 2019-04-01 | E12000009 | South West |
"""


def test_a_code_that_changed_is_one_authority_and_a_new_number_another_and_parts_of_london_are_in_london():
    columns = (
        "name la_code_ons la_code_dfe existed_from existed_to predecessors published region_code region urn_ofsted"
    )

    built = authorities.build_authorities(LISTED, CHANGES, CODES)[columns.split()]
    assert sorted(built.itertuples(index=False, name=None)) == sorted(cases(IN_THE_TABLE))
    assert authorities.code_changes(CHANGES) == {"E10000002": "E06000060"}


def test_codes_known_are_those_in_use_those_replaced_and_the_numbers_of_the_dfe():
    areas = pd.DataFrame({"area_code": ["E06000065", "E92000001"], "la_code_dfe": ["815", ""]})

    found = authorities.known_codes(areas, {"E10000023": "E06000065", "E10000099": "E06000099"})

    assert found == dict.fromkeys(("E06000065", "815", "E10000023"), "E06000065") | {"E92000001": "E92000001"}


def test_two_authorities_of_one_dfe_number_are_refused():
    with pytest.raises(ValueError, match="E06000060, E10000002: share a DfE number; add a row `recoded`"):
        authorities.build_authorities(LISTED, CHANGES[CHANGES["change"] != "recoded"], CODES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("E06000099 began 2030-04-01", "E06000099: not among the authorities of dfe_b1; mend authority_changes.csv"),
        ("E06000060 began 2020-04-01 E10000001", "E10000001: predecessors not in the table"),
    ],
)
def test_a_curated_change_that_cannot_be_is_refused(change, message):
    changes = pd.concat([CHANGES, frame("la_code_ons change day codes", change).fillna("")])

    with pytest.raises(ValueError, match=re.escape(message)):
        authorities.build_authorities(LISTED, changes, CODES)


def test_resolve_reads_names_and_curated_spellings():
    found = authorities.resolve(pd.Series(["Dorset", "Dorset (Pre LG)", " Buckinghamshire  UA"]), CROSSWALK, "file")

    assert list(found) == ["E06000059", "E10000009", "E06000060"]


def test_an_unknown_spelling_is_refused_with_file_row_nearest_names_and_what_to_do():
    spellings = pd.Series(["Dorset", "Buckinghamshir UA", "Dorzet"], index=[4, 5, 6])

    with pytest.raises(ValueError) as error:
        authorities.resolve(spellings, CROSSWALK, "ro3.ods, sheet RO3, column C")

    assert str(error.value) == (
        "ro3.ods, sheet RO3, column C, row 5: unknown authority 'Buckinghamshir UA' (and 1 more) (did you mean "
        "'Buckinghamshire UA' or 'Buckinghamshire'?); mend the cell, or add the spelling to "
        "data/curated/authority_spellings.csv"
    )
    near = pd.DataFrame({"spelling": ["Derbya", "Derbyb", "Derbyc", "Derbyd"], "la_code_ons": "E1"})
    with pytest.raises(ValueError, match=r"\(did you mean 'Derby.' or 'Derby.' or 'Derby.'\?\)"):
        authorities.resolve(pd.Series(["Derby"]), near, "file")


@pytest.mark.parametrize(
    ("spelling", "code", "message"),
    [
        ("Dorset", "E06000059", "'Dorset' stands twice, or is the table's own name; take the row out"),
        ("Dorset UA", "E06000099", "'Dorset UA' leads to no authority; take the row out"),
    ],
)
def test_a_crosswalk_row_that_repeats_or_leads_nowhere_is_refused(spelling, code, message):
    extra = pd.DataFrame([(spelling, code, "lait")], columns=SPELLINGS.columns)

    with pytest.raises(ValueError, match=message):
        authorities.full_crosswalk(BUILT, pd.concat([SPELLINGS, extra]))


AREAS = authorities.areas(BUILT)
SPELT = authorities.spellings(BUILT, CROSSWALK, authorities.code_changes(CHANGES))


CALLED = "buckinghamshire|BUCKINGHAMSHIRE| e06000060|825|buckinghamshire ua|E10000002|Buckinghamshire  County Council"


@pytest.mark.parametrize("text", [*CALLED.split("|"), "The County of Buckinghamshire"])
def test_a_person_may_type_a_name_a_code_now_or_before_a_published_spelling_or_the_councils_style(text):
    assert find(text, BUILT, SPELT) == "E06000060"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Dorset UA", r"unknown authority 'Dorset UA'"),  # it is not in the table of the day
        ("Hackny Council", r"^unknown authority 'Hackny Council' \(did you mean 'Hackney'\?\); give a name"),
        ("Qxzq", r"unknown authority 'Qxzq'; give a name as in the table `authorities`, a spel"),
    ],
)
def test_a_name_that_is_not_known_is_answered_with_the_nearest(text, answer):
    with pytest.raises(ValueError, match=answer):
        find(text, BUILT[BUILT["name"] != "Dorset"], SPELT)


def test_areas_are_authorities_regions_the_parts_of_london_and_england():
    found = authorities.areas(BUILT).set_index("area_code")

    assert found["level"].value_counts().to_dict() == {"authority": 4, "region": 3, "part_of_region": 2, "country": 1}
    assert found.loc[["E92000001", "E13000001"], "name"].tolist() == ["England", "Inner London"]
    assert found.loc["E06000059", ["la_code_dfe", "existed_from"]].tolist() == ["838", "2019-04-01"]
    larger = found["part_of_area_code"]
    assert (larger["E09000012"], larger["E13000001"], larger["E12000007"]) == ("E12000007", "E12000007", "E92000001")
    assert larger["E92000001"] == "" and found.at["E92000001", "source_id"] == BUILT["source_id"].iloc[0] == "dfe_b1"


def test_spellings_hold_every_name_and_code_once_with_its_kind():
    found = authorities.spellings(BUILT, CROSSWALK, authorities.code_changes(CHANGES)).set_index("spelling")

    assert found.index.is_unique and found.loc["Dorset", "published"] == "2019-04-01"
    kinds = {"Dorset": "name", "Dorset (Pre LG)": "publisher_spelling", "838": "la_code_dfe"}
    kinds |= {"E06000059": "la_code_ons", "E10000002": "former_la_code_ons"}
    assert found.loc[list(kinds), "kind"].to_dict() == kinds
    assert found.loc["E10000002", "la_code_ons"] == "E06000060"


def test_areas_authorities_and_spellings_conform_to_their_contracts():
    tidy = contracts.check_all({"areas": AREAS, "authorities": BUILT, "spellings": SPELT})

    assert {name: len(frame) for name, frame in tidy.items()} == {"areas": 10, "authorities": 4, "spellings": 15}


def test_no_two_authorities_share_a_spelling_in_any_case_of_letters(tidy):
    rows = tidy["spellings"]

    assert rows.groupby(rows["spelling"].str.casefold())["la_code_ons"].nunique().max() == 1


NAMES = "nottingham city council=Nottingham|Nottinghamshire County Council=Nottinghamshire|St Helens=St. Helens|"
NAMES += "383=Leeds|E10000002=Buckinghamshire|Royal Borough of Kensington and Chelsea=Kensington and Chelsea|"
NAMES += "City of York Council=York|Kingston upon Hull, City of=Kingston upon Hull"


@pytest.mark.parametrize("pair", NAMES.split("|"))
def test_authorities_are_found_by_what_people_call_them(pair, tidy):
    text, name = pair.split("=")

    code = find(text, tidy["authorities"], tidy["spellings"])
    assert tidy["authorities"].set_index("la_code_ons")["name"][code] == name


@given(st.lists(st.sampled_from(["E1", "E2", "E3", "E9"]), max_size=6))
def test_current_codes_follow_a_chain_of_changes_to_its_end(codes):
    changes = pd.DataFrame({"la_code_ons": ["E2", "E3"], "change": "recoded", "codes": ["E1", "E2"]})
    newest = authorities.code_changes(changes)

    once = authorities.current_code(pd.Series(codes, dtype="str"), newest)

    assert list(once) == ["E9" if code == "E9" else "E3" for code in codes]
    assert list(authorities.current_code(once, newest)) == list(once)


# On the real files --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crosswalk(raw_authorities) -> pd.DataFrame:
    return authorities.full_crosswalk(raw_authorities, sources.read_curated("authority_spellings"))


def sheet(path, name: str) -> list[list]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python(skip_empty_area=False)


def test_there_are_153_authorities_now_and_five_that_ended(tidy):
    built = tidy["authorities"]
    now = built[built["existed_to"].isna()]

    ended = ["Bournemouth", "Cumbria", "Dorset (to 2019)", "Northamptonshire", "Poole"]
    assert sorted(set(built["name"]) - set(now["name"])) == ended
    assert (len(now), now["region"].nunique(), (now["region"] == "London").sum()) == (153, 9, 33)


def ofsted_spellings(raw) -> Counter:
    found = Counter()
    for path in sorted((raw / "ofsted_outcomes").glob("*.ods")):
        for name in CalamineWorkbook.from_path(path).sheet_names:
            cells = sheet(path, name)
            tops = [row for row in cells if row and row[0] == "Web link"]
            column = tops[0].index("Local authority name") if tops else None
            found.update(r[column] for r in cells if column and r[0] == "Ofsted Local Authority Webpage")
    return found


def ro3_spellings(raw, changes) -> dict[str, str]:
    """The names in the revenue outturn by the ONS code beside them, county councils and above."""
    found = {}
    for path in sorted((raw / "revenue_outturn").glob("*.ods")):
        for row in sheet(path, CalamineWorkbook.from_path(path).sheet_names[3]):
            if re.fullmatch(r"E(06|08|09|10)\d{6}", str(row[1])):
                found[row[2]] = changes.get(row[1], row[1])
    return found


def numbered_spellings(raw, numbers: set[str]) -> dict[str, str]:
    """The names in LAIT and the two neighbour models by the DfE number beside them."""
    lait = pd.read_parquet(raw / "lait" / "bds_long_0.parquet", columns=["LA and Regions", "LA Number"]).dropna()
    pairs = {(name, str(int(number))) for name, number in lait.drop_duplicates().itertuples(index=False)}
    for name, columns in {
        "sn_model_2025_wide.csv": ["la_name", "old_la_code"],
        "New_Statistical_Neighbour_Groupings_April_2021.csv": ["LA Name", "LA num"],
    }.items():
        frame = pd.read_csv(raw / "neighbours" / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        pairs |= set(frame[columns].itertuples(index=False, name=None))
    return {name: number for name, number in pairs if number in numbers}


@pytest.mark.raw
def test_every_spelling_in_the_real_files_is_known_and_no_curated_one_is_unused(raw, raw_authorities, crosswalk):
    assert set(" ".join(crosswalk["seen_in"]).split()) == RAW_FAMILIES
    outturn = ro3_spellings(raw, authorities.code_changes())
    numbered = numbered_spellings(raw, set(raw_authorities["la_code_dfe"]))
    folders = [path.name.partition("_")[2] for path in (raw / "ofsted_reports").iterdir()]
    seen = pd.Series([*ofsted_spellings(raw), *outturn, *numbered, *folders])

    found = dict(zip(seen, authorities.resolve(seen, crosswalk, "the real files"), strict=True))

    curated = crosswalk.loc[crosswalk["seen_in"] != "", "spelling"]
    assert set(curated) <= {" ".join(one.split()) for one in seen}  # a spelling that no file uses is to be taken out
    number_of = raw_authorities.set_index("la_code_ons")["la_code_dfe"]
    assert {name: code for name, code in outturn.items() if found[name] != code} == {}
    assert {name: number for name, number in numbered.items() if number_of[found[name]] != number} == {}


@pytest.mark.raw
def test_the_curated_numbers_are_those_of_the_report_folders(raw, raw_authorities, crosswalk):
    folders = pd.Series([path.name for path in (raw / "ofsted_reports").iterdir()]).str.partition("_")
    codes = authorities.resolve(folders[2], crosswalk, "the folders of reports")

    numbered = raw_authorities.query("urn_ofsted != ''")
    assert dict(zip(codes, folders[0], strict=True)) == numbered.set_index("la_code_ons")["urn_ofsted"].to_dict()
