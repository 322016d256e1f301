"""The server's half of Digest and Basic, against the ingest's half."""

import pytest

from core.errors import InvalidInput
from ingest.addresses import Login
from ingest.challenge import answer, best_challenge
from scenes.rtsp.auth import Credentials, Guard
from scenes.rtsp.messages import Refusal, Request

URI = "rtsp://camera/gate"
KNOWN = Credentials("viewer", "secret")


def request(proof: str = "", *, method: str = "DESCRIBE") -> Request:
    return Request(method, URI, {"cseq": "1", "authorization": proof})


def challenge_of(guard: Guard, proof: str = "") -> str:
    with pytest.raises(Refusal) as caught:
        guard.check(request(proof))
    assert caught.value.status == 401
    ((name, challenge),) = caught.value.headers
    assert name == "WWW-Authenticate"
    return challenge


def proof_for(guard: Guard, login: Login, *, method: str = "DESCRIBE", uri: str = URI) -> str:
    challenge = best_challenge([challenge_of(guard)])
    assert challenge is not None
    return answer(challenge, login, method, uri)


@pytest.mark.parametrize(
    "known",
    [
        KNOWN,
        Credentials("viewer", "secret", algorithm="SHA-256"),
        Credentials("viewer", "secret", scheme="basic"),
    ],
)
def test_the_right_password_passes_and_others_do_not(known: Credentials) -> None:
    guard = Guard(known)
    guard.check(request(proof_for(guard, Login("viewer", "secret"))))
    for wrong in (Login("viewer", "Secret"), Login("admin", "secret"), Login("viewer", "")):
        challenge_of(guard, proof_for(guard, wrong))


def test_a_digest_without_qop_passes_as_old_players_send_it() -> None:
    guard = Guard(KNOWN)
    offered = challenge_of(guard).replace(', qop="auth"', "")
    challenge = best_challenge([offered])
    assert challenge is not None
    guard.check(request(answer(challenge, Login("viewer", "secret"), "DESCRIBE", URI)))


@pytest.mark.parametrize(("method", "uri"), [("PLAY", URI), ("DESCRIBE", "rtsp://camera/other")])
def test_a_proof_counts_for_its_own_request_only(method: str, uri: str) -> None:
    guard = Guard(KNOWN)
    proof = proof_for(guard, Login("viewer", "secret"), method=method, uri=uri)
    challenge_of(guard, proof)


def test_a_nonce_of_another_camera_is_stale() -> None:
    proof = proof_for(Guard(KNOWN), Login("viewer", "secret"))
    assert "stale=true" in challenge_of(Guard(KNOWN), proof)


def test_a_used_up_nonce_is_stale_and_a_new_one_is_given_out() -> None:
    guard = Guard(Credentials("viewer", "secret", nonce_uses=1))
    proof = proof_for(guard, Login("viewer", "secret"))
    guard.check(request(proof))
    assert "stale=true" in challenge_of(guard, proof)
    guard.check(request(proof_for(guard, Login("viewer", "secret"))))


@pytest.mark.parametrize("proof", ["Digest", "Digest x", "Basic !", "Bearer abc", "Digest a=,b="])
def test_a_garbled_proof_is_challenged(proof: str) -> None:
    challenge_of(Guard(KNOWN), proof)


def test_without_credentials_everybody_passes() -> None:
    Guard(None).check(request())


def test_a_password_shows_in_no_repr() -> None:
    assert "secret" not in repr(KNOWN)


@pytest.mark.parametrize("name", ["", 'a"b', "a:b", "a\\b", "a\nb"])
def test_a_user_name_that_no_header_can_hold_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="user name"):
        Credentials(name, "secret")
