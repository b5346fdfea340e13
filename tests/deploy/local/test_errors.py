from pathlib import Path

from deploy.local.errors import MAX_QUOTE_LENGTH, explain_exit

LOG = Path("var", "mongod.log")


def test_end_on_a_full_disk_says_so() -> None:
    said = '{"s":"E","msg":"WiredTiger error","attr":{"message":"journal: write: No space left on device"}}'

    cause = explain_exit("mongod", 14, said, LOG)

    assert str(cause) == "The disk under var is full: some free space is needed, so delete something there."


def test_end_for_want_of_a_library_names_it_and_its_package() -> None:
    said = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"

    cause = explain_exit("mongod", 127, said, LOG)

    assert str(cause) == (
        "mongod needs libcurl.so.4, which is not installed:"
        " install it, on Debian and Ubuntu by: apt-get install libcurl4."
    )


def test_end_beside_another_kafka_on_the_same_data_says_so() -> None:
    said = (
        "KafkaException: Failed to acquire lock on file .lock in /data. A Kafka instance in another process is using it"
    )

    cause = explain_exit("Kafka", 1, said, LOG)

    assert str(cause) == "The data of Kafka is in use by another process: stop that one first (log: var/mongod.log)."


def test_end_for_another_reason_quotes_the_last_complaint() -> None:
    said = "starting\nERROR no such setting\n  at Main.java:12\n"

    cause = explain_exit("Kafka", 1, said, LOG)

    assert str(cause) == (
        "Kafka ended with code 1 before it was ready; it said: ERROR no such setting (log: var/mongod.log)"
    )


def test_end_without_a_word_says_that_nothing_was_said() -> None:
    assert "it said: nothing" in str(explain_exit("Kafka", -9, "", LOG))


def test_long_complaint_is_cut() -> None:
    text = str(explain_exit("Kafka", 1, "x" * 10_000, LOG))

    assert text.count("x") == MAX_QUOTE_LENGTH
