"""The t-product: an algebra in which tubes, the third mode of a tensor, are the scalars.

A (n, m, c) is a matrix whose entries are tubes of length c, and tubes are multiplied by circular
convolution: C = A * B has the tubes C[i, l] = sum over j of A[i, j] ⊛ B[j, l]. That is the
block-circulant matrix of A times B unfolded; a Fourier transform along the tubes makes it one
matrix product for each frequency (Kilmer and Martin, Factorization strategies for third-order
tensors, 2011). The transpose and the identity belong to this product: (A * B)ᵀ = Bᵀ * Aᵀ and
I * A = A.

Tensors are real, so half of the frequencies say everything: H = c // 2 + 1. Leading dimensions
before the last three are batches. Half precision is transformed in float32.
"""

import torch
from torch import Tensor

from hicalm.errors import HicalmError

SHORTEST = 1e-12  # below this length a slice counts as zero and stays so


def t_product(first: Tensor, second: Tensor) -> Tensor:
    """Return ``first`` (..., n, m, c) * ``second`` (..., m, l, c): (..., n, l, c).

    Raises HicalmError for tubes of different lengths and for sizes that do not fit.
    """
    length = first.shape[-1]
    if length != second.shape[-1] or first.shape[-2] != second.shape[-3]:
        raise HicalmError(
            f"The t-product needs (n, m, c) and (m, l, c), not {tuple(first.shape[-3:])} and "
            f"{tuple(second.shape[-3:])}."
        )
    slices = torch.einsum("...ijk,...jlk->...ilk", to_frequencies(first), to_frequencies(second))
    return torch.fft.irfft(slices, n=length, dim=-1)


def t_transpose(tensor: Tensor) -> Tensor:
    """Return the transpose of (..., n, m, c): (..., m, n, c).

    Every frontal slice is transposed, and all but the first come in reverse order.
    """
    return tensor.transpose(-3, -2).flip(-1).roll(1, -1)


def t_normalise(rows: Tensor) -> Tensor:
    """Return rows (..., m, c) with x * xᵀ = the identity tube: unit length at every frequency.

    They then have unit length as vectors of m c numbers too, and at c = 1 this is nothing else. A
    frequency at which a row is zero stays zero.
    """
    frequencies = to_frequencies(rows)
    squared = frequencies.real.square() + frequencies.imag.square()
    # the square root has no derivative at 0, hence the bound
    length = squared.sum(dim=-2, keepdim=True).clamp(min=SHORTEST**2).sqrt()
    return torch.fft.irfft(frequencies / length, n=rows.shape[-1], dim=-1)


def to_frequencies(tensor: Tensor) -> Tensor:
    """Return the Fourier transform along the tubes of (..., c): complex (..., H)."""
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    return torch.fft.rfft(tensor, dim=-1)


def to_tubes(vectors: Tensor, length: int) -> Tensor:
    """Read vectors (..., d) as (..., d / c, c), with tubes of ``length`` c."""
    if length < 1 or vectors.shape[-1] % length:
        raise HicalmError(
            f"Vectors of width {vectors.shape[-1]} cannot be read as tubes of length {length}: "
            "the width must be a multiple of it."
        )
    return vectors.unflatten(-1, (-1, length))


def real_slices(rows: Tensor) -> Tensor:
    """Return the frequency slices of rows (..., m, c) as real vectors: (..., H, K).

    K is 2 m, the real parts and then the imaginary parts; m where all frequencies are real (c of 1
    or 2). The dot product of two slices is the real part of their complex product, and the dot
    product of two rows is that of their slices weighted by ``slice_shares`` and added.
    """
    frequencies = to_frequencies(rows).transpose(-1, -2)
    if rows.shape[-1] <= 2:
        return frequencies.real.contiguous()
    return torch.cat([frequencies.real, frequencies.imag], dim=-1)


def slice_shares(length: int) -> Tensor:
    """Return the share of each of the H frequencies in all c: float64 (H,), adding up to 1.

    A frequency stands for itself and its conjugate; the first, and the last of an even c, for
    itself only.
    """
    shares = torch.full((length // 2 + 1,), 2.0 / length, dtype=torch.float64)
    shares[0] = 1.0 / length
    if length % 2 == 0:
        shares[-1] = 1.0 / length
    return shares
