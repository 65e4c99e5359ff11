"""Intervals of shares and rates, as statsmodels and scipy compute them, over arrays in which figures may be missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
METHODS = ("wilson", "clopper-pearson")


def proportion(successes: npt.ArrayLike, trials: npt.ArrayLike, method: str = "wilson") -> tuple[Floats, Floats]:
    """Given counts, return the bounds of the 95 % interval of the proportion.

    Parameters
    ----------
    successes, trials : counts of any one shape; NaN, trials of 0 and successes beyond the trials give NaN
    method : "wilson" (score interval) or "clopper-pearson" (exact: never covers less than 95 %, so wider)

    References
    ----------
    Wilson, E. B. (1927). Journal of the American Statistical Association 22(158), 209-212; Clopper, C. J. & Pearson,
    E. S. (1934). Biometrika 26(4), 404-413. Worked examples of both: Newcombe, R. G. (1998). Statistics in Medicine
    17(8), 857-872, table I, methods 3 and 5.

    Examples
    --------
    >>> low, high = proportion(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    from statsmodels.stats.proportion import proportion_confint  # Slow to import.

    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    x, n = np.broadcast_arrays(np.asarray(successes, dtype=float), np.asarray(trials, dtype=float))
    low, high = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    sound = (n > 0) & (x >= 0) & (x <= n)
    if sound.any():
        # Division by standard errors of 0 at shares of 0 and 1 is meant: those bounds are then set to 0 and 1.
        with np.errstate(divide="ignore", invalid="ignore"):
            name = "wilson" if method == "wilson" else "beta"
            low[sound], high[sound] = proportion_confint(x[sound], n[sound], method=name)
    # The bounds at shares of 0 and 1, which rounding errors may put a hair inside.
    low, high = np.where(sound & (x == 0), 0.0, low), np.where(sound & (x == n), 1.0, high)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[Floats, Floats]:
    """`proportion` by Wilson's score interval."""
    return proportion(successes, trials)


def poisson(events: npt.ArrayLike, exposure: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Given numbers of events and what they are told for, return the bounds of the exact 95 % interval of the rate.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28(3/4), 437-442.

    Examples
    --------
    >>> low, high = poisson(10, 1)
    >>> round(float(low), 2), round(float(high), 2)
    (4.8, 18.39)
    """
    from scipy.stats import chi2  # Slow to import.

    x, n = np.broadcast_arrays(np.asarray(events, dtype=float), np.asarray(exposure, dtype=float))
    sound = (n > 0) & (x >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(x > 0, chi2.ppf(0.025, 2 * x) / 2, 0.0) / n
        high = chi2.ppf(0.975, 2 * x + 2) / 2 / n
    return np.where(sound, low, np.nan), np.where(sound, high, np.nan)
