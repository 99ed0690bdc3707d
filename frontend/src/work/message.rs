//! What the page and the worker say to each other, as JSON.

use coval_shared::analysis::Subject;
use coval_shared::analysis::goal_seek::{Goal, GoalSought};
use coval_shared::analysis::sensitivity::{Axis, SensitivityGrid};
use coval_shared::analysis::simulation::OutputSummary;
use coval_shared::analysis::tornado::Tornado;
use coval_shared::model::{CellRef, ScenarioId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::words;

/// The form of these messages. A page and a worker of different forms don't understand each other, and say so.
pub const VERSION: u32 = 1;

/// What the page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The form of the message.
    pub version: u32,
    /// The job that it is about, as the page counts them.
    pub number: u64,
    /// What is to be done with it.
    pub what: What,
}

/// What is to be done with a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It is to be done, after those that were asked for before.
    Begin(Box<Job>),
    /// Nobody waits for it any more.
    Cancel,
}

/// A calculation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The model's document, as JSON.
    pub document: Value,
    /// The scenario under which it is looked at.
    pub scenario: Option<ScenarioId>,
    /// What is to be found out.
    pub task: Task,
}

/// What is to be found out about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// An output over the values of two inputs.
    Sensitivity {
        /// The input whose values go from row to row.
        down: Axis,
        /// The input whose values go from column to column.
        across: Axis,
        /// The output.
        output: CellRef,
    },
    /// Which inputs move an output most.
    Tornado {
        /// The output.
        output: CellRef,
        /// How far inputs move, as a share of their own size; none for the percentiles of their distributions.
        share: Option<f64>,
    },
    /// The input at which an output reaches a target.
    GoalSeek(Goal),
    /// How an output spreads.
    Simulation {
        /// The output.
        output: CellRef,
        /// What the random numbers begin from.
        seed: u64,
        /// How many trials there are.
        trials: u64,
        /// A number: in what share of the trials the output is above it is worth knowing.
        above: Option<f64>,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Of a sensitivity.
    Sensitivity(SensitivityGrid),
    /// Of a tornado.
    Tornado(Tornado),
    /// Of a search.
    GoalSeek(GoalSought),
    /// Of a simulation, be it done or not.
    Simulation(Box<Simulated>),
}

/// What the trials so far show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Simulated {
    /// The output.
    pub subject: Subject,
    /// How it spreads.
    pub summary: OutputSummary,
    /// How many trials ran.
    pub trials: u64,
    /// The number of the task, and the share of the trials above it.
    pub above: Option<(f64, f64)>,
    /// The inputs and how they bear on the output (rank correlation), the strongest first.
    pub inputs: Vec<(Subject, f64)>,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It listens, to messages of this form.
    Ready {
        /// The form.
        version: u32,
    },
    /// How far it is with a job.
    Under {
        /// The job.
        number: u64,
        /// The share that is done.
        share: f64,
        /// What is known already, where that is of use.
        found: Option<Found>,
    },
    /// A job is done.
    Done {
        /// The job.
        number: u64,
        /// What was found.
        found: Found,
    },
    /// A job can't be done.
    Failed {
        /// The job.
        number: u64,
        /// Why.
        failure: Failure,
    },
    /// A job was given up, as it was asked to.
    Cancelled {
        /// The job.
        number: u64,
    },
    /// The worker can't go on: its code can't be loaded, or has failed.
    Broken,
}

/// Why there is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The analysis itself says why.
    Refused(String),
    /// The page and the worker are of different versions.
    NotUnderstood,
    /// The worker has failed.
    Died,
    /// The worker does not answer.
    Silent,
    /// There can be no worker, or its code can't be loaded.
    NotStarted,
}

impl Failure {
    /// What happened and what to do, for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Refused(reason) => reason.clone(),
            Self::NotUnderstood => words!(analysis.worker_other_version).to_owned(),
            Self::Died => words!(analysis.worker_died).to_owned(),
            Self::Silent => words!(analysis.worker_silent).to_owned(),
            Self::NotStarted => words!(analysis.worker_not_started).to_owned(),
        }
    }

    /// Whether the same may succeed another time.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}
