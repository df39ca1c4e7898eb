"""Item response models: one frozen record of functions each, in the table MODELS."""

from qbank.irt.models.asymptotes import FOUR_PARAMETER, THREE_PARAMETER
from qbank.irt.models.graded import GRADED
from qbank.irt.models.logistic import ONE_PARAMETER, RASCH, TWO_PARAMETER
from qbank.irt.models.partial_credit import (
    GENERALISED_PARTIAL_CREDIT,
    NOMINAL,
    PARTIAL_CREDIT,
    RATING_SCALE,
)
from qbank.irt.models.record import (
    NOT_SEEN,
    FloatArray,
    IndexArray,
    Mask,
    Model,
    ScoreArray,
    carried,
    carried_covariance,
)

__all__ = [
    "MODELS",
    "NOT_SEEN",
    "FloatArray",
    "IndexArray",
    "Mask",
    "Model",
    "ScoreArray",
    "carried",
    "carried_covariance",
]

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        RASCH,
        ONE_PARAMETER,
        TWO_PARAMETER,
        THREE_PARAMETER,
        FOUR_PARAMETER,
        GRADED,
        PARTIAL_CREDIT,
        GENERALISED_PARTIAL_CREDIT,
        RATING_SCALE,
        NOMINAL,
    )
}
