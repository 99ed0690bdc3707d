//! Who else is here.

use leptos::prelude::*;

use crate::dynamic::dynamic;
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
    let avatars = dynamic(move || {
        people
            .with(|people| people.iter().take(SHOWN).map(avatar).chain(overflow(people)).collect::<Vec<_>>().into_any())
    });
    view! { <div class="avatars" role="group" aria-label="Who else is here">{avatars}</div> }
}

fn avatar(person: &PersonView) -> AnyView {
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
    .into_any()
}

fn overflow(people: &[PersonView]) -> Option<AnyView> {
    let names: Vec<String> = people.iter().skip(SHOWN).map(|person| person.name.clone()).collect();
    (!names.is_empty()).then(|| {
        let all = names.join(", ");
        view! {
            <span class="avatar overflow" role="img" aria-label=all.clone() title=all>
                {format!("+{}", names.len())}
            </span>
        }
        .into_any()
    })
}
