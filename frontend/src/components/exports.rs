//! Documents as files and on paper.

mod sheet;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Action;
use super::dialog::dialog;
use crate::chunk::{self, Part, SplitLoaderError};
use crate::dynamic::{dynamic, text};
use crate::editor::preview;
use crate::platform::{clock, files, page};
use crate::state::{DocumentSession, Workspace};
use crate::words;

/// How many rows of a table are shown before it is exported.
const ROWS: usize = 12;

/// How many periods of a table are shown before it is exported.
const PERIODS: usize = 6;

/// How many characters of a text are shown before it is exported.
const CHARACTERS: usize = 3_000;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Xlsx,
    Csv,
    Json,
    Markdown,
    Document,
}

impl Format {
    /// Those that a model or a memo can have.
    fn of(is_memo: bool) -> &'static [Self] {
        if is_memo { &[Self::Markdown, Self::Json] } else { &[Self::Xlsx, Self::Csv, Self::Json, Self::Document] }
    }

    /// What the server calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Document => "document",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Document => "model.json",
            other => other.name(),
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv",
            Self::Json | Self::Document => "application/json",
            Self::Markdown => "text/markdown",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Xlsx => (words!(common.format_xlsx), words!(common.about_xlsx)),
            Self::Csv => (words!(common.format_csv), words!(common.about_csv)),
            Self::Json => (words!(common.format_json), words!(common.about_json)),
            Self::Markdown => (words!(common.format_md), words!(common.about_md)),
            Self::Document => (words!(common.format_document), words!(common.about_document)),
        }
    }
}

#[derive(Clone, Copy)]
struct Export {
    session: DocumentSession,
    workspace: Workspace,
    format: RwSignal<Format>,
    /// The beginning of the file, where it is a text; with the format that it is of.
    beginning: RwSignal<Option<(Format, String)>>,
    said: RwSignal<String>,
    is_busy: RwSignal<bool>,
}

/// The dialog that exports.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(session: DocumentSession, close: Action) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || shown(session, Arc::clone(&close))))
}

/// The document as it is printed. The browser's dialog opens when it is there.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn print(session: DocumentSession, close: Action) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || printed(session, Arc::clone(&close))))
}

fn shown(session: DocumentSession, close: Action) -> AnyView {
    let is_memo = session.with_text(|_| ()).is_some();
    let formats = Format::of(is_memo);
    let export = Export {
        session,
        workspace: expect_context::<Workspace>(),
        format: RwSignal::new(formats.first().copied().unwrap_or(Format::Document)),
        beginning: RwSignal::new(None),
        said: RwSignal::default(),
        is_busy: RwSignal::new(false),
    };
    dialog(words!(common.export_document).to_owned(), "exports", close, export.view(formats))
}

impl Export {
    fn view(self, formats: &[Format]) -> AnyView {
        let choices = formats.iter().map(|format| self.choice(*format)).collect::<Vec<_>>();
        let preview = dynamic(move || self.preview(self.format.get()));
        let unsaved = dynamic(move || {
            if self.session.saving.get().unsaved == 0 {
                return ().into_any();
            }
            view! { <p class="export-unsaved">{words!(common.export_unsaved)}</p> }.into_any()
        });
        view! {
            <div class="formats" role="radiogroup" aria-label=words!(common.format)>{choices}</div>
            <div class="export-preview" role="region" tabindex="0" aria-label=words!(common.preview) data-testid="export-preview">
                {preview}
            </div>
            {unsaved}
            <div class="dialog-foot">
                <span class="export-said" role="status" data-testid="export-said">{text(move || self.said.get())}</span>
                <button
                    type="button"
                    class="button primary"
                    data-action="download"
                    aria-disabled=text(move || self.is_busy.get().to_string())
                    on:click=move |_| self.download()
                >
                    {words!(common.download)}
                </button>
            </div>
        }
        .into_any()
    }

