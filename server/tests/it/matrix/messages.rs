//! Every message with every person.

use coval_shared::anchor::Anchor;
use coval_shared::protocol::{
    AnnotationId, AnnotationKind, CalculationKind, ClientMessage, CommentId, DocumentId, JobId, ServerMessage, Stream,
};
use ot_core::{Revision, Sequence};
use serde_json::json;
use uuid::Uuid;

use super::cast::{Cast, Kind};
use super::{Answered, Rows};
use crate::client::Client;
use crate::protocol_page::names;

/// The things that messages are about.
struct Scene {
    document: DocumentId,
    comment: CommentId,
    calculation: JobId,
}

/// Says everything on behalf of everybody.
pub(super) async fn say_all(cast: &Cast<'_>) -> Rows {
    let model = cast.model().await;
    cast.let_in(model).await;
    let scene = Scene {
        document: model,
        comment: CommentId(cast.comment(&cast.maker, model).await.parse().unwrap()),
        calculation: JobId(cast.calculation(&cast.maker, model).await.parse().unwrap()),
    };
    let nothing = Scene {
        document: DocumentId(Uuid::now_v7()),
        comment: CommentId(Uuid::now_v7()),
        calculation: JobId(Uuid::now_v7()),
    };
    let mut rows = Rows::new();
    for name in names::<ClientMessage>(r#"{"type":"unheard_of"}"#) {
        let mut cells = Vec::new();
        for kind in Kind::ALL {
            let cell = say(cast, &name, kind, &scene).await;
            if kind.is_outside() && name != "hello" {
                let missing = say(cast, &name, kind, &nothing).await;
                assert_eq!(cell, missing, "{name} as {}: what is foreign answers otherwise", kind.name());
                assert!(!cell.is_allowed, "{name} as {}", kind.name());
            }
            cells.push(cell);
        }
        rows.insert(name, cells);
    }
    rows
}

/// Says one thing on a connection of its own, with the document open where the person can open it.
async fn say(cast: &Cast<'_>, name: &str, kind: Kind, scene: &Scene) -> Answered {
    let mut client = Client::silent(cast.server).await;
    if let (Some(person), false) = (cast.person(kind), name == "hello") {
        client.hello(&person.ticket().await).await;
        client.next().await;
        let is_inside = !kind.is_outside();
        if name != "document_open" {
            client.send(&ClientMessage::DocumentOpen { document: scene.document, since: None }).await;
            let answer = client.next().await;
            assert_eq!(matches!(answer, ServerMessage::DocumentSnapshot { .. }), is_inside, "{answer:?}");
        }
    }
    let message = match (name, cast.person(kind)) {
        ("hello", Some(person)) => {
            ClientMessage::Hello { client: client.id, ticket: coval_shared::secret::Secret::new(person.ticket().await) }
        }
        _ => message(name, &client, scene),
    };
    client.send(&message).await;
    // Answers come in order: once this one is there, there was none to what has none.
    client.send(&ClientMessage::DocumentClose { document: DocumentId(Uuid::nil()) }).await;
    let mut is_fenced = false;
    loop {
        let answer = client.next().await;
        match &answer {
            ServerMessage::Error { document: Some(document), .. } if document.0.is_nil() => is_fenced = true,
            // Nobody is told so before they said hello, about whatever.
            ServerMessage::Error { code, .. } => {
                let code = serde_json::to_value(code).unwrap();
                return Answered { is_allowed: false, text: code.as_str().unwrap().to_owned() };
            }
            answer if answers(name, answer) => return Answered { is_allowed: true, text: "yes".to_owned() },
            _ => {}
        }
        if is_fenced && is_silent(name) {
            return Answered { is_allowed: true, text: "yes".to_owned() };
        }
    }
}

/// Whether the message has no answer when it is followed.
fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "document_close"
            | "cursor_update"
            | "selection_update"
            | "typing"
            | "unsubscribe_stream"
            | "calculation_cancel"
    )
}

/// Whether `answer` says that the message was followed.
fn answers(name: &str, answer: &ServerMessage) -> bool {
    match name {
        "hello" => matches!(answer, ServerMessage::Welcome { .. }),
        "document_open" => matches!(answer, ServerMessage::DocumentSnapshot { .. }),
        "document_edit" => matches!(answer, ServerMessage::DocumentAck { .. }),
        "comment_add" | "comment_reply" | "comment_resolved" => matches!(answer, ServerMessage::CommentChanged { .. }),
        "annotation_create" => matches!(answer, ServerMessage::AnnotationChanged { .. }),
        "subscribe_stream" => matches!(answer, ServerMessage::ValuationUpdate { .. }),
        "calculation_start" => matches!(answer, ServerMessage::CalculationFinished { .. }),
        _ => false,
    }
}

/// A message of this name. Fails for one that it does not know.
fn message(name: &str, client: &Client, scene: &Scene) -> ClientMessage {
    let Scene { document, comment, calculation } = *scene;
    let body = "Why?".to_owned();
    match name {
        "hello" => ClientMessage::Hello { client: client.id, ticket: coval_shared::secret::Secret::new("no ticket") },
        "document_open" => ClientMessage::DocumentOpen { document, since: None },
        "document_close" => ClientMessage::DocumentClose { document },
        "document_edit" => {
            let op = serde_json::from_value(json!([format!("note {}", Uuid::now_v7()), {"i": "Look"}])).unwrap();
            ClientMessage::DocumentEdit { document, sequence: Sequence(1), base: Revision(0), op }
        }
        "cursor_update" => ClientMessage::CursorUpdate { document, cursor: None },
        "selection_update" => ClientMessage::SelectionUpdate { document, revision: Revision(0), selection: None },
        "typing" => ClientMessage::Typing { document, is_typing: true },
        "comment_add" => ClientMessage::CommentAdd {
            document,
            comment: CommentId(Uuid::now_v7()),
            anchor: None,
            revision: Revision(0),
            body,
        },
        "comment_reply" => {
            ClientMessage::CommentReply { document, comment: CommentId(Uuid::now_v7()), thread: comment, body }
        }
        "comment_resolved" => ClientMessage::CommentResolved { document, thread: comment, is_resolved: true },
        "annotation_create" => ClientMessage::AnnotationCreate {
            document,
            annotation: AnnotationId(Uuid::now_v7()),
            anchor: Anchor::Cell { item: coval_shared::model::ItemId("beta".to_owned()), period: None },
            revision: Revision(0),
            kind: AnnotationKind::Note,
            colour: 3,
            body,
        },
        "subscribe_stream" => ClientMessage::SubscribeStream { document, stream: Stream::Outputs },
        "unsubscribe_stream" => ClientMessage::UnsubscribeStream { document, stream: Stream::Outputs },
        "calculation_start" => ClientMessage::CalculationStart {
            document,
            calculation: JobId(Uuid::now_v7()),
            kind: CalculationKind::Export,
            parameters: json!({"format": "csv"}),
        },
        "calculation_cancel" => ClientMessage::CalculationCancel { document, calculation },
        _ => panic!("the matrix does not know the message {name}: add one"),
    }
}
