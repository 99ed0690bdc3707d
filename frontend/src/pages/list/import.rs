//! The dialog that makes a document of a file.

use std::sync::Arc;

use coval_shared::model::Output;
use coval_shared::protocol::DocumentKind;
use coval_shared::rest::{ChangeDocument, DocumentOutputs, DocumentSummary, Imported};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::front::closing;
use super::state::List;
use crate::chunk::{Part, SplitLoaderError};
use crate::components::dialog::dialog;
use crate::components::figures::key_figures;
use crate::connection::rest::{Body, RestError, Verb, encoded};
use crate::dynamic::dynamic;
use crate::platform::files::PickedFile;
use crate::platform::page;
use crate::words;

/// The largest file that the server reads, in bytes.
const LARGEST: f64 = 20.0 * 1024.0 * 1024.0;

/// How many remarks on a file are shown.
const REMARKS: usize = 100;

/// The longest title, in characters.
const TITLE: usize = coval_shared::limits::TITLE_CHARS;

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Nothing was chosen yet.
    Choosing,
    /// The file is on its way.
    Reading(String),
    /// It could not be read, for this reason.
    Refused(String),
    /// It was read.
    Read(Box<Imported>, Vec<Output>),
}

#[derive(Clone, Copy)]
struct Import {
    list: List,
    stage: RwSignal<Stage>,
}

/// The dialog. A file that was dropped on the list is read at once.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(list: List) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || shown(list)))
}

fn shown(list: List) -> AnyView {
    let import = Import { list, stage: RwSignal::new(Stage::Choosing) };
    if let Some(file) = list.dropped.try_update_value(Option::take).flatten() {
        import.read(file);
    }
    let content = dynamic(move || {
        import.stage.with(|stage| match stage {
            Stage::Choosing => import.choose(None),
            Stage::Reading(name) => {
                let words = words!(list.reading, name = name.clone());
                view! { <p class="muted" role="status">{words}</p> }.into_any()
            }
            Stage::Refused(why) => import.choose(Some(why.clone())),
            Stage::Read(imported, outputs) => import.report(imported, outputs),
        })
    });
    dialog(words!(list.import_file).to_owned(), "import", closing(list), content.into_any())
}

impl Import {
    fn choose(self, problem: Option<String>) -> AnyView {
        let problem = problem.map(|why| {
            view! {
                <p class="form-error" role="alert" data-testid="import-problem">
                    {why} " " {words!(list.nothing_was_made)}
                </p>
            }
            .into_any()
        });
        view! {
            <label
                class="drop-zone"
                on:dragover=|event| event.prevent_default()
                on:drop=move |event| {
                    event.prevent_default();
                    event.stop_propagation();
                    if let Some(file) = PickedFile::dropped(&event) {
                        self.read(file);
                    }
                }
            >
                <input
                    type="file"
                    id="import-file"
                    accept=".xlsx,.csv,.json,.md"
                    on:change=move |event| {
                        if let Some(file) = PickedFile::chosen(&event) {
                            self.read(file);
                        }
                    }
                />
                <span class="muted">{words!(list.drop_or_choose)}</span>
            </label>
            <p class="muted">{words!(list.what_can_be_read)}</p>
            {problem}
        }
        .into_any()
    }

    fn read(self, file: PickedFile) {
        let name = file.name();
        if self.list.home().is_none() {
            return self.stage.set(Stage::Refused(words!(list.no_workspace_to_edit).to_owned()));
        }
        let Some(kind) = media_type(&name) else {
            return self.stage.set(Stage::Refused(words!(list.unknown_file, name = name)));
        };
        if file.bytes() > LARGEST {
            return self.stage.set(Stage::Refused(words!(list.file_too_large, name = name)));
        }
        self.stage.set(Stage::Reading(name.clone()));
        spawn_local(async move {
            let stage = match file.content().await {
                Some(content) => match self.send(content, kind, &name).await {
                    Ok((imported, outputs)) => Stage::Read(Box::new(imported), outputs),
                    Err(error) => Stage::Refused(error.words()),
                },
                None => Stage::Refused(words!(list.unreadable_file, name = name)),
            };
            // The dialog may have been closed meanwhile; then the document is on the list.
            if self.stage.try_set(stage).is_none() {
                self.list.load();
            }
        });
    }

