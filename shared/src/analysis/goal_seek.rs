//! The value of an input at which an output reaches a target.

use serde::{Deserialize, Serialize};

use super::figure::number_to_move;
use super::{Analysis, AnalysisError, AnalysisErrorCode, Progress, Subject};
use crate::model::{Calculation, CellRef, CellValue, Model, NumberFormat};

/// How often a search calculates the model at most.
pub const MAX_EVALUATIONS: usize = 300;

/// How near the output must come, relative to the target where that is above 1.
const TOLERANCE: f64 = 1e-9;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// The input that may change.
    pub input: CellRef,
    /// The output.
    pub output: CellRef,
    /// What the output shall come to.
    pub target: f64,
    /// Between which values to search; none to search outwards from what the input is.
    pub bounds: Option<(f64, f64)>,
}

/// The end of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalSought {
    /// The input.
    pub input: Subject,
    /// The output.
    pub output: Subject,
    /// What the input was.
    pub from: Option<f64>,
    /// Where the output came nearest to the target; none if it never was a number.
    pub nearest: Option<Attempt>,
    /// Whether the output reaches the target there.
    pub has_reached: bool,
    /// Why not.
    pub error: Option<AnalysisError>,
    /// How often the model was calculated.
    pub evaluations: usize,
}

/// A value of the input, and what the output comes to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The input.
    pub input: f64,
    /// The output.
    pub output: f64,
}

/// A search under way: a step for each calculation of the model.
///
/// It first looks for two values on either side of the target: between the bounds, or outwards from what the input is
/// in growing steps, smaller ones where the output has no value. Then it closes in by Brent's method (R. P. Brent,
/// *Algorithms for Minimization without Derivatives*, 1973, chapter 4), which always ends.
#[derive(Clone, Debug)]
pub struct GoalSeek {
    calculation: Calculation,
    goal: Goal,
    sought: GoalSought,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Looking along these values, from the first to the last, for a change of sides.
    Between {
        low: f64,
        high: f64,
        next: u8,
        before: Option<Point>,
    },
    /// Looking outwards from the input's own value.
    Outwards {
        down: Front,
        up: Front,
        is_up: bool,
    },
    /// Closing in; where that leads to no root, it goes on with the other stage.
    Inside {
        bracket: Bracket,
        otherwise: Box<Stage>,
    },
    Done,
}

/// A value of the input, and how far the output is above the target.
#[derive(Clone, Copy, Debug)]
struct Point {
    at: f64,
    above: f64,
}

/// How far a search has come to one side.
#[derive(Clone, Copy, Debug)]
struct Front {
    reached: Point,
    step: f64,
    left: u8,
}

/// Brent's state: the root lies between `best` and `other`; `last` is the best before.
#[derive(Clone, Copy, Debug)]
struct Bracket {
    best: Point,
    other: Point,
    last: Point,
    step: f64,
    step_before: f64,
}

/// The parts between bounds that are looked at one by one.
const PARTS: u8 = 40;

/// The attempts outwards to each side.
const OUTWARDS: u8 = 80;

