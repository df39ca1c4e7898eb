"""What the models of ordered categories have in common: one slope, and steps between categories."""

import numpy as np

from qbank.irt.models.record import FloatArray


def step_names(n_categories: int) -> tuple[str, ...]:
    """Return the names of what is reported.

    >>> step_names(3)
    ('a', 'b', 'b1', 'b2', 'd1', 'd2')
    """
    numbers = range(1, n_categories)
    return ("a", "b", *(f"b{k}" for k in numbers), *(f"d{k}" for k in numbers))


def step_report(
    values: FloatArray, steps: FloatArray, intercepts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return a, the mean of b_k, b_k = -(steps values)_k / a and d_k = (intercepts values)_k, with derivatives.

    steps, intercepts : (n_categories - 1, n_parameters);  a is the first of the values; b is NaN where a = 0
    """
    n_items, n_parameters = values.shape
    n_steps = steps.shape[0]
    inverse = np.divide(1.0, values[:, 0], out=np.full(n_items, np.nan), where=values[:, 0] != 0)[:, None]
    b = 0.0 - (values @ steps.T) * inverse
    found = np.concatenate((values[:, :1], b.mean(axis=1, keepdims=True), b, values @ intercepts.T), axis=1)
    jacobian = np.zeros((n_items, found.shape[1], n_parameters))
    jacobian[:, 0, 0] = 1.0
    by_values = -inverse[:, :, None] * steps
    by_values[:, :, 0] -= b * inverse
    jacobian[:, 1] = by_values.mean(axis=1)
    jacobian[:, 2 : 2 + n_steps] = by_values
    jacobian[:, 2 + n_steps :] = intercepts
    return found, jacobian


def rescaling_matrix(shifts: FloatArray, slope: float, intercept: float) -> FloatArray:
    """Return the matrix of a / A and value_p - shift_p a B / A for the other values.

    shifts : (n_parameters,) by how much each value rises when a theta does, 0 for a itself
    """
    matrix = np.eye(shifts.size)
    matrix[:, 0] -= shifts * intercept / slope
    matrix[0, 0] = 1.0 / slope
    return matrix
