"""Groups of pairs: clusters of objects, and communities of the graph of similar pairs."""

import numpy as np

BLOCK = 1 << 25  # distances at once


def cluster(vectors: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    """Return the k-means cluster of each vector (O, D), int64 (O,), at most O clusters."""
    from sklearn.cluster import KMeans

    fitted = KMeans(min(clusters, len(vectors)), n_init=1, random_state=seed).fit(vectors)
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


def centres(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the centroids of communities, and after them the midpoint of every two, (C, D).

    Communities of one node have no centre, unless all are: each would draw midpoints to everything.
    """
    sizes = np.bincount(labels)
    sums = np.zeros((len(sizes), points.shape[1]))
    np.add.at(sums, labels, points)
    kept = sizes > 1 if (sizes > 1).any() else sizes > 0
    centroids = sums[kept] / sizes[kept, None]
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


def same_centre(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return S_re, bool (n, n): the pairs that one step of k-means puts to the same centre.

    Args:
        points: (n, D), the vectors of whole pictures.
        labels: communities (n,), whose centroids and their midpoints are the centres.
    """
    own = nearest(points, centres(points, labels))
    return own[:, None] == own
