//! The analyses as jobs.

use coval_shared::analysis::goal_seek::GoalSeek;
use coval_shared::analysis::sensitivity::Sensitivity;
use coval_shared::analysis::simulation::{BlockResult, Simulation};
use coval_shared::analysis::tornado::TornadoAnalysis;
use coval_shared::analysis::{Analysis, Subject};
use coval_shared::model::{CellRef, Model};

use crate::work::message::{Found, Job, Simulated, Task};

/// A job under way.
pub(super) trait Steps {
    /// Does a little. Returns whether something is left to do.
    fn step(&mut self) -> bool;

    /// The share that is done.
    fn share(&self) -> f64;

    /// What is known before all is done, where that is of use.
    fn known(&self) -> Option<Found>;

    /// What was found.
    fn found(self: Box<Self>) -> Option<Found>;
}

/// Begins `job`.
///
/// # Errors
/// Why it can't be done, for people.
pub(super) fn begun(job: &Job) -> Result<Box<dyn Steps>, String> {
    let model = Model::read(&job.document).map_err(|error| error.to_string())?;
    let model = job.scenario.as_ref().map(|scenario| model.under(scenario)).unwrap_or(model);
    let begun = match &job.task {
        Task::Sensitivity { down, across, output } => {
            Sensitivity::new(&model, down, Some(across), std::slice::from_ref(output))
                .map(|analysis| stepped(analysis, Found::Sensitivity))
        }
        Task::Tornado { output, share: Some(share) } => {
            TornadoAnalysis::of_all(&model, output, *share).map(|analysis| stepped(analysis, Found::Tornado))
        }
        Task::Tornado { output, share: None } => {
            TornadoAnalysis::of_distributions(&model, output).map(|analysis| stepped(analysis, Found::Tornado))
        }
        Task::GoalSeek(goal) => GoalSeek::new(&model, goal).map(|analysis| stepped(analysis, Found::GoalSeek)),
        Task::Simulation { output, seed, trials, above } => {
            let simulation = Simulation::new(&model, std::slice::from_ref(output), *seed, *trials);
            simulation.and_then(|simulation| Ok((simulation, Subject::new(&model, output)?))).map(
                |(simulation, subject)| -> Box<dyn Steps> {
                    let subjects = model.distributions.keys().filter_map(|cell| Subject::new(&model, cell).ok());
                    let (inputs, above) = (subjects.collect(), *above);
                    Box::new(Trials { simulation, subject, inputs, above, blocks: Vec::new(), next: 0 })
                },
            )
        }
    };
    begun.map_err(|error| error.to_string())
}

fn stepped<A: Analysis + 'static>(analysis: A, wrap: fn(A::Outcome) -> Found) -> Box<dyn Steps> {
    Box::new(Stepped { analysis, wrap })
}

struct Stepped<A: Analysis> {
    analysis: A,
    wrap: fn(A::Outcome) -> Found,
}

impl<A: Analysis> Steps for Stepped<A> {
    fn step(&mut self) -> bool {
        self.analysis.step()
    }

    fn share(&self) -> f64 {
        let progress = self.analysis.progress();
        share(progress.done, progress.of)
    }

    fn known(&self) -> Option<Found> {
        None
    }

    fn found(self: Box<Self>) -> Option<Found> {
        Some((self.wrap)(self.analysis.into_outcome()))
    }
}

/// A simulation, block by block.
struct Trials {
    simulation: Simulation,
    subject: Subject,
    /// The uncertain inputs.
    inputs: Vec<Subject>,
    above: Option<f64>,
    blocks: Vec<BlockResult>,
    next: u64,
}

/// The most inputs of which it is told how they bear on the output.
const EFFECTS: usize = 8;

impl Steps for Trials {
    fn step(&mut self) -> bool {
        if self.next < self.simulation.blocks() {
            self.blocks.push(self.simulation.run_block(self.next));
            self.next += 1;
        }
        self.next < self.simulation.blocks()
    }

    fn share(&self) -> f64 {
        share(self.next, self.simulation.blocks())
    }

    fn known(&self) -> Option<Found> {
        let result = self.simulation.finish(self.blocks.clone());
        let summary = self.simulation.summary(&result);
        let above = self.above.and_then(|above| Some((above, result.probability_above(0, above)?)));
        let trials = summary.trials;
        let summary = summary.outputs.into_iter().next()?;
        let subject = |cell: &CellRef| self.inputs.iter().find(|input| input.cell == *cell).cloned();
        let effects = summary.effects.iter().take(EFFECTS);
        let inputs = effects.filter_map(|effect| Some((subject(&effect.cell)?, effect.rank_correlation))).collect();
        let subject = self.subject.clone();
        Some(Found::Simulation(Box::new(Simulated { subject, summary, trials, above, inputs })))
    }

    fn found(self: Box<Self>) -> Option<Found> {
        self.known()
    }
}

fn share<N: TryInto<u32>>(done: N, all: N) -> f64 {
    let number = |count: N| count.try_into().map_or(f64::from(u32::MAX), f64::from);
    let all = number(all);
    if all == 0.0 { 1.0 } else { number(done) / all }
}
