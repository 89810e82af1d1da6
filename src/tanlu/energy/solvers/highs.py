"""HiGHS: simplex, interior point, branch and bound, second opinions, and a session that is solved again and again."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any, Final

import highspy
import numpy as np

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.scaling import equilibrate

Options = dict[str, bool | int | float | str]
OK: Final = highspy.HighsStatus.kOk
MODEL: Final = highspy.HighsModelStatus
LIMITS: Final = (MODEL.kTimeLimit, MODEL.kIterationLimit, MODEL.kSolutionLimit, MODEL.kInterrupt)


class _Silent(highspy.Highs):  # type: ignore[misc]
    """HiGHS that writes nothing: its own constructor prints a banner before any option can be set."""

    def enableCallbacks(self) -> None:  # noqa: N802
        """Turn output off where the constructor would write; callbacks are not used."""
        self.setOptionValue("output_flag", False)


class OptionRefusedError(RuntimeError):
    """HiGHS did not take an option or a model; going on would silently solve another problem."""


def run_simplex(
    problem: LinearProblem,
    tolerance: float,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
) -> RawAnswer:
    """Solve with the dual simplex method; `warm` is the basis of an earlier answer."""
    return _run_linear(problem, {"solver": "simplex"}, tolerance, time_limit, threads, warm)


def run_ipm(
    problem: LinearProblem,
    tolerance: float,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
    crossover: bool = False,
) -> RawAnswer:
    """Solve with the interior-point method IPX, on request with crossover to a vertex."""
    options: Options = {"solver": "ipx", "run_crossover": "on" if crossover else "off"}
    return _run_linear(problem, options, tolerance, time_limit, threads, None)


def run_milp(
    problem: LinearProblem,
    tolerance: float,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
) -> RawAnswer:
    """Solve by branch and bound; duals are those of the linear programme with the whole numbers held."""
    scaling = equilibrate(problem)
    scaled = scaling.apply(problem)
    try:
        options: Options = {"mip_rel_gap": gap, "mip_abs_gap": 0.0}
        model = load(scaled, options | common(tolerance, time_limit, threads))
        run_model(model)
        answer = answer_of(model)
        if answer.primal.size and answer.status in {Status.OPTIMAL, Status.LIMIT}:
            answer = _with_whole_numbers_held(scaled, answer, tolerance, threads)
    except OptionRefusedError as refused:
        return RawAnswer(Status.FAILED, reason=str(refused))
    return scaling.undo(answer, problem.offset)


def second_opinion(problem: LinearProblem, time_limit: float | None = None) -> RawAnswer:
    """Solve without presolve, so that infeasibility and unboundedness come with a proof."""
    scaling = equilibrate(problem)
    try:
        options: Options = {"presolve": "off", "random_seed": 1}
        model = load(scaling.apply(problem), options | common(1e-6, time_limit, 1))
        run_model(model)
        return scaling.undo(answer_of(model), problem.offset)
    except OptionRefusedError as refused:
        return RawAnswer(Status.FAILED, reason=str(refused))


def feasible_point(problem: LinearProblem, time_limit: float | None = None) -> RawAnswer:
    """Solve without costs."""
    return second_opinion(replace(problem, cost=np.zeros_like(problem.cost)), time_limit)


def load(problem: LinearProblem, options: Options) -> Any:
    """Return HiGHS with a problem and options.

    Raises
    ------
    OptionRefusedError
        If HiGHS does not take an option or the problem.
    """
    model = _Silent()
    set_options(model, options)
    rows, columns = problem.shape
    matrix = problem.matrix
    whole = np.zeros(columns, np.int32) if problem.integer is None else problem.integer.astype(np.int32)
    status = model.passModel(
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        problem.offset,
        problem.cost,
        problem.lower,
        problem.upper,
        problem.row_lower,
        problem.row_upper,
        matrix.indptr.astype(np.int32, copy=False),
        matrix.indices.astype(np.int32, copy=False),
        matrix.data,
        whole,
    )
    if status == highspy.HighsStatus.kError:
        raise OptionRefusedError("HiGHS refuses the problem")
    return model


def set_options(model: Any, options: Options) -> None:
    """Set options.

    Raises
    ------
    OptionRefusedError
        If HiGHS does not take one.
    """
    for name, value in options.items():
        if model.setOptionValue(name, value) != OK:
            raise OptionRefusedError(f"HiGHS refuses option {name} = {value}")


def common(tolerance: float, time_limit: float | None, threads: int) -> Options:
    """Return the options that every run shares."""
    strict = min(1e-7, max(1e-10, 0.1 * tolerance))
    return {
        "threads": threads,
        "parallel": "off" if threads == 1 else "on",
        "time_limit": inf if time_limit is None else time_limit,
        "primal_feasibility_tolerance": strict,
        "dual_feasibility_tolerance": strict,
        "ipm_optimality_tolerance": min(1e-8, max(1e-12, 0.01 * tolerance)),
        # the answer says which of the two it is
        "allow_unbounded_or_infeasible": False,
    }


def _run_linear(
    problem: LinearProblem,
    method: Options,
    tolerance: float,
    time_limit: float | None,
    threads: int,
    warm: object,
) -> RawAnswer:
    """Scale, solve and scale back a problem without whole numbers."""
    scaling = equilibrate(problem)
    try:
        model = load(scaling.apply(problem), method | common(tolerance, time_limit, threads))
        if isinstance(warm, highspy.HighsBasis):
            model.setBasis(warm)  # a basis that does not fit is refused, and the run starts cold
        run_model(model)
        return scaling.undo(answer_of(model), problem.offset)
    except OptionRefusedError as refused:
        return RawAnswer(Status.FAILED, reason=str(refused))


def run_model(model: Any) -> None:
    """Run HiGHS; with the threads of the options, whatever an earlier run in this process used."""
    if model.run() == highspy.HighsStatus.kError and model.getModelStatus() == MODEL.kNotset:
        highspy.Highs.resetGlobalScheduler(True)
        model.run()


def answer_of(model: Any) -> RawAnswer:
    """Return what HiGHS found, in the units of its model."""
    outcome, info, found = model.getModelStatus(), model.getInfo(), model.getSolution()
    basis, branched = model.getBasis(), info.mip_node_count >= 0
    status = _status(outcome)
    iterations = max(int(info.simplex_iteration_count), int(info.ipm_iteration_count), int(info.mip_node_count), 0)
    return RawAnswer(
        status=status,
        primal=np.array(found.col_value) if found.value_valid else np.empty(0),
        dual=np.array(found.row_dual) if found.dual_valid else np.empty(0),
        ray=_ray(model, status),
        lower_bound=float(info.mip_dual_bound) if branched else -inf,
        iterations=iterations,
        reason=model.modelStatusToString(outcome),
        basis=basis if basis.valid else None,
    )


def _status(outcome: Any) -> Status:
    """Return the outcome of HiGHS in the words of the contract."""
    if outcome in LIMITS:
        return Status.LIMIT
    return {
        MODEL.kOptimal: Status.OPTIMAL,
        MODEL.kModelEmpty: Status.OPTIMAL,
        MODEL.kInfeasible: Status.INFEASIBLE,
        MODEL.kUnbounded: Status.UNBOUNDED,
        MODEL.kUnboundedOrInfeasible: Status.UNBOUNDED,
    }.get(outcome, Status.FAILED)


def _ray(model: Any, status: Status) -> Floats:
    """Return the proof that HiGHS has at hand, or nothing."""
    if status is Status.INFEASIBLE:
        done, exists, ray = model.getDualRay()
    elif status is Status.UNBOUNDED:
        done, exists, ray = model.getPrimalRay()
    else:
        return np.empty(0)
    return np.array(ray) if done == OK and exists else np.empty(0)


def _with_whole_numbers_held(problem: LinearProblem, answer: RawAnswer, tolerance: float, threads: int) -> RawAnswer:
    """Return the answer with whole numbers rounded, the rest optimal for them, and the duals of that linear programme."""
    if problem.integer is None:
        return answer
    held = np.where(problem.integer, np.round(answer.primal), 0.0)
    linear = replace(
        problem,
        lower=np.where(problem.integer, held, problem.lower),
        upper=np.where(problem.integer, held, problem.upper),
        integer=None,
    )
    options: Options = {"solver": "simplex"}
    model = load(linear, options | common(tolerance, None, threads))
    run_model(model)
    polished = answer_of(model)
    if polished.status is not Status.OPTIMAL:
        return answer
    return replace(answer, primal=polished.primal, dual=polished.dual)
