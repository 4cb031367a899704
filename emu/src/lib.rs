//! RV64 Linux user-mode emulator.
