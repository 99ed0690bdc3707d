//! Models to start from.
