"""Country codes as answers give them: ISO 3166-1 alpha-2, and XK for Kosovo.

CLDR, which Babel carries, also knows codes that are no country of that standard (groupings,
test codes, parts of states); those are refused like any other unknown code.
"""

from functools import cache

from babel.core import Locale
from pydantic_core import PydanticCustomError

_NO_COUNTRY = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)
_MEANT = {"EL": "GR", "UK": "GB", "IC": "ES", "EA": "ES"}


@cache
def known_codes() -> frozenset[str]:
    """Return every country code that an answer may hold."""
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if code.isalpha()) - _NO_COUNTRY


def country_code(text: str) -> str:
    """Return `text` if it is a country code; raise `PydanticCustomError` with a hint otherwise."""
    if text in known_codes():
        return text
    meant = _MEANT.get(text.upper(), text.upper())
    if meant in known_codes():
        raise PydanticCustomError("country_code", "write {code}", {"code": meant})
    raise PydanticCustomError(
        "country_code", "is no ISO 3166-1 alpha-2 country code, such as LV or EE"
    )