    async fn send(
        self,
        content: Vec<u8>,
        kind: &'static str,
        name: &str,
    ) -> Result<(Imported, Vec<Output>), RestError> {
        let account = self.list.workspace.account();
        let home = self.list.home().ok_or(RestError::Unreadable)?;
        let path = format!("/api/workspace/{}/import?title={}", home.id, encoded(&title_of(name)));
        let answer = account.ask(Verb::Post, &path, Body::File(content, kind)).await?;
        let imported: Imported = serde_json::from_slice(&answer).map_err(|_| RestError::Unreadable)?;
        self.list.load();
        let figures = account.get::<DocumentOutputs>(&format!("/api/document/{}/outputs", imported.document.id)).await;
        // Without them the report is shorter.
        Ok((imported, figures.map_or_else(|_| Vec::new(), |figures| figures.outputs)))
    }

    fn report(self, imported: &Imported, outputs: &[Output]) -> AnyView {
        let document = &imported.document;
        let id = document.id;
        let read = match document.kind {
            DocumentKind::Model if imported.formulas == 0 && imported.values == 0 => {
                words!(list.read_of_figures).to_owned()
            }
            DocumentKind::Model => {
                words!(list.read_of_model, formulas = imported.formulas, values = imported.values)
            }
            DocumentKind::Memo => words!(list.read_of_memo).to_owned(),
        };
        let figures = key_figures(outputs);
        let discard = document.role.may(coval_shared::rights::Right::Edit).then(|| {
            view! {
                <button type="button" class="button" data-action="discard-import" on:click=move |_| self.discard(id)>
                    {words!(list.discard)}
                </button>
            }
            .into_any()
        });
        view! {
            <div data-testid="import-report">
                <h3 class="template-title">{document.title.clone()}</h3>
                <p>{read}</p>
                {figures}
                {remarks(&imported.remarks)}
                <div class="dialog-foot">
                    {discard}
                    <button
                        type="button"
                        class="button primary"
                        data-action="open-import"
                        autofocus
                        on:click=move |_| page::go(&format!("/document/{id}"))
                    >
                        {words!(list.open)}
                    </button>
                </div>
            </div>
        }
        .into_any()
    }

    /// Puts what was made into the archive, and from there away where the person may do that.
    fn discard(self, id: coval_shared::protocol::DocumentId) {
        let list = self.list;
        spawn_local(async move {
            let account = list.workspace.account();
            let path = format!("/api/document/{id}");
            let change = ChangeDocument { title: None, is_archived: Some(true) };
            match account.change::<DocumentSummary>(Verb::Patch, &path, &change).await {
                Ok(_) => {
                    // Only owners may; for others it stays in the archive.
                    let _ = account.ask(Verb::Delete, &path, Body::Empty).await;
                    let _ = list.front.try_set(None);
                    list.load();
                }
                Err(error) => drop(self.stage.try_set(Stage::Refused(error.words()))),
            }
        });
    }
}

fn remarks(remarks: &[String]) -> AnyView {
    if remarks.is_empty() {
        return view! { <p class="good">{words!(list.everything_carried)}</p> }.into_any();
    }
    let shown = remarks.iter().take(REMARKS).map(|remark| view! { <li>{remark.clone()}</li> }.into_any());
    let rest = remarks.len().saturating_sub(REMARKS);
    let rest = (rest > 0).then(|| words!(list.more_remarks, count = rest));
    view! {
        <h4>{words!(list.left_out)}</h4>
        <ul class="remarks" tabindex="0" aria-label=words!(list.left_out)>
            {shown.collect::<Vec<_>>()}
        </ul>
        <p class="muted">{rest}</p>
    }
    .into_any()
}

/// What a file is, by the end of its name.
fn media_type(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "xlsx" => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "csv" => Some("text/csv"),
        "json" => Some("application/json"),
        "md" | "markdown" => Some("text/markdown"),
        _ => None,
    }
}

/// The title of a document that is made of a file with this name.
fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let title: String = stem.chars().filter(|letter| !letter.is_control()).take(TITLE).collect();
    let title = title.trim();
    if title.is_empty() { "–".to_owned() } else { title.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_file_is_what_its_name_ends_with() {
        assert_eq!(media_type("Model.v2.CSV"), Some("text/csv"));
        assert_eq!(media_type("notes.md"), Some("text/markdown"));
        assert_eq!(media_type("model.xls"), None);
        assert_eq!(media_type("csv"), None);
    }

    #[test]
    fn a_document_is_called_as_the_file_without_its_ending_and_never_nothing() {
        assert_eq!(title_of("Apple 10-K.v2.xlsx"), "Apple 10-K.v2");
        assert_eq!(title_of(".csv"), "–");
        assert_eq!(title_of(&format!("{}.csv", "x".repeat(400))).len(), TITLE);
    }
}
