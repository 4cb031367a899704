//! Progress of a job of a few long steps, on standard error: a spinner on a terminal, else a line for each step.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Shows the progress of one job; gone when dropped.
pub struct Progress {
    bar: ProgressBar,
    /// What does the job, at the beginning of each line.
    who: &'static str,
    started: Instant,
}

impl Progress {
    pub fn new(who: &'static str) -> Progress {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.set_prefix(who);
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress { bar, who, started: Instant::now() }
    }

    /// A step begins.
    pub fn step(&self, message: String) {
        if self.bar.is_hidden() {
            eprintln!("{}: {message} ({} s)", self.who, self.started.elapsed().as_secs());
        }
        self.bar.set_message(message);
    }

    /// More about the current step, for terminals only.
    pub fn detail(&self, message: String) {
        self.bar.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
