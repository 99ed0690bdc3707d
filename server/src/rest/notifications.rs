//! What somebody is told, wherever they are.

use actix_web::web::{Data, Query};
use actix_web::{get, post};
use coval_shared::protocol::Notification;
use coval_shared::rest::{Notifications, ReadNotifications, Unread};
use coval_shared::rights::Right;
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::error::Refusal;

/// How many notifications are named at once.
const MOST: usize = 200;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(read);
}

/// List notifications
///
/// What you were told, the newest first, without what you may not know any more.
#[utoipa::path(
    tag = "notifications",
    params(PageQuery),
    responses((status = 200, description = "The notifications, and how many you have not taken note of", body = Notifications)),
)]
#[get("/notifications")]
async fn list(access: Data<Access>, who: Principal, page: Query<PageQuery>) -> Result<Json<Notifications>, Refusal> {
    let (user, limit, before) = (who.user, page.limit()?, page.after()?);
    let (mut found, unread) = access
        .blocking(move |store| {
            let found = store.notifications(user, before, limit.saturating_add(1))?;
            Ok((found, store.unread_notifications(user)?))
        })
        .await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| cursor(&last.id)).transpose()?;
    let mut items = Vec::new();
    for notification in found {
        if may_know(&access, &who, &notification).await {
            items.push(notification);
        }
    }
    Ok(Json(Notifications { items, next, unread }))
}

/// Take note of notifications
///
/// Of those that are named, or of all.
#[utoipa::path(
    tag = "notifications",
    request_body = ReadNotifications,
    responses((status = 200, description = "How many are left that you have not taken note of", body = Unread)),
)]
#[post("/notifications/read")]
async fn read(access: Data<Access>, who: Principal, body: Json<ReadNotifications>) -> Result<Json<Unread>, Refusal> {
    let ids = body.into_inner().ids;
    if ids.as_ref().is_some_and(|ids| ids.len() > MOST) {
        return Err(Refusal::invalid("ids", format!("at most {MOST} notifications are named at once")));
    }
    let (user, now_ms) = (who.user, access.now_ms());
    let unread = access
        .blocking(move |store| {
            store.read_notifications(user, ids.as_deref(), now_ms)?;
            store.unread_notifications(user)
        })
        .await?;
    Ok(Json(Unread { unread }))
}

/// Whether the person may still know of what the notification names.
async fn may_know(access: &Access, who: &Principal, notification: &Notification) -> bool {
    match notification.document {
        Some(document) => access.document(who.user, document, Right::Read).await.is_ok(),
        None => access.workspace(who.user, notification.workspace, Right::Read).await.is_ok(),
    }
}
