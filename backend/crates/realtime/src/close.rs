//! Why connections end: one registry of reasons, their closing codes, and whether the client is
//! meant to come back.

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client left the namespace.
    ClientDisconnect,
    /// The server ended it with a DISCONNECT packet; the client stays away.
    ServerDisconnect,
    /// The transport was closed by the peer, or broke.
    TransportClosed,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client did not take what was written to it.
    WriteTimeout,
    /// No namespace was joined in time.
    ConnectTimeout,
    /// More direct packets waited than the outbox holds.
    Overflow,
    /// The client broke the WebSocket, Engine.IO or Socket.IO protocol.
    ProtocolError,
    /// A message was not valid UTF-8.
    InvalidText,
    /// A frame, message or body was larger than allowed.
    PayloadTooLarge,
    /// Two polls at once.
    PollOverlap,
    /// The server is going away.
    Drain,
    /// The application ended it.
    Kicked,
    /// Something of ours broke while the connection was served.
    Internal,
}

impl CloseReason {
    /// Every reason, in the order of [`CloseReason::index`].
    pub const ALL: [CloseReason; 14] = [
        CloseReason::ClientDisconnect,
        CloseReason::ServerDisconnect,
        CloseReason::TransportClosed,
        CloseReason::PingTimeout,
        CloseReason::WriteTimeout,
        CloseReason::ConnectTimeout,
        CloseReason::Overflow,
        CloseReason::ProtocolError,
        CloseReason::InvalidText,
        CloseReason::PayloadTooLarge,
        CloseReason::PollOverlap,
        CloseReason::Drain,
        CloseReason::Kicked,
        CloseReason::Internal,
    ];

    /// Its place in [`CloseReason::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The closing code of the WebSocket (RFC 6455 section 7.4, or 4000 and above for our own).
    pub fn code(self) -> u16 {
        match self {
            CloseReason::ClientDisconnect
            | CloseReason::ServerDisconnect
            | CloseReason::TransportClosed => 1000,
            CloseReason::Drain => 1001,
            CloseReason::ProtocolError => 1002,
            CloseReason::InvalidText => 1007,
            CloseReason::PayloadTooLarge => 1009,
            CloseReason::Internal => 1011,
            CloseReason::PingTimeout => 4000,
            CloseReason::WriteTimeout => 4001,
            CloseReason::Overflow => 4002,
            CloseReason::ConnectTimeout => 4003,
            CloseReason::PollOverlap => 4004,
            CloseReason::Kicked => 4005,
        }
    }

    /// Whether a well-behaved client should connect again.
    pub fn come_back(self) -> bool {
        !matches!(
            self,
            CloseReason::ClientDisconnect | CloseReason::ServerDisconnect
        )
    }

    /// Whether a client that polls is told with its next poll. Whoever broke off or broke the rules
    /// is not waited for.
    pub(crate) fn is_announced(self) -> bool {
        matches!(
            self,
            CloseReason::ServerDisconnect | CloseReason::Drain | CloseReason::Kicked
        )
    }

    /// A short stable word, for metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            CloseReason::ClientDisconnect => "client_disconnect",
            CloseReason::ServerDisconnect => "server_disconnect",
            CloseReason::TransportClosed => "transport_closed",
            CloseReason::PingTimeout => "ping_timeout",
            CloseReason::WriteTimeout => "write_timeout",
            CloseReason::ConnectTimeout => "connect_timeout",
            CloseReason::Overflow => "overflow",
            CloseReason::ProtocolError => "protocol_error",
            CloseReason::InvalidText => "invalid_text",
            CloseReason::PayloadTooLarge => "payload_too_large",
            CloseReason::PollOverlap => "poll_overlap",
            CloseReason::Drain => "drain",
            CloseReason::Kicked => "kicked",
            CloseReason::Internal => "internal",
        }
    }
}

/// How to end a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// A Socket.IO DISCONNECT: official clients stay away. The transport closes with its last
    /// namespace.
    Disconnect,
    /// Closes the transport with the code of the reason: official clients connect again.
    Transport(CloseReason),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_stands_at_its_index() {
        for (index, reason) in CloseReason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), index);
        }
    }
}
