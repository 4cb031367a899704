//! Allocation and garbage collection.
