"""The page's files: under their own policy, whole, from this host alone, in two languages."""

import hashlib
import re
import shutil
import subprocess
import tomllib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from api.routes.web import MEDIA_TYPES, ROOT, content_policy
from tests.api.client import code_of
from tests.api.house import House

NODE = shutil.which("node")
SERVED = sorted(
    path.relative_to(ROOT).as_posix()
    for path in ROOT.rglob("*")
    if path.suffix in MEDIA_TYPES and path.suffix != ".html"
)
SCRIPTS = [name for name in SERVED if name.endswith(".js")]
OURS = [name for name in SERVED if not name.startswith("vendor/")]
LISTED = re.findall(
    r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (ROOT / "vendor/LICENCES.md").read_text(), re.M
)
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"', re.M)
NAMESPACE = "http://www.w3.org/"


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def words(language: str) -> dict[str, str]:
    """Every key of a language with the rest of its line."""
    files = sorted((ROOT / "words" / language).glob("*.js"))
    found = [
        re.findall(r'^\s*"([^"]+)":(.*?)(?=^\s*"[^"]+":|^\};)', f.read_text("utf-8"), re.M | re.S)
        for f in files
    ]
    return {key: value for pairs in found for key, value in pairs}


def directives(policy: str) -> dict[str, list[str]]:
    parts = (part.split() for part in policy.split("; "))
    return {name: sources for name, *sources in parts}


def closure(name: str = "app.js") -> Iterator[str]:
    """Every file that `app.js` needs before it runs."""
    maps = dict(re.findall(r'"([^"]+)": "\./page/([^"]+)"', text_of("index.html")))
    seen, left = set[str](), [name]
    while left:
        now = left.pop()
        if now in seen:
            continue
        seen.add(now)
        yield now
        for found in IMPORT.finditer(text_of(now)):
            wanted = found[1] or found[2]
            beside = (ROOT / now).parent / wanted
            local = wanted.startswith(".")
            left.append(beside.resolve().relative_to(ROOT).as_posix() if local else maps[wanted])


# --- answering ---------------------------------------------------------------------------------


def test_page_is_answered_at_the_root_without_a_login(house: House) -> None:
    response = house.client().get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "page/app.js" in response.text


def test_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(house: House) -> None:
    rules = directives(house.client().get("/").headers["content-security-policy"])
    assert rules["default-src"] == ["'none'"]
    assert rules["frame-ancestors"] == ["'none'"]
    every = {source for sources in rules.values() for source in sources}
    assert not {source for source in every if "unsafe" in source or "://" in source}


def test_policy_allows_the_map_of_imports_and_no_other_inline_script() -> None:
    page = (ROOT / "index.html").read_bytes()
    inline = [s for s in re.findall(rb"<script[^>]*>(.*?)</script>", page, re.S) if s]
    (hashed,) = [f"'sha256-{b64encode(hashlib.sha256(s).digest()).decode()}'" for s in inline]
    assert directives(content_policy(page))["script-src"] == ["'self'", hashed]


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png", "https://tiles.example"),
        ("http://10.0.0.7:8080/{z}/{x}/{y}", "http://10.0.0.7:8080"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "https://*.tiles.example"),
    ],
)
def test_policy_allows_pictures_from_the_map_tiles_host(tiles: str, origin: str) -> None:
    assert directives(content_policy(b"", tiles))["img-src"][-1] == origin


@pytest.mark.parametrize(
    "tiles", ["/tiles/{z}/{x}/{y}.png", "javascript:x", "https://a b; script-src *"]
)
def test_policy_is_not_widened_by_what_is_no_origin(tiles: str) -> None:
    assert directives(content_policy(b"", tiles)) == directives(content_policy(b""))


@pytest.mark.parametrize("name", SERVED)
def test_file_of_the_page_is_answered_with_its_type(house: House, name: str) -> None:
    response = house.client().get(f"/page/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == MEDIA_TYPES[PurePosixPath(name).suffix]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content == (ROOT / name).read_bytes()


def test_file_that_the_browser_holds_is_not_sent_again(house: House) -> None:
    client = house.client()
    tag = client.get("/page/app.js").headers["etag"]
    again = client.get("/page/app.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    ["none.js", "README.md", "index.html", "vendor/LICENCES.md", "../app.py", "..%2fapp.py",
     "%2e%2e/%2e%2e/app.py", "lib", "lib/", "//app.js", "app.js/x", "app.js%00"],
)  # fmt: skip
def test_what_is_no_file_of_the_page_is_not_found(house: House, name: str) -> None:
    response = house.client().get(f"/page/{name}")
    assert (response.status_code, code_of(response)) == (404, "not_found")


