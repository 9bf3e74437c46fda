"""The control paths: faults, journal, clock, settings, reset."""

import http.client
import time

import pytest
import requests

from tests.emulator.core.conftest import Client


@pytest.mark.parametrize(("kind", "made"), [("lost_before", False), ("lost_after_commit", True)])
def test_a_lost_request_closes_the_connection_without_an_answer(client: Client, kind: str, made: bool) -> None:
    client.control("POST", "faults", {"kind": kind, "action": "CreateKey"})
    with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
        client.call("CreateKey", alias="mine")
    assert ("mine" in client.aliases()) is made


@pytest.mark.parametrize(("kind", "made"), [("error_before", False), ("error_after", True)])
def test_an_outage_is_answered_in_the_clouds_own_way(client: Client, kind: str, made: bool) -> None:
    client.control("POST", "faults", {"kind": kind, "action": "CreateKey", "status": 502})
    answer = client.call("CreateKey", alias="mine")
    assert (answer.status_code, answer.json()) == (502, {"code": "Broken"})
    assert ("mine" in client.aliases()) is made


def test_an_injected_throttle_is_the_clouds_own_and_does_nothing(client: Client) -> None:
    client.control("POST", "faults", {"kind": "throttle", "action": "CreateKey"})
    assert client.call("CreateKey", alias="mine").json() == {"code": "TooMany"}
    assert client.aliases() == ["from-seed"]


def test_a_cut_body_is_shorter_than_it_says(client: Client) -> None:
    client.control("POST", "faults", {"kind": "cut_body", "action": "CreateKey"})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)) as caught:
        client.call("CreateKey", alias="mine")
    assert http.client.IncompleteRead.__name__ in str(caught.value)
    assert "mine" in client.aliases()


def test_wrong_json_comes_with_a_good_status_after_the_work_is_done(client: Client) -> None:
    client.control("POST", "faults", {"kind": "wrong_json", "action": "CreateKey"})
    answer = client.call("CreateKey", alias="mine")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert "mine" in client.aliases()


def test_a_slow_request_is_done_after_its_wait(client: Client) -> None:
    client.control("POST", "faults", {"kind": "slow", "seconds": 0.2})
    begin = time.monotonic()
    assert client.call("GetKey", id="seeded").status_code == 200
    assert time.monotonic() - begin >= 0.2


def test_the_nth_matching_request_fails_once(client: Client) -> None:
    client.control("POST", "faults", {"kind": "error_before", "cloud": "sample", "action": "GetKey", "nth": 2})
    client.call("ListKeys")
    assert [client.call("GetKey", id="seeded").status_code for _ in range(4)] == [200, 503, 200, 200]


def test_a_count_limits_how_often_a_rule_fires(client: Client) -> None:
    client.control("POST", "faults", {"kind": "error_before", "count": 2})
    assert [client.call("GetKey", id="seeded").status_code for _ in range(3)] == [503, 503, 200]


