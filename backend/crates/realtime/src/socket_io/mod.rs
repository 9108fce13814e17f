//! Socket.IO protocol 5: namespaces, events and acknowledgements over Engine.IO messages.

pub(crate) mod packet;
pub(crate) mod session;
