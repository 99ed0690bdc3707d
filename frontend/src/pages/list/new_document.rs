//! The dialog that makes a document.

use std::sync::Arc;

use coval_shared::limits::TITLE_CHARS;
use coval_shared::rest::{CreateDocument, DocumentSummary, Page, TemplateSummary};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::front::closing;
use super::query::kind_name;
use super::state::List;
use crate::chunk::{Part, SplitLoaderError};
use crate::components::dialog::dialog;
use crate::components::figures::key_figures;
use crate::connection::rest::Verb;
use crate::dynamic::{attribute, dynamic, text};
use crate::platform::{focus, page};
use crate::words;

/// The choices of the dialog.
const CHOICES: &str = ".templates [role=radio]";

#[derive(Clone, Copy)]
struct Choice {
    list: List,
    templates: RwSignal<Option<Vec<TemplateSummary>>>,
    chosen: RwSignal<usize>,
    title: NodeRef<Input>,
    problem: RwSignal<String>,
    is_busy: RwSignal<bool>,
}

/// The dialog.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(list: List) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || shown(list)))
}

fn shown(list: List) -> AnyView {
    let choice = Choice {
        list,
        templates: RwSignal::new(None),
        chosen: RwSignal::new(0),
        title: NodeRef::new(),
        problem: RwSignal::default(),
        is_busy: RwSignal::new(false),
    };
    choice.load();
    let content = dynamic(move || {
        choice.templates.with(|templates| match templates {
            None => view! { <p class="muted" role="status">{words!(common.loading)}</p> }.into_any(),
            Some(templates) => choice.form(templates),
        })
    });
    let content = view! {
        {content}
        <p class="form-error" role="alert">{text(move || choice.problem.get())}</p>
    }
    .into_any();
    dialog(words!(list.new_document).to_owned(), "new-document", closing(list), content)
}

impl Choice {
    fn load(self) {
        spawn_local(async move {
            let answer = self.list.workspace.account().get::<Page<TemplateSummary>>("/api/templates?limit=100").await;
            // The dialog may have been closed meanwhile.
            match answer {
                Ok(page) => {
                    let _ = self.templates.try_set(Some(page.items));
                    focus::give_to(CHOICES);
                }
                Err(error) => drop(self.problem.try_set(error.words())),
            }
        });
    }

    fn form(self, templates: &[TemplateSummary]) -> AnyView {
        let choices = templates.iter().enumerate().map(|(index, template)| self.card(index, template));
        let choices = choices.collect::<Vec<_>>();
        let all = templates.to_vec();
        let about = dynamic(move || all.get(self.chosen.get()).map_or_else(|| ().into_any(), preview));
        let titles: Vec<String> = templates.iter().map(|template| template.title.clone()).collect();
        let placeholder = attribute(move || titles.get(self.chosen.get()).cloned());
        let home = self.list.home().map(|home| words!(list.goes_to, workspace = home.name));
        let button =
            text(
                move || {
                    if self.is_busy.get() { words!(list.creating).to_owned() } else { words!(list.create).to_owned() }
                },
            );
        view! {
            <form
                class="new-document-form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    self.create();
                }
            >
                <div
                    class="templates"
                    role="radiogroup"
                    aria-label=words!(list.start_from)
                    on:keydown=move |event| {
                        match event.key().as_str() {
                            "ArrowDown" | "ArrowRight" => focus::step(CHOICES, 1),
                            "ArrowUp" | "ArrowLeft" => focus::step(CHOICES, -1),
                            _ => return,
                        }
                        event.prevent_default();
                    }
                >
                    {choices}
                </div>
                <div class="template-about">
                    <div aria-live="polite">{about}</div>
                    <div class="fields">
                        <label for="new-title">{words!(list.title)}</label>
                        <input
                            id="new-title"
                            node_ref=self.title
                            type="text"
                            autocomplete="off"
                            maxlength=TITLE_CHARS.to_string()
                            placeholder=placeholder
                        />
                    </div>
                    <p class="muted">{home}</p>
                    <div class="dialog-foot">
                        <button type="submit" class="button primary" data-action="create-document">{button}</button>
                    </div>
                </div>
            </form>
        }
        .into_any()
    }

    fn card(self, index: usize, template: &TemplateSummary) -> AnyView {
        let is_chosen = move || self.chosen.get() == index;
        view! {
            <button
                type="button"
                role="radio"
                class="template"
                aria-checked=attribute(move || Some(is_chosen().to_string()))
                tabindex=attribute(move || Some(if is_chosen() { "0" } else { "-1" }.to_owned()))
                data-template=template.name.clone()
                on:click=move |_| self.chosen.set(index)
                on:focus=move |_| self.chosen.set(index)
                on:dblclick=move |_| self.create()
            >
                <span class=format!("document-kind is-{}", kind_name(template.kind)) aria-hidden="true"></span>
                <span class="template-name">{name_of(template)}</span>
            </button>
        }
        .into_any()
    }

    fn create(self) {
        let template = self.templates.with_untracked(|templates| {
            templates.as_ref().and_then(|templates| templates.get(self.chosen.get_untracked())).cloned()
        });
        let (Some(template), Some(home)) = (template, self.list.home()) else {
            return;
        };
        if self.is_busy.get_untracked() {
            return;
        }
        let title = self.title.get_untracked().map(|input| input.value().trim().to_owned()).unwrap_or_default();
        let title = if title.is_empty() { template.title } else { title };
        self.is_busy.set(true);
        spawn_local(async move {
            let body = CreateDocument { title: Some(title), template: Some(template.name), body: None };
            let path = format!("/api/workspace/{}/documents", home.id);
            let answer = self.list.workspace.account().change::<DocumentSummary>(Verb::Post, &path, &body).await;
            let _ = self.is_busy.try_set(false);
            match answer {
                Ok(made) => page::go(&format!("/document/{}", made.id)),
                Err(error) => drop(self.problem.try_set(error.words())),
            }
        });
    }
}

/// What a document made from the template holds and calculates.
fn preview(template: &TemplateSummary) -> AnyView {
    view! {
        <h3 class="template-title">{template.title.clone()}</h3>
        <p class="template-summary">{summary_of(template)}</p>
        <div class="template-figures" role="group" tabindex="0" aria-label=words!(sheet.key_figures)>{key_figures(&template.outputs)}</div>
    }
    .into_any()
}

/// What people call the template. One that the app does not know goes by its title.
fn name_of(template: &TemplateSummary) -> String {
    match template.name.as_str() {
        "dcf" => words!(list.template_dcf).to_owned(),
        "lbo" => words!(list.template_lbo).to_owned(),
        "merger" => words!(list.template_merger).to_owned(),
        "real_options" => words!(list.template_real_options).to_owned(),
        "ipo" => words!(list.template_ipo).to_owned(),
        "blank" => words!(list.template_blank).to_owned(),
        "memo" => words!(list.template_memo).to_owned(),
        _ => template.title.clone(),
    }
}

/// What the template is for. One that the app does not know says so in the words of the server.
fn summary_of(template: &TemplateSummary) -> String {
    match template.name.as_str() {
        "dcf" => words!(list.about_dcf).to_owned(),
        "lbo" => words!(list.about_lbo).to_owned(),
        "merger" => words!(list.about_merger).to_owned(),
        "real_options" => words!(list.about_real_options).to_owned(),
        "ipo" => words!(list.about_ipo).to_owned(),
        "blank" => words!(list.about_blank).to_owned(),
        "memo" => words!(list.about_memo).to_owned(),
        _ => template.summary.clone(),
    }
}
