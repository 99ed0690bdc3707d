//! What can be opened beside a document, one at a time. The code of each comes when it is first opened.

mod activity;
mod analysis;
mod asked;
mod branches;
mod comments;
mod explain;
mod history;
mod name_line;
mod outputs;
pub mod past;
mod scenarios;
mod slices;

use coval_shared::protocol::DocumentKind;
use leptos::prelude::*;

use crate::chunk;
use crate::components::commands::Command;
use crate::dynamic::{attribute, dynamic};
use crate::state::{Discussion, DocumentSession};
use crate::words;

/// A panel beside the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The key figures, one under the other.
    Outputs,
    /// Sets of assumptions beside the model's own.
    Scenarios,
    /// What people say about the document.
    Comments,
    /// What happened to the document.
    History,
    /// Second lines of edits.
    Branches,
    /// How the selected cell comes to its value.
    Explain,
    /// What was done.
    Activity,
    /// What the model says when its assumptions move.
    Analysis,
}

/// Which panel is open. Everything on the page of a document may open one: it is in the context.
#[derive(Clone, Copy)]
pub struct Panels {
    /// The open one.
    pub open: RwSignal<Option<Panel>>,
}

impl Panels {
    /// Opens `panel`, or closes it if it is open.
    pub fn toggle(&self, panel: Panel) {
        self.open.update(|open| *open = (*open != Some(panel)).then_some(panel));
    }
}

impl Panel {
    /// Those that `session` has, in the order in which they are offered.
    fn of(session: DocumentSession) -> Vec<Self> {
        let is_model = session.kind.get() != Some(DocumentKind::Memo);
        let of_models =
            [Self::Outputs, Self::Scenarios, Self::Analysis, Self::Explain].into_iter().filter(|_| is_model);
        of_models.chain([Self::Comments, Self::History, Self::Branches, Self::Activity]).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Outputs => words!(common.outputs),
            Self::Scenarios => words!(analysis.scenarios),
            Self::Comments => words!(together.comments),
            Self::History => words!(history.history),
            Self::Branches => words!(history.branches),
            Self::Explain => words!(analysis.explain),
            Self::Activity => words!(together.activity),
            Self::Analysis => words!(analysis.analysis),
        }
    }

    /// What the panel is called where people don't see it.
    fn id(self) -> &'static str {
        match self {
            Self::Outputs => "outputs",
            Self::Scenarios => "scenarios",
            Self::Comments => "comments",
            Self::History => "history",
            Self::Branches => "branches",
            Self::Explain => "explain",
            Self::Activity => "activity",
            Self::Analysis => "analysis",
        }
    }

    fn shown(self, session: DocumentSession) -> AnyView {
        match self {
            Self::Outputs => chunk::shown(move || Box::pin(outputs::part(session))),
            Self::Scenarios => chunk::shown(move || Box::pin(scenarios::part(session))),
            Self::Comments => chunk::shown(move || Box::pin(comments::part(session))),
            Self::History => chunk::shown(move || Box::pin(history::part(session))),
            Self::Branches => chunk::shown(move || Box::pin(branches::part(session))),
            Self::Explain => chunk::shown(move || Box::pin(explain::part(session))),
            Self::Activity => chunk::shown(move || Box::pin(activity::part(session))),
            Self::Analysis => chunk::shown(move || Box::pin(analysis::part(session))),
        }
    }
}

/// The same as commands.
pub fn commands(session: DocumentSession, panels: Panels) -> Vec<Command> {
    let open =
        |panel: Panel| Command::new(words!(common.open_panel, name = panel.name()), move || panels.toggle(panel));
    untrack(|| Panel::of(session)).into_iter().map(open).collect()
}

/// The buttons that open and close panels.
pub fn switches(session: DocumentSession, panels: Panels) -> AnyView {
    let switch = move |panel: Panel| {
        let pressed = attribute(move || Some((panels.open.get() == Some(panel)).to_string()));
        view! {
            <button
                type="button"
                class="panel-switch"
                aria-pressed=pressed
                data-panel=panel.id()
                on:click=move |_| panels.toggle(panel)
            >
                {panel.name()}
                {(panel == Panel::Comments).then(unread)}
            </button>
        }
        .into_any()
    };
    let offered = dynamic(move || Panel::of(session).into_iter().map(switch).collect::<Vec<_>>().into_any());
    view! { <nav class="panel-switches" aria-label=words!(common.panels)>{offered}</nav> }.into_any()
}

/// How many threads have something new in them.
fn unread() -> AnyView {
    let discussion = use_context::<Discussion>();
    dynamic(move || match discussion.map_or(0, |discussion| discussion.unread()) {
        0 => ().into_any(),
        count => {
            let words = words!(together.unread_threads, count = count).to_string();
            view! { <span class="switch-count" role="img" aria-label=words>{count}</span> }.into_any()
        }
    })
    .into_any()
}

/// The open panel.
pub fn open(session: DocumentSession, panels: Panels) -> AnyView {
    dynamic(move || {
        let Some(panel) = panels.open.get() else {
            return ().into_any();
        };
        view! {
            <aside class="panel" aria-label=panel.name() data-testid="panel" data-panel=panel.id()>
                <header class="panel-head">
                    <h2>{panel.name()}</h2>
                    <button
                        type="button"
                        class="quiet"
                        data-action="close-panel"
                        on:click=move |_| panels.open.set(None)
                    >
                        {words!(common.close)}
                    </button>
                </header>
                <div class="panel-body">{panel.shown(session)}</div>
            </aside>
        }
        .into_any()
    })
    .into_any()
}
