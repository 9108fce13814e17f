//! RFC 6455, without I/O: the frames we write and the frames we read.

pub(crate) mod decoder;
pub(crate) mod frame;
