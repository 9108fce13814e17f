//! RFC 6455 and RFC 7692, without I/O: the frames we write and the frames we read.

pub(crate) mod decoder;
pub(crate) mod deflate;
pub(crate) mod extension;
pub(crate) mod frame;
