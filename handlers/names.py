"""Names of people, known by the words before them: introductions, thanks, closings, offices.

A name that stands quite alone is seen only where it has the ending of a Latvian surname.
"""

import re

_CAPITALS = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
_CAPITAL = rf"[{_CAPITALS}А-ЯЁІЇЄ]"

_FIELD = (
    r"EU|ES|EK|OID|PIC|ORS|VET|SCH|ADU|HED|YOU|VIAA|JSPA|SALTO|PDF|SMS|NA|KA|CV|IT|OK|ID|QR|"
    r"Erasmus|Eirop\w+|Europ\w+|Latvi\w+|Rīg\w+|Riga|Lietuv\w+|Igaun\w+|Brisel\w+|"
    r"Beneficiary|Mobility|Module|Login|Funding|Tenders|Portal|Platform\w*|Project|Results|Online|"
    r"Academ\w+|Commission|Youthpass|Twinning|Google|Gmail|Chrome|Windows|Word|Excel|Facebook|Smart"
)
_BEGINNINGS = (
    r"Kā|Ka|Kāp\w+|Kād\w+|Kur\w*|Kas|Ko|Vai|Kad|Cik|Es|Mēs|Mums|Man|Mana|Mani|Mans|Manu|Mūs\w+|Jūs\w*|"
    r"Tu|Bet|Un|Ja|Jo|Tad|Te|Tas|Tā|Tie|Šis|Šī|Šeit|No|Ar|Pēc|Par|Pie|Pirms|Vēl|Jau|Lūdz\w+|Paldies|"
    r"Labdien|Sveik\w+|Jā|Nē|Nav|Ir|Nevar\w*|Labi|Skaidr\w+|Tagad|Tomēr|Viss|Visi|Gribu|Vēlos|Varu|"
    r"I|A|An|The|How|Where|What|When|Why|Who|Which|Can|Could|Do|Does|Is|Are|We|My|Our|It|This|That|"
    r"But|And|If|So|Please|Thanks?|Hello|Hi|Now|Yes|Not|Ok|In|On|At|For|From|Have|Has|To|Would|"
    r"Should|You|Your|There|Then|Still"
)
_NO_NAME = rf"(?:{_FIELD}|{_BEGINNINGS})\b"
"""Words of the field and beginnings of sentences: no names, though capitals begin them."""

_CAPPED = rf"(?!{_NO_NAME}){_CAPITAL}(?:[^\W\d_]+(?:['’-][^\W\d_]+)*\b(?!\d)|\.)"
_MORE = rf"(?:,? (?:(?:von|van|de|da|del|la|der|di) ){{0,2}}{_CAPPED}|(?<=\.){_CAPPED})"
_NAME = rf"(?-i:{_CAPPED}{_MORE}{{0,4}})"
_FULL_NAME = rf"(?-i:{_CAPPED}{_MORE}{{1,4}})"

_NOT_SAID = (
    r"(?!(?:un|es|no|man|mums|kā|ka|kas|kur|ko|vai|jo|bet|lai|esmu|strādāju|gribu|nevaru|lūdzu|nav|"
    r"cits|cita|nepareiz\w*|mainī\w*|kļūd\w*|norādīt\w*|ierakstīt\w*|and|but|from|i|i'm|how|what|"
    r"where|why|can|please|the|is|not|wrong|changed|spel\w*|misspel\w*)\b)"
)
_SAID = rf"{_NOT_SAID}(?:(?-i:{_CAPITAL})\.|[^\W\d_][\w'’-]*)"

_TITLED = re.compile(
    r"(?P<before>\b(?:mani sauc(?: par)?|sauc mani|mans (?:uz)?v[āa]rds(?: ir ?:?| ?:| -)|"
    r"uzv[āa]rds ?:|v[āa]rds,? (?:un )?uzv[āa]rds ?:?|v[āa]rds ?:|"
    r"my (?:sur|last |first )?name(?: is|'s| ?:)|i am called|(?:sur)?name ?:|меня зовут)[ :,-]*)"
    rf"{_SAID}(?: {_SAID}){{0,2}}(?-i:{_MORE}){{0,3}}",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"(?P<before>\b(?:ar (?:cieņu|cienu)|(?<!ar )cieņā|(?:kind|best|warm|many) regards|regards,|"
    r"(?:yours )?sincerely|yours (?:truly|faithfully))[ ,:.!-]*)"
    rf"{_SAID}(?:,? {_SAID}){{0,5}}",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"(?P<before>\b(?:(?:viņu|viņus|mūs) sauc(?: par)?|(?:viņas|viņa) (?:uz)?vārds(?: ir| ?:)?|"
    r"(?:es )?esmu|te|šeit|this is|i am|i'm|it's|es,|her name is|his name is)[ :,-]+)"
    rf"{_NAME}",
    re.IGNORECASE,
)
_I = re.compile(rf"(?P<before>\b[Ee]s ){_FULL_NAME}")
_THANKED = re.compile(
    rf"(?P<before>\b(?:paldies|pateicībā|thanks|thank you|cheers|best|jūsu|yours)[ ,.!:-]+)"
    rf"(?:{_FULL_NAME}|{_NAME}(?=[ ]?(?:$|[.,;!)]| (?:no|from)\b)))",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"(?P<before>\b(?:direktor\w{1,3}|skolotāj\w{0,2}|vadītāj\w{0,2}|kolēģ\w{1,2}|koordinator\w{1,3}|"
    r"grāmatved\w{1,3}|sekretār\w{1,2}|pārstāv\w{1,3}|priekšsēdētāj\w{0,2}|person[au] (?:ir|-)|"
    r"colleague|director|headteacher|teacher|principal|coordinator|mrs?\.?|ms\.?|"
    rf"kundze|kungs),?:? ){_NAME}",
    re.IGNORECASE,
)
_HERE = re.compile(rf"(?P<before>(?:^|[.!?] )){_NAME}(?= (?:te|šeit|here)\b)")
_SURNAME = (
    r"(?:iņ[ša]|iņ[au]m?|ņš|sk(?:is|a|as|ai)|[oe]v(?:s|a|as|ai)|sons?e?s?|man(?:is|e|es)|"
    r"berg[sa]s?|īt(?:is|e|es)|ēn[sa]|enko|ič[sau]?|kaln[sa]|ol[si]|ozol[sa]|liep[au]s?)"
)
_INITIAL = re.compile(rf"(?P<before>)\b{_CAPITAL}\. ?{_CAPPED}(?<=[^\W\d_]{{3}})")
_ENDED = re.compile(
    rf"(?P<before>)(?<![\w’'-]){_CAPPED} (?:{_CAPPED} )?"
    rf"(?!{_NO_NAME}){_CAPITAL}(?:[^\W\d_]*-)?[^\W\d_]*?{_SURNAME}\b"
    r"(?! (?:iel|vidusskol|pamatskol))"
)

NAMES: tuple[re.Pattern[str], ...] = (
    *(_TITLED, _CLOSED, _CALLED, _I, _THANKED, _OFFICE, _HERE, _INITIAL, _ENDED),
)
"""What a name is known by; the words in `before` stay."""
