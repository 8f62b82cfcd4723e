"""What in a text belongs to one person or one organisation: patterns for each kind.

They are read in the text that `handlers.masking.readable` returns: one line, every dash as `-`.
What was found before stands in brackets, and no pattern begins inside them.
"""

import re

_PART = r"[^\s@<>(),;:]+"
_AT = r"(?: ?(?:@|[(\[{] ?(?:at|et) ?[)\]}]) ?)"
_DOT = r"(?:\.| ?[(\[{] ?(?:dot|punkts) ?[)\]}] ?)"
_HOST = r"(?!(?:[\w-]+\.)*europa\.eu\b)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}"
_SENT = r"[^\W\d_][\w.'’-]*"
_NOT_JOINED = r"(?<![^\W_])"
_KA = r"KA\d{3}"
_YEAR = r"20[1-4]\d"

ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp)://|\bwww\.|\bmailto:)\S+|(?<![\[\w.-])(?:[\w-]+\.)+[a-z]{2,}[/?#]\S*",
    re.IGNORECASE,
)
"""The address of a page, and of a mailbox written as one."""

_MAIL = re.compile(
    rf"(?<![^\s@<>(),;:]){_PART}{_AT}{_PART}(?:{_DOT}{_PART})*|"
    rf"(?<![\w.+-])[\w.+-]+ (?:at|et) {_HOST}",
    re.IGNORECASE,
)
_SENDER = re.compile(
    rf"(?:\"[^\"@]{{1,60}}\"|(?<![\w.'’-]){_SENT}(?: {_SENT}){{0,3}}) ?<(?=\[e-mail\])"
)
_ACCOUNT = re.compile(
    r"\b(?P<where>fb|facebook|insta(?:gram)?|skype|whatsapp|telegram|tiktok|twitter|linkedin) ?"
    r"[:=] ?(?!\[)[^\s,;]+",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@])@\w{3,}")
_PROJECT = re.compile(
    rf"\b{_YEAR}[ -]\d[ -][A-Z]{{2}}\d\d[ -]{_KA}[ -][A-Z]{{2,4}}[ -]\d{{4,}}(?:-\d{{1,3}})?",
    re.IGNORECASE,
)
_FORM = re.compile(
    rf"\b{_KA}[-_ ]?[A-Z]{{2,4}}[-_ ]?[0-9A-F]{{8}}\b|"
    rf"\b{_KA}-[A-Z]{{2,4}}-(?=[A-Z]*\d)[0-9A-Z]{{6,}}\b",
    re.IGNORECASE,
)
_OID = re.compile(rf"(?:(?<=\bOID)|{_NOT_JOINED})E[ -]?\d(?:[ -]?\d){{6,9}}(?!\d)", re.IGNORECASE)
_IBAN = re.compile(
    rf"{_NOT_JOINED}(?:(?-i:[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,4}})?)|"
    r"[A-Z]{2} ?\d{2}(?: ?[A-Z]{4})?(?: ?\d{4}){2,7}(?: ?\d{1,4})?)(?![^\W_])",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"\b(?:(?=\w*\d)(?=\w*[A-Za-z])\w{16,}|(?=(?:\w*?[a-z][A-Z]){3})\w{16,}|"
    r"(?<![\w.])(?=[\w.]*\d)\w{8,}(?:\.\w{6,}){2,})\b"
)
_STREET = re.compile(
    r"\b(?-i:[A-ZĀČĒĢĪĶĻŅŠŪŽ])[^\W\d_]+ (?:iel|gatv|prospekt|bulvār)\w{1,2} \d+\w?(?: ?[-/] ?\d+)?|"
    r"\bLV-? ?\d{4}(?!\d)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(rf"{_NOT_JOINED}[A-Z]{{2}}-?\d{{6,11}}(?!\d)", re.IGNORECASE)

IDENTIFIERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_MAIL, "[e-mail]"),
    (_SENDER, "[name] <"),
    (_ACCOUNT, r"\g<where>: [account]"),
    (_HANDLE, "[account]"),
    (_PROJECT, "[project]"),
    (_FORM, "[Form ID]"),
    (_OID, "[OID]"),
    (_IBAN, "[number]"),
    (_TOKEN, "[code]"),
    (_DOCUMENT, "[number]"),
    (_STREET, "[address]"),
)
"""Each kind with what stays instead, in the order in which they are looked for."""

_LOCKS = r"\b(?:parol(?:e|i|es|ei|ē)|password|passcode|passwd|pass|pwd|token|sessionid)"
_SECRET = re.compile(
    rf"(?P<before>{_LOCKS}(?: ?[:=] ?(?!\[)|"
    r"(?: ir| is| -) (?!\[)(?=\S*(?:(?-i:[A-ZĀČĒĢĪĶĻŅŠŪŽ])|\d|[!#$%&*+]\S))|"
    rf" (?!\[|{_KA})(?=\S*\d)(?=\S*[^\W\d]|\d{{4}})))\S+",
    re.IGNORECASE,
)
_CODE = re.compile(
    rf"(?P<before>\b(?:pin|pins|pinu|(?:pin-)?kod(?:s|u|a|ā|am|i)|(?:pass)?codes?)"
    rf"(?:(?:,? [^\W\d_-]+){{0,3}} ?[:=,-]? ?))(?!{_YEAR}\b|{_KA}|\[)"
    r"(?:(?:[A-Z]-?)?\d{4,8}\b|\d{2,3}(?:[ -]\d{2,3}){1,3}\b|(?=[A-Z]*\d)[A-Z0-9]{5,}\b)",
    re.IGNORECASE,
)
_DATE = r"(?:\d{1,2}\. ?\d{1,2}\. ?20[23]\d\.?|20[23]\d-\d\d-\d\d)"
_KEPT = (
    rf"\b{_KA}(?!\d)|(?<![\d+])(?:"
    rf"(?:{_DATE}|{_YEAR}\.? ?[-/] ?{_YEAR}|(?:[1-9] 000|\d{{1,3}}) 000(?! \d{{3}}))"
    r"(?! ?- ?\d{5}(?!\d)|\d)|"
    r"\d{2,3}000(?![ -]{0,3}\d{1,3}\b|\d| ?- ?\d{5})|"
    r"\d{1,3}(?: ?\d{3}){1,2}(?= ?(?:EUR\b|€|eiro|euro)))"
)
"""An action, a date of these years, years from one to another, an amount of money."""

_NUMBER = re.compile(
    rf"(?P<kept>{_KEPT})|(?<!\d)(?:(?:\+|00)?\(?\d(?:[ ()./_-]{{0,3}}\d){{6,}}|\d{{6}}(?!\d))",
    re.IGNORECASE,
)

NUMBERS: tuple[re.Pattern[str], ...] = (_SECRET, _NUMBER, _CODE)
"""Passwords, codes and whatever number has seven digits; `kept` stays, and so does `before`."""
