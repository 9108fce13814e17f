//! Roost.
