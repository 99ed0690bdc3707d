//! The TCP connection below a socket.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;

use actix_web::rt::net;

/// A second handle on a connection, to end it when the other side takes nothing any more: what waits to be written to
/// it would wait for ever.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Arc<TcpStream>);

impl Wire {
    /// The connection below what the HTTP server accepted.
    pub(crate) fn of(accepted: &dyn Any) -> Option<Self> {
        let handle = accepted.downcast_ref::<net::TcpStream>()?.as_fd().try_clone_to_owned().ok()?;
        Some(Self(Arc::new(handle.into())))
    }

    /// Ends the connection, whatever is still to be written.
    pub(super) fn cut(&self) {
        // It may have ended by itself.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
