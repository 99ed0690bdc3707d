//! What stands above the list: where one is, what is looked for, in which order.

use coval_shared::protocol::DocumentKind;
use coval_shared::rights::Right;
use leptos::prelude::*;

use super::query::{LONGEST, Order, Query};
use super::state::{Front, List};
use crate::components::menu::{MenuButton, choice, chosen_of, menu};
use crate::dynamic::{attribute, dynamic, text};
use crate::words;

/// Everything above the rows.
pub(super) fn head(list: List) -> AnyView {
    let search = view! {
        <input
            type="search"
            id="search"
            class="search"
            placeholder=words!(list.search)
            aria-label=words!(list.search)
            autocomplete="off"
            spellcheck="false"
            maxlength=LONGEST.to_string()
            prop:value=text(move || list.query.with(|query| query.text.clone()))
            on:input=move |event| list.look_for_soon(event_target_value(&event))
        />
    }
    .into_any();
    let create = dynamic(move || {
        // Whoever may make documents nowhere is not asked to.
        list.workspaces.track();
        if list.home().is_none() { ().into_any() } else { makers(list) }
    });
    view! {
        <div class="list-head">
            <h1>{words!(list.documents)}</h1>
            {workspaces(list)}
            <span class="spacer"></span>
            {create}
        </div>
        <div class="list-tools">
            {search}
            <div class="segments" role="group" aria-label=words!(list.which)>
                {segment(list, words!(list.recent), "show-recent", |query| !query.is_archived, |query| query.is_archived = false)}
                {segment(list, words!(list.archived), "show-archived", |query| query.is_archived, |query| query.is_archived = true)}
            </div>
            <div class="segments" role="group" aria-label=words!(list.kind)>
                {segment(list, words!(list.all_kinds), "show-all-kinds", |query| query.kind.is_none(), |query| query.kind = None)}
                {segment(list, words!(list.models), "show-models", |query| query.kind == Some(DocumentKind::Model), |query| query.kind = Some(DocumentKind::Model))}
                {segment(list, words!(list.memos), "show-memos", |query| query.kind == Some(DocumentKind::Memo), |query| query.kind = Some(DocumentKind::Memo))}
            </div>
            <div class="segments" role="group" aria-label=words!(list.order)>
                {segment(list, words!(list.by_edited), "sort-edited", |query| query.order == Order::Edited, |query| query.order = Order::Edited)}
                {segment(list, words!(list.by_title), "sort-title", |query| query.order == Order::Title, |query| query.order = Order::Title)}
            </div>
        </div>
    }
    .into_any()
}

fn makers(list: List) -> AnyView {
    view! {
        <button
            type="button"
            class="button"
            data-action="import"
            on:click=move |_| list.front.set(Some(Front::Import))
        >
            {words!(list.import)}
        </button>
        <button
            type="button"
            class="button primary"
            data-action="new-document"
            on:click=move |_| list.front.set(Some(Front::NewDocument))
        >
            {words!(list.new_document)}
        </button>
    }
    .into_any()
}

/// One of several ways to see the list, of which one holds.
fn segment(
    list: List,
    name: &'static str,
    action: &'static str,
    holds: fn(&Query) -> bool,
    choose: fn(&mut Query),
) -> AnyView {
    view! {
        <button
            type="button"
            class="segment"
            aria-pressed=attribute(move || Some(list.query.with(holds).to_string()))
            data-action=action
            on:click=move |_| list.look_for(choose)
        >
            {name}
        </button>
    }
    .into_any()
}

fn workspaces(list: List) -> AnyView {
    let is_open = RwSignal::new(false);
    let name = text(move || {
        let chosen = list.query.with(|query| query.workspace);
        list.workspaces
            .with(|all| {
                all.iter().find(|workspace| Some(workspace.id) == chosen).map(|workspace| workspace.name.clone())
            })
            .unwrap_or_else(|| words!(list.all_workspaces).to_owned())
    });
    let button = MenuButton {
        label: text(move || format!("{}: {}", words!(list.workspace), name.get())),
        action: "open-workspaces",
        face: view! { <span class="workspace-name">{name}</span> <span class="chevron" aria-hidden="true"></span> }
            .into_any(),
    };
    menu(button, is_open, move || workspace_choices(list, is_open))
}

fn workspace_choices(list: List, is_open: RwSignal<bool>) -> AnyView {
    let all = list.workspaces.get_untracked();
    let chosen = list.query.with_untracked(|query| query.workspace);
    let each = all.iter().map(|workspace| {
        let id = workspace.id;
        chosen_of(
            &workspace.name,
            format!("workspace-{id}"),
            move || chosen == Some(id),
            move || {
                is_open.set(false);
                list.choose_workspace(Some(id));
            },
        )
    });
    let current = all.iter().find(|workspace| Some(workspace.id) == chosen);
    let rename = current.filter(|workspace| workspace.role.may(Right::Manage)).cloned().map(|workspace| {
        choice(words!(list.rename_workspace), "rename-workspace", is_open, move || {
            list.front.set(Some(Front::RenameWorkspace(workspace.clone())));
        })
    });
    view! {
        {chosen_of(words!(list.all_workspaces), "workspace-all".to_owned(), move || chosen.is_none(), move || {
            is_open.set(false);
            list.choose_workspace(None);
        })}
        {each.collect::<Vec<_>>()}
        <hr/>
        {rename}
        {choice(words!(list.new_workspace), "new-workspace", is_open, move || {
            list.front.set(Some(Front::NewWorkspace));
        })}
    }
    .into_any()
}