impl GoalSeek {
    /// Begins a search.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when a cell is not there, the input holds no number, the target is none, or the
    /// bounds are not two different numbers in order.
    pub fn new(model: &Model, goal: &Goal) -> Result<Self, AnalysisError> {
        let error = |place, message, hint| Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, place, message, hint));
        let (input, output) = (Subject::new(model, &goal.input)?, Subject::new(model, &goal.output)?);
        if !goal.target.is_finite() {
            return error("target", "the target is no finite number", "give another");
        }
        if goal.input == goal.output {
            return error("output", "the output is the input itself", "choose an output that depends on the input");
        }
        let calculation = Calculation::new(model);
        let own = number_to_move(&calculation, &goal.input);
        let from = if goal.bounds.is_some() { own.as_ref().ok().copied() } else { Some(own?) };
        let sought = GoalSought { input, output, from, nearest: None, has_reached: false, error: None, evaluations: 0 };
        let mut seek = Self { calculation, goal: goal.clone(), sought, stage: Stage::Done };
        let start = from.and_then(|from| seek.point(from));
        seek.stage = match (goal.bounds, from.zip(start)) {
            (_, Some((_, start))) if start.above == 0.0 => Stage::Done,
            (Some((low, high)), _) if low.is_finite() && high.is_finite() && low < high => {
                Stage::Between { low, high, next: 0, before: None }
            }
            (Some(_), _) => {
                return error("bounds", "the low bound is not below the high one", "give two numbers in order");
            }
            (None, Some((from, reached))) => {
                let step = if from == 0.0 { small_step(seek.sought.input.format) } else { from.abs() * 0.1 };
                let front = Front { reached, step, left: OUTWARDS };
                Stage::Outwards { down: front, up: front, is_up: true }
            }
            (None, None) => {
                let place = goal.output.key();
                let message = "the output has no number to start from";
                let hint = "bring it to one first, or give bounds to search between";
                return Err(AnalysisError::new(AnalysisErrorCode::NoNumber, place, message, hint));
            }
        };
        Ok(seek)
    }

    /// Calculates the output at a value of the input.
    fn evaluate(&mut self, at: f64) -> Option<Point> {
        self.sought.evaluations += 1;
        self.calculation.set(&self.goal.input, Some(at));
        self.point(at)
    }

    /// What the output comes to now, when the input is `at`; the nearest attempt is kept.
    fn point(&mut self, at: f64) -> Option<Point> {
        let CellValue::Number(output) = *self.calculation.value(&self.goal.output) else {
            return None;
        };
        let above = output - self.goal.target;
        if !above.is_finite() {
            return None;
        }
        let nearest = self.sought.nearest.map_or(f64::INFINITY, |nearest| (nearest.output - self.goal.target).abs());
        if above.abs() < nearest {
            self.sought.nearest = Some(Attempt { input: at, output });
        }
        Some(Point { at, above })
    }

    fn has_reached(&self) -> bool {
        let target = self.goal.target;
        let is_there = |nearest: Attempt| (nearest.output - target).abs() <= TOLERANCE * target.abs().max(1.0);
        self.sought.nearest.is_some_and(is_there)
    }

    /// The next part between the bounds.
    fn step_between(&mut self, low: f64, high: f64, next: u8, before: Option<Point>) -> Stage {
        let share = f64::from(next) / f64::from(PARTS);
        let at = low * (1.0 - share) + high * share;
        let point = self.evaluate(at);
        let rest =
            if next == PARTS { Stage::Done } else { Stage::Between { low, high, next: next + 1, before: point } };
        match (before, point) {
            (_, Some(point)) if point.above == 0.0 => Stage::Done,
            (Some(a), Some(b)) if a.is_across(b) => {
                Stage::Inside { bracket: Bracket::new(a, b), otherwise: Box::new(rest) }
            }
            _ => rest,
        }
    }

    /// One step up or down, in turns.
    fn step_outwards(&mut self, down: Front, up: Front, is_up: bool) -> Stage {
        let front = if is_up { up } else { down };
        let at = if is_up { front.reached.at + front.step } else { front.reached.at - front.step };
        let point = if at.is_finite() { self.evaluate(at) } else { None };
        let left = front.left.saturating_sub(1);
        let moved = match point {
            Some(point) => Front { reached: point, step: front.step * 1.6, left },
            // Beyond an edge there is nothing: nearer to it.
            None => Front { step: front.step * 0.25, left, ..front },
        };
        let (down, up) = if is_up { (down, moved) } else { (moved, up) };
        let rest = match (down.left, up.left) {
            (0, 0) => Stage::Done,
            (0, _) => Stage::Outwards { down, up, is_up: true },
            (_, 0) => Stage::Outwards { down, up, is_up: false },
            _ => Stage::Outwards { down, up, is_up: !is_up },
        };
        match point {
            Some(point) if point.above == 0.0 => Stage::Done,
            Some(point) if point.is_across(front.reached) => {
                Stage::Inside { bracket: Bracket::new(front.reached, point), otherwise: Box::new(rest) }
            }
            _ => rest,
        }
    }

    /// One step of Brent's method. Where the output jumps over the target, the search goes on elsewhere.
    fn step_inside(&mut self, bracket: Bracket, otherwise: Box<Stage>) -> Stage {
        let Some((moved, at)) = bracket.next() else {
            return if self.has_reached() { Stage::Done } else { *otherwise };
        };
        match self.evaluate(at) {
            None => *otherwise,
            Some(point) if point.above == 0.0 => Stage::Done,
            Some(point) => Stage::Inside { bracket: moved.with(point), otherwise },
        }
    }

    fn no_root(&self) -> AnalysisError {
        let message = match self.sought.nearest {
            Some(nearest) => format!(
                "no value was found at which the output is {}; it came nearest at {} with {}",
                self.goal.target, nearest.input, nearest.output
            ),
            None => "the output has no number anywhere between the bounds".to_owned(),
        };
        let hint = "give bounds to search between, or another target";
        AnalysisError::new(AnalysisErrorCode::NoRoot, self.goal.input.key(), message, hint)
    }
}

