//! Members of workspaces and documents, and invitations.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use coval_shared::limits::{DOCUMENT_MEMBERS, INVITATION_DAYS, OPEN_INVITATIONS, PASSWORD_MAX_BYTES};
use coval_shared::protocol::{DocumentId, ErrorCode, InvitationId, Named, NotificationKind, UserId, WorkspaceId};
use coval_shared::rest::{InvitationSummary, Invite, Invited, MemberSummary, Page, Problem, SetRole, SignUp, SignedIn};
use coval_shared::rights::Right;
use coval_shared::secret::Secret;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use super::session::{DAY_MS, begin, check_password, checked_email, checked_name, verified};
use crate::auth::{Access, Limits, Passwords, Principal, draw, failed, hash};
use crate::discussion::Discussion;
use crate::error::Refusal;
use crate::store::{Accepting, Invitation, Member, MemberChange, NewInvitation, NewUser, Notice, StoreError};

/// For how many days an invitation is open when nobody says.
const DAYS: i64 = 7;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(workspace_members)
        .service(set_workspace_role)
        .service(remove_workspace_member)
        .service(document_members)
        .service(set_document_role)
        .service(remove_document_member)
        .service(invitations)
        .service(invite)
        .service(withdraw)
        .service(sign_up);
}

/// List the members of a workspace
///
/// In the order in which they came.
#[utoipa::path(
    tag = "people",
    params(("id" = WorkspaceId, Path, description = "The workspace"), PageQuery),
    responses((status = 200, description = "The members", body = Page<MemberSummary>)),
)]
#[get("/workspace/{id}/members")]
async fn workspace_members(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<MemberSummary>>, Refusal> {
    let role = access.workspace(who.user, *id, Right::Read).await?;
    let (limit, after) = (page.limit()?, page.after()?);
    let members = access.blocking(move |store| store.workspace_members(*id, after, limit + 1)).await?;
    members_page(members, limit, role.may(Right::Manage))
}

/// Change the role of a member of a workspace
///
/// A workspace always has an owner.
#[utoipa::path(
    tag = "people",
    params(
        ("id" = WorkspaceId, Path, description = "The workspace"),
        ("user" = UserId, Path, description = "The member"),
    ),
    responses(
        (status = 204, description = "Changed"),
        (status = 409, description = "There would be no owner", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[put("/workspace/{id}/members/{user}")]
async fn set_workspace_role(
    access: Data<Access>,
    discussion: Data<Discussion>,
    who: Principal,
    path: Path<(WorkspaceId, UserId)>,
    body: Json<SetRole>,
) -> Result<HttpResponse, Refusal> {
    let ((workspace, user), now_ms) = (path.into_inner(), access.now_ms());
    access.workspace(who.user, workspace, Right::Manage).await?;
    let (by, role) = (who.user, body.role);
    let change = access.blocking(move |store| store.change_workspace_role(workspace, user, role, by, now_ms)).await?;
    let is_done = matches!(change, MemberChange::Done);
    let answer = done(&access, change)?;
    if is_done {
        let notice = Notice::new(NotificationKind::RoleChanged, workspace);
        discussion.inform(user, Notice { role: Some(role), actor: Some(by), ..notice }).await;
    }
    Ok(answer)
}

/// Remove a member of a workspace
///
/// Owners remove anybody, and everybody may leave. What the member was invited to, or shared, in this workspace ends.
#[utoipa::path(
    tag = "people",
    params(
        ("id" = WorkspaceId, Path, description = "The workspace"),
        ("user" = UserId, Path, description = "The member"),
    ),
    responses(
        (status = 204, description = "Removed"),
        (status = 409, description = "There would be no owner", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[delete("/workspace/{id}/members/{user}")]
async fn remove_workspace_member(
    access: Data<Access>,
    who: Principal,
    path: Path<(WorkspaceId, UserId)>,
) -> Result<HttpResponse, Refusal> {
    let ((workspace, user), now_ms) = (path.into_inner(), access.now_ms());
    let right = if user == who.user { Right::Read } else { Right::Manage };
    access.workspace(who.user, workspace, right).await?;
    let change = access.blocking(move |store| store.remove_workspace_member(workspace, user, who.user, now_ms)).await?;
    done(&access, change)
}

/// List who has rights on a document
///
/// Beside those that come from its workspace, in the order in which they were given.
#[utoipa::path(
    tag = "people",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The people", body = Page<MemberSummary>)),
)]
#[get("/document/{id}/members")]
async fn document_members(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<MemberSummary>>, Refusal> {
    let role = access.document(who.user, *id, Right::Read).await?;
    let (limit, after, now_ms) = (page.limit()?, page.after()?, access.now_ms());
    let members = access.blocking(move |store| store.document_members(*id, after, limit + 1, now_ms)).await?;
    members_page(members, limit, role.may(Right::Manage))
}

/// Give somebody a role for one document
///
/// Somebody who is in its workspace, or came to the document before. The higher of this and their role in the workspace
/// counts.
#[utoipa::path(
    tag = "people",
    params(
        ("id" = DocumentId, Path, description = "The document"),
        ("user" = UserId, Path, description = "The person"),
    ),
    responses(
        (status = 204, description = "Changed"),
        (status = 409, description = "There are as many as there may be", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[put("/document/{id}/members/{user}")]
async fn set_document_role(
    access: Data<Access>,
    discussion: Data<Discussion>,
    who: Principal,
    path: Path<(DocumentId, UserId)>,
    body: Json<SetRole>,
) -> Result<HttpResponse, Refusal> {
    let ((document, user), now_ms) = (path.into_inner(), access.now_ms());
    access.document(who.user, document, Right::Manage).await?;
    let (by, role) = (who.user, body.role);
    let was_in = access.document(user, document, Right::Read).await.is_ok();
    let (change, workspace) = access
        .blocking(move |store| {
            let change = store.set_document_role(document, user, role, DOCUMENT_MEMBERS, by, now_ms)?;
            Ok((change, store.workspace_of(document)?))
        })
        .await?;
    let is_done = matches!(change, MemberChange::Done);
    let answer = done(&access, change)?;
    if is_done {
        let kind = if was_in { NotificationKind::RoleChanged } else { NotificationKind::Invited };
        let notice = Notice::new(kind, workspace);
        let notice = Notice { document: Some(document), role: Some(role), actor: Some(by), ..notice };
        discussion.inform(user, notice).await;
    }
    Ok(answer)
}

/// Take away somebody's rights on one document
///
/// Those that come from its workspace stay. Everybody may give up their own.
#[utoipa::path(
    tag = "people",
    params(
        ("id" = DocumentId, Path, description = "The document"),
        ("user" = UserId, Path, description = "The person"),
    ),
    responses((status = 204, description = "Taken away")),
)]
#[delete("/document/{id}/members/{user}")]
async fn remove_document_member(
    access: Data<Access>,
    who: Principal,
    path: Path<(DocumentId, UserId)>,
) -> Result<HttpResponse, Refusal> {
    let ((document, user), now_ms) = (path.into_inner(), access.now_ms());
    let right = if user == who.user { Right::Read } else { Right::Manage };
    access.document(who.user, document, right).await?;
    let change = access.blocking(move |store| store.remove_document_member(document, user, who.user, now_ms)).await?;
    done(&access, change)
}

/// List open invitations
///
/// The oldest first.
#[utoipa::path(
    tag = "people",
    params(("id" = WorkspaceId, Path, description = "The workspace"), PageQuery),
    responses((status = 200, description = "The invitations", body = Page<InvitationSummary>)),
)]
#[get("/workspace/{id}/invitations")]
async fn invitations(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<InvitationSummary>>, Refusal> {
    access.workspace(who.user, *id, Right::Manage).await?;
    let (limit, after, now_ms) = (page.limit()?, page.after()?, access.now_ms());
    let mut found = access.blocking(move |store| store.invitations(*id, after, limit + 1, now_ms)).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| cursor(&(last.created_at_ms, last.id))).transpose()?;
    Ok(Json(Page { items: found.into_iter().map(invitation).collect(), next }))
}

/// Invite somebody
///
/// The answer holds the token, once. It goes to whoever is invited by a way of your own.
#[utoipa::path(
    tag = "people",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    request_body = Invite,
    responses(
        (status = 201, description = "The invitation", body = Invited),
        (status = 409, description = "There are as many as there may be", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/workspace/{id}/invitations")]
async fn invite(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
    body: Json<Invite>,
) -> Result<HttpResponse, Refusal> {
    access.workspace(who.user, *id, Right::Manage).await?;
    let email = body.email.as_deref().map(checked_email).transpose()?;
    let days = body.days.unwrap_or(DAYS);
    if !(1..=INVITATION_DAYS).contains(&days) {
        return Err(Refusal::invalid("days", format!("an invitation is open for 1 to {INVITATION_DAYS} days")));
    }
    let token = draw().map_err(failed)?;
    let (token_hash, now_ms, role) = (hash(token.reveal()), access.now_ms(), body.role);
    let invitation = InvitationSummary {
        id: InvitationId(Uuid::now_v7()),
        email,
        role,
        invited_by: Named { id: who.user, name: who.name },
        created_at_ms: now_ms,
        expires_at_ms: now_ms + days * DAY_MS,
    };
    let summary = invitation.clone();
    let has_room = access
        .blocking(move |store| {
            let new = NewInvitation {
                id: invitation.id,
                token_hash: &token_hash,
                workspace: *id,
                email: invitation.email.as_deref(),
                role,
                invited_by: invitation.invited_by.id,
                expires_at_ms: invitation.expires_at_ms,
            };
            store.invite(&new, OPEN_INVITATIONS, now_ms)
        })
        .await?;
    if !has_room {
        let message = format!("a workspace has at most {OPEN_INVITATIONS} open invitations; take one back");
        return Err(Refusal::new(ErrorCode::LimitReached, message));
    }
    Ok(HttpResponse::Created().json(Invited { invitation: summary, token }))
}

/// Take an invitation back
#[utoipa::path(
    tag = "people",
    params(("id" = InvitationId, Path, description = "The invitation")),
    responses((status = 204, description = "Taken back")),
)]
#[delete("/invitation/{id}")]
async fn withdraw(access: Data<Access>, who: Principal, id: Path<InvitationId>) -> Result<HttpResponse, Refusal> {
    let missing = || Refusal::new(ErrorCode::NotFound, "there is no such open invitation");
    let (id, now_ms) = (*id, access.now_ms());
    let found = access.blocking(move |store| store.invitation(id, now_ms)).await?.ok_or_else(missing)?;
    match access.workspace(who.user, found.workspace, Right::Manage).await {
        Err(refusal) if refusal.code() == ErrorCode::NotFound => return Err(missing()),
        other => other?,
    };
    let was_open = access.blocking(move |store| store.withdraw_invitation(id, who.user, now_ms)).await?;
    if was_open { Ok(HttpResponse::NoContent().finish()) } else { Err(missing()) }
}

/// Sign up
///
/// Accepts an invitation: with a new account, or with the one that has this e-mail and password.
#[utoipa::path(
    tag = "session",
    security(()),
    request_body = SignUp,
    responses(
        (status = 200, description = "Signed in", body = SignedIn),
        (status = 401, description = "The account has another password", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The invitation is not open", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/sign-up")]
async fn sign_up(
    request: HttpRequest,
    access: Data<Access>,
    passwords: Data<Passwords>,
    limits: Data<Limits>,
    body: Json<SignUp>,
) -> Result<HttpResponse, Refusal> {
    let SignUp { token, email, name, password } = body.into_inner();
    let (email, name) = (checked_email(&email)?, checked_name(&name)?);
    let missing = || Refusal::new(ErrorCode::NotFound, "this invitation is not open any more; ask for another one");
    let (token_hash, now_ms) = (hash(token.reveal()), access.now_ms());
    let asked = token_hash.clone();
    let found = access.blocking(move |store| store.invitation_of(&asked, now_ms)).await?.ok_or_else(missing)?;
    if found.email.as_ref().is_some_and(|invited| *invited != email) {
        return Err(Refusal::invalid("email", "the invitation is for another e-mail"));
    }
    let wanted = email.clone();
    let known = access.blocking(move |store| store.account_by_email(&wanted)).await?;
    let account = match known {
        Some(_) if password.reveal().len() <= PASSWORD_MAX_BYTES => {
            // An invitation, which outlasts a wrong password, is no way around the limit of guesses.
            if let Err(limited) = limits.sign_in(&email, None) {
                return Ok(limited.answer());
            }
            let account = verified(&access, &passwords, &email, password).await?;
            let user = account.id;
            access
                .blocking(move |store| store.accept_invitation(&token_hash, &Accepting::Known(user), now_ms))
                .await?
                .ok_or_else(missing)?;
            account
        }
        _ => {
            check_password("password", &password)?;
            let password_hash = passwords.hash(password).await?;
            sign_up_anew(&access, token_hash, email, name, password_hash, now_ms).await?
        }
    };
    access.changed();
    begin(&request, &access, &account).await
}

async fn sign_up_anew(
    access: &Access,
    token_hash: String,
    email: String,
    name: String,
    password_hash: Secret,
    now_ms: i64,
) -> Result<crate::store::Account, Refusal> {
    let accepted = access
        .blocking(move |store| {
            let id = UserId(Uuid::now_v7());
            let new = NewUser {
                id,
                email: Some(&email),
                name: &name,
                password_hash: Some(&password_hash),
                is_guest: false,
                is_operator: false,
            };
            match store.accept_invitation(&token_hash, &Accepting::New(new), now_ms) {
                Ok(Some(_)) => store.account(id).map(Some),
                // Somebody was faster with the invitation, or with the e-mail.
                Ok(None) | Err(StoreError::Conflict) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await?;
    accepted
        .ok_or_else(|| Refusal::new(ErrorCode::NotFound, "this invitation is not open any more; ask for another one"))
}

fn done(access: &Access, change: MemberChange) -> Result<HttpResponse, Refusal> {
    match change {
        MemberChange::Done => {
            access.changed();
            Ok(HttpResponse::NoContent().finish())
        }
        MemberChange::NoMember => Err(Refusal::new(ErrorCode::NotFound, "there is no such member")),
        MemberChange::LastOwner => {
            Err(Refusal::new(ErrorCode::Conflict, "a workspace needs an owner; make somebody else an owner first"))
        }
        MemberChange::Full => {
            let message = format!("at most {DOCUMENT_MEMBERS} people have rights on one document; take some away");
            Err(Refusal::new(ErrorCode::LimitReached, message))
        }
    }
}

fn members_page(
    mut members: Vec<Member>,
    limit: usize,
    shows_emails: bool,
) -> Result<Json<Page<MemberSummary>>, Refusal> {
    let has_more = members.len() > limit;
    members.truncate(limit);
    let position = |last: &Member| cursor(&(last.since_ms, last.user, last.share_link));
    let next = members.last().filter(|_| has_more).map(position).transpose()?;
    let items = members.into_iter().map(|member| {
        let Member { user, name, email, is_guest, role, since_ms, until_ms, share_link } = member;
        let email = email.filter(|_| shows_emails);
        MemberSummary { user, name, email, is_guest, role, since_ms, until_ms, share_link }
    });
    Ok(Json(Page { items: items.collect(), next }))
}

fn invitation(found: Invitation) -> InvitationSummary {
    let Invitation { id, email, role, invited_by, inviter, created_at_ms, expires_at_ms, .. } = found;
    let invited_by = Named { id: invited_by, name: inviter };
    InvitationSummary { id, email, role, invited_by, created_at_ms, expires_at_ms }
}
