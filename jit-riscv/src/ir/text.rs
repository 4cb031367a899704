//! The textual form of traces.