def test_page_settings_say_limits_and_that_there_is_no_map(house: House) -> None:
    told = house.client("ann").get("/api/v1/page").json()
    assert (told["case_cameras"], told["case_hours"]) == (500, 72)
    assert (told["map_tiles"], told["map_file"]) == ("", False)


def test_ground_map_is_what_the_operator_put_there(house: House) -> None:
    assert house.client("ann").get("/api/v1/map.geojson").json()["features"] == []
    house.service.settings.ground_map.write_text('{"type": "FeatureCollection", "features": [1]}')
    assert house.client("ann").get("/api/v1/map.geojson").json()["features"] == [1]
    assert house.client("ann").get("/api/v1/page").json()["map_file"]


# --- the files ---------------------------------------------------------------------------------


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    kept = {path.name for path in (ROOT / "vendor").iterdir()} - {"LICENCES.md"}
    assert {name for name, _ in LISTED} == kept
    for name, digest in LISTED:
        assert hashlib.sha256((ROOT / "vendor" / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", ["index.html", *OURS])
def test_file_names_no_other_host(name: str) -> None:
    found = re.findall(r"(?:https?:)?//[\w-]+\.[\w./-]+", text_of(name))
    assert [address for address in found if not address.startswith(NAMESPACE)] == []


@pytest.mark.parametrize("name", [name for name in OURS if name.endswith(".js")])
def test_script_makes_no_code_and_no_style_from_text(name: str) -> None:
    text = text_of(name)
    assert not re.search(r"\beval\(|new Function|innerHTML|dangerouslySetInnerHTML", text)
    assert not re.search(r'\sstyle="|<script|\son[a-z]+="', text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_imports_only_what_is_there(name: str) -> None:
    bare = {"preact", "preact/hooks", "htm", "leaflet"}
    for found in IMPORT.finditer(text_of(name)):
        wanted = found[1] or found[2]
        assert wanted in bare or ((ROOT / name).parent / wanted).is_file(), wanted


def test_page_asks_at_once_for_all_that_it_starts_with() -> None:
    """Otherwise a browser learns of each file from the one before it, one round trip each."""
    preloaded = re.findall(r'rel="modulepreload" href="page/([^"]+)"', text_of("index.html"))
    wanted = sorted(set(closure()) - {"app.js"})
    lines = "\n".join(f'<link rel="modulepreload" href="page/{name}">' for name in wanted)
    assert preloaded == wanted, f"index.html: want these lines\n{lines}"


def test_all_files_are_in_the_wheel() -> None:
    project = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text())
    (pattern,) = project["tool"]["setuptools"]["package-data"]["api"]
    assert pattern == "web/**/*"


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_every_script_parses() -> None:
    for name in SCRIPTS:
        checked = subprocess.run(
            [str(NODE), "--input-type=module", "--check"],
            input=text_of(name), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, f"{name}: {checked.stderr[:500]}"


# --- the words ---------------------------------------------------------------------------------


def test_both_languages_have_the_same_words() -> None:
    en, zh = words("en"), words("zh")
    assert len(en) > 100
    assert set(en) == set(zh)


def test_both_languages_fill_in_the_same_values() -> None:
    en, zh = words("en"), words("zh")
    holes = re.compile(r"\{(\w+)\}")
    assert {k: set(holes.findall(v)) for k, v in en.items()} == {
        k: set(holes.findall(v)) for k, v in zh.items()
    }


def test_every_word_that_a_script_asks_for_is_there() -> None:
    known = set(words("en"))
    for name in OURS:
        if name.endswith(".js") and not name.startswith("words/"):
            asked = set(re.findall(r'\bt\(\s*"([^"]+)"', text_of(name)))
            asked |= set(re.findall(r'\bwords: "([^"]+)"', text_of(name)))
            assert asked <= known, name


def test_every_code_of_an_error_has_words() -> None:
    from api.errors import HTTP_CODES, INTERNAL, STATUS

    codes = {kind.code for kind in STATUS} | {*HTTP_CODES.values(), INTERNAL}
    assert {f"error.{code}" for code in codes} <= set(words("en"))
