"""The regressions that trained weights come from."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

SMOOTHING = 1.0
"""Added to each count before an n-gram's ratio is taken."""


def fit(matrix: sparse.csr_matrix, truth: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights and constant term of one label, from the rows of which it is known whether they deserve it.

    The mean of two regressions: one over the n-grams as they are, and one over n-grams scaled by how much more often
    they stand in one class than in the other (Wang and Manning 2012), which learns more from few texts.
    """
    known = truth >= 0
    rows, deserved = matrix[known], truth[known]
    ratios = log_ratios(rows, deserved)
    weights, constants = np.zeros(matrix.shape[1]), 0.0
    for scale in (np.ones(len(ratios)), ratios):
        model = LogisticRegression(C=strength, solver="liblinear", max_iter=500, random_state=0)
        model.fit(rows @ sparse.diags(scale), deserved)
        weights += model.coef_[0] * scale / 2
        constants += float(model.intercept_[0]) / 2
    return weights, constants


def log_ratios(matrix: sparse.csr_matrix, deserved: np.ndarray) -> np.ndarray:
    """For each column the logarithm of its share in the texts that deserve a label over its share in the others."""
    counts = [np.asarray(matrix[deserved == value].sum(axis=0)).ravel() + SMOOTHING for value in (1, 0)]
    within, without = (count / count.sum() for count in counts)
    ratios: np.ndarray = np.log(within / without)
    return ratios
