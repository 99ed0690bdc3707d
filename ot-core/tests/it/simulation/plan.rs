//! A plan: all that people and machines do in a session, as a value that can be kept and played again.

use serde::{Deserialize, Serialize};

use crate::generate::{Source, SplitMix64};

/// What is done in a session. What becomes of it depends on the engine only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// How many clients there are.
    pub(crate) peers: usize,
    /// What the delays and the fates of messages are drawn from.
    pub(crate) network: u32,
    pub(crate) steps: Vec<Step>,
}

/// One thing that is done. Clients are numbers; what an edit is, is drawn from the number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// The next so many messages arrive.
    Deliver(usize),
    Edit(usize, u32),
    Undo(usize),
    Redo(usize),
    /// A client tells where its cursor is.
    Point(usize, u32),
    Cut(usize),
    Connect(usize),
    /// A client loses its memory and comes back as another one.
    RestartClient(usize),
    RestartServer,
    /// The server refuses the next submission.
    Refuse,
    /// The server squashes its history up to so many revisions before the newest.
    Compact(u32),
    /// A branch begins, so many revisions before the newest.
    Fork(u32),
    EditBranch(u32),
    /// The branch comes into the document.
    Merge,
    /// The document comes into the branch.
    Update,
}

impl Plan {
    /// The plan of `seed`.
    pub(crate) fn drawn(seed: u64) -> Self {
        let mut source = SplitMix64::new(!seed);
        // Few at once meet more often, and many are slow to play.
        let peers = *source.pick(&[2, 2, 2, 3, 3, 4, 5, 6, 7, 8]);
        let number = |source: &mut SplitMix64| u32::try_from(source.below(1 << 30)).unwrap();
        let network = number(&mut source);
        let steps = (0..160).map(|step| {
            let peer = source.below(peers);
            match source.below(60) {
                // Each session has at least one restart of each kind.
                _ if step == 75 => Step::RestartServer,
                _ if step == 110 => Step::RestartClient(peer),
                0..=2 => Step::Cut(peer),
                3..=8 => Step::Connect(peer),
                9 => Step::RestartServer,
                10 => Step::RestartClient(peer),
                11 => Step::Refuse,
                12 => Step::Compact(number(&mut source) % 8),
                13 => Step::Fork(number(&mut source) % 6),
                14 | 15 => Step::EditBranch(number(&mut source)),
                16 => Step::Merge,
                17 => Step::Update,
                18..=21 => Step::Undo(peer),
                22 | 23 => Step::Redo(peer),
                24..=29 => Step::Point(peer, number(&mut source)),
                30..=42 => Step::Edit(peer, number(&mut source)),
                _ => Step::Deliver(1 + source.below(2 * peers)),
            }
        });
        Self { peers, network, steps: steps.collect() }
    }

    /// A plan that fails as this one does, with as few steps as leaving some out gives.
    pub(crate) fn shrunk(&self, fails: impl Fn(&Self) -> bool) -> Self {
        let mut plan = self.clone();
        let mut length = plan.steps.len() / 2;
        while length > 0 {
            let mut start = 0;
            while start < plan.steps.len() {
                let mut shorter = plan.clone();
                shorter.steps.drain(start..(start + length).min(plan.steps.len()));
                if fails(&shorter) {
                    plan = shorter;
                } else {
                    start += length;
                }
            }
            length /= 2;
        }
        plan
    }
}
