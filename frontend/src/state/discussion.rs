//! What people say about an open document, as signals: its comments and annotations, and what of them hangs on cells.
//!
//! - [`said`]: what has arrived, and how it is ordered.
//! - [`seen`]: what the person has read of it.

pub mod said;
pub mod seen;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use coval_shared::anchor::Anchor;
use coval_shared::history::memo_op;
use coval_shared::model::{CellRef, ItemId, PeriodId};
use coval_shared::protocol::{Annotation, Comment, CommentId, Named, ServerMessage, UserId};
use coval_shared::rest::{CommentState, DocumentSummary, MemberSummary, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::Revision;
use serde::de::DeserializeOwned;

pub use self::said::{CellMarks, Filter, Said, Thread, cell_of};
pub use self::seen::Seen;
use super::document::TextChange;
use super::watched::{Watched, becomes};
use super::{DocumentSession, Workspace};
use crate::connection::Who;
use crate::connection::rest::RestError;
use crate::platform::{clock, storage};

/// How many entries are asked for at once.
const PAGE: usize = 200;

/// How many pages are fetched without being asked for.
const PAGES: usize = 10;

/// How long after an edit of a text it is shown where comments are now.
const PAUSE: Duration = Duration::from_millis(300);

/// Where the panel of comments is to lead the person.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// To the beginning of a thread about a place; nothing for the whole document.
    New(Option<Anchor>),
    /// To a comment that there is.
    Comment(CommentId),
}

/// What is said about a document. It is in the context of the document's page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Discussion {
    /// The document.
    pub session: DocumentSession,
    workspace: Workspace,
    /// Everything that has arrived.
    pub said: RwSignal<Said>,
    /// What the person has read.
    pub seen: RwSignal<Seen>,
    /// Why it could not be fetched.
    pub problem: RwSignal<Option<RestError>>,
    /// Whether everything that was asked for is there.
    pub is_loaded: RwSignal<bool>,
    /// Where the next of the settled threads are; nothing before they were asked for.
    pub resolved: RwSignal<Listed>,
    /// Where the panel is to lead the person. Whoever leads them there takes it.
    pub wanted: RwSignal<Option<Wanted>>,
    /// A place in a text to which the panel leads the person. The editor of the text takes it.
    pub place: RwSignal<Option<Anchor>>,
    /// The block of cells in which the person is, where they have selected more than one.
    pub selected: RwSignal<Option<Anchor>>,
    /// Those who can be named in a comment.
    pub members: RwSignal<Vec<Named>>,
    /// Whether places have moved that are not shown yet.
    is_moving: StoredValue<bool>,
    marks: StoredValue<HashMap<ItemId, RowMarks>>,
    signals: Watched<ItemId, RowMarks>,
    /// What the server said while a list was on its way that may be older.
    meanwhile: StoredValue<Option<Vec<ServerMessage>>>,
}

/// What hangs on the cells of a row, by their periods.
pub type RowMarks = BTreeMap<Option<PeriodId>, CellMarks>;

/// How much of a list has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// Nothing was asked for.
    #[default]
    Nothing,
    /// Something, and here it goes on.
    UpTo(String),
    /// All.
    All,
}

impl Discussion {
    /// The discussion of `session`, which follows it until the page of the document is left.
    pub fn new(session: DocumentSession, workspace: Workspace) -> Self {
        let discussion = Self {
            session,
            workspace,
            said: RwSignal::default(),
            seen: RwSignal::default(),
            problem: RwSignal::default(),
            is_loaded: RwSignal::new(false),
            resolved: RwSignal::default(),
            wanted: RwSignal::default(),
            place: RwSignal::default(),
            selected: RwSignal::default(),
            members: RwSignal::default(),
            is_moving: StoredValue::new(false),
            marks: StoredValue::default(),
            signals: Watched::default(),
            meanwhile: StoredValue::default(),
        };
        session.listen(move |message| discussion.hear(message));
        session.listen_to_text(move |change| discussion.follow_text(change));
        // What was said while nobody listened is asked for whenever the server follows the document with us again.
        let is_live = Memo::new(move |_| session.saving.with(|saving| saving.is_live));
        Effect::new(move || {
            if is_live.get() {
                discussion.fetch();
            }
        });
        Effect::new(move || discussion.show_marks());
        discussion
    }

    /// Who is here.
    pub fn me(&self) -> Option<UserId> {
        self.workspace.who.with_untracked(|who| match who {
            Who::Somebody(me) => Some(me.id),
            _ => None,
        })
    }

    /// The page with the account.
    pub fn workspace(&self) -> Workspace {
        self.workspace
    }

    /// Opens the panel, ready to say something about `anchor`; about the document as a whole if there is none.
    pub fn comment_on(&self, anchor: Option<Anchor>) {
        self.wanted.set(Some(Wanted::New(anchor)));
    }

