//! Who else is here.

use leptos::prelude::*;

use crate::state::DocumentSession;
use crate::state::view::PersonView;

/// How many people are shown before the rest become a number.
const SHOWN: usize = 5;

/// The avatars of everybody else who has the document open.
#[component]
pub fn Avatars(
    /// The document.
    session: DocumentSession,
) -> impl IntoView {
    let people = session.people;
    let shown = move || people.with(|people| people.iter().take(SHOWN).map(avatar).collect_view());
    let rest = move || people.with(|people| overflow(people));
    view! { <div class="avatars" role="group" aria-label="Who else is here">{shown} {rest}</div> }
}

fn avatar(person: &PersonView) -> impl IntoView + use<> {
    view! {
        <span
            class=format!("avatar {}", person.colour)
            role="img"
            aria-label=person.name.clone()
            title=person.name.clone()
            data-testid="avatar"
            data-name=person.name.clone()
        >
            {person.initials()}
        </span>
    }
}

fn overflow(people: &[PersonView]) -> impl IntoView + use<> {
    let names: Vec<String> = people.iter().skip(SHOWN).map(|person| person.name.clone()).collect();
    (!names.is_empty()).then(|| {
        let all = names.join(", ");
        view! {
            <span class="avatar overflow" role="img" aria-label=all.clone() title=all>
                {format!("+{}", names.len())}
            </span>
        }
    })
}
