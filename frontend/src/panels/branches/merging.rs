//! What a branch and the main line have apart, and how they meet.

use std::sync::Arc;

use coval_shared::history::{Change, ChangeKind, Choice, Choices, Comparison, Direction, MergeConflict};
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{Branch, MadeRevision, Merge, MergePreview};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::figures;
use crate::connection::rest::Verb;
use crate::dynamic::{attribute, dynamic, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::history::changes;
use crate::state::{DocumentSession, Notice, Workspace};
use crate::words;

/// The most conflicts that are shown.
const SHOWN: usize = 200;

/// What is being merged, and how.
#[derive(Clone, Copy)]
struct Meeting {
    session: DocumentSession,
    workspace: Workspace,
    branch: DocumentId,
    direction: RwSignal<Direction>,
    preview: RwSignal<Asked<MergePreview>>,
    choices: RwSignal<Choices>,
    is_done: RwSignal<bool>,
}

impl Meeting {
    fn look(self) {
        let word = match self.direction.get_untracked() {
            Direction::IntoParent => "into_parent",
            Direction::FromParent => "from_parent",
        };
        let path = format!("/api/document/{}/merge?direction={word}", self.branch);
        self.choices.set(Choices::new());
        Asked::ask(self.preview, async move { self.workspace.account().get(&path).await });
    }

    fn merge(self) {
        let Some(preview) = self.preview.with_untracked(|preview| preview.here().cloned()) else {
            return;
        };
        let body = Merge {
            direction: preview.direction,
            parent_revision: preview.parent_revision,
            branch_revision: preview.branch_revision,
            choices: self.choices.get_untracked(),
        };
        spawn_local(async move {
            let path = format!("/api/document/{}/merge", self.branch);
            match self.workspace.account().change::<MadeRevision>(Verb::Post, &path, &body).await {
                Ok(_) => {
                    let _ = self.is_done.try_set(true);
                }
                Err(error) => self.session.tell(Notice::new(error.words(), words!(history.lines_unchanged))),
            }
            // What is there to be merged now, also where somebody was quicker.
            if self.preview.try_get_untracked().is_some() {
                self.look();
            }
        });
    }
}

/// What differs between the branch and the main line, with the way to merge them.
pub(super) fn difference(session: DocumentSession, branch: &Branch) -> AnyView {
    let meeting = Meeting {
        session,
        workspace: expect_context::<Workspace>(),
        branch: branch.id,
        direction: RwSignal::new(Direction::IntoParent),
        preview: RwSignal::new(Asked::Waiting),
        choices: RwSignal::default(),
        is_done: RwSignal::new(false),
    };
    Effect::new(move || {
        meeting.direction.track();
        meeting.look();
    });
    let way = move |direction: Direction, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((meeting.direction.get() == direction).to_string()))
                data-action=action
                on:click=move |_| meeting.direction.set(direction)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let body = dynamic(move || {
        let again = Arc::new(move || meeting.look());
        meeting.preview.with(|preview| shown(preview, Some(again), |preview| of_preview(meeting, preview)))
    });
    let done = when(meeting.is_done.into(), || view! { <p>{words!(history.merged)}</p> }.into_any());
    view! {
        <section class="panel-section merging" data-testid="merging">
            <h3>{format!("{} · {}", words!(history.compare_branch), branch.name)}</h3>
            <div class="chips" role="group" aria-label=words!(history.direction)>
                {way(Direction::IntoParent, words!(history.into_parent), "merge-into-parent")}
                {way(Direction::FromParent, words!(history.from_parent), "merge-from-parent")}
            </div>
            <div role="status">{done}</div>
            {body}
        </section>
        {figures::of_both(session, branch)}
    }
    .into_any()
}

fn of_preview(meeting: Meeting, preview: &MergePreview) -> AnyView {
    let is_nothing =
        preview.comparison.changes.is_empty() && preview.comparison.spans.is_empty() && preview.conflicts.is_empty();
    if is_nothing {
        return view! { <p class="muted" data-testid="nothing-to-merge">{words!(history.nothing_to_merge)}</p> }
            .into_any();
    }
    let session = meeting.session;
    let conflicts: Vec<AnyView> =
        preview.conflicts.iter().take(SHOWN).map(|conflict| of_conflict(meeting, conflict)).collect();
    let has_more = !preview.has_all_conflicts || preview.conflicts.len() > SHOWN;
    let conflicts = (!conflicts.is_empty()).then(|| {
        view! {
            <h3>{words!(history.conflicts)}</h3>
            <ul class="conflicts" data-testid="conflicts">
                {conflicts}
            </ul>
            {has_more.then(|| view! { <p class="muted">{words!(history.not_all_conflicts)}</p> }.into_any())}
        }
        .into_any()
    });
    let may_edit = Signal::derive(move || session.may_edit.get());
    let kept = StoredValue::new(preview.clone());
    let result = dynamic(move || {
        let comparison = kept.with_value(|preview| meeting.choices.with(|choices| with_choices(preview, choices)));
        changes::list(&comparison, move |cell| session.wanted.set(Some(cell)))
    });
    view! {
        {conflicts}
        <h3>{words!(history.would_change)}</h3>
        {result}
        {when(
            may_edit,
            move || {
                view! {
                    <button type="button" class="button primary" data-action="merge" on:click=move |_| meeting.merge()>
                        {words!(history.merge)}
                    </button>
                }
                    .into_any()
            },
        )}
    }
    .into_any()
}