/// The first step from zero.
fn small_step(format: NumberFormat) -> f64 {
    if format == NumberFormat::Percent { 0.01 } else { 1.0 }
}

impl Point {
    /// Whether the target lies between the two.
    fn is_across(self, other: Self) -> bool {
        (self.above < 0.0) != (other.above < 0.0)
    }
}

impl Bracket {
    fn new(a: Point, b: Point) -> Self {
        let (best, other) = if a.above.abs() < b.above.abs() { (a, b) } else { (b, a) };
        let step = best.at - other.at;
        Self { best, other, last: other, step, step_before: step }
    }

    /// The next value to try, and the state with which to go on; none when there is nothing between any more.
    fn next(self) -> Option<(Self, f64)> {
        let Self { best, other, last, .. } = self;
        let least = 2.0 * f64::EPSILON * best.at.abs() + f64::MIN_POSITIVE;
        let half = 0.5 * (other.at - best.at);
        if half.abs() <= least {
            return None;
        }
        let (mut step, mut step_before) = (half, half);
        if self.step_before.abs() >= least && last.above.abs() > best.above.abs() {
            let s = best.above / last.above;
            let (mut p, mut q) = if last.at == other.at {
                (2.0 * half * s, 1.0 - s)
            } else {
                let (q, r) = (last.above / other.above, best.above / other.above);
                let p = s * (2.0 * half * q * (q - r) - (best.at - last.at) * (r - 1.0));
                (p, (q - 1.0) * (r - 1.0) * (s - 1.0))
            };
            if p > 0.0 {
                q = -q;
            }
            p = p.abs();
            if 2.0 * p < (3.0 * half * q - (least * q).abs()).min((self.step_before * q).abs()) {
                (step, step_before) = (p / q, self.step);
            }
        }
        let at = if step.abs() > least { best.at + step } else { best.at + least * half.signum() };
        Some((Self { step, step_before, ..self }, at))
    }

    /// The bracket with one more point, which becomes the best unless the other end is nearer.
    fn with(self, point: Point) -> Self {
        let mut moved = Self { last: self.best, best: point, ..self };
        if !moved.best.is_across(moved.other) {
            moved.other = moved.last;
            moved.step = moved.best.at - moved.last.at;
            moved.step_before = moved.step;
        }
        if moved.other.above.abs() < moved.best.above.abs() {
            moved.last = moved.best;
            moved.best = moved.other;
            moved.other = moved.last;
        }
        moved
    }
}

impl Analysis for GoalSeek {
    type Outcome = GoalSought;

    fn step(&mut self) -> bool {
        if self.sought.evaluations >= MAX_EVALUATIONS {
            self.stage = Stage::Done;
        }
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Between { low, high, next, before } => self.step_between(low, high, next, before),
            Stage::Outwards { down, up, is_up } => self.step_outwards(down, up, is_up),
            Stage::Inside { bracket, otherwise } => self.step_inside(bracket, otherwise),
            Stage::Done => Stage::Done,
        };
        !matches!(self.stage, Stage::Done)
    }

    fn progress(&self) -> Progress {
        Progress { done: self.sought.evaluations, of: MAX_EVALUATIONS }
    }

    fn into_outcome(mut self) -> GoalSought {
        self.sought.has_reached = self.has_reached();
        if !self.sought.has_reached {
            self.sought.error = Some(self.no_root());
        }
        self.sought
    }
}
