"""Groups of pairs: clusters of objects, and communities of the graph of similar pairs."""

import numpy as np

from hicalm.errors import HicalmError

BLOCK = 1 << 25  # distances at once
RANDOM_STARTS = 10  # of which the best stays: scikit-learn's number, as published
MOST_COMMUNITIES = 1000  # with a centre: every two have a midpoint besides


def cluster(vectors: np.ndarray, clusters: int, seed: int, starts: str = "spread") -> np.ndarray:
    """Return the k-means cluster of each vector (O, D), int64 (O,), at most O clusters.

    ``starts``: "spread" for one k-means++, "random" for the best of ten random starts.
    """
    from sklearn.cluster import KMeans

    init, runs = ("k-means++", 1) if starts == "spread" else ("random", RANDOM_STARTS)
    count = min(clusters, len(vectors))
    fitted = KMeans(count, init=init, n_init=runs, random_state=seed).fit(vectors)
    return fitted.labels_.astype(np.int64)


def communities(alike: np.ndarray, seed: int, resolution: float = 1.0) -> np.ndarray:
    """Return the Leiden community of each node, int64 (n,), the largest first.

    ``alike`` (n, n): there is an edge where either direction is True. Modularity is maximised, in
    which the edges expected by chance are weighted by ``resolution``.
    """
    import igraph
    import leidenalg

    # igraph 1.0 reads the numbers in the order they lie in memory, whatever the strides say
    edges = np.ascontiguousarray(np.argwhere(np.triu(alike | alike.T, 1)))
    graph = igraph.Graph(n=len(alike), edges=edges)
    kind = leidenalg.RBConfigurationVertexPartition
    found = leidenalg.find_partition(graph, kind, seed=seed, resolution_parameter=resolution)
    return np.array(found.membership, np.int64)


def centroids_of(points: np.ndarray, labels: np.ndarray, least: int = 1) -> np.ndarray:
    """Return the means of the points (n, D) of each label (n,) that at least so many have."""
    sizes = np.bincount(labels)
    sums = np.zeros((len(sizes), points.shape[1]))
    np.add.at(sums, labels, points)
    return sums[sizes >= least] / sizes[sizes >= least, None]


def centres(points: np.ndarray, labels: np.ndarray, lone: bool = False) -> np.ndarray:
    """Return the centroids of communities, and after them the midpoint of every two, (C, D).

    Communities of one node have no centre, unless all are or ``lone`` asks for them, as published:
    each would draw midpoints to everything. Raises HicalmError for more centroids than can have
    midpoints.
    """
    least = 1 if lone or np.bincount(labels).max() < 2 else 2
    centroids = centroids_of(points, labels, least)
    if len(centroids) > MOST_COMMUNITIES:
        raise HicalmError(
            f"{len(centroids):,} communities have a centre, more than the {MOST_COMMUNITIES:,} "
            "between which midpoints are taken: choose fewer clusters, or a lower resolution."
        )
    first, second = np.triu_indices(len(centroids), 1)
    return np.concatenate([centroids, (centroids[first] + centroids[second]) / 2])


def nearest(points: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the nearest centre of each point, int64 (n,); of equally near ones the first."""
    result = np.empty(len(points), np.int64)
    lengths = (found**2).sum(axis=1) / 2
    step = max(1, BLOCK // len(found))
    for start in range(0, len(points), step):
        near = points[start : start + step] @ found.T - lengths
        result[start : start + step] = near.argmax(axis=1)
    return result


def same_centre(
    points: np.ndarray, labels: np.ndarray, lone: bool = False, moved: bool = False
) -> np.ndarray:
    """Return S_re, bool (n, n): the pairs that one step of k-means puts to the same centre.

    Args:
        points: (n, D), a vector for each pair.
        labels: communities (n,), whose centroids and their midpoints are the centres.
        lone: communities of one pair have a centre, too.
        moved: centres move to the mean of their points, and points are assigned again.
    """
    own = nearest(points, centres(points, labels, lone))
    if moved:
        own = nearest(points, centroids_of(points, own))
    return own[:, None] == own