def test_chance_is_repeatable_by_its_seed(client: Client) -> None:
    runs = []
    for _ in range(2):
        client.control("DELETE", "faults")
        client.control("POST", "faults", {"kind": "error_before", "probability": 0.5, "seed": 7})
        runs.append([client.call("GetKey", id="seeded").status_code for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


def test_rules_are_listed_with_their_hits_and_can_be_cleared(client: Client) -> None:
    client.control("POST", "faults", [{"kind": "error_before", "nth": 2}, {"kind": "lost_before", "cloud": "other"}])
    for _ in range(3):
        client.call("GetKey", id="seeded")
    listed = client.control("GET", "faults")["faults"]
    assert [(rule["kind"], rule["seen"], rule["hits"]) for rule in listed] == [
        ("error_before", 3, 1),
        ("lost_before", 0, 0),
    ]
    client.control("DELETE", "faults")
    assert client.control("GET", "faults") == {"faults": []}


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"kind": "explode"}, "kind 'explode' does not exist; allowed are lost_before"),
        ({"kind": "slow", "nht": 1}, "field 'nht' does not exist; allowed are kind"),
        ({"kind": "slow", "nth": 0}, "nth is 0; allowed is a number from 1"),
        ({"kind": "slow", "probability": 2}, "probability is 2; allowed is a number from 0 to 1"),
        ({"kind": "slow", "cloud": 5}, "cloud is 5; allowed is text"),
    ],
)
def test_a_bad_rule_is_refused_by_name(client: Client, rule: dict[str, object], complaint: str) -> None:
    answer = requests.post(f"{client.url}/_emulator/faults", json=rule, timeout=5)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_the_journal_tells_what_happened_and_nothing_secret(client: Client) -> None:
    made = client.call("CreateKey", alias="mine").json()
    client.control("POST", "faults", {"kind": "lost_before", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.call("GetKey", id="seeded")
    client.call("GetKey", id="absent")
    journal = client.control("GET", "journal")
    entries = journal["entries"]
    assert [(entry["action"], entry["key"], entry["status"], entry["error"], entry["fault"]) for entry in entries] == [
        ("CreateKey", made["id"], 200, "", ""),
        ("GetKey", "seeded", None, "", "lost_before"),
        ("GetKey", "absent", 404, "NoKey", ""),
    ]
    assert entries[0]["request_id"] == made["requestId"]
    assert (entries[0]["cloud"], entries[0]["account"], entries[0]["region"]) == ("sample", "account-one", "here")
    assert journal["last"] == 3
    assert "sample-secret" not in str(journal)


def test_the_journal_names_the_key_whose_answer_was_lost(client: Client) -> None:
    client.control("POST", "faults", {"kind": "lost_after_commit", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.call("CreateKey", alias="mine")
    (entry,) = client.control("GET", "journal")["entries"]
    assert client.call("GetKey", id=entry["key"]).json()["alias"] == "mine"


def test_the_journal_can_be_filtered_counted_and_cleared(client: Client) -> None:
    for action in ("ListKeys", "GetKey", "ListKeys"):
        client.call(action, id="seeded")
    newer = client.control("GET", "journal", since="1", action="ListKeys")["entries"]
    assert [entry["sequence"] for entry in newer] == [3]
    assert client.control("GET", "journal", cloud="other")["entries"] == []
    assert client.control("GET", "journal/summary") == {"counts": {"sample": {"GetKey": 1, "ListKeys": 2}}}
    client.control("DELETE", "journal")
    assert client.control("GET", "journal")["entries"] == []
    assert client.control("GET", "journal/summary") == {"counts": {}}


def test_a_key_disappears_when_the_clock_passes_its_deletion_date(client: Client) -> None:
    assert client.call("ScheduleDeletion", id="seeded", seconds=7 * 86400).status_code == 200
    client.control("POST", "clock", {"advance": 7 * 86400 - 60})
    assert client.aliases() == ["from-seed"]
    client.control("POST", "clock", {"advance": 120})
    assert client.aliases() == []
    assert client.call("CreateKey", alias="from-seed").status_code == 200


def test_the_clock_can_be_set(client: Client) -> None:
    moved = client.control("POST", "clock", {"set": 2_000_000_000})
    assert moved["now"] == pytest.approx(2_000_000_000, abs=5)
    assert client.control("GET", "clock")["offset"] == pytest.approx(2_000_000_000 - time.time(), abs=5)


def test_requests_beyond_the_rate_are_throttled_only_when_switched_on(client: Client) -> None:
    assert {client.call("CreateKey").status_code for _ in range(4)} == {200}
    client.control("POST", "settings", {"throttle": True})
    assert [client.call("CreateKey").status_code for _ in range(4)] == [200, 200, 429, 429]
    assert client.call("ListKeys").status_code == 200


def test_a_clouds_own_switch_changes_what_it_does(client: Client) -> None:
    assert client.control("GET", "settings")["settings"]["sample.colour"] == "blue"
    client.control("POST", "settings", {"sample.colour": "red"})
    made = client.call("CreateKey").json()
    assert client.call("GetKey", id=made["id"]).json()["colour"] == "red"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"sample.colour": "green"}, "'green' is not allowed; allowed are blue, red"),
        ({"lag": "long"}, "'long' is not of the type float"),
        ({"colour": "red"}, "setting 'colour' does not exist"),
        ({"lag": -1}, "is not a number of zero or more"),
    ],
)
def test_a_bad_setting_is_refused_and_changes_nothing(
    client: Client, change: dict[str, object], complaint: str
) -> None:
    before = client.control("GET", "settings")
    answer = requests.post(f"{client.url}/_emulator/settings", json={"quotas": False, **change}, timeout=5)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
    assert client.control("GET", "settings") == before


def test_reset_empties_and_seeds_again_and_keeps_settings(client: Client) -> None:
    client.call("CreateKey", alias="mine")
    client.control("POST", "settings", {"sample.colour": "red"})
    client.control("POST", "clock", {"advance": 1000})
    client.control("POST", "reset")
    assert client.aliases() == ["from-seed"]
    assert client.control("GET", "settings")["settings"]["sample.colour"] == "red"
    assert client.control("GET", "clock")["offset"] == 0


def test_health_counts_documents(client: Client) -> None:
    assert client.control("GET", "health") == {"status": "ok", "clouds": ["sample"], "documents": {"sample": 1}}


def test_an_unknown_control_path_names_the_known_ones(client: Client) -> None:
    answer = requests.get(f"{client.url}/_emulator/wheather", timeout=5)
    assert answer.status_code == 404
    assert "GET /_emulator/health" in answer.json()["understood"]
