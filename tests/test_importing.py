"""Tables of people as spreadsheets save them, and what is said of rows that are wrong."""

from pathlib import Path

import pytest

from bot.post.importing import BadTable, Entry, Refused, read
from tests.talk import the_desk

HEAD = "email,language,selection,leads,consent"


def rows(folder: Path, *lines: str, encoding: str = "utf-8") -> list[Entry | Refused]:
    path = folder / "people.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return list(read(path, the_desk()))


@pytest.mark.parametrize("between", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_columns_are_parted_as_in_the_first_line(
    tmp_path: Path, between: str, encoding: str
) -> None:
    line = ["anna@example.org", "LV", "ka210", "7d", '"veidlapa; 2025, maijs"']
    head = HEAD.replace(",", between)
    (entry,) = rows(tmp_path, head, between.join(line), encoding=encoding)
    assert isinstance(entry, Entry)
    assert (entry.line, entry.address, entry.language) == (2, "anna@example.org", "lv")
    assert (entry.selection, entry.leads) == ("KA210", "T-7d")
    assert entry.consent == "veidlapa; 2025, maijs"


def test_a_wrong_address_is_told_in_words(tmp_path: Path) -> None:
    (refused,) = rows(tmp_path, HEAD, "jānis@example.org,lv,KA210,,x")
    assert isinstance(refused, Refused)
    assert "accents" in refused.reason
    assert "address." not in refused.reason
    assert "@example" not in refused.reason


def test_a_file_in_another_encoding_is_told_how_to_be_saved(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="CSV UTF-8"):
        rows(tmp_path, HEAD, "anna@example.org,lv,KA210,,jā", encoding="cp1257")