    /// The same about the cells in which the person is.
    pub fn comment_here(&self) {
        self.comment_on(self.here());
    }

    /// Opens the panel at a comment.
    pub fn show(&self, comment: CommentId) {
        self.wanted.set(Some(Wanted::Comment(comment)));
    }

    /// The cells in which the person is: all that they have selected, or the one.
    pub fn here(&self) -> Option<Anchor> {
        untrack(|| self.followed_here())
    }

    /// The same, followed.
    pub fn followed_here(&self) -> Option<Anchor> {
        let cell = self.session.at.get().map(|cell| Anchor::Cell { item: cell.item, period: cell.period });
        self.selected.get().or(cell)
    }

    /// Leads the person to a place.
    pub fn go_to(&self, anchor: &Anchor) {
        match cell_of(anchor) {
            Some(cell) => self.session.wanted.set(Some(cell)),
            None => self.place.set(Some(anchor.clone())),
        }
    }

    /// What hangs on the cells of a row, now and whenever that changes, for as long as the caller's owner lives.
    pub fn marks_in(&self, item: &ItemId) -> ArcRwSignal<RowMarks> {
        self.signals.look_at(item, || self.marks.with_value(|marks| marks.get(item).cloned().unwrap_or_default()))
    }

    /// Takes in a comment, as the server has it.
    pub fn take_comment(&self, mut comment: Comment) {
        if let Some(anchor) = &mut comment.anchor {
            self.place_now(anchor, comment.anchor_revision);
        }
        self.said.try_update(|said| said.take_comment(comment));
    }

    /// Takes in an annotation, as the server has it.
    pub fn take_annotation(&self, mut annotation: Annotation) {
        self.place_now(&mut annotation.anchor, annotation.anchor_revision);
        self.said.try_update(|said| said.take_annotation(annotation));
    }

    /// Takes note that a thread was read.
    pub fn take_note(&self, thread: &Thread) {
        if self.seen.with_untracked(|seen| seen.is_unread(thread, self.me())) {
            self.seen.update(|seen| seen.take_note(thread));
            self.remember();
        }
    }

    /// Takes note that everything was read.
    pub fn take_note_of_all(&self) {
        self.seen.set(Seen::all_until(self.newest()));
        self.remember();
    }

    /// How many threads have something unread in them, followed.
    pub fn unread(&self) -> usize {
        let me = self.me();
        self.said.with(|said| {
            self.seen.with(|seen| said.threads().iter().filter(|thread| seen.is_unread(thread, me)).count())
        })
    }

    /// Fetches more of the settled threads.
    pub fn fetch_resolved(&self) {
        let cursor = match self.resolved.get_untracked() {
            Listed::Nothing => None,
            Listed::UpTo(cursor) => Some(cursor),
            Listed::All => return,
        };
        let this = *self;
        spawn_local(async move {
            let path = this.comments_path(CommentState::Resolved);
            match this.page::<Comment>(&path, cursor.as_deref()).await {
                Ok(page) => {
                    this.resolved.try_set(page.next.map_or(Listed::All, Listed::UpTo));
                    this.said.try_update(|said| page.items.into_iter().for_each(|comment| said.take_comment(comment)));
                }
                Err(error) => drop(this.problem.try_set(Some(error))),
            }
        });
    }

    /// Fetches those who can be named, once.
    pub fn fetch_members(&self) {
        if !self.members.with_untracked(Vec::is_empty) {
            return;
        }
        let this = *self;
        spawn_local(async move {
            let id = this.session.id();
            let account = this.workspace.account();
            let mut found: Vec<MemberSummary> = Vec::new();
            if let Ok(summary) = account.get::<DocumentSummary>(&format!("/api/document/{id}")).await {
                let members = format!("/api/workspace/{}/members?limit={PAGE}", summary.workspace);
                // Whoever came by a link sees no members of the workspace.
                found
                    .extend(account.get::<Page<MemberSummary>>(&members).await.into_iter().flat_map(|page| page.items));
            }
            let guests = format!("/api/document/{id}/members?limit={PAGE}");
            found.extend(account.get::<Page<MemberSummary>>(&guests).await.into_iter().flat_map(|page| page.items));
            let mut named: Vec<Named> = Vec::new();
            for member in found {
                if !named.iter().any(|known| known.id == member.user) {
                    named.push(Named { id: member.user, name: member.name });
                }
            }
            this.members.try_set(named);
        });
    }

