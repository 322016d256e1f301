"""Answers to password challenges, against the examples of their standards."""

from ingest.addresses import Login
from ingest.challenge import Challenge, answer, best_challenge


def field(text: str, name: str) -> str:
    return text.split(f'{name}="')[1].split('"')[0]


def test_digest_without_qop_gives_the_answer_of_rfc_2069() -> None:
    # RFC 2069, 2.4, with the erratum's corrected response (errata 749).
    challenge = Challenge(
        "digest", "testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"
    )
    text = answer(challenge, Login("Mufasa", "CircleOfLife"), "GET", "/dir/index.html")
    assert field(text, "response") == "1949323746fe6a43ef61f9606e7febea"


def test_digest_with_qop_gives_the_answer_of_rfc_2617() -> None:
    challenge = best_challenge(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int", '
            'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
        ]
    )
    assert challenge is not None
    login = Login("Mufasa", "Circle Of Life")
    text = answer(challenge, login, "GET", "/dir/index.html", cnonce="0a4f113b")
    assert field(text, "response") == "6629fae49393a05397450978507c4ef1"
    assert "nc=00000001" in text


def test_digest_with_sha_256_gives_the_answer_of_rfc_7616() -> None:
    challenge = best_challenge(
        [
            'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
            'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ]
    )
    assert challenge is not None
    text = answer(
        challenge,
        Login("Mufasa", "Circle of Life"),
        "GET",
        "/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    want = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    assert field(text, "response") == want


def test_basic_gives_the_answer_of_rfc_7617() -> None:
    text = answer(Challenge("basic", "WallyWorld"), Login("Aladdin", "open sesame"), "GET", "/")
    assert text == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_the_strongest_known_challenge_is_chosen() -> None:
    lines = [
        'Basic realm="c"',
        'Digest realm="c", nonce="n"',
        'Digest realm="c", nonce="s", algorithm=SHA-256',
    ]
    chosen = best_challenge(lines)
    assert chosen is not None
    assert chosen.algorithm == "SHA-256"


def test_unknown_kinds_of_challenge_give_none() -> None:
    assert best_challenge(["NTLM", 'Digest realm="c", nonce="n", algorithm=MD4', "Digest"]) is None


def test_a_stale_nonce_is_told_from_a_wrong_password() -> None:
    challenge = best_challenge(['Digest realm="c", nonce="n", stale=TRUE'])
    assert challenge is not None
    assert challenge.stale
