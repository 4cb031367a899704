//! Meta-tracing framework.
