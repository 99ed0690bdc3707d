//! Following a person: the page goes where they go, in a frame of their colour.

use coval_shared::model::CellRef;
use coval_shared::protocol::DocumentKind;
use leptos::ev;
use leptos::prelude::*;
use ot_core::ClientId;

use crate::dynamic::dynamic;
use crate::state::DocumentSession;
use crate::state::session::Caret;
use crate::state::view::PersonView;
use crate::words;

/// Whom the person follows. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Following {
    session: DocumentSession,
    who: RwSignal<Option<ClientId>>,
    /// The cell to which the person was led last.
    led: StoredValue<Option<CellRef>>,
    /// The same in a text.
    led_text: StoredValue<Option<usize>>,
}

impl Following {
    /// Nobody is followed at first. Whoever goes elsewhere on their own follows no longer.
    pub(super) fn new(session: DocumentSession) -> Self {
        let following =
            Self { session, who: RwSignal::new(None), led: StoredValue::default(), led_text: StoredValue::default() };
        Effect::new(move || {
            let Some(who) = following.who.get() else { return };
            let person = session.people.with(|people| people.iter().find(|person| person.client == who).cloned());
            match person {
                None => following.stop(),
                Some(PersonView { at: Some(cell), .. })
                    if following.led.with_value(|led| led.as_ref() != Some(&cell)) =>
                {
                    following.led.set_value(Some(cell.clone()));
                    session.wanted.set(Some(cell));
                }
                Some(_) => {}
            }
        });
        Effect::new(move || {
            let Some(who) = following.who.get() else { return };
            let caret_of = |carets: &Vec<Caret>| carets.iter().find(|it| it.person.client == who).map(|it| it.focus);
            let caret = session.carets.with(caret_of);
            if caret.is_some() && following.led_text.with_value(|led| *led != caret) {
                following.led_text.set_value(caret);
                session.wanted_text.set(caret);
            }
        });
        Effect::new(move || {
            let at = session.at.get();
            let is_own_way = at.is_some() && following.led.with_value(|led| led.is_some() && *led != at);
            if is_own_way && session.wanted.with_untracked(Option::is_none) {
                following.stop();
            }
        });
        let keys = window_event_listener(ev::keydown, move |event| {
            // In a memo, whoever writes goes on their own.
            let writes = session.kind.get_untracked() == Some(DocumentKind::Memo)
                && event.key().chars().count() == 1
                && !event.ctrl_key()
                && !event.meta_key();
            if event.key() == "Escape" || writes {
                following.stop();
            }
        });
        on_cleanup(move || keys.remove());
        following
    }

    /// Follows `client`, or nobody if it is them.
    pub(super) fn toggle(&self, client: ClientId) {
        let is_followed = self.who.with_untracked(|who| *who == Some(client));
        self.led.set_value(None);
        self.led_text.set_value(None);
        self.who.set((!is_followed).then_some(client));
    }

    /// Whether `client` is followed.
    pub(super) fn follows(&self, client: ClientId) -> bool {
        self.who.get() == Some(client)
    }

    fn stop(&self) {
        if self.who.with_untracked(Option::is_some) {
            self.who.set(None);
        }
        self.led.set_value(None);
        self.led_text.set_value(None);
    }

    /// The frame, while somebody is followed.
    pub(super) fn frame(self) -> AnyView {
        let followed = Memo::new(move |_| {
            let who = self.who.get()?;
            self.session.people.with(|people| {
                people.iter().find(|person| person.client == who).map(|it| (it.name.clone(), it.colour.clone()))
            })
        });
        dynamic(move || {
            let Some((name, colour)) = followed.get() else {
                return ().into_any();
            };
            let words = words!(together.following, name = name).to_string();
            view! {
                <div class=format!("follow-frame {colour}") data-testid="following">
                    <button type="button" class="follow-stop" data-action="stop-following" on:click=move |_| self.stop()>
                        {words}
                    </button>
                </div>
            }
            .into_any()
        })
        .into_any()
    }
}
