"""Find an authority by what a person types: a name, a code, or a spelling that a publisher prints.

Goes in: the tidy tables `authorities` and `spellings`. Comes out: an ONS code, or an error with the nearest names.
"""

__all__ = ["find"]

import re

import pandas as pd

from childrens_services.vocabulary import did_you_mean

# Words of councils' styles that stand before or after the name and do not say which authority is meant.
_AFTER = re.compile(
    r"( (county|city|borough|metropolitan|unitary|district|royal|london|council|corporation|authority))+$"
)
_BEFORE = re.compile(r"^(the )?((london|royal|metropolitan)( \w+)? borough|city|county|council) of ")


def find(text: str, authorities: pd.DataFrame, spellings: pd.DataFrame | None = None) -> str:
    """Return the ONS code of the one authority that a name, code or spelling means, in any case of letters.

    Without `spellings` only names and codes in use are known. With it, `find("St Helens", ...)`,
    `find("nottingham city council", ...)`, a DfE code such as "383" and a former ONS code are found too. Raises
    ValueError with the nearest names.
    """
    codes = _codes_by_spelling(authorities, spellings)
    wanted = " ".join(str(text).split()).casefold()
    without_style = _AFTER.sub("", wanted)
    bare = _BEFORE.sub("", without_style)
    for spelling in (wanted, without_style, bare):
        if spelling in codes:
            return codes[spelling]
    raise ValueError(
        f"unknown authority {text!r}{did_you_mean(bare, authorities['name'], 3)}; give a name as in the table "
        "`authorities`, a spelling as in `spellings`, or an ONS or DfE code"
    )


def _codes_by_spelling(authorities: pd.DataFrame, spellings: pd.DataFrame | None) -> dict[str, str]:
    own = [
        authorities[["la_code_ons"]].assign(spelling=authorities[column])
        for column in ("la_code_ons", "la_code_dfe", "name")
        if column in authorities
    ]
    known = pd.concat([*own, spellings])
    known = known[known["la_code_ons"].isin(authorities["la_code_ons"])]  # those of the day that is asked about
    return dict(zip(known["spelling"].str.casefold(), known["la_code_ons"], strict=True))
