//! Errors of setting a machine up: everything that can be wrong before the first guest instruction runs.

use std::fmt;

/// What is wrong, and with what: displays as `place: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file (or other thing) at fault.
    pub place: String,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    /// An error about `place`.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Error {
        Error { place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for Error {}
