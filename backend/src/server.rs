//! The process: builds the parts from the settings, listens, and stops when it is told to.

use crate::config::Config;
use crate::web::{self, Front};
use axum::{Router, middleware};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use thiserror::Error;
use tokio::net::TcpListener;

/// Why the server could not start.
#[derive(Debug, Error)]
pub enum Error {
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        address: SocketAddr,
        cause: io::Error,
    },
    #[error("the server stopped: {0}")]
    Stopped(io::Error),
}

/// Serves until `stop` ends. Calls `ready` with the address once connections are accepted.
///
/// # Errors
/// When it cannot start.
pub async fn run(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let address = config.http.listen;
    let listening = |cause| Error::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(listening)?;
    let bound = listener.local_addr().map_err(listening)?;
    let front = Arc::new(Front::new(config.http));
    let app = Router::new()
        .fallback(web::serve)
        .layer(middleware::from_fn_with_state(front, web::secure));
    ready(bound);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
        .map_err(Error::Stopped)
}
