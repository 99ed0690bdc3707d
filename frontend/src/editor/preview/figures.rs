//! The figures of models that a memo names, and what they are at the moment.

use std::collections::BTreeMap;
use std::time::Duration;

use coval_shared::model::Output;
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{DocumentOutputs, DocumentSummary, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::platform::{clock, page};
use crate::state::Workspace;
use crate::state::watched::{becomes, set_if_changed};
use crate::words;

/// How far apart the models are asked.
const INTERVAL: Duration = Duration::from_secs(4);

/// The most models of a memo that are asked.
const MODELS: usize = 20;

/// The models that are named, by title, and their figures. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Figures {
    workspace: Workspace,
    models: RwSignal<BTreeMap<String, Model>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Model {
    #[default]
    Asking,
    /// Nobody may read a model of that name.
    Missing,
    /// The server can't be asked. What was known is shown no more, since it may have changed.
    Unreachable,
    Known(DocumentId, Vec<Output>),
}

/// What is shown of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) text: String,
    /// What it is, or what is wrong with it.
    pub(super) title: String,
    pub(super) is_good: bool,
}

impl Figures {
    /// Asks for what is named, again and again, as long as the caller's owner lives.
    pub(super) fn new(workspace: Workspace) -> Self {
        let figures = Self { workspace, models: RwSignal::default() };
        let is_over = StoredValue::new(false);
        on_cleanup(move || is_over.set_value(true));
        ask_again(figures, is_over);
        figures
    }

    /// Asks for the models `titles` from now on, and for no others.
    pub(super) fn want(&self, titles: impl IntoIterator<Item = String>) {
        let wanted: BTreeMap<String, Model> = self.models.with_untracked(|known| {
            let model = |title: String| {
                let model = known.get(&title).cloned().unwrap_or_default();
                (title, model)
            };
            titles.into_iter().take(MODELS).map(model).collect()
        });
        let is_new = wanted.values().any(|model| *model == Model::Asking);
        set_if_changed(self.models, wanted);
        if is_new {
            self.ask();
        }
    }

    /// The figure `name` of the model `title`, now and whenever it changes.
    pub(super) fn figure(&self, title: &str, name: &str) -> Figure {
        self.models.with(|models| figure(models.get(title), title, name))
    }

    /// Whether there is an answer for each model that is named, followed.
    pub(super) fn are_known(&self) -> bool {
        self.models.with(|models| models.values().all(|model| *model != Model::Asking))
    }

    fn ask(&self) {
        let models = self.models.get_untracked();
        for (title, model) in models {
            let figures = *self;
            spawn_local(async move {
                let answer = figures.outputs(&title, &model).await;
                // The memo may have been left, or name the model no more.
                let _ = figures.models.try_maybe_update(|models| {
                    (models.get_mut(&title).is_some_and(|known| becomes(known, answer)), ())
                });
            });
        }
    }

    async fn outputs(&self, title: &str, known: &Model) -> Model {
        let account = self.workspace.account();
        let id = match known {
            Model::Known(id, _) => Some(*id),
            _ => {
                let words = String::from(js_sys::encode_uri_component(title));
                let path = format!("/api/documents?kind=model&limit=50&q={words}");
                match account.get::<Page<DocumentSummary>>(&path).await {
                    Ok(found) => found.items.iter().find(|found| found.title == title).map(|found| found.id),
                    Err(_) => return Model::Unreachable,
                }
            }
        };
        let Some(id) = id else { return Model::Missing };
        match account.get::<DocumentOutputs>(&format!("/api/document/{id}/outputs")).await {
            Ok(outputs) => Model::Known(id, outputs.outputs),
            Err(error) if error.code().is_some() => Model::Missing,
            Err(_) => Model::Unreachable,
        }
    }
}

fn ask_again(figures: Figures, is_over: StoredValue<bool>) {
    clock::after(INTERVAL, move || {
        // The owner is gone, and its values with it.
        if is_over.try_get_value().unwrap_or(true) {
            return;
        }
        if !page::is_hidden() {
            figures.ask();
        }
        ask_again(figures, is_over);
    });
}

fn figure(model: Option<&Model>, title: &str, name: &str) -> Figure {
    let bad = |title: String| Figure { text: format!("#{name}"), title, is_good: false };
    match model {
        Some(Model::Asking) => {
            Figure { text: words!(memo.figure_loading).to_owned(), title: name.to_owned(), is_good: true }
        }
        None | Some(Model::Missing) => bad(words!(memo.figure_no_model, title = title)),
        Some(Model::Unreachable) => bad(words!(memo.figure_unreachable).to_owned()),
        Some(Model::Known(_, outputs)) => match outputs.iter().find(|output| output.name == name) {
            None => bad(words!(memo.figure_no_output, title = title, name = name)),
            Some(Output { value: Some(value), format, unit, label, .. }) => Figure {
                text: [format.display(*value), unit.clone()].join(" ").trim_end().to_owned(),
                title: words!(memo.figure_from, label = label.as_str(), title = title),
                is_good: true,
            },
            Some(Output { error, label, .. }) => bad(error.clone().unwrap_or_else(|| label.clone())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::model::{ItemId, NumberFormat};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_figure_is_shown_with_its_unit_and_says_what_it_is_or_what_is_wrong() {
        let output = Output {
            item: ItemId("price".into()),
            name: "price".into(),
            label: "Price per share".into(),
            unit: "USD".into(),
            format: NumberFormat::Number,
            value: Some(1234.0),
            bits: None,
            error: None,
        };
        let model = Model::Known(DocumentId(uuid::Uuid::nil()), vec![output]);
        let shown = figure(Some(&model), "Apple", "price");
        assert_eq!((shown.text.as_str(), shown.is_good), ("1,234 USD", true));
        assert!(!figure(Some(&model), "Apple", "cost").is_good);
        assert_eq!(figure(None, "Apple", "price").text, "#price");
    }
}