/// What the merge of `preview` changes once these choices are made.
fn with_choices(preview: &MergePreview, choices: &Choices) -> Comparison {
    let mut comparison = preview.comparison.clone();
    for conflict in &preview.conflicts {
        let held = match choices.get(&conflict.path) {
            Some(Choice::Ours) => &conflict.ours,
            Some(Choice::Theirs) => &conflict.theirs,
            None => continue,
        };
        // What the side has into which the merge goes.
        let now = match preview.direction {
            Direction::IntoParent => &conflict.theirs,
            Direction::FromParent => &conflict.ours,
        };
        let known = comparison.changes.iter_mut().find(|change| change.path == conflict.path);
        match known {
            Some(change) => (change.before, change.after) = (now.clone(), held.clone()),
            None => comparison.changes.push(Change {
                kind: ChangeKind::Changed,
                path: conflict.path.clone(),
                label: conflict.label.clone(),
                period: conflict.period.clone(),
                field: conflict.field.clone(),
                cell: conflict.cell.clone(),
                before: now.clone(),
                after: held.clone(),
                spans: Vec::new(),
            }),
        }
        if now == held {
            comparison.changes.retain(|change| change.path != conflict.path);
        }
    }
    comparison
}

fn of_conflict(meeting: Meeting, conflict: &MergeConflict) -> AnyView {
    let place = match &conflict.period {
        Some(period) => format!("{}, {period}", conflict.label),
        None => conflict.label.clone(),
    };
    let place = if conflict.field.is_empty() { place } else { format!("{place} · {}", conflict.field) };
    let held = |text: &Option<String>| text.clone().unwrap_or_else(|| words!(history.nothing).to_owned());
    let path = conflict.path.clone();
    let default = conflict.default;
    let chosen = Memo::new(move |_| meeting.choices.with(|choices| choices.get(&path).copied()).or(default));
    let option = |choice: Choice, words: &'static str, text: String, action: &'static str| {
        let path = conflict.path.clone();
        view! {
            <button
                type="button"
                class="conflict-side"
                aria-pressed=attribute(move || Some((chosen.get() == Some(choice)).to_string()))
                data-action=action
                on:click=move |_| meeting.choices.update(|choices| {
                    choices.insert(path.clone(), choice);
                })
            >
                <span class="muted">{words}</span>
                <span class="held">{text}</span>
            </button>
        }
        .into_any()
    };
    let (ours, theirs, merged) = (held(&conflict.ours), held(&conflict.theirs), held(&conflict.merged));
    let result = {
        let (ours, theirs) = (ours.clone(), theirs.clone());
        crate::dynamic::text(move || match chosen.get() {
            Some(Choice::Ours) => ours.clone(),
            Some(Choice::Theirs) => theirs.clone(),
            None => merged.clone(),
        })
    };
    view! {
        <li class="conflict" data-conflict=conflict.path.clone()>
            <p class="conflict-place">
                <strong>{place.clone()}</strong>
                <span class="muted">{format!("{}: {}", words!(history.was), held(&conflict.base))}</span>
            </p>
            <div class="conflict-sides" role="group" aria-label=place>
                {option(Choice::Ours, words!(history.of_branch), ours, "choose-ours")}
                {option(Choice::Theirs, words!(history.of_main), theirs, "choose-theirs")}
            </div>
            <p class="conflict-result">
                <span class="muted">{words!(history.result)}</span>
                " "
                <span data-testid="conflict-result">{result}</span>
            </p>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::Revision;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_choice_shows_in_what_the_merge_changes() {
        let text = |text: &str| Some(text.to_owned());
        let conflict = MergeConflict {
            path: "items/tax/value".to_owned(),
            label: "Tax".to_owned(),
            period: None,
            field: "value".to_owned(),
            cell: None,
            base: text("20%"),
            ours: text("21%"),
            theirs: text("22%"),
            merged: text("21%"),
            default: Some(Choice::Ours),
        };
        let mut preview = MergePreview {
            direction: Direction::IntoParent,
            parent: DocumentId(Uuid::nil()),
            parent_revision: Revision(1),
            branch_revision: Revision(1),
            comparison: Comparison::default(),
            conflicts: vec![conflict],
            has_all_conflicts: true,
        };
        let changed = |preview: &MergePreview, choice: Choice| {
            let choices = Choices::from([("items/tax/value".to_owned(), choice)]);
            let changes = with_choices(preview, &choices).changes;
            changes.into_iter().map(|change| (change.before, change.after)).collect::<Vec<_>>()
        };
        assert_eq!(changed(&preview, Choice::Ours), [(text("22%"), text("21%"))]);
        assert_eq!(changed(&preview, Choice::Theirs), []);
        preview.direction = Direction::FromParent;
        assert_eq!(changed(&preview, Choice::Theirs), [(text("21%"), text("22%"))]);
    }
}
