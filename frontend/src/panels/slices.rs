//! Analyses that are done between frames, so that the page goes on meanwhile.

use std::time::Duration;

use coval_shared::analysis::Analysis;

use crate::platform::clock;

/// How long the page may be kept from other things.
const SLICE: Duration = Duration::from_millis(8);

/// Does `analysis` step by step, as long as it `is_wanted`, and tells its outcome.
pub(super) fn in_slices<A: Analysis + 'static>(
    mut analysis: A,
    is_wanted: impl Fn() -> bool + 'static,
    tell: impl FnOnce(A::Outcome) + 'static,
) {
    clock::after(Duration::ZERO, move || {
        if !is_wanted() {
            return;
        }
        let begun = clock::since_start();
        while analysis.step() {
            if clock::since_start().saturating_sub(begun) > SLICE {
                return in_slices(analysis, is_wanted, tell);
            }
        }
        tell(analysis.into_outcome());
    });
}
