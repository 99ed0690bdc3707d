//! Calculations over a socket.

use coval_shared::protocol::{ClientMessage, DocumentId, ErrorCode, JobId, UserId};
use coval_shared::rest::CalculationRequest;
use coval_shared::rights::Right;
use serde_json::json;

use super::{About, Conversation};
use crate::error::Refusal;

impl Conversation {
    /// Begins or stops a calculation; whoever may not hears so.
    pub(super) async fn calculate(&self, user: UserId, message: ClientMessage) {
        let (document, calculation, done) = match message {
            ClientMessage::CalculationStart { document, calculation, kind, parameters } => {
                let request = serde_json::from_value(json!({"kind": kind, "parameters": parameters}));
                let done = match request {
                    Ok(request) => self.begin(user, document, calculation, request).await,
                    Err(error) => {
                        let message = format!("the parameters can't be read: {error}");
                        Err(Refusal::invalid("parameters", message.chars().take(300).collect::<String>()))
                    }
                };
                (document, calculation, done)
            }
            ClientMessage::CalculationCancel { document, calculation } => {
                (document, calculation, self.stop(user, document, calculation).await)
            }
            _ => return,
        };
        if let Err(refusal) = done {
            self.refuse_as(&refusal, About { about: Some(calculation.0), ..About::document(document) });
        }
    }

    async fn begin(
        &self,
        user: UserId,
        document: DocumentId,
        calculation: JobId,
        request: CalculationRequest,
    ) -> Result<(), Refusal> {
        self.access.document(user, document, Right::Read).await?;
        self.jobs.start(user, document, None, Some(calculation), request).await.map(|_| ())
    }

    async fn stop(&self, user: UserId, document: DocumentId, calculation: JobId) -> Result<(), Refusal> {
        self.access.document(user, document, Right::Read).await?;
        let missing = || Refusal::new(ErrorCode::NotFound, "there is no such calculation");
        let running = self.jobs.calculation(calculation).await.map_err(|refusal| match refusal.code() {
            ErrorCode::UnknownDocument => missing(),
            _ => refusal,
        })?;
        if running.document != document {
            return Err(missing());
        }
        if running.user != user {
            self.access.document(user, document, Right::Manage).await?;
        }
        self.jobs.cancel(calculation).await.map(|_| ())
    }
}
