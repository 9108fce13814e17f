//! Reads frames (RFC 6455 section 5), without I/O.
