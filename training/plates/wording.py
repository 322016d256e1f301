"""What stands on vehicles and around their numbers: texts of `Lettering`, made up or common.

Telephone numbers use codes that are kept free for fiction; names of dealers are nobody's.
"""

import numpy as np

from training.plates.words import Lettering


def _apart(words: str) -> list[str]:
    return words.split()


def _parted(phrases: str) -> list[str]:
    return phrases.split("|")


_STATES = _apart(
    "Alabama Alaska ARIZONA Arkansas California COLORADO Connecticut "
    "DELAWARE FLORIDA GEORGIA Hawaii"
    " IDAHO Illinois INDIANA IOWA Kansas KENTUCKY LOUISIANA Maine MARYLAND Massachusetts MICHIGAN"
    " Minnesota MISSISSIPPI MISSOURI Montana NEBRASKA NEVADA OHIO "
    "OKLAHOMA Oregon PENNSYLVANIA Texas"
    " TEXAS TENNESSEE UTAH Vermont VIRGINIA WASHINGTON Wisconsin WYOMING ONTARIO Québec ALBERTA"
)
_SLOGANS = _parted(
    "GRAND CANYON STATE|The Lone Star State|The Natural State|SUNSHINE STATE|Land of Lincoln|"
    "DISCOVERY|Great Lakes State|Sweet Home|Garden State|First in Flight|Famous Potatoes|"
    "TAXATION WITHOUT REPRESENTATION|SPORTSMAN'S PARADISE|Evergreen State|Yours to Discover|"
    "Wild Rose Country|Big Sky Country|MYFLORIDA.COM|VISIT US|"
    "In God We Trust|CENTENNIAL|10,000 lakes|"
    "Show-Me State|America's Dairyland|Constitution State|IN THE VALLEY|Live Free|Ocean State"
)
_TOWNS = _parted(
    "SALVADOR|SAO PAULO|RIO DE JANEIRO|BELO HORIZONTE|BRASILIA|CURITIBA|RECIFE|FORTALEZA|MANAUS|"
    "PORTO ALEGRE|GOIANIA|CAMPINAS|VILA VELHA|SANTOS|NATAL|LONDRINA|JOINVILLE|OSASCO|CONTAGEM|SERRA"
)
_UNITS = _apart("AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RS SC SE SP TO")
_FIRST = _apart(
    "AUTO MOTOR CITY VALLEY NORTH LAKE PRIME ROYAL UNION GRAND METRO SUN RIVER STAR KING PARK EURO"
    " CENTRAL HARBOUR HILL"
)
_SECOND = _apart(
    "MOTORS CARS SALES AUTOMOBILE GARAGE OF TOWN MOBIL CENTRE GROUP HAUS TRADE LEASING SERVICE AUTO"
    " TRUCKS TEAM RACING DEALERS IMPORT"
)
_BADGES = _apart(
    "TURBO 4x4 AWD GTI TDI HDI 2.0T 1.8 320i 530Li A6L XLE SPORT HYBRID DIESEL ELECTRIC VAN CARGO"
    " LIMITED PREMIUM V6 V8 CVT GLS SE LX EX-L 1.6 16V FLEX PLUS "
    "e-POWER MAX PRO X5 Q7 C200 E300 S60"
    " T8 2.5 3.0 250 350h TSI VTEC ABS EV DM-i SUV RS SR-5 TRD LT LTZ FX4 XLT"
)
_SIGNS = _parted(
    "BABY ON BOARD|STUDENT DRIVER|KEEP DISTANCE|WIDE LOAD|"
    "NO HAND SIGNALS|TAXI|POLICE|SCHOOL BUS|STOP|"
    "EXIT|FLAMMABLE|HOW IS MY DRIVING|DELIVERY|EXPRESS|SALE|OPEN 24|"
    "PARKING|NO PARKING|ONE WAY|30|40|"
    "60|100|A12|M25|TO LET|CAFE|PIZZA|BREAD|FLOWERS|HOTEL|BANK|LAUNDRY|"
    "SUPERMARKET|PHARMACY|BUS|LINE 12|"
    "Depot|www.example.com|info@example.org|Just married|Save the bees|I love dogs|VOTE|Coffee"
)
_HAN_SIGNS = _parted(
    "新手上路|实习|保持车距|内有宝宝|出租|搬家|快递|物流|专业维修|贷款|停车场|禁止停车|消防通道|"
    "超市|药店|面馆|理发|"
    "五金|烟酒|水果|汽车服务|代驾|热线|送货上门|学校|医院|公交|工程车|危险品|爆|严禁超载|"
    "大货车|江南汽车|"
    "东方|长城|红旗|四驱|混动|纯电|租赁|教练车|电话|微信|招牌|开锁|疏通|家政|货运|冷藏|环保"
)


def _numbers(count: int) -> tuple[str, ...]:
    """Telephone numbers nobody has, in the ways they are written."""
    rng = np.random.default_rng(5550100)
    ways = (
        lambda n: f"(555) 555-01{n % 100:02}", lambda n: f"555-01{n % 100:02}",
        lambda n: f"01632 960{n % 1000:03}", lambda n: f"1000000{n % 10000:04}",
        lambda n: f"100 0000 {n % 10000:04}", lambda n: f"0800 {n % 1000:03} 000",
        lambda n: f"000-0000{n % 10000:04}", lambda n: f"{n % 1000:03}",
        lambda n: f"No {n % 100}", lambda n: f"{n % 24:02}:{n % 60:02}",
    )  # fmt: skip
    return tuple(ways[row % len(ways)](int(rng.integers(10000))) for row in range(count))


def _pairs(first: list[str], second: list[str], count: int, between: str) -> tuple[str, ...]:
    rng = np.random.default_rng(len(first) * 100 + len(second))
    one, two = rng.integers(len(first), size=count), rng.integers(len(second), size=count)
    return tuple(f"{first[a]}{between}{second[b]}" for a, b in zip(one, two, strict=True))


_PLAIN = ("sans", "narrow", "roboto_bold", "road_d", "spartan", "serif", "bebas")
_FANCY = ("lobster", "script", "serif", "spartan", "sans", "dosis")

CODES = tuple(_apart("SK D CZ F I E PL A N H S P B RO NL GB UK BR BG HR SLO DK FIN EST LT L"))
"""What a blue band says, in the order of the strips kept under `code`."""

_MONTHS = tuple(_apart("JAN MAR JUN SEP DEC 12 11 10 25 08 13 26 3 7 1"))

LETTERING: tuple[Lettering, ...] = (
    Lettering("state_script", ("script", "lobster", "serif"), tuple(s.title() for s in _STATES)),
    Lettering("state_plain", _PLAIN, tuple(s.upper() for s in _STATES)),
    Lettering("slogan", _PLAIN + _FANCY, tuple(_SLOGANS)),
    Lettering("town", ("road_c", "narrow", "road_d"), _pairs(_UNITS, _TOWNS, 90, "-")),
    Lettering("dealer", _PLAIN + _FANCY, _pairs(_FIRST, _SECOND, 110, " ")),
    Lettering("badge", _PLAIN, tuple(_BADGES)),
    Lettering("sign", _PLAIN + _FANCY, tuple(_SIGNS)),
    Lettering("han_sign", ("noto_bold", "microhei", "zenhei"), tuple(_HAN_SIGNS)),
    Lettering("number", _PLAIN, _numbers(120)),
    Lettering("brasil", ("roboto_bold",), ("BRASIL",)),
    Lettering("code", ("roboto_bold",), CODES),
    Lettering("month", ("narrow", "sans"), _MONTHS),
)