    /// Fetches what is said and not settled, and the annotations.
    pub fn fetch(&self) {
        let this = *self;
        this.problem.set(None);
        this.meanwhile.set_value(Some(Vec::new()));
        spawn_local(async move {
            let fetched = async {
                let comments = this.pages::<Comment>(&this.comments_path(CommentState::Open)).await?;
                let annotations = format!("/api/document/{}/annotations?limit={PAGE}", this.session.id());
                Ok::<_, RestError>((comments, this.pages::<Annotation>(&annotations).await?))
            };
            match fetched.await {
                Ok((comments, annotations)) => {
                    let is_first = !this.is_loaded.try_get_untracked().unwrap_or(true);
                    this.said.try_update(|said| {
                        said.clear();
                        for mut comment in comments {
                            if let Some(anchor) = &mut comment.anchor {
                                this.place_now(anchor, comment.anchor_revision);
                            }
                            said.take_comment(comment);
                        }
                        for mut annotation in annotations {
                            this.place_now(&mut annotation.anchor, annotation.anchor_revision);
                            said.take_annotation(annotation);
                        }
                    });
                    let meanwhile = this.meanwhile.try_update_value(Option::take).flatten().unwrap_or_default();
                    meanwhile.iter().for_each(|message| this.take(message));
                    this.resolved.try_set(Listed::Nothing);
                    if is_first {
                        this.recall();
                    }
                    this.is_loaded.try_set(true);
                }
                Err(error) => drop(this.problem.try_set(Some(error))),
            }
        });
    }

    fn hear(&self, message: &ServerMessage) {
        if !matches!(message, ServerMessage::CommentChanged { .. } | ServerMessage::AnnotationChanged { .. }) {
            return;
        }
        self.meanwhile.update_value(|meanwhile| meanwhile.iter_mut().for_each(|known| known.push(message.clone())));
        self.take(message);
    }

    fn take(&self, message: &ServerMessage) {
        match message {
            ServerMessage::CommentChanged { comment, .. } => self.take_comment(comment.clone()),
            ServerMessage::AnnotationChanged { annotation, .. } => self.take_annotation(annotation.clone()),
            _ => {}
        }
    }

    /// Takes what hangs on words along with them. It is shown when typing pauses.
    fn follow_text(&self, change: &TextChange) {
        let op = match change {
            TextChange::Edited(op) => memo_op(op.clone()),
            TextChange::Replaced => return self.fetch(),
        };
        let has_moved = self.said.try_update_untracked(|said| said.carry(&op)) == Some(true);
        if has_moved && self.is_moving.try_update_value(|is_moving| std::mem::replace(is_moving, true)) == Some(false) {
            let this = *self;
            clock::after(PAUSE, move || {
                // The page may have been left meanwhile.
                let _ = this.is_moving.try_set_value(false);
                let _ = this.said.try_update(|_| {});
            });
        }
    }

    /// Puts a stretch of the text at `revision` where it is now. It stays as it is where that is not known.
    fn place_now(&self, anchor: &mut Anchor, revision: Revision) {
        if let Anchor::Text { path, start, end } = anchor
            && path.0.is_empty()
            && let Some(from) = self.session.text_offset_now(*start, revision)
            && let Some(to) = self.session.text_offset_now(*end, revision)
            && from < to
        {
            (*start, *end) = (from, to);
        }
    }

    fn show_marks(&self) {
        let me = self.me();
        let mut rows: HashMap<ItemId, RowMarks> = HashMap::new();
        for (CellRef { item, period }, marks) in self.said.with(|said| self.seen.with(|seen| said.marks(seen, me))) {
            rows.entry(item).or_default().insert(period, marks);
        }
        self.signals.refresh(|item, marks| becomes(marks, rows.get(item).cloned().unwrap_or_default()));
        self.marks.set_value(rows);
    }

    fn comments_path(&self, state: CommentState) -> String {
        let state = match state {
            CommentState::All => "all",
            CommentState::Open => "open",
            CommentState::Resolved => "resolved",
        };
        format!("/api/document/{}/comments?state={state}&limit={PAGE}", self.session.id())
    }

    async fn page<T: DeserializeOwned>(&self, path: &str, cursor: Option<&str>) -> Result<Page<T>, RestError> {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        self.workspace.account().get(&format!("{path}{after}")).await
    }

    async fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, RestError> {
        let (mut all, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = self.page(path, cursor.as_deref()).await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(all)
    }

    fn newest(&self) -> i64 {
        self.said.with_untracked(|said| said.comments().map(|comment| comment.created_at_ms).max().unwrap_or_default())
    }

    /// What was read at earlier visits. At the first, everything that is there counts as read.
    fn recall(&self) {
        let known = storage::remembered(&self.remembered_as()).and_then(|written| Seen::read(&written));
        let is_new = known.is_none();
        self.seen.try_set(known.unwrap_or_else(|| Seen::all_until(self.newest())));
        if is_new {
            self.remember();
        }
    }

    fn remember(&self) {
        if let Some(seen) = self.seen.try_get_untracked() {
            storage::remember(&self.remembered_as(), Some(&seen.written()));
        }
    }

    fn remembered_as(&self) -> String {
        format!("coval.seen.{}", self.session.id())
    }
}
