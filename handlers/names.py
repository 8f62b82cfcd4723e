"""Names of people, known by the words before them: introductions, thanks, closings, offices.

A name that stands quite alone is seen only where it has the ending of a Latvian surname.
"""

import re
import unicodedata

_CAPITALS = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
_CAPITAL = rf"[{_CAPITALS}А-ЯЁІЇЄ]"

_FIELD = (
    r"EU|ES|EK|OID|PIC|ORS|VET|SCH|ADU|HED|YOU|VIAA|JSPA|SALTO|PDF|SMS|NA|KA|CV|IT|OK|ID|QR|"
    r"Erasmus|Eirop\w+|Europ\w+|Latvi\w+|Rīg\w+|Riga|Lietuv\w+|Igaun\w+|Brisel\w+|"
    r"Beneficiary|Mobility|Module|Login|Funding|Tenders|Portal|Platform\w*|Project|Results|Online|"
    r"Persons?|Lessons?|Admins?|Plugins?|Logins|Gemini|Termiņ\w*|(?:Ap|Iz|No)?[Mm]aiņ\w*|Ziņ\w+|Ukrain\w+|"
    r"Argent[iī]n\w+|Hercegovin\w+|Academ\w+|Commission|Youthpass|Twinning|Google|Gmail|Chrome|"
    r"Windows|Word|Excel|Facebook|Smart"
)
_BEGINNINGS = (
    r"Kā|Ka|Kāp\w+|Kād\w+|Kur\w*|Kas|Ko|Vai|Kad|Cik|Es|Mēs|Mums|Man|Mana|Mani|Mans|Manu|Mūs\w+|Jūs\w*|"
    r"Tu|Bet|Un|Ja|Jo|Tad|Te|Tas|Tā|Tie|Šis|Šī|Šeit|No|Ar|Pēc|Par|Pie|Pirms|Vēl|Jau|Lūdz\w+|Paldies|"
    r"Labdien|Sveik\w+|Jā|Nē|Nav|Ir|Nevar\w*|Labi|Skaidr\w+|Tagad|Tomēr|Viss|Visi|Gribu|Vēlos|Varu|"
    r"I|A|An|The|How|Where|What|When|Why|Who|Which|Can|Could|Do|Does|Is|Are|We|My|Our|It|This|That|"
    r"But|And|If|So|Please|Thanks?|Hello|Hi|Now|Yes|Not|Ok|In|On|At|For|From|Have|Has|To|Would|"
    r"Should|You|Your|There|Then|Still|May"
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
_ENDING = (
    r"(?:iņ(?:š|a|as|ai|am|u|i|us|iem|ģis|ģa|ģe)|in(?:s|a|as|ai|am|u)|sk(?:is|im|i|y|a|as|ai|u)|"
    r"[oe]v(?:s|a|as|ai|am|u|iem)|son(?:s|a|am|u|e|es|ei)?|man(?:is|im|e|es|ei)|maņ[au]m?|"
    r"berg(?:s|a|as|ai|am|u)|īt(?:is|im|i|e|es|ei)|itis|īš[au]m?|ēn(?:s|a|as|ai|am|u)|enko|ņš|"
    r"čuk[sau]?|ič(?:s|a|am|u)?|kaln(?:s|a|am|u)|ozol(?:s|a|as|ai|am|u)|liep(?:a|as|ai|u|s))"
)
"""How a Latvian surname ends, in all cases; without diacritics where no other word ends so."""

_CASE = r"(?:s|š|is|us|a|as|ai|am|ā|u|i|im|iem|e|es|ei|ē)"
_STEMS = (
    *("Ozol", "Liep", "Kaln", "Berg", "Krūm", "Bērz", "Vītol", "Ābol", "Vanag", "Balod", "Balož"),
    *("Vilk", "Lāc", "Lāč", "Zvirbul", "Zvirbuļ", "Strazd", "Kļav", "Kārkl", "Egl", "Egļ", "Ābel"),
    *("Roz", "Rož", "Pried", "Skuj", "Meln", "Kalēj", "Apin", "Apiņ", "Dzen", "Dzeņ", "Sokol"),
    *("Bried", "Briež", "Strod", "Zvaigzn", "Pūc", "Pūč", "Lūs", "Grīv", "Krauz", "Mež", "Sproģ"),
    *("Kalv", "Krast", "Niedr", "Cīrul", "Cīruļ", "Muižniek", "Muižniec", "Podniek", "Podniec"),
    *(f"{root}ī{sign}" for root in ("Egl", "Zāl", "Rudz", "Aps", "Saul", "Up") for sign in "tš"),
    *(f"{root}ī{sign}" for root in ("Bērz", "Kaln", "Ozol", "Liep", "Krūm") for sign in "tš"),
)
"""Frequent surnames that are a word by themselves, or that end like one without diacritics."""


def _with_bare(stem: str) -> str:
    """Return a pattern for a stem that may be written without diacritics."""
    bare = unicodedata.normalize("NFD", stem)
    letters = (sign for sign in bare if not unicodedata.combining(sign))
    return "".join(
        sign if sign == plain else f"[{sign}{plain}]"
        for sign, plain in zip(stem, letters, strict=True)
    )


_LAST = (
    rf"(?!{_NO_NAME})(?:{_CAPITAL}[^\W\d_]*?{_ENDING}|"
    rf"(?:{'|'.join(map(_with_bare, _STEMS))}){_CASE})\b"
)
_JOINED = rf"{_CAPITAL}[^\W\d_]+"
_SURNAME = rf"(?:{_JOINED}-)?{_LAST}(?:-{_JOINED})?"
_INITIAL = re.compile(rf"(?P<before>)\b{_CAPITAL}\. ?{_CAPPED}(?<=[^\W\d_]{{3}})")
_ENDED = re.compile(
    rf"(?P<before>)(?<![\w’'-]){_CAPPED} (?:{_CAPPED} )?{_SURNAME}"
    r"(?! (?:iel|vidusskol|pamatskol))"
)
_PLACE = r"(?:\w*[Ss]kol|\w*[Gg]imnāz|Ģimnāz|Tehnikum|Universit|Bibliot|Novad|Pagast|Pilsēt|Iel)"
_GIVEN = rf"(?!{_NO_NAME}|{_PLACE}){_CAPITAL}[^\W\d_{_CAPITALS}]+\b"
_TURNED = re.compile(rf"(?P<before>)(?<![\w’'-]){_SURNAME} {_GIVEN}(?: {_GIVEN})?")
_CYRILLIC_WORD = (
    r"(?!(?:Как|Где|Что|Кто|Когда|Почему|Зачем|Куда|Можно|Нужно|Нет|Мы|Вы|Он|Она|Это|Наш\w*|Мо[йяеё]|"
    r"Если|Или|Для|При|После|Здравствуйте|Добр\w+|Спасибо|Пожалуйста|Европ\w+|Латв\w+|Риг\w+|"
    r"Эразмус\w*|Комисси\w+|Союз\w*)\b)[А-ЯЁІЇЄҐ][а-яёіїєґ]+(?:-[А-ЯЁІЇЄҐ][а-яёіїєґ]+)?"
)
_CYRILLIC = re.compile(rf"(?P<before>)(?<![\w’'-]){_CYRILLIC_WORD}(?: {_CYRILLIC_WORD}){{1,2}}\b")

NAMES: tuple[re.Pattern[str], ...] = (
    *(_TITLED, _CLOSED, _CALLED, _I, _THANKED, _OFFICE, _HERE, _INITIAL, _ENDED, _TURNED),
    _CYRILLIC,
)
"""What a name is known by; the words in `before` stay."""
