from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from deploy.local.errors import DataInUse
from deploy.local.polling import poll_until
from deploy.local.ports import find_free_ports, is_taken
from deploy.local.replica_set import start_replica_set

KEPT = WriteConcern("majority", j=True, wtimeout=10_000)


def entries(client: MongoClient[dict[str, Any]]) -> Collection[dict[str, Any]]:
    return client.get_database("test", write_concern=KEPT)["entries"]


def test_one_node_keeps_a_majority_write_and_frees_its_port(tmp_path: Path) -> None:
    with start_replica_set(tmp_path) as replica_set, MongoClient[dict[str, Any]](replica_set.url) as client:
        written = entries(client).insert_one({"_id": 1}).acknowledged

    assert (written, is_taken(replica_set.ports[0])) == (True, False)


def test_data_is_there_again_after_a_start_on_another_port(tmp_path: Path) -> None:
    here, there = find_free_ports(2)
    with (
        start_replica_set(tmp_path, ports=[here]) as replica_set,
        MongoClient[dict[str, Any]](replica_set.url) as client,
    ):
        entries(client).insert_one({"_id": 1})

    with (
        start_replica_set(tmp_path, ports=[there]) as replica_set,
        MongoClient[dict[str, Any]](replica_set.url) as client,
    ):
        assert entries(client).find_one() == {"_id": 1}


def test_second_mongod_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with start_replica_set(tmp_path), pytest.raises(DataInUse, match="in use by another process"):
        start_replica_set(tmp_path)


@pytest.mark.slow
def test_three_nodes_go_on_without_a_killed_primary_and_take_it_back(tmp_path: Path) -> None:
    with (
        start_replica_set(tmp_path, nodes=3) as replica_set,
        MongoClient[dict[str, Any]](replica_set.url, heartbeatFrequencyMS=500) as client,
    ):
        entries(client).insert_one({"_id": 1})
        first = replica_set.find_primary()

        first.kill()
        entries(client).insert_one({"_id": 2})
        second = replica_set.find_primary()
        first.start()

        assert second is not first
        assert poll_until(lambda: len(client.secondaries) == 2, within=20)
        assert entries(client).count_documents({}) == 2
