import numpy as np
import pytest

from hicalm.errors import HicalmError
from hicalm.hashing import measures
from hicalm.hashing.codes import CodeSet, pack
from hicalm.hashing.measures import hamming_distances, rank, rank_codes
from hicalm.hashing.protocols import PUBLISHED_JUDGING, Judging


def test_distances_count_the_bits_that_differ():
    bits = np.array([[0] * 16, [1] * 16, [1] * 4 + [0] * 12], bool)
    found = hamming_distances(pack(bits), pack(bits[1:]))
    assert found.tolist() == [[16, 4], [0, 12], [12, 0]]
    with pytest.raises(HicalmError, match="Codes of 16 and of 8 bits"):
        hamming_distances(pack(bits), pack(bits[:, :8]))


def one_query(distances: list[int], relevant: list[int], judging: Judging = Judging()) -> dict:
    labels = np.array(relevant, bool)[:, None]
    return rank(lambda rows: np.array([distances])[rows], np.ones((1, 1), bool), labels, judging)


def test_average_precision_by_hand():
    found = one_query([3, 0, 2, 1], [0, 1, 1, 0])  # ranked: relevant, not, relevant, not
    assert found["mAP"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["retrieved"] == [1, 2, 4]
    assert found["precision"] == [1, 0.5, 0.5]
    assert found["recall"] == [0.5, 0.5, 1]


def test_equal_distances_keep_the_order_of_the_set():
    assert one_query([1, 1, 1], [1, 0, 0])["mAP"] == 1
    assert one_query([1, 1, 1], [0, 0, 1])["mAP"] == pytest.approx(1 / 3)
    assert one_query([1, 1, 1], [0, 1, 0])["mAP ties"] == pytest.approx([1 / 3, 1])
    assert one_query([0, 1, 1], [1, 0, 1])["mAP ties"] == pytest.approx([(1 + 2 / 3) / 2, 1])


def test_the_first_fifty_count_those_found_among_them():
    relevant = [0] * 49 + [1] * 51
    found = one_query(list(range(100)), relevant)
    assert found["mAP@50"] == pytest.approx(1 / 50)
    assert one_query(list(range(100)), [0] * 50 + [1] * 50)["mAP@50"] == 0


def test_the_published_protocol_counts_the_first_fifty_relevant_ones_and_unanswered_queries():
    relevant = [0] * 49 + [1] * 60
    found = one_query(list(range(109)), relevant, PUBLISHED_JUDGING)
    assert found["mAP@50"] == pytest.approx(np.mean([n / (49 + n) for n in range(1, 51)]))
    labels, queries = np.array([[1, 0], [0, 0]], bool), np.array([[1, 0], [0, 1]], bool)
    found = rank(lambda rows: np.array([[0, 1]] * 2)[rows], queries, labels, PUBLISHED_JUDGING)
    assert (found["queries"], found["unanswered"], found["mAP"]) == (2, 1, 0.5)
    assert found["precision"] == [0.5, 0.25]
    lengths = PUBLISHED_JUDGING.lengths
    assert (len(lengths), lengths[:2], lengths[-1]) == (181, (1, 101), 18_015)
    assert Judging().lengths[:4] == (1, 2, 5, 10) and Judging().lengths[-1] == 100_000


def test_queries_without_anything_relevant_are_left_out():
    labels = np.array([[1, 0], [0, 0]], bool)
    queries = np.array([[1, 0], [0, 1], [0, 0]], bool)
    found = rank(lambda rows: np.array([[0, 1]] * 3)[rows], queries, labels)
    assert found["queries"] == 1 and found["mAP"] == 1
    with pytest.raises(HicalmError, match="no query shares a label with any item"):
        rank(lambda rows: np.array([[0, 1]])[rows], np.zeros((1, 2), bool), labels)


def test_labels_must_be_equally_many():
    with pytest.raises(HicalmError, match="Queries have 2 labels, but the retrieval set 1"):
        rank(lambda rows: np.zeros((1, 1)), np.ones((1, 2), bool), np.ones((1, 1), bool))


def slow_map(distances: np.ndarray, relevant: np.ndarray, top: int | None) -> float:
    values = []
    for own, right in zip(distances.tolist(), relevant.tolist(), strict=True):
        if not any(right):
            continue
        order = sorted(range(len(own)), key=lambda item: (own[item], item))[:top]
        found, total = 0, 0.0
        for place, item in enumerate(order, start=1):
            if right[item]:
                found += 1
                total += found / place
        values.append(total / found if found else 0.0)
    return sum(values) / len(values)


def test_metrics_agree_with_a_loop_on_random_codes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(measures, "QUERIES_AT_ONCE", 7)
    rng = np.random.default_rng(2)
    bits = {key: rng.random((n, 16)) > 0.5 for key, n in
            (("q_img", 20), ("q_txt", 20), ("r_img", 120), ("r_txt", 120))}  # fmt: skip
    queries, rest = rng.random((20, 5)) > 0.7, rng.random((120, 5)) > 0.7
    codes = CodeSet({k: pack(b) for k, b in bits.items()}, {"label": queries}, {"label": rest})
    found = rank_codes(codes)["label"]
    relevant = (queries[:, None] & rest[None]).any(axis=2)
    for direction, (query, item) in measures.DIRECTIONS.items():
        distances = (bits[query][:, None] != bits[item][None]).sum(axis=2)
        assert found[direction]["mAP"] == pytest.approx(slow_map(distances, relevant, None))
        assert found[direction]["mAP@50"] == pytest.approx(slow_map(distances, relevant, 50))