    fn choice(self, format: Format) -> AnyView {
        let (name, about) = format.words();
        view! {
            <label class="format" data-format=format.name()>
                <input
                    type="radio"
                    name="format"
                    prop:checked=self.format.get_untracked() == format
                    on:change=move |_| self.format.set(format)
                />
                <span class="format-name">{name}</span>
                <span class="muted">{about}</span>
            </label>
        }
        .into_any()
    }

    fn preview(self, format: Format) -> AnyView {
        if matches!(format, Format::Xlsx | Format::Csv) {
            return sheet::beginning(self.session, ROWS, PERIODS);
        }
        if let Some(text) = self.session.with_text(|text| text.chars().take(CHARACTERS).collect::<String>())
            && format == Format::Markdown
        {
            let text = if text.is_empty() { words!(common.nothing_written).to_owned() } else { text };
            return view! { <pre class="export-text">{text}</pre> }.into_any();
        }
        match self.beginning.get() {
            Some((of, text)) if of == format => view! { <pre class="export-text">{text}</pre> }.into_any(),
            _ => {
                self.load(format);
                view! { <p class="muted" role="status">{words!(common.loading)}</p> }.into_any()
            }
        }
    }

    fn load(self, format: Format) {
        let path = self.path(format);
        spawn_local(async move {
            let text = match self.workspace.account().bytes(&path).await {
                Ok(bytes) => String::from_utf8_lossy(&bytes).chars().take(CHARACTERS).collect(),
                Err(error) => error.words(),
            };
            // The dialog may have been closed meanwhile.
            let _ = self.beginning.try_set(Some((format, text)));
        });
    }

    fn download(self) {
        if self.is_busy.get_untracked() {
            return;
        }
        let format = self.format.get_untracked();
        let path = self.path(format);
        let name = format!("{}.{}", file_name(&self.session.title.get_untracked()), format.ending());
        self.is_busy.set(true);
        self.said.set(words!(common.preparing).to_owned());
        spawn_local(async move {
            let said = match self.workspace.account().bytes(&path).await {
                Ok(bytes) if files::download(&name, format.media_type(), &bytes) => {
                    words!(common.downloaded, name = name, size = size_of(bytes.len()))
                }
                Ok(_) => words!(common.not_downloaded).to_owned(),
                Err(error) => error.words(),
            };
            let _ = self.said.try_set(said);
            let _ = self.is_busy.try_set(false);
        });
    }

    fn path(self, format: Format) -> String {
        format!("/api/document/{}/export?format={}", self.session.id(), format.name())
    }
}

fn printed(session: DocumentSession, close: Action) -> AnyView {
    let done = Arc::clone(&close);
    let handle = window_event_listener_untyped("afterprint", move |_| done());
    on_cleanup(move || handle.remove());
    // The page draws first. Where the browser's dialog lets the page go on, its end is heard.
    let print: Action = Arc::new(|| clock::after(Duration::from_millis(50), page::print));
    let title = session.title.get_untracked();
    let body = if session.with_text(|_| ()).is_some() {
        chunk::shown(move || Box::pin(preview::printed(session, Arc::clone(&print))))
    } else {
        print();
        sheet::whole(session)
    };
    view! {
        <article class="print" data-testid="print">
            <h1>{title}</h1>
            {body}
        </article>
    }
    .into_any()
}

/// A name for the file: the title without what means something to systems of files.
fn file_name(title: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '(' | ')' | ',');
    let name: String = title.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    let name = name.trim_matches([' ', '-']);
    if name.is_empty() { "document".to_owned() } else { name.to_owned() }
}

/// So many bytes, as people read it.
fn size_of(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_title_becomes_a_name_that_every_system_takes() {
        assert_eq!(file_name("Apple Inc. — DCF"), "Apple Inc- - DCF");
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd");
        assert_eq!(file_name("…"), "document");
    }

    #[test]
    fn sizes_are_given_in_their_largest_unit() {
        assert_eq!(size_of(999), "999 B");
        assert_eq!(size_of(24_512), "24 KB");
        assert_eq!(size_of(1_250_000), "1.2 MB");
    }
}
