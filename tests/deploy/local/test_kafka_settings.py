from deploy.local.kafka_settings import (
    NodePorts,
    build_cluster_settings,
    build_node_settings,
    format_environment,
    format_properties,
)

THREE = [NodePorts(9092, 9093), NodePorts(9192, 9193), NodePorts(9292, 9293)]


def test_every_node_names_all_voters_and_its_own_ports() -> None:
    settings = build_node_settings(2, THREE, "/data")

    assert {name: settings[name] for name in ("node.id", "controller.quorum.voters", "listeners", "log.dirs")} == {
        "node.id": "2",
        "controller.quorum.voters": "1@127.0.0.1:9093,2@127.0.0.1:9193,3@127.0.0.1:9293",
        "listeners": "PLAINTEXT://127.0.0.1:9192,CONTROLLER://127.0.0.1:9193",
        "log.dirs": "/data",
    }


def test_copies_are_as_many_as_the_nodes_allow() -> None:
    names = ("offsets.topic.replication.factor", "default.replication.factor", "min.insync.replicas")

    copies = {nodes: [build_cluster_settings(nodes)[name] for name in names] for nodes in (1, 2, 3, 5)}

    assert copies == {1: ["1", "1", "1"], 2: ["2", "2", "1"], 3: ["3", "3", "2"], 5: ["3", "3", "2"]}


def test_settings_are_written_as_properties_and_as_the_images_environment() -> None:
    settings = {"node.id": "1", "log.dirs": "/data"}

    assert format_properties(settings) == "node.id=1\nlog.dirs=/data\n"
    assert format_environment(settings) == {"KAFKA_NODE_ID": "1", "KAFKA_LOG_DIRS": "/data"}
