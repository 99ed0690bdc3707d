//! What a model and its branch can't both have, for people to choose.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::describe::{Describer, path_text};
use super::differences::{Difference, Edit, differences};
use super::place::{put, row, value_at};
use crate::limits::MERGE_CONFLICTS;
use crate::model::CellRef;

/// Whose way a conflict ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As the branch has it.
    Ours,
    /// As the parent has it.
    Theirs,
}

/// The choices of a person: for [`MergeConflict::path`]s, whose way it ends. Others end as [`MergeConflict::default`]
/// says.
pub type Choices = BTreeMap<String, Choice>;

/// Something that the branch and its parent changed in different ways since they last met.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeConflict {
    /// Where it is, as in [`Change::path`](super::Change::path). Choices name conflicts by it.
    pub path: String,
    /// What people call the row, section, period, scenario or setting.
    pub label: String,
    /// What people call the period; none where there is none.
    pub period: Option<String>,
    /// What of it; empty where it is the whole.
    pub field: String,
    /// The cell, where it is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub cell: Option<CellRef>,
    /// What both had when they last met; none where it was not there.
    pub base: Option<String>,
    /// What the branch has; none where it removed it.
    pub ours: Option<String>,
    /// What the parent has; none where it removed it.
    pub theirs: Option<String>,
    /// What stands there after the merge if nobody chooses.
    pub merged: Option<String>,
    /// Whose that is; none where it is something of both.
    pub default: Option<Choice>,
}

/// How many differences of each side are looked at.
const LOOKED_AT: usize = 50_000;

/// What the branch (`ours`) and its parent (`theirs`) changed in different ways since they had `base`, and what `merged`
/// makes of it: the first [`MERGE_CONFLICTS`], and whether those are all.
#[must_use]
pub fn model_conflicts(base: &Value, ours: &Value, theirs: &Value, merged: &Value) -> (Vec<MergeConflict>, bool) {
    let (our, has_all_of_ours) = differences(base, ours, LOOKED_AT);
    let (their, has_all_of_theirs) = differences(base, theirs, LOOKED_AT);
    let mut paths: Vec<Vec<String>> = Vec::new();
    meeting(&our, &their, ours, &mut paths);
    meeting(&their, &our, theirs, &mut paths);
    let known: HashSet<Vec<String>> = paths.iter().cloned().collect();
    let mut seen = HashSet::new();
    let is_inside_another =
        |path: &[String]| (1..path.len()).any(|end| path.get(..end).is_some_and(|p| known.contains(p)));
    paths.retain(|path| !is_inside_another(path) && seen.insert(path.clone()));
    let is_complete = has_all_of_ours && has_all_of_theirs && paths.len() <= MERGE_CONFLICTS;
    paths.truncate(MERGE_CONFLICTS);
    let (before, after) = (Describer::new(base, ours), Describer::new(theirs, merged));
    let conflicts = paths.iter().map(|path| {
        let [was, our, their, stands] = [base, ours, theirs, merged].map(|document| value_at(document, path));
        let edit = match (our, their) {
            (Some(ours), Some(theirs)) => Edit::Changed { before: ours, after: theirs },
            (Some(only), None) | (None, Some(only)) => Edit::Added(only),
            (None, None) => Edit::Moved,
        };
        let describer = if our.is_some() { &before } else { &after };
        let told = describer.change(&Difference { path: path.clone(), edit });
        MergeConflict {
            path: path_text(path),
            label: told.label,
            period: told.period,
            field: told.field,
            cell: told.cell,
            base: was.map(|value| before.shown_before(path, value)),
            ours: our.map(|value| before.shown_after(path, value)),
            theirs: their.map(|value| after.shown_before(path, value)),
            merged: stands.map(|value| after.shown_after(path, value)),
            default: match stands {
                stands if stands == our => Some(Choice::Ours),
                stands if stands == their => Some(Choice::Theirs),
                _ => None,
            },
        }
    });
    (conflicts.collect(), is_complete)
}

/// `merged` with the choices made: each path as the branch (`ours`) or the parent (`theirs`) has it.
#[must_use]
pub fn with_choices(merged: &Value, ours: &Value, theirs: &Value, choices: &Choices) -> Value {
    let mut chosen = merged.clone();
    for (path, choice) in choices {
        let path: Vec<String> = path.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        let source = match choice {
            Choice::Ours => ours,
            Choice::Theirs => theirs,
        };
        put(&mut chosen, source, &path);
    }
    chosen
}

/// The paths at which what `one` did is not what `other` did to the same, or to what holds it.
fn meeting(one: &[Difference<'_>], other: &[Difference<'_>], document: &Value, found: &mut Vec<Vec<String>>) {
    let others: HashMap<&[String], Edit<'_>> =
        other.iter().map(|difference| (difference.path.as_slice(), difference.edit)).collect();
    for difference in one {
        let path = difference.path.as_slice();
        let around = (1..path.len()).filter_map(|end| path.get(..end)).find(|around| {
            matches!(others.get(around), Some(Edit::Removed(_) | Edit::Added(_) | Edit::Changed { .. }))
        });
        if let Some(around) = around {
            found.push(around.to_vec());
            continue;
        }
        let is_same = match (difference.edit, others.get(path)) {
            (_, None) | (Edit::Moved, Some(Edit::Moved)) => true,
            (Edit::Moved, Some(Edit::Removed(_))) | (Edit::Removed(_), Some(Edit::Moved)) => false,
            (Edit::Moved, Some(_)) | (_, Some(Edit::Moved)) => true,
            (mine, Some(theirs)) => mine.after() == theirs.after(),
        };
        let loses_its_heading = || match (path, difference.edit) {
            ([first, id], Edit::Added(_) | Edit::Moved) if first == "items" => {
                row(document, id).is_some_and(|(section, _)| {
                    let heading = ["sections".to_owned(), section.to_owned()];
                    matches!(others.get(heading.as_slice()), Some(Edit::Removed(_)))
                })
            }
            _ => false,
        };
        if !is_same || loses_its_heading() {
            found.push(path.to_vec());
        }
    }
}

#[cfg(test)]
mod tests;
