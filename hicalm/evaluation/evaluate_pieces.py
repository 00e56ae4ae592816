"""Score an evaluation in pieces, by many processes (``data.ray_work``).

A piece is a run of a model, on all queries, or some texts that the product answers. What is
measured of the scores stays with ``comparison``.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from hicalm.data.ray_work import Pieces, do_pieces, piece_path, work_folder
from hicalm.errors import HicalmError
from hicalm.evaluation.comparison import Comparison, Scorer
from hicalm.evaluation.model_runs import Method
from hicalm.evaluation.product import Answer, Product
from hicalm.evaluation.request import OpenProduct, Request, compare
from hicalm.files import hash_files, replacing
from hicalm.ragged import offsets
from hicalm.retrieval.methods import DEFAULT

WORK = "evaluate"  # the name of the work folder
TEXTS = 32  # that the product answers in a piece

Arrays = dict[str, np.ndarray]


def compare_by_ray(
    request: Request,
    open_product: OpenProduct,
    prepare: Callable[[], None],
    address: str,
    threads: int,
) -> Comparison:
    """Return the comparison of ``request.compare`` with all scores made by many processes.

    They lie in a work folder, which ``ray_work.remove_work`` removes.

    Args:
        prepare: called first in every process; picklable, as ``open_product``.
        address, threads: as ``ray_work.do_pieces`` takes them.

    Raises HicalmError as those do.
    """
    request = _with_whole_paths(request)
    comparison = compare(request, open_product)
    runs, texts = _runs(comparison), comparison.product_texts()
    files = [path for _, folder in runs for path in _files(folder)]
    files += [path for folder in _product_runs(comparison) for path in _files(folder.parent)]
    labels = [one.label for one in comparison.collection.features.fingerprints.values()]
    work = work_folder(request.collection, WORK, [repr(request), hash_files(files), *labels])
    pieces = range(len(runs) + -(-len(texts) // TEXTS))
    todo = [piece for piece in pieces if not piece_path(work, piece).exists()]
    open_work = partial(_Evaluating, request, open_product, prepare, work)

    def named(piece: int) -> str:
        if piece < len(runs):
            return f"the model '{runs[piece][1]}'"
        first = (piece - len(runs)) * TEXTS
        return f"the queries from '{texts[first][:40]}' on, {TEXTS} at most"

    do_pieces(address, open_work, Pieces(todo, work, named, "pieces evaluated"), threads)
    numbers = {(own.name, folder): number for number, (own, folder) in enumerate(runs)}

    def stored(method: Method, folder: Path) -> Scorer:
        scores = _load(piece_path(work, numbers[method.name, folder]))
        return lambda name, queries: scores[name]

    product = partial(
        _StoredProduct, [piece_path(work, piece) for piece in pieces[len(runs) :]], texts
    )
    return replace(comparison, stored=stored, open_product=product if texts else None)


class _Evaluating:
    """Does pieces of an evaluation: its runs, then the texts for the product."""

    def __init__(
        self,
        request: Request,
        open_product: OpenProduct,
        prepare: Callable[[], None],
        work: Path,
    ) -> None:
        prepare()
        self._comparison, self._folder = compare(request, open_product), work
        self._runs, self._texts = _runs(self._comparison), self._comparison.product_texts()
        self._product: Product | None = None

    def __call__(self, piece: int) -> None:
        arrays, metadata = {}, {}
        try:
            if piece < len(self._runs):
                arrays = self._comparison.scores_of(*self._runs[piece])
            else:
                arrays = self._answers((piece - len(self._runs)) * TEXTS)
        except HicalmError as error:  # the comparison leaves the method out, and says why
            metadata["error"] = str(error)
        arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        with replacing(piece_path(self._folder, piece)) as temporary:
            save_file(arrays, temporary, metadata=metadata)

    def _answers(self, first: int) -> Arrays:
        if self._product is None and self._comparison.open_product is not None:
            self._product = self._comparison.open_product()
        assert self._product is not None  # nothing else has texts for it
        answers = self._product.answers(self._texts[first : first + TEXTS])
        return {
            "counts": np.array([len(answer.rows) for answer in answers]),
            "scores": np.stack([answer.scores for answer in answers]),
            "found": np.array([answer.found for answer in answers]),
            "presence": np.array([answer.presence for answer in answers]),
            **{
                name: np.concatenate([getattr(answer, name) for answer in answers])
                for name in ("rows", "shown", "fits")
            },
        }


class _StoredProduct:
    """Gives the answers that lie in files. Raises HicalmError where there are none, and why."""

    def __init__(self, paths: Sequence[Path], texts: Sequence[str]) -> None:
        answers = [answer for path in paths for answer in _read_answers(_load(path))]
        self._answers = dict(zip(texts, answers, strict=True))

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        return [self._answers[text] for text in texts]


def _read_answers(found: Arrays) -> list[Answer]:
    own = [slice(*pair) for pair in pairwise(offsets(found["counts"]).tolist())]
    return [
        Answer(
            scores=found["scores"][number],
            rows=found["rows"][rows],
            shown=found["shown"][rows],
            fits=found["fits"][rows],
            found=bool(found["found"][number]),
            presence=float(found["presence"][number]),
        )
        for number, rows in enumerate(own)
    ]


def _runs(comparison: Comparison) -> list[tuple[Method, Path]]:
    """Return every run of a model, each once; the product and the baseline are none."""
    own = [method for method in comparison.methods if method.name != DEFAULT]
    return [(method, folder) for method in own for folder in method.runs]


def _product_runs(comparison: Comparison) -> list[Path]:
    return [run for one in comparison.methods if one.name == DEFAULT for run in one.runs]


def _files(folder: Path) -> list[Path]:
    return sorted([*folder.rglob("*.safetensors"), *folder.rglob("*.json")])


def _load(path: Path) -> Arrays:
    with safe_open(path, framework="np") as file:
        if error := (file.metadata() or {}).get("error"):
            raise HicalmError(error)
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)


def _with_whole_paths(request: Request) -> Request:
    """Return a request that means the same files in processes that were started elsewhere."""

    def whole(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(whole(one) for one in value)
        return value.resolve() if isinstance(value, Path) else value

    values = {one.name: whole(getattr(request, one.name)) for one in fields(request)}
    return replace(request, **values)
