"""The document store, the seed, and the small parts beside them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_emulator import store as store_module
from kms_emulator.contract import DuplicateValueError, Index, Kind, Rate, Scope
from kms_emulator.replay import ReplayGuard
from kms_emulator.seed import SeedError, load_seed
from kms_emulator.store import Collection, Store
from kms_emulator.throttle import Throttle

HERE = Scope("account", "region")
KINDS = {
    "sample": [
        Kind(
            "keys",
            indexes={
                "alias": Index(lambda key: [key["alias"]] if "alias" in key else [], unique=True),
                "tag": Index(lambda key: key.get("tags", [])),
            },
            due=lambda key: key.get("due"),
        )
    ]
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store.sqlite3", KINDS)
    yield made
    made.close()


def names(keys: Collection, **options: object) -> list[str]:
    return [key["name"] for key in keys.list(**options).items]  # type: ignore[arg-type]


def fill(store: Store, count: int) -> None:
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        for number in range(count):
            tags = ["all", f"t{number % 2}"]
            keys.put(f"id-{number}", {"name": f"{number}", "alias": f"alias-{number}", "tags": tags})


def test_listing_keeps_the_order_of_creation_after_changes_and_restarts(tmp_path: Path, store: Store) -> None:
    fill(store, 4)
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        keys.put("id-1", {"name": "1 changed", "tags": ["t0", "all"]})
        keys.delete("id-2")
        assert names(keys, where=("tag", "t0")) == ["0", "1 changed"]
    store.close()
    again = Store(tmp_path / "store.sqlite3", KINDS)
    with again.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        assert names(keys) == ["0", "1 changed", "3"]
        assert names(keys, newest_first=True, limit=2) == ["3", "1 changed"]
        assert names(keys, where=("tag", "t0")) == ["0", "1 changed"]
        keys.put("id-9", {"name": "9"})
        assert names(keys)[-1] == "9"
    again.close()


def test_a_page_says_how_many_there_are_in_all(store: Store) -> None:
    fill(store, 7)
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        assert keys.list(start=5, limit=5) == ([keys.get("id-5"), keys.get("id-6")], 7)
        assert keys.list(where=("tag", "t1"), limit=1).total == 3
        assert keys.list(match=lambda key: key["name"] > "4", limit=1) == ([keys.get("id-5")], 2)


def test_rollback_restores_documents_indexes_due_times_and_order(store: Store) -> None:
    fill(store, 3)
    with store.transaction("sample") as transaction:
        before = transaction.collection("keys", HERE).list()
    transaction = store.transaction("sample")
    keys = transaction.collection("keys", HERE)
    keys.put("id-0", {"name": "changed", "alias": "other", "due": 1})
    keys.delete("id-1")
    keys.put("id-1", {"name": "again", "alias": "alias-1", "due": 2})
    keys.put("id-7", {"name": "new", "alias": "alias-7"})
    transaction.rollback()
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        assert keys.list() == before
        assert keys.due(100) == ()
        assert keys.find("alias", "other") is None
        assert keys.find("alias", "alias-1") == before.items[1]
        assert names(keys, where=("tag", "all")) == ["0", "1", "2"]


def test_a_document_deleted_and_made_again_in_one_transaction_is_kept(tmp_path: Path, store: Store) -> None:
    fill(store, 2)
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        keys.delete("id-0")
        keys.put("id-0", {"name": "again"})
    store.close()
    again = Store(tmp_path / "store.sqlite3", KINDS)
    with again.transaction("sample") as transaction:
        assert names(transaction.collection("keys", HERE)) == ["1", "again"]
    again.close()


def test_a_failed_commit_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_UPSERT", "INSERT INTO no_such_table VALUES (?, ?, ?, ?, ?, ?, ?)")
    with pytest.raises(store_module.sqlite3.OperationalError):
        fill(store, 2)
    monkeypatch.undo()
    with store.transaction("sample") as transaction:
        assert len(transaction.collection("keys", HERE)) == 0
    fill(store, 2)
    assert store.count() == {"sample": 2}


def test_a_unique_value_belongs_to_one_document_per_scope(store: Store) -> None:
    fill(store, 1)
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        with pytest.raises(DuplicateValueError, match="'alias-0' of the unique index 'alias' belongs to 'id-0'"):
            keys.put("id-1", {"name": "1", "alias": "alias-0"})
        keys.put("id-0", {"name": "0 changed", "alias": "alias-0"})
        transaction.collection("keys", Scope("account", "elsewhere")).put("id-1", {"name": "1", "alias": "alias-0"})
        assert names(keys) == ["0 changed"]


def test_documents_handed_out_and_taken_in_are_copies(store: Store) -> None:
    fill(store, 1)
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        key = keys.get("id-0")
        assert key is not None
        key["tags"].append("mine")
        keys.list().items[0]["tags"].append("mine")
        assert keys.count(where=("tag", "mine")) == 0
        keys.put("id-0", key)
        key["tags"].clear()
        assert names(keys, where=("tag", "mine")) == ["0"]


def test_only_json_can_be_stored(store: Store) -> None:
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        with pytest.raises(TypeError, match="not bytes; put bytes in as Base64 text"):
            keys.put("id", {"name": b"raw"})


def test_an_undeclared_kind_or_index_is_refused_by_name(store: Store) -> None:
    with store.transaction("sample") as transaction:
        with pytest.raises(ValueError, match=r"sample declares no kind 'kyes'; declared are \['keys'\]"):
            transaction.collection("kyes", HERE)
        with pytest.raises(ValueError, match="no index 'nope'"):
            transaction.collection("keys", HERE).list(where=("nope", "1"))


def test_due_documents_come_earliest_first(store: Store) -> None:
    with store.transaction("sample") as transaction:
        keys = transaction.collection("keys", HERE)
        for name, due in (("c", 30), ("a", 10), ("b", 20)):
            keys.put(name, {"name": name, "due": due})
        keys.put("a", {"name": "a", "due": 25})
        assert keys.due(9) == ()
        assert keys.due(25) == ("b", "a")
        keys.delete("b")
        assert keys.due(100) == ("a", "c")


def test_lagging_readers_see_the_state_before_the_lag(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [1000.0]
    monkeypatch.setattr(store_module.time, "monotonic", lambda: moment[0])
    fill(store, 1)
    moment[0] += 100
    with store.transaction("sample", lag=5) as transaction:
        keys = transaction.collection("keys", HERE)
        keys.put("id-0", {"name": "0 changed"})
        keys.put("id-1", {"name": "1"})
        assert names(keys) == ["0"]
        assert names(keys, lagged=False) == ["0 changed", "1"]
        assert keys.get("id-1", lagged=True) is None
        moment[0] += 5
        assert names(keys) == ["0 changed", "1"]


def test_the_bucket_refills_with_time() -> None:
    moment = [0.0]
    throttle = Throttle(lambda: moment[0])
    rate = Rate(per_second=2, burst=3)
    assert [throttle.admit("pot", rate) for _ in range(4)] == [True, True, True, False]
    moment[0] = 0.5
    assert [throttle.admit("pot", rate) for _ in range(2)] == [True, False]
    assert throttle.admit("other pot", rate)


def test_a_nonce_is_good_once_within_its_time() -> None:
    moment = [0.0]
    guard = ReplayGuard(lambda: moment[0])
    assert [guard.first_use("a", "n", 10), guard.first_use("a", "n", 10), guard.first_use("b", "n", 10)] == [
        True, False, True,
    ]  # fmt: skip
    moment[0] = 10
    assert guard.first_use("a", "n", 10)


def test_the_default_seed_has_the_published_examples_and_hides_secrets() -> None:
    seed = load_seed(None)
    operator = seed.directory.find("tencent", "AKIDEXAMPLE0000000000000000000000000")
    assert operator is not None
    assert (operator.account, operator.user_id, operator.root) == ("100000000001", "100000000002", False)
    assert operator.secret not in repr(operator)
    assert seed.directory.find("alibaba", "LTAI-example-id") is not None
    assert seed.directory.find("ctyun", "0123456789abcdef0123456789abcdef") is not None
    assert seed.directory.find("tencent", "LTAI-example-id") is None
    own = [entry for entry in seed.documents if (entry.cloud, entry.kind) == ("alibaba", "instances")]
    instances = [entry.identifier for entry in own]
    assert instances == ["kst-hzz62ee817bvyyr5x", "kst-hzz62ee817bvsoft01"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("accounts: {a: [{id: 1, users: []}]}", r"accounts.a\[0\].id: is not a text; put numbers in quotes"),
        ("accounts: {a: [{id: '1'}]}", r"accounts.a\[0\]: users is missing"),
        ("acounts: {}", "the file: acounts is not known; allowed are accounts, documents"),
        ("documents: {a: [{kind: k, account: '1', id: x, document: 1}]}", r"a\[0\].document: is not a table"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_bad_seed_names_the_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "seed.yaml"
    path.write_text(text)
    with pytest.raises(SeedError, match=complaint):
        load_seed(path)
