//! What a model calculates. The work is done beside the task of the document, one at a time for each document, and has
//! an end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use coval_shared::model::{Calculation, CellRef, CellValue, ItemId, Model, Output, Span, outputs};
use ot_core::Revision;
use serde_json::Value;
use tokio::sync::{Mutex, Semaphore};

use super::Values;
use crate::store::StoreError;

/// How long a calculation may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest error of another document that is told in a link.
const PROBLEM_CHARS: usize = 300;

/// The figures of a document, and the way to newer ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures(Arc<Mutex<Latest>>);

#[derive(Debug, Default)]
enum Latest {
    #[default]
    Nothing,
    Done(Box<Done>),
    /// Calculating this revision took too long.
    TooLong(Revision),
}

/// The figures of one revision.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) revision: Revision,
    model: Model,
    calculation: Calculation,
}

impl Figures {
    /// Calculates `document`, the one at `revision`, unless that or a newer one is calculated already, and lets `read`
    /// look at the figures. At most as many calculations run at once as there are `permits`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Corrupt`] when the document is no model, and [`StoreError::LimitReached`] when calculating it
    /// takes too long.
    pub(super) async fn read<T>(
        self,
        revision: Revision,
        document: Arc<Value>,
        permits: &Semaphore,
        read: impl FnOnce(&Done) -> T,
    ) -> Result<T, StoreError> {
        let mut latest = self.0.lock().await;
        let newest = match &*latest {
            Latest::Nothing => None,
            Latest::Done(done) => Some(done.revision),
            Latest::TooLong(revision) => Some(*revision),
        };
        if newest.is_none_or(|newest| newest < revision) {
            let older = match std::mem::take(&mut *latest) {
                Latest::Done(done) => Some(*done),
                Latest::Nothing | Latest::TooLong(_) => None,
            };
            // The semaphore is never closed.
            let _permit = permits.acquire().await.ok();
            let deadline = Instant::now() + PATIENCE;
            let work = tokio::task::spawn_blocking(move || calculated(revision, &document, older, deadline));
            *latest = match work.await {
                Ok(calculated) => calculated?,
                Err(error) => {
                    tracing::error!(%error, "a calculation failed");
                    Latest::TooLong(revision)
                }
            };
        }
        match &*latest {
            Latest::Done(done) => Ok(read(done)),
            Latest::Nothing | Latest::TooLong(_) => {
                let hint = "calculating the model takes too long; make it smaller, or its formulas simpler";
                Err(StoreError::LimitReached(hint.to_owned()))
            }
        }
    }
}

fn calculated(
    revision: Revision,
    document: &Value,
    older: Option<Done>,
    deadline: Instant,
) -> Result<Latest, StoreError> {
    let model = Model::read(document).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let is_late = || Instant::now() >= deadline;
    let calculation = match older {
        None => Calculation::unless(&model, &is_late),
        Some(Done { mut calculation, .. }) => calculation.update_unless(&model, &is_late).map(|_| calculation),
    };
    Ok(match calculation {
        Some(calculation) => Latest::Done(Box::new(Done { revision, model, calculation })),
        None => Latest::TooLong(revision),
    })
}

impl Done {
    /// The key figures.
    pub(super) fn outputs(&self) -> Vec<Output> {
        outputs(&self.model, &self.calculation)
    }

    /// What documents that are linked to `items` take.
    pub(super) fn values(&self, items: &BTreeSet<ItemId>) -> Values {
        items.iter().map(|item| (item.clone(), self.value(item))).collect()
    }

    /// Of an item over periods, the value of the last one.
    fn value(&self, id: &ItemId) -> Result<f64, String> {
        let item = self.model.item(id).ok_or("the row that it comes from was removed")?;
        let period = match item.span {
            Span::Single => None,
            Span::Period => {
                Some(self.model.periods.last().ok_or("the model that it comes from has no periods")?.id.clone())
            }
        };
        match self.calculation.value(&CellRef { item: id.clone(), period }) {
            CellValue::Number(number) => Ok(*number),
            CellValue::Blank => Err("the row that it comes from has no value".to_owned()),
            CellValue::Text(_) => Err("the row that it comes from holds a text, not a number".to_owned()),
            CellValue::Error(error) => Err(error.to_string().chars().take(PROBLEM_CHARS).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::template::apple_dcf;

    #[test]
    fn a_calculation_that_is_late_ends_and_says_so() {
        let document = apple_dcf().unwrap();
        let late = calculated(Revision(1), &document, None, Instant::now()).unwrap();
        assert!(matches!(late, Latest::TooLong(Revision(1))));
        let Latest::Done(done) = calculated(Revision(1), &document, None, Instant::now() + PATIENCE).unwrap() else {
            panic!("ten seconds are enough")
        };
        assert!(!done.outputs().is_empty());
    }

    #[tokio::test]
    async fn what_is_calculated_is_calculated_once() {
        let (figures, document, permits) = (Figures::default(), Arc::new(apple_dcf().unwrap()), Semaphore::new(1));
        let first = figures.clone().read(Revision(3), Arc::clone(&document), &permits, Done::outputs).await.unwrap();
        // What could not be calculated is not asked for.
        let nothing = Arc::new(Value::Null);
        let again = figures.clone().read(Revision(3), Arc::clone(&nothing), &permits, Done::outputs).await.unwrap();
        assert_eq!(again, first);
        let newer = figures.read(Revision(4), nothing, &permits, Done::outputs).await;
        assert!(matches!(newer, Err(StoreError::Corrupt(_))));
    }
}
